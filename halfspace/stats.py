"""Intervals for what simulations count: exact binomial, mean, bootstrap."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from halfspace._check import (
    Array,
    check_count,
    check_generator,
    check_instance,
    check_real,
    check_scalar,
)


class Interval(NamedTuple):
    """An estimate between the ends of its confidence interval."""

    estimate: float
    low: float
    high: float


def binomial(hits: int, trials: int, *, confidence: float = 0.99) -> Interval:
    """Return the exact (Clopper-Pearson) interval of a probability.

    Parameters
    ----------
    hits, trials : int
        0 <= hits <= trials, trials at least 1.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If a count or the confidence is outside its range.

    Examples
    --------
    >>> binomial(100, 100, confidence=0.95).low.round(4)
    np.float64(0.9638)
    """
    trials = check_count("trials", trials)
    hits = check_count("hits", hits, 0)
    check_scalar("confidence", confidence, 0, 1, "()")
    if hits > trials:
        msg = f"`hits` must be at most `trials` {trials}, got {hits}"
        raise ValueError(msg)
    tail = (1 - confidence) / 2
    low = stats.beta.ppf(tail, hits, trials - hits + 1) if hits else 0.0
    high = stats.beta.isf(tail, hits + 1, trials - hits) if hits < trials else 1.0
    return Interval(hits / trials, low, high)


def mean(groups: ArrayLike, *, confidence: float = 0.99) -> tuple[Array, Array, Array]:
    """Return mean, low and high of independent group means, by Student's t.

    Parameters
    ----------
    groups : array, shape (g, ...)
        One mean per group, groups of equal size, g at least 2.
    confidence : float
        Two-sided coverage of each interval, in (0, 1).

    Returns
    -------
    three arrays, shape (...)

    Raises
    ------
    ValueError
        If there are fewer than two groups or the confidence is outside its range.

    Examples
    --------
    >>> [float(value.round(3)) for value in mean([1.0, 2.0, 3.0], confidence=0.9)]
    [2.0, 0.314, 3.686]
    """
    groups = check_real("groups", groups)
    check_scalar("confidence", confidence, 0, 1, "()")
    count = len(groups) if groups.ndim else 0
    if count < 2:
        msg = f"`groups` must hold at least 2 groups, got shape {groups.shape}"
        raise ValueError(msg)
    centre = groups.mean(axis=0)
    quantile = stats.t.isf((1 - confidence) / 2, count - 1)
    reach = quantile * groups.std(axis=0, ddof=1) / np.sqrt(count)
    return centre, centre - reach, centre + reach


def bootstrap(
    groups: ArrayLike,
    statistic: Callable[[Array], Array],
    *,
    rng: np.random.Generator,
    draws: int = 5000,
    confidence: float = 0.99,
) -> Interval:
    """Return a statistic of the mean over groups, with its percentile interval.

    Parameters
    ----------
    groups : array, shape (g, ...)
        Sums or means of independent groups of equal size.
    statistic : function
        From means (draws, ...) to values (draws,).
    rng : numpy.random.Generator
    draws : int
        Bootstrap samples, at least 1.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If there are fewer than two groups, or a number is outside its range.

    Examples
    --------
    >>> data = np.arange(100.0)
    >>> found = bootstrap(data, lambda m: m, rng=np.random.default_rng(0))
    >>> float(found.estimate), bool(found.low < 49.5 < found.high)
    (49.5, True)
    """
    groups = check_real("groups", groups)
    check_instance("statistic", statistic, Callable)  # type: ignore[arg-type]
    check_scalar("confidence", confidence, 0, 1, "()")
    draws, count = check_count("draws", draws), len(groups) if groups.ndim else 0
    if count < 2:
        msg = f"`groups` must hold at least 2 groups, got shape {groups.shape}"
        raise ValueError(msg)
    weights = check_generator(rng).multinomial(count, np.full(count, 1 / count), draws)
    values = statistic(np.tensordot(weights / count, groups, axes=1))
    tail = (1 - confidence) / 2
    low, high = np.quantile(values, [tail, 1 - tail], method="inverted_cdf")
    return Interval(float(statistic(groups.mean(axis=0)[None])[0]), low, high)
