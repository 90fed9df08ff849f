"""What the draws of robust active distillation share: checks, order, the level."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, Ints, check_count, check_range

#: Of one point, what counts as nothing when shares of points are added up.
SLACK = 1e-12
#: A gain below this is 0: its inverse would be too large to add up.
NOTHING = 1e-200


def check_gains(gains: ArrayLike, correct: int) -> tuple[Array, int]:
    """Return gains in [0, 1], shape (..., n), and m in 0 to n."""
    g = check_range("gains", gains, 0, 1)
    if g.ndim == 0:
        msg = f"`gains` must have shape (..., n), got {g.shape}"
        raise ValueError(msg)
    m = check_count("correct", correct, 0)
    if m > g.shape[-1]:
        msg = f"`correct` must be at most the {g.shape[-1]} points, got {m}"
        raise ValueError(msg)
    return np.where(g < NOTHING, 0, g), m


def check_budget(budget: int, n: int) -> int:
    """Return b in 1 to n."""
    b = check_count("budget", budget)
    if b > n:
        msg = f"`budget` must be at most the {n} points, got {b}"
        raise ValueError(msg)
    return b


def descending(g: Array) -> tuple[Ints, Array]:
    """Return the order of the gains, the largest first, and the gains in it."""
    order = np.argsort(-g, axis=-1, kind="stable")
    return order, np.take_along_axis(g, order, axis=-1)


def inverse(g: Array) -> Array:
    """Return 1/g, and 0 where the gain is 0: such a point has no share."""
    return np.divide(1, g, out=np.zeros(g.shape), where=g > 0)


def sums(values: Array) -> Array:
    """Return the sums of the first 0 to n values, shape (..., n + 1)."""
    start = np.zeros((*values.shape[:-1], 1))
    return np.concatenate([start, np.cumsum(values, axis=-1)], axis=-1)


def water(down: Array, m: int | Ints) -> Array:
    """Return the water level of descending gains, shape (..., 1), for m or (..., 1)."""
    k, total = support(down, m)
    spare = np.maximum(m - (down.shape[-1] - k), 0)
    level: Array = np.divide(spare, total, out=np.zeros(k.shape), where=k > 0)
    return level


def support(down: Array, m: int | Ints) -> tuple[Ints, Array]:
    """Return k = #{g >= v, g > 0} and the sum of its inverse gains, shape (..., 1).

    The sum in F2 grows with v: a gain is at least the level if there the sum is m.
    """
    n, total = down.shape[-1], sums(inverse(down))
    at_gain = n - np.arange(n) + down * total[..., :-1]
    inside = (at_gain >= m - n * SLACK) & (down > 0)
    k = inside.sum(axis=-1, keepdims=True)
    return k, np.take_along_axis(total, k, axis=-1)


def restored(values: Array, order: Ints) -> Array:
    """Return values that stand in this order in the order of the points."""
    found = np.empty(values.shape)
    np.put_along_axis(found, order, values, axis=-1)
    return found
