"""What is lost when a teacher's table is compressed: claim G2."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_count, check_range

__all__ = ["preactivation_error", "table_error"]


def table_error(singular_values: ArrayLike, size: int) -> Array:
    r"""G2, equality: the least squared error of a table of rank d_S.

    .. math:: \sum_{i > d_S} \sigma_i^2

    Parameters
    ----------
    singular_values : array, shape (..., d)
        Of the table, in any order, at least 0.
    size : int
        d_S, from 1 to d.

    Returns
    -------
    array, shape (...)
        The squared Frobenius norm of the difference.

    Raises
    ------
    TypeError
        If `size` is not an int.
    ValueError
        If an argument is outside its range.

    Notes
    -----
    The theorem of Eckart and Young.

    Examples
    --------
    >>> float(table_error([3.0, 2.0, 1.0], 1))
    5.0
    """
    sigma = check_range("singular_values", singular_values, 0, np.inf, "[)")
    if sigma.ndim == 0:
        msg = f"`singular_values` must have shape (..., d), got {sigma.shape}"
        raise ValueError(msg)
    kept = check_count("size", size)
    if kept > sigma.shape[-1]:
        msg = f"`size` must be at most the {sigma.shape[-1]} dimensions, got {kept}"
        raise ValueError(msg)
    dropped = np.sort(sigma, axis=-1)[..., : sigma.shape[-1] - kept]
    error: Array = (dropped**2).sum(axis=-1)
    return error


def preactivation_error(
    singular_values: ArrayLike, size: int, gain: ArrayLike
) -> Array:
    r"""G2, upper bound: what that does to the pre-activations of the first layer.

    .. math:: \|(E_T - E_T M M^T) W_T\|_F^2 \le \|W_T\|^2 \sum_{i > d_S} \sigma_i^2

    Parameters
    ----------
    singular_values : array, shape (..., d)
        Of the table, in any order, at least 0.
    size : int
        d_S, from 1 to d.
    gain : array, shape (...)
        The largest singular value of W_T, at least 0.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    TypeError
        If `size` is not an int.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> float(preactivation_error([3.0, 2.0, 1.0], 1, 2.0))
    20.0
    """
    norm = check_range("gain", gain, 0, np.inf, "[)")
    bound: Array = norm**2 * table_error(singular_values, size)
    return bound
