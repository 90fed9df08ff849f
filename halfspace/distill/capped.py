"""Robust active distillation of a budget: b different points; claims F1, F4.

The draw of `halfspace.distill.active` with no weight above 1/b, so that b times the
weights are probabilities with which b different points can be had, as
`halfspace.distill.rounding` does.
"""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array
from halfspace.distill._gains import (
    SLACK,
    check_budget,
    check_gains,
    descending,
    inverse,
    restored,
    sums,
    water,
)
from halfspace.distill.active import sampling_weights

__all__ = ["inclusion"]

#: How many of sorted values are below each of others.
_count = np.vectorize(np.searchsorted, signature="(n),(k)->(k)")


def inclusion(gains: ArrayLike, correct: int, budget: int) -> Array:
    r"""Return the probabilities with which the best draw of b points has each of them.

    The largest of the least :math:`\sum_i \pi_i c_i g_i` over :math:`0 \le \pi \le 1`
    with sum b. Where `sampling_weights` times b are at most 1, it is these; else
    :math:`\pi_i = \min(1, \mu / g_i)` from the largest gain on until b is spent.

    Parameters
    ----------
    gains : array, shape (..., n)
        In [0, 1].
    correct : int
        m, from 0 to n: how many labels are right.
    budget : int
        b, from 1 to n.

    Returns
    -------
    array, shape (..., n)
        In [0, 1], with sum b.

    Raises
    ------
    TypeError
        If `correct` or `budget` is not an int.
    ValueError
        If an argument is outside its range.

    Notes
    -----
    Claim F1 of ``paper_repro.md``, with caps.

    Examples
    --------
    >>> inclusion([1.0, 0.5, 0.25], 2, 2).round(4).tolist()
    [0.5, 1.0, 0.5]
    >>> inclusion([1.0, 0.5, 0.25], 2, 3).tolist()
    [1.0, 1.0, 1.0]
    """
    g, m = check_gains(gains, correct)
    b = check_budget(budget, g.shape[-1])
    free = b * sampling_weights(g, m)
    fits = (free <= 1 + SLACK).all(axis=-1, keepdims=True)
    order, down = descending(g)
    level = _level(down, g.shape[-1] - m, b)
    capped = restored(_filled(down, level, b), order)
    return np.minimum(np.where(fits, free, capped), 1)


def _level(down: Array, wrong: int, b: int) -> Array:
    """Return mu of the capped draw, shape (..., 1): the best over K = #{g > mu}.

    Given K, what is worth having has a gain above lambda = (K - r) / H_K. If mu H_K is
    what these leave of b it is best; else the nearest gain at which K changes.
    """
    n = down.shape[-1]
    above = np.arange(1, n + 1)
    total = np.maximum(sums(inverse(down))[..., 1:], 1)  # all gains 0: any level does
    least = np.maximum(above - wrong, 0) / total
    left = b - (_count(-down, -least) - above)
    below = np.concatenate([down[..., 1:], np.zeros((*down.shape[:-1], 2))], axis=-1)
    level = np.clip(left / total, below[..., :-1], down)
    rest = b - level * total
    whole = np.clip(np.floor(rest + SLACK), 0, n - above).astype(int)
    had = sums(down)
    last = np.take_along_axis(below, above + whole - 1, axis=-1)
    value = (above - wrong) * level + (rest - whole) * last
    value += np.take_along_axis(had, above + whole, axis=-1) - had[..., 1:]
    value = np.where(rest >= -n * SLACK, value, -np.inf)
    return np.take_along_axis(level, value.argmax(axis=-1)[..., None], axis=-1)


def _filled(down: Array, level: Array, b: int) -> Array:
    """Return min(1, mu/g) from the largest gain on, until b is spent.

    If all of positive gain have that much before, the level is raised, at no cost.
    """
    zeros = (down == 0).sum(axis=-1, keepdims=True)
    enough = water(down, np.minimum(b + zeros, down.shape[-1]))
    level = np.maximum(level, enough)
    most = np.divide(level, down, out=np.ones(down.shape), where=down > level)
    return np.clip(b - sums(most)[..., :-1], 0, most)
