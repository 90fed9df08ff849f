"""Medians of paired ratios: the two sides are timed in turn, so that drift cancels."""

from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import NamedTuple


class Row(NamedTuple):
    """One line of the table; `at_most` says on which side of the limit it must be."""

    what: str
    over: str
    ratio: float
    limit: float
    at_most: bool = True


def seconds(work: Callable[[], object]) -> float:
    """Return how long `work` takes, once."""
    start = perf_counter()
    work()
    return perf_counter() - start


def ratio(
    top: Callable[[], object], bottom: Callable[[], object], *, rounds: int = 9
) -> float:
    """Return the median of time(top) / time(bottom) over rounds, after a warm-up."""
    seconds(top), seconds(bottom)
    return median(seconds(top) / seconds(bottom) for _ in range(rounds))
