"""Robust active distillation: which points to ask the teacher about; claims F1, F2, F4.

Of n points some m have a right label; which ones is not known. A point that is asked
for and has a right label gives its gain. Points are drawn so that the least expected
gain, over all choices of the m points, is as large as can be [1]_. With a budget of
more than one point: `halfspace.distill.capped`.

.. [1] C. Baykal, K. Trinh, F. Iliopoulos, G. Menghani, E. Vee, "Robust active
   distillation", ICLR 2023, arXiv:2210.01213.
"""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_range
from halfspace.distill._gains import (
    check_gains,
    descending,
    inverse,
    restored,
    support,
    water,
)

__all__ = ["gains", "sampling_weights", "water_level", "worst_case"]


def gains(margin: ArrayLike) -> Array:
    """Return what a right label is worth: 1 less the student's margin.

    Parameters
    ----------
    margin : array
        The student's largest probability less its second, in [0, 1].

    Raises
    ------
    ValueError
        If a margin is outside [0, 1].

    Examples
    --------
    >>> gains([0.0, 0.25, 1.0]).tolist()
    [1.0, 0.75, 0.0]
    """
    return 1 - check_range("margin", margin, 0, 1)


def water_level(gains: ArrayLike, correct: int) -> Array:
    r"""Return the least expected gain of the best draw: F2, the water level v.

    .. math:: \sum_i \min(1, v / g_i) = m

    Parameters
    ----------
    gains : array, shape (..., n)
        In [0, 1]. A point of gain 0 counts as 1 in the sum, for every v.
    correct : int
        m, from 0 to n.

    Returns
    -------
    array, shape (...)
        The least v >= 0 at which the sum is at least m. For m = n it is the largest
        gain, and every level above solves the equation too.

    Raises
    ------
    TypeError
        If `correct` is not an int.
    ValueError
        If a gain or `correct` is outside its range.

    Examples
    --------
    >>> water_level([1.0, 0.5, 0.125], 2).round(4)
    np.float64(0.3333)
    """
    g, m = check_gains(gains, correct)
    _, down = descending(g)
    found: Array = water(down, m)[..., 0]
    return found


def sampling_weights(gains: ArrayLike, correct: int) -> Array:
    r"""Return the probabilities of the best draw of one point: F1.

    Inversely proportional to the gain where that is at least the water level, 0
    elsewhere: :math:`q_i = (1/g_i) / H_k`, H the sum of inverse gains of these k.

    Parameters
    ----------
    gains : array, shape (..., n)
        In [0, 1].
    correct : int
        m, from 0 to n: how many labels are right.

    Returns
    -------
    array, shape (..., n)
        They sum to one. A point of gain 0 has none, unless all are: then all have the
        same, as any draw is as good. So it is where m is at most the number of points
        of gain 0, and here too the others are drawn by their inverse gains.

    Raises
    ------
    TypeError
        If `correct` is not an int.
    ValueError
        If a gain or `correct` is outside its range.

    Notes
    -----
    Claim F1 of ``paper_repro.md``. Points whose gain is the water level may be in or
    out; they are in.

    Examples
    --------
    >>> sampling_weights([1.0, 0.5, 0.125], 2).round(4).tolist()
    [0.3333, 0.6667, 0.0]
    """
    g, m = check_gains(gains, correct)
    order, down = descending(g)
    k, total = support(down, m)
    inside = np.arange(g.shape[-1]) < k
    even = np.full(g.shape, 1 / g.shape[-1])
    q = np.divide(inverse(down) * inside, total, out=even, where=k > 0)
    return restored(q, order)


def worst_case(weights: ArrayLike, gains: ArrayLike, correct: int) -> Array:
    r"""Return the least expected gain of a draw over all choices of the right points.

    It is the sum of the m least :math:`q_i g_i`.

    Parameters
    ----------
    weights : array, shape (..., n)
        q in [0, 1]; with inclusion probabilities of b points it is b times as much.
    gains : array, shape (..., n)
        In [0, 1].
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
        If a number is outside its range, or the last axes differ.

    Examples
    --------
    >>> float(worst_case([0.25, 0.5, 0.25], [1.0, 0.5, 0.25], 2))
    0.3125
    """
    g, m = check_gains(gains, correct)
    q = check_range("weights", weights, 0, 1)
    if q.shape[-1:] != g.shape[-1:]:
        msg = f"`weights` must have {g.shape[-1]} entries a row, got shape {q.shape}"
        raise ValueError(msg)
    least: Array = np.sort(q * g, axis=-1)[..., :m].sum(axis=-1)
    return least
