"""What robust active distillation is worth: claims F1 and F4.

Of n points with gains g in [0, 1], descending, m have a right label, r = n - m a wrong
one; the worth of a draw is its least expected gain over all choices of the m points.
H_k is the sum of the k first inverse gains.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfspace._check import Array, check_count, check_range

__all__ = ["greedy_value", "robust_value", "uniform_is_best", "uniform_value"]

#: Gains this near each other are equal, relative to their size.
NEAR = 1e-12
#: A gain below this counts as 0 where its inverse is summed.
NOTHING = 1e-200


def robust_value(gains: ArrayLike, correct: int) -> Array:
    r"""F1, equality: the worth of the best draw of one point.

    .. math:: \max\left(0, \max_k \frac{k - r}{H_k}\right)

    over k up to the number of points whose gain is positive.

    Parameters
    ----------
    gains : array, shape (..., n)
        g in [0, 1], in any order.
    correct : int
        m, from 0 to n.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    TypeError
        If `correct` is not an int.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> robust_value([0.5, 0.125, 1.0], 2).round(4)
    np.float64(0.3333)
    """
    g, m = _check(gains, correct)
    n = g.shape[-1]
    some = g > NOTHING
    total = np.cumsum(np.divide(1, g, out=np.zeros(g.shape), where=some), axis=-1)
    spare = np.arange(1, n + 1) - (n - m)
    value = np.divide(spare, total, out=np.zeros(g.shape), where=some)
    best: Array = np.maximum(value.max(axis=-1), 0)
    return best


def uniform_value(gains: ArrayLike, correct: int) -> Array:
    """F4, equality: the worth of the uniform draw, the sum of the m least g over n.

    Parameters
    ----------
    gains : array, shape (..., n)
        g in [0, 1], in any order.
    correct : int
        m, from 0 to n.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    TypeError
        If `correct` is not an int.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> float(uniform_value([0.5, 0.25, 1.0], 2))
    0.25
    """
    g, m = _check(gains, correct)
    n = g.shape[-1]
    value: Array = g[..., n - m :].sum(axis=-1) / n
    return value


def greedy_value(gains: ArrayLike, correct: int, budget: int = 1) -> Array:
    """F4, equality: the worth, per point, of asking for the b largest gains.

    All may be wrong if b <= r: 0. Else the r largest of them are.

    Parameters
    ----------
    gains : array, shape (..., n)
        g in [0, 1], in any order.
    correct : int
        m, from 0 to n.
    budget : int
        b, from 1 to n.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    TypeError
        If `correct` or `budget` is not an int.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> float(greedy_value([0.5, 0.25, 1.0], 2, budget=2))
    0.25
    >>> float(greedy_value([0.5, 0.25, 1.0], 2))
    0.0
    """
    g, m = _check(gains, correct)
    n, b = g.shape[-1], check_count("budget", budget)
    if b > n:
        msg = f"`budget` must be at most the {n} points, got {b}"
        raise ValueError(msg)
    value: Array = g[..., n - m : b].sum(axis=-1) / b
    return value


def uniform_is_best(gains: ArrayLike, correct: int) -> NDArray[np.bool_]:
    r"""F4, equality: whether no draw is worth more than the uniform one.

    It is where all gains are equal; where k of them are g and all others
    :math:`(1 - r/k)\, g`; and where at least m gains are 0, so that no draw is worth
    anything.

    Parameters
    ----------
    gains : array, shape (..., n)
        g in [0, 1], in any order.
    correct : int
        m, from 0 to n.

    Returns
    -------
    bool array, shape (...)

    Raises
    ------
    TypeError
        If `correct` is not an int.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> uniform_is_best([[0.5, 1.0, 1.0], [0.6, 1.0, 1.0], [0.0, 0.0, 1.0]], 2).tolist()
    [True, False, True]
    """
    g, m = _check(gains, correct)
    n = g.shape[-1]
    top = g[..., :1] * (1 - NEAR)
    k = (g >= top).sum(axis=-1, keepdims=True)
    level = np.where(k == n, 1, 1 - (n - m) / k) * g[..., :1]
    rest = np.abs(g - level) <= NEAR * level
    two = (rest | (g >= top)).all(axis=-1)
    found: NDArray[np.bool_] = two | ((g == 0).sum(axis=-1) >= m)
    return found


def _check(gains: ArrayLike, correct: int) -> tuple[Array, int]:
    """Return the gains, descending, and m."""
    g = check_range("gains", gains, 0, 1)
    if g.ndim == 0:
        msg = f"`gains` must have shape (..., n), got {g.shape}"
        raise ValueError(msg)
    m = check_count("correct", correct, 0)
    if m > g.shape[-1]:
        msg = f"`correct` must be at most the {g.shape[-1]} points, got {m}"
        raise ValueError(msg)
    down: Array = -np.sort(-g, axis=-1)
    return down, m
