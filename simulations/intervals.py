"""Intervals of claims that speak of many cells: the worst of them, or an exact number.

Of several intervals that hold together, so does what is returned.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from halfspace._check import Array
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE
from simulations.claim import Measure
from simulations.engine.results import load

#: Where a scale has nothing to measure.
UNKNOWN = Interval(np.nan, np.nan, np.nan)


def exact(value: float) -> Interval:
    """Return a value that has no error."""
    return Interval(value, value, value)


def least(found: Iterable[Sequence[float]]) -> Interval:
    """Return the least estimate, lower and upper end of all.

    >>> least([(1.0, 0.0, 2.0), (0.5, 0.25, 3.0)])
    Interval(estimate=0.5, low=0.0, high=2.0)
    """
    return Interval(*(float(min(column)) for column in zip(*found, strict=True)))


def largest(found: Iterable[Sequence[float]]) -> Interval:
    """Return the largest estimate, lower and upper end of all.

    >>> largest([(1.0, 0.0, 2.0), (0.5, 0.25, 3.0)])
    Interval(estimate=1.0, low=0.25, high=3.0)
    """
    return Interval(*(float(max(column)) for column in zip(*found, strict=True)))


def furthest(found: Sequence[Interval], level: float) -> Interval:
    """Return the estimate furthest from a level, and the outer ends of all.

    >>> furthest([Interval(1.0, 0.0, 2.0), Interval(0.5, 0.25, 3.0)], 1.0)
    Interval(estimate=0.5, low=0.0, high=3.0)
    """
    centre = max((it.estimate for it in found), key=lambda value: abs(value - level))
    return Interval(centre, min(it.low for it in found), max(it.high for it in found))


def least_mean(gains: Sequence[Array]) -> Interval:
    """Return the least of means over trials, with ends that hold for all together.

    Each has shape (trials,); the intervals are corrected for their number (Bonferroni).

    >>> least_mean([])
    Interval(estimate=nan, low=nan, high=nan)
    """
    if not gains:
        return UNKNOWN
    sure = 1 - (1 - CONFIDENCE) / len(gains)
    found = stats.mean(np.stack(gains, axis=1), confidence=sure)
    return Interval(*(float(part.min()) for part in found))


def of_rows(name: str, statistic: Callable[[list[dict[str, Any]]], float]) -> Measure:
    """Return what measures a number of the rows of a simulation that has no error."""

    def measured(scale: str, folder: Path) -> Interval:
        return exact(
            statistic([entry["row"] for entry in load(name, scale, folder)["rows"]])
        )

    return measured
