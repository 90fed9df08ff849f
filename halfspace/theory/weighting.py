"""What weights cost and save: claims E2 and E3.

A finite law has atoms of mass m. The teacher is wrong there with probability p; the
student's loss is l on the true label, l' on the wrong one. Its risk is E[l]. A mean
over n labels of the teacher estimates it, each loss as it is or times the weight
l / ((1 - p) l + p l').
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import ROUNDING, Array, check_range

__all__ = ["Moments", "crossing_size", "mean_squared_error", "moments"]


class Moments(NamedTuple):
    """The risk, the bias without weights, and one label's variances without and with.

    Each has shape (...).
    """

    risk: Array
    bias: Array
    plain_variance: Array
    weighted_variance: Array


def moments(
    mass: ArrayLike, wrong: ArrayLike, loss_true: ArrayLike, loss_wrong: ArrayLike
) -> Moments:
    r"""E2, equality: mean and variance of one label's loss, without and with weight.

    .. math:: b = E[p (l' - l)], \quad V_u = E[(1-p) l^2 + p l'^2] - E[l + p(l'-l)]^2,
              \quad V_w = E[w^2 ((1-p) l^2 + p l'^2)] - E[l]^2

    where w is the weight.

    Parameters
    ----------
    mass : array, shape (..., m)
        Probabilities, with sum 1 a row.
    wrong : array, shape (..., m)
        p in [0, 1].
    loss_true, loss_wrong : array, shape (..., m)
        l and l', at least 0. Where p = 1 and l' = 0, l must be 0: no weight helps.

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        If an argument is outside its range, or the rows of `mass` do not sum to 1.

    Examples
    --------
    >>> found = moments([1.0], [0.25], [1.0], [3.0])
    >>> [round(float(it), 4) for it in found]
    [1.0, 0.5, 0.75, 0.3333]
    """
    q = check_range("mass", mass, 0, 1)
    p = check_range("wrong", wrong, 0, 1)
    true = check_range("loss_true", loss_true, 0, np.inf, "[)")
    other = check_range("loss_wrong", loss_wrong, 0, np.inf, "[)")
    if q.ndim == 0 or not (np.abs(q.sum(axis=-1) - 1) <= ROUNDING).all():
        msg = f"`mass` must sum to 1 in each row, got {q.sum(axis=-1)}"
        raise ValueError(msg)
    mean = (1 - p) * true + p * other
    if ((mean == 0) & (true > 0)).any():
        msg = "`loss_wrong` must be positive where the teacher is surely wrong, got 0"
        raise ValueError(msg)
    weight = np.divide(true, mean, out=np.ones(mean.shape), where=mean > 0)
    risk, expected = (q * true).sum(axis=-1), (q * mean).sum(axis=-1)
    bias = (q * p * (other - true)).sum(axis=-1)
    return Moments(
        risk,
        bias,
        _variance(q, p, true, other, expected),
        _variance(q, p, weight * true, weight * other, risk),
    )


def mean_squared_error(size: ArrayLike, bias: ArrayLike, variance: ArrayLike) -> Array:
    """E2, equality: b^2 + V/n, of a mean over n labels.

    Parameters
    ----------
    size : array
        n, at least 1.
    bias : array
        b; with weights it is 0.
    variance : array
        V of one label, at least 0.

    Returns
    -------
    array

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> mean_squared_error([1, 4], 0.5, 2.0).tolist()
    [2.25, 0.75]
    """
    n = check_range("size", size, 1, np.inf, "[)")
    b = check_range("bias", bias, -np.inf, np.inf, "()")
    error: Array = b**2 + check_range("variance", variance, 0, np.inf, "[)") / n
    return error


def crossing_size(
    bias: ArrayLike, plain_variance: ArrayLike, weighted_variance: ArrayLike
) -> Array:
    r"""E3, equality: with more labels than this the weighted mean is the better one.

    .. math:: \max(0, (V_w - V_u) / b^2)

    Infinite if b = 0 and V_w >= V_u: then the weighted mean is never better.

    Parameters
    ----------
    bias : array
        b.
    plain_variance, weighted_variance : array
        V_u and V_w, at least 0.

    Returns
    -------
    array

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> crossing_size([0.5, 0.5, 0.0], [1.0, 3.0, 1.0], [2.0, 2.0, 2.0]).tolist()
    [4.0, 0.0, inf]
    """
    b = check_range("bias", bias, -np.inf, np.inf, "()")
    plain = check_range("plain_variance", plain_variance, 0, np.inf, "[)")
    weighted = check_range("weighted_variance", weighted_variance, 0, np.inf, "[)")
    more, square, never = np.broadcast_arrays(weighted - plain, b**2, np.inf)
    never = np.where(more < 0, 0.0, never)
    size: Array = np.divide(np.maximum(more, 0), square, out=never, where=square > 0)
    return size


def _variance(q: Array, p: Array, true: Array, other: Array, mean: Array) -> Array:
    """Return the variance of a loss that is `true`, or `other` with probability p."""
    at = mean[..., None]
    spread = (1 - p) * (true - at) ** 2 + p * (other - at) ** 2
    variance: Array = (q * spread).sum(axis=-1)
    return variance
