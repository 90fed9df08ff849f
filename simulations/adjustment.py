"""Do forward and backward adjustment have the slopes and variances that are claimed?

Claims B1 to B4 and B7, by enumeration of the two labels on a grid of margins z = s w.x
and noise rates. Nothing is sampled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._logits import Floats
from halfspace.correction import binary_backward, binary_forward, binary_matched
from halfspace.losses import LOSSES
from halfspace.theory.adjustment import (
    forward_variance,
    forward_weight,
    largest_forward_slope,
)
from halfspace.theory.rcn import noise_factor


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code; `seed` is not used."""

    rates: tuple[float, ...] = (0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.45, 0.49)
    reach: float = 30.0
    margins: int = 60_001
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1, 0.4), margins=601),
    "quick": Spec(),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates."""
    for rate in spec.rates:
        yield {"rate": rate}


def measure(spec: Spec, *, rate: float) -> dict[str, Any]:
    """Return the largest deviation from each claim, over the grid of margins."""
    z = np.linspace(-spec.reach, spec.reach, spec.margins)
    clean = LOSSES["logistic"](z).slope
    # The slope in z with the label right, and wrong: that of l(-z) has the other sign.
    forward = binary_forward(z, rate).slope, -binary_forward(-z, rate).slope
    backward = binary_backward(z, rate).slope, -binary_backward(-z, rate).slope
    matched = binary_matched(z, 1 - rate).slope
    steepest = -np.log((1 - rate) / rate) / 2
    unbiased = [
        mean(rate, part, -other) - LOSSES[name](z).slope
        for name in LOSSES
        for part, other in [
            (
                binary_backward(z, rate, loss=name).slope,
                binary_backward(-z, rate, loss=name).slope,
            )
        ]
    ]
    largest = float(largest_forward_slope(rate))
    return {
        "deviations": {
            "B1": furthest(mean(rate, *forward), forward_weight(z, rate) * clean),
            "B2": max(
                float(np.abs(forward[0]).max()) - largest,
                abs(-float(binary_forward(steepest, rate).slope) - largest),
            ),
            "B3": max(float(np.abs(part).max()) for part in unbiased),
            "B4": max(
                furthest(variance(rate, *backward), noise_factor(rate)),
                furthest(variance(rate, *forward), forward_variance(z, rate)),
            ),
            "B7": furthest(matched, (1 - 2 * rate) * backward[0]),
        },
        "largest_slope": largest,
    }


def mean(rate: float, right: Floats, wrong: Floats) -> Floats:
    """Return the mean over the label."""
    return (1 - rate) * right + rate * wrong


def variance(rate: float, right: Floats, wrong: Floats) -> Floats:
    """Return the variance over the label."""
    return rate * (1 - rate) * (right - wrong) ** 2


def furthest(found: Floats, predicted: Floats) -> float:
    """Return the largest difference, over the largest value if that is above 1."""
    size = max(1.0, float(np.abs(predicted).max()))
    return float(np.abs(found - predicted).max()) / size
