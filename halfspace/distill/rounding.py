"""Dependent rounding: exactly b points, each with its own probability; claim F3."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfspace._check import Array, check_generator, check_range
from halfspace.distill._gains import SLACK

__all__ = ["round_dependently"]

Bools = NDArray[np.bool_]


def round_dependently(
    probabilities: ArrayLike, *, rng: np.random.Generator
) -> NDArray[np.bool_]:
    r"""Draw b of n points so that point i is among them with probability pi_i.

    Points come one by one. The one that is still open, with probability a, meets the
    next, with p: if a + p < 1 one of both is out and the other goes on with a + p; else
    one of both is in and the other goes on with a + p - 1. A coin says which, so that
    the mean of each stays what it was.

    Parameters
    ----------
    probabilities : array, shape (..., n)
        pi in [0, 1]; each row sums to an integer b.
    rng : numpy.random.Generator

    Returns
    -------
    bool array, shape (..., n)
        Whether a point is drawn: b in each row.

    Raises
    ------
    TypeError
        If `rng` is not a Generator.
    ValueError
        If a probability is outside [0, 1], or a row does not sum to an integer.

    Notes
    -----
    Claim F3 of ``paper_repro.md``. This is the sequential pivotal method [1]_, known as
    dependent rounding since [2]_: no two points are positively correlated.

    References
    ----------
    .. [1] J.-C. Deville, Y. Tille, "Unequal probability sampling without replacement
       through a splitting method", Biometrika 85, 1998.
    .. [2] A. Srinivasan, "Distributions on level-sets with applications to
       approximation algorithms", FOCS 2001.

    Examples
    --------
    >>> drawn = round_dependently([0.5, 0.25, 1.0, 0.25], rng=np.random.default_rng(0))
    >>> int(drawn.sum()), bool(drawn[2])
    (2, True)
    """
    pi = check_range("probabilities", probabilities, 0, 1)
    if pi.ndim == 0:
        msg = f"`probabilities` must have shape (..., n), got {pi.shape}"
        raise ValueError(msg)
    total = pi.sum(axis=-1)
    off = np.abs(total - np.rint(total))
    if not (off <= pi.shape[-1] * SLACK).all():
        worst = np.ravel(total)[off.argmax()]
        msg = f"`probabilities` must sum to an integer in each row, got {worst}"
        raise ValueError(msg)
    coins = check_generator(rng).random((*pi.shape[:-1], pi.shape[-1] - 1))
    return settle(pi, coins)[0]


def settle(pi: Array, coins: Array) -> tuple[Bools, Array]:
    """Return who is in, (..., n), and the odds that each coin (..., n - 1) was held to.

    A coin below its odds decides for the point that is open, above for the next.
    """
    n, lead = pi.shape[-1], pi.shape[:-1]
    drawn, odds = np.zeros(pi.shape), np.ones(coins.shape)
    open_, left = np.zeros((*lead, 1), dtype=int), pi[..., :1]
    for i in range(1, n):
        p, it = pi[..., i : i + 1], np.full_like(open_, i)
        odds[..., i - 1 : i] = _chance(left, p)
        kept = coins[..., i - 1 : i] < odds[..., i - 1 : i]
        total = left + p
        whole = total >= 1
        # Of a whole, who wins is in and the other open; else who wins stays open.
        np.put_along_axis(drawn, np.where(kept, open_, it), 1.0 * whole, axis=-1)
        open_ = np.where(kept == whole, it, open_)
        left = np.maximum(total - whole, 0)
    np.put_along_axis(drawn, open_, np.rint(left), axis=-1)
    return drawn > 0, odds


def _chance(a: Array, p: Array) -> Array:
    """Return with what probability the open point, of a, wins over the next, of p.

    Half if that does not matter: both are 0, or both are 1.
    """
    total, half = a + p, np.full(a.shape, 0.5)
    small = np.divide(a, total, out=half.copy(), where=total > 0)
    large = np.divide(1 - p, 2 - total, out=half, where=total < 2)
    chance: Array = np.where(total < 1, small, large)
    return chance
