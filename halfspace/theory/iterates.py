"""Which iterate is good, and how to find it: claims A7 and A9."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_range
from halfspace.theory._domain import check_error, check_rate
from halfspace.theory.rcn import sample_size


def hitting_size(
    error: ArrayLike,
    margin: ArrayLike,
    rate: ArrayLike,
    confidence: ArrayLike = 0.99,
) -> Array:
    """A7, lower: T after which some iterate has error at most eps, this surely.

    By Markov's inequality from A1: if all T errors exceed eps, then M > eps T, which
    has probability at most E[M]/(eps T) <= 1 - confidence at T = N((1 - confidence)
    eps). That is at most N(eps) / (1 - confidence)^2.

    Parameters
    ----------
    error : array
        eps in (0, 1].
    margin : array
        gamma in (0, 1].
    rate : array
        eta in [0, 1/2).
    confidence : array
        In [0, 1).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> hitting_size(0.1, 0.1, 0.0, confidence=0.9).round(6)
    np.float64(10000.0)
    """
    left = 1 - check_range("confidence", confidence, 0, 1, "[)")
    return sample_size(check_error(error) * left, margin, rate)


def holdout_size(
    error: ArrayLike,
    rate: ArrayLike,
    candidates: ArrayLike,
    confidence: ArrayLike = 0.99,
) -> Array:
    r"""A9, lower: noisy samples that pick an iterate within eps of the best of m.

    .. math:: \frac{2 \log(2 m / \delta)}{(1 - 2\eta)^2 \epsilon^2},
              \quad \delta = 1 - \mathrm{confidence}

    By Hoeffding's inequality every noisy error is known to within (1 - 2 eta) eps / 2,
    and the noisy error is eta + (1 - 2 eta) err.

    Parameters
    ----------
    error : array
        eps in (0, 1].
    rate : array
        eta in [0, 1/2).
    candidates : array
        m, at least 1.
    confidence : array
        In [0, 1).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> holdout_size(0.1, 0.1, 10).round(1)  # 2 log(2000) / (.64 * .01)
    np.float64(2375.3)
    """
    count = check_range("candidates", candidates, 1, np.inf, "[)")
    left = 1 - check_range("confidence", confidence, 0, 1, "[)")
    precision = ((1 - 2 * check_rate(rate)) * check_error(error)) ** 2
    return 2 * np.log(2 * count / left) / precision
