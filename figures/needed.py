"""Samples needed: what the three figures of A1's and A3's rates have in common."""

from collections.abc import Sequence
from typing import NamedTuple

from halfspace.stats import Interval
from simulations.analysis import Series, samples_needed, slope
from simulations.claim import EXPONENT_TOLERANCE


class Point(NamedTuple):
    """Samples after which one curve of average error meets one target.

    Attributes
    ----------
    x : float
        What they are drawn against.
    curve : Series
    target : float
    predicted : float
        N(target).
    found : Interval
    """

    x: float
    curve: Series
    target: float
    predicted: float
    found: Interval

    @property
    def ratio(self) -> Interval:
        """Measured over predicted."""
        return Interval(*(end / self.predicted for end in self.found))


def point(x: float, curve: Series, target: float, predicted: float) -> Point:
    """Measure one point."""
    return Point(x, curve, target, predicted, samples_needed(curve, target))


def columns(found: Sequence[Interval]) -> list[tuple[float, ...]]:
    """Return all estimates, all lower and all upper ends."""
    return list(zip(*found, strict=True))


def exponent(points: Sequence[Point]) -> Interval:
    """Return the exponent of x in the samples needed."""
    return slope([(it.curve, it.target) for it in points], [it.x for it in points])


def check_bounded(points: Sequence[Point]) -> None:
    """Assert that no interval reaches the bound."""
    for it in points:
        assert it.ratio.high < 1, f"{it.curve.cell} needs {it.ratio} of N({it.target})"


def check_exponent(points: Sequence[Point], predicted: float) -> None:
    """Assert that the exponent is the predicted one, to the ledger's tolerance."""
    found = exponent(points)
    far = abs(found.estimate - predicted) > EXPONENT_TOLERANCE
    assert not far, f"{points[0].curve.cell}: slope {found}, not {predicted:g}"
