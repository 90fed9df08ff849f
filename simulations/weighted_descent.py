"""Does weighted distillation save a convex loss from Long and Servedio's law?

Claim E1: descent on the population's weighted logistic loss, with the true weights.
The weights depend on the student. Either the slope goes through them, or they are held.
Nothing is sampled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace.distill.weighting import weights
from halfspace.finite import long_servedio
from halfspace.losses import LOSSES


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code; `seed` is not used."""

    margins: tuple[float, ...] = (0.02, 0.03, 1 / 24, 0.05, 0.06, 0.08, 0.1, 1 / 6)
    rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4, 0.45)
    slopes: tuple[str, ...] = ("plain", "held", "through")
    steps: int = 100_000
    step: float = 4.0
    seed: int = 0


SCALES = {
    "test": Spec(margins=(0.05, 0.1), rates=(0.1, 0.3), steps=5000),
    "quick": Spec(steps=8000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield what is done with the weights."""
    for slope in spec.slopes:
        yield {"slope": slope}


def measure(spec: Spec, *, slope: str) -> dict[str, Any]:
    """Return the error at the end, for each margin (rows) and rate (columns)."""
    laws = [long_servedio(margin) for margin in spec.margins]
    points = np.array([law.points for law in laws])
    mass, rates = np.array(laws[0].weights), np.array(spec.rates)[:, None]
    w = np.zeros((len(laws), len(rates), points.shape[-1]))
    move = np.zeros_like(w)
    for _ in range(spec.steps):
        z = w @ points.swapaxes(-1, -2)
        move = (mass * weighted_slope(z, rates, slope)) @ points
        w -= spec.step * move
    wrong = w @ points.swapaxes(-1, -2) <= 0
    return {
        "margins": list(spec.margins),
        "rates": list(spec.rates),
        "errors": (wrong @ mass).tolist(),
        "last_moves": np.linalg.norm(move, axis=-1).tolist(),
        "ends": w.tolist(),
    }


def weighted_slope(z: Array, rate: Array, slope: str) -> Array:
    """Return the slope in z of the mean weighted loss on a noisy label.

    That mean is w(z) m(z), m = (1 - eta) l(z) + eta l(-z). Held, w counts as a constant
    in each step; plain, it is 1.
    """
    right, wrong = LOSSES["logistic"](z), LOSSES["logistic"](-z)
    mean = (1 - rate) * right.value + rate * wrong.value
    rise: Array = (1 - rate) * right.slope - rate * wrong.slope
    if slope == "plain":
        return rise
    weight = weights(np.broadcast_to(rate, z.shape), right.value, wrong.value)
    if slope == "held":
        return weight * rise
    change = (right.slope * mean - right.value * rise) / mean**2
    found: Array = change * mean + weight * rise
    return found
