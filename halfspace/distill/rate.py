"""One noise rate: from clean rows, or from noisy held-out labels alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from halfspace import stats
from halfspace._check import Array, check_real, check_scalar
from halfspace.distill._rows import check_length, check_right


def noise_rate(right: ArrayLike, *, confidence: float = 0.99) -> stats.Interval:
    """Return how often the teacher is wrong, with its exact binomial interval.

    Parameters
    ----------
    right : array of bool, or of 0 and 1, shape (n,)
        Whether the teacher was right, on clean rows that it was not trained on.
    confidence : float
        Two-sided coverage, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    TypeError
        If `right` is not of numbers.
    ValueError
        If there are no rows, an entry is not 0 or 1, or the confidence is outside its
        range.

    Notes
    -----
    Clopper-Pearson. Of noise that varies with x it is the mean.

    Examples
    --------
    >>> noise_rate([1, 1, 1, 0], confidence=0.9).estimate
    0.25
    """
    found = check_right(right)
    wrong = int(np.count_nonzero(found == 0))
    return stats.binomial(wrong, found.size, confidence=confidence)


@dataclass(frozen=True, slots=True, eq=False, kw_only=True)
class HoldoutRate:
    """What noisy held-out labels say of the noise rate eta.

    Attributes
    ----------
    chosen : int
        The candidate with the fewest errors; of equals, the first.
    estimate : float
        Its share of errors. It is eta + (1 - 2 eta) err on average for any one
        candidate of clean error err: too large by that, and too small by the luck of
        the one that was chosen.
    upper : float
        Upper confidence bound of eta.
    errors : array, shape (m,)
        The share of held-out labels that each candidate got wrong.
    count : int
        Held-out labels.
    warning : str
        Why it should not be trusted; empty if all is well.
    """

    chosen: int
    estimate: float
    upper: float
    errors: Array
    count: int
    warning: str = ""


def rate_from_holdout(
    predictions: ArrayLike, y: ArrayLike, *, confidence: float = 0.99
) -> HoldoutRate:
    r"""Estimate the noise rate without clean labels, as the least held-out error.

    Run a learner once for each rate of a grid, on other rows, and predict these. The
    rate that was told to the chosen one is no estimate: others may err as little.

    Parameters
    ----------
    predictions : array, shape (m, n)
        Of each candidate on each held-out row, in {-1, +1}.
    y : array, shape (n,)
        Noisy labels in {-1, +1}.
    confidence : float
        Coverage of the upper bound, in (1/2, 1).

    Returns
    -------
    HoldoutRate
        With a `warning` if the bound does not exclude eta = 1/2.

    Raises
    ------
    TypeError
        If an array is not of numbers.
    ValueError
        If an array is empty, has another shape or an entry that is not -1 or +1, or the
        confidence is outside its range.

    Notes
    -----
    Claim D5. Under random classification noise every fixed prediction h has noisy error

    .. math:: \eta + (1 - 2\eta)\,\mathrm{err}(h) \ge \eta,

    so the exact binomial upper bound of the noisy error of the chosen one, by a union
    over the m candidates, is one of eta. There is no lower bound without one on err(h).
    Of noise that varies with x it bounds the mean rate, not the largest.

    Examples
    --------
    >>> y = np.array([1.0, 1.0, -1.0, 1.0])
    >>> found = rate_from_holdout([[1, 1, 1, 1], [1, -1, 1, -1]], y)
    >>> found.chosen, found.estimate, found.errors.tolist()
    (0, 0.25, [0.25, 0.75])
    """
    signs, y = _signs("predictions", predictions), _signs("y", y)
    check_scalar("confidence", confidence, 0.5, 1, "()")
    if signs.ndim != 2:
        msg = f"`predictions` must have shape (m, n), got {signs.shape}"
        raise ValueError(msg)
    m, n = signs.shape
    check_length("y", y, "predictions", n)
    wrong = np.count_nonzero(signs != y, axis=1)
    chosen = int(np.argmin(wrong))
    # Each end of a two-sided interval fails half as often as the two together.
    level = 1 - 2 * (1 - confidence) / m
    upper = float(stats.binomial(int(wrong[chosen]), n, confidence=level).high)
    return HoldoutRate(
        chosen=chosen,
        estimate=float(wrong[chosen] / n),
        upper=upper,
        errors=wrong / n,
        count=n,
        warning=_doubt(upper, n),
    )


def _signs(name: str, values: ArrayLike) -> Array:
    """Return numbers that are all -1 or +1."""
    found = check_real(name, values)
    good = np.abs(found) == 1
    if not good.all():
        where = np.unravel_index(np.argmin(good), found.shape)
        at = tuple(map(int, where))
        msg = f"`{name}` must contain only -1 and +1, got {found[where]} at index {at}"
        raise ValueError(msg)
    return found


def _doubt(upper: float, n: int) -> str:
    """Return a warning unless the bound excludes labels that are pure noise."""
    if upper < 0.5:
        return ""
    return (
        f"the upper bound {upper:.3g} of the noise rate from {n} rows is not below "
        "1/2: no candidate is significantly better than chance on these labels"
    )
