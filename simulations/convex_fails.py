"""On which of Long and Servedio's laws do convex losses fail?

Claim B8: population minimisers, exactly, over the margin and the noise rate. Nothing is
sampled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace.convex import erm
from halfspace.finite import long_servedio
from halfspace.rules import RULES


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code; `seed` is not used.

    `steps` is of population descent, by which mixed losses are followed from where the
    logistic loss ends: their infimum is at infinity, or 0 on a cone of directions.
    """

    margins: tuple[float, ...] = (
        *(0.01, 0.02, 0.03, 1 / 24, 0.05, 0.06, 0.07, 0.08, 0.09, 0.1),
        *(0.11, 0.12, 0.13, 0.14, 0.15, 1 / 6, 0.18, 0.19),
    )
    rates: tuple[float, ...] = (
        *(0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45),
    )
    convex: tuple[str, ...] = ("logistic", "hinge")
    mixed: tuple[str, ...] = ("slam", "slam_sigmoid", "forward")
    steps: int = 100_000
    seed: int = 0


SCALES = {
    "test": Spec(margins=(0.05, 1 / 6), rates=(0.1, 0.3), steps=10_000),
    "quick": Spec(steps=50_000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the losses."""
    for loss in (*spec.mixed, *spec.convex):
        yield {"loss": loss}


def measure(spec: Spec, *, loss: str) -> dict[str, Any]:
    """Return the error of the minimiser, for each margin (rows) and rate (columns)."""
    laws = [long_servedio(margin) for margin in spec.margins]
    points = np.array([law.points for law in laws])
    weights, rates = np.array(laws[0].weights), np.array(spec.rates)
    convex = loss if loss in spec.convex else "logistic"
    w = np.array([[minimiser(convex, p, weights, r) for r in rates] for p in points])
    w /= np.linalg.norm(w, axis=-1, keepdims=True)
    if loss in spec.mixed:
        w = descent(loss, w, points, weights, rates, spec.steps)
    errors = error(w, points, weights, near=1e-6 if loss in spec.convex else 0.0)
    return {
        "margins": list(spec.margins),
        "rates": list(spec.rates),
        "errors": errors.tolist(),
        "directions": (w / np.linalg.norm(w, axis=-1, keepdims=True)).tolist(),
    }


def error(w: Array, points: Array, weights: Array, *, near: float) -> Array:
    """Return the errors (g, r) of w (g, r, d); on the boundary it is wrong by half.

    That is where a height is at most `near` |w|: a solver comes only so near.
    """
    heights = w @ points.swapaxes(-1, -2)
    heights /= np.linalg.norm(w, axis=-1, keepdims=True)
    sides = np.where(np.abs(heights) <= near, 0.0, np.sign(heights))
    wrong: Array = (0.5 - sides / 2) @ weights
    return wrong


def minimiser(loss: str, points: Array, weights: Array, rate: float) -> Array:
    """Return the population minimiser w under random classification noise."""
    x = np.concatenate([points, points])
    y = np.repeat([1.0, -1.0], len(points))
    mass = np.concatenate([(1 - rate) * weights, rate * weights])
    found: Array = erm(loss, x, y, sample_weight=mass).w
    return found


def descent(
    rule: str, start: Array, points: Array, weights: Array, rates: Array, steps: int
) -> Array:
    """Return w (g, r, d) after so many steps along -E[c(t, y) x]."""
    coefficient, eta = RULES[rule].coefficient, rates[:, None]
    w, one = start.copy(), np.ones(())
    for _ in range(steps):
        t = w @ points.swapaxes(-1, -2)
        right, wrong = (coefficient(t, y, eta, np.nan) for y in (one, -one))
        w -= (weights * ((1 - eta) * right + eta * wrong)) @ points
    return w
