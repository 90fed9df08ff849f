"""SLaM with the sign link under random classification noise: claims A1 to A5."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array
from halfspace.theory._domain import check_error, check_margin, check_rate, check_steps
from halfspace.theory._quadratic import average, size

#: A3, rate: the slope d log N / d log gamma.
MARGIN_EXPONENT = -2.0


def noise_factor(rate: ArrayLike) -> Array:
    """A3, equal: eta (1 - eta) / (1 - 2 eta)^2, all that the noise does to A1.

    B4, equal: also the variance of the backward slope over the label, at every margin.

    Parameters
    ----------
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If a rate is outside [0, 1/2).

    Examples
    --------
    >>> noise_factor([0.0, 0.1, 0.25]).tolist()
    [0.0, 0.140625, 0.75]
    """
    rate = check_rate(rate)
    return rate * (1 - rate) / (1 - 2 * rate) ** 2


def average_error(steps: ArrayLike, margin: ArrayLike, rate: ArrayLike) -> Array:
    r"""A1, upper bound: E[M]/T of SLaM (sign link) under random classification noise.

    .. math:: \frac{1 + \sqrt{1 + 4 \eta(1-\eta) \gamma^2 T / (1-2\eta)^2}}{2\gamma^2 T}

    For every law with this margin, in every dimension (A5).

    Parameters
    ----------
    steps : array
        T, at least 1.
    margin : array
        gamma in (0, 1].
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> average_error(2400, 0.1, 0.1).round(12)  # 1 + sqrt(1 + 13.5) over 48
    np.float64(0.100164303186)
    """
    return average(check_steps(steps), check_margin(margin), noise_factor(rate))


def sample_size(error: ArrayLike, margin: ArrayLike, rate: ArrayLike) -> Array:
    r"""A1, upper bound: N(eps), samples after which E[M]/T is at most eps.

    .. math:: N(\epsilon) = \frac{1}{\gamma^2 \epsilon}
              + \frac{\eta(1-\eta)}{(1-2\eta)^2 \gamma^2 \epsilon^2}

    The inverse of `average_error`; not rounded up.

    Parameters
    ----------
    error : array
        eps in (0, 1].
    margin : array
        gamma in (0, 1].
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> sample_size(0.1, 0.1, [0.0, 0.1]).round(9).tolist()
    [1000.0, 2406.25]
    """
    return size(check_error(error), check_margin(margin), noise_factor(rate))


def mistake_bound(margin: ArrayLike) -> Array:
    """A2, upper bound: mistakes at eta = 0, on every sequence with this margin.

    Parameters
    ----------
    margin : array
        gamma in (0, 1].

    Raises
    ------
    ValueError
        If a margin is outside (0, 1].

    Examples
    --------
    >>> mistake_bound(0.5)
    np.float64(4.0)
    """
    return 1 / check_margin(margin) ** 2


def tightness(margin: ArrayLike) -> Array:
    """A4, equal: the limit 1 - gamma^2 of E[M]/T over its bound, fluid, on the shell.

    As T grows, r = gamma u / (b rho) tends to 1 in the fluid limit, b^2 = 1 - gamma^2.
    With X = d(u^2)/dt = 4 beta gamma u m and e = -m that gives d(rho^2)/dt =
    b^2 (1 - beta^2) - X, while rho = gamma u / b gives d(rho^2)/dt = gamma^2 X / b^2.
    So X = b^4 (1 - beta^2), and M = u / (2 beta gamma) is b^2 times what A1 allows.

    Parameters
    ----------
    margin : array
        gamma in (0, 1].

    Raises
    ------
    ValueError
        If a margin is outside (0, 1].

    Examples
    --------
    >>> tightness(0.5)
    np.float64(0.75)
    """
    return 1 - check_margin(margin) ** 2


def high_dimension_error(steps: ArrayLike, rate: ArrayLike) -> Array:
    r"""A5, equal: the limit of E[M]/T on the shell as d grows, once T is large.

    .. math:: \sqrt{\frac{2}{\pi}} \frac{\sqrt{\eta(1-\eta) / T}}{1-2\eta}

    In the limit orthogonal parts never meet, and w errs while u = w.w* < 0. While
    u > 0 it is a random walk with steps of mean 0 and variance 4 eta (1-eta) gamma^2,
    and each mistake pushes it up by 2 (1 - 2 eta) gamma on average: a walk reflected
    at 0, whose total push is distributed, as T grows, as the modulus of the free walk.
    Over A1's bound this is gamma sqrt(2/pi), small but not zero.

    Parameters
    ----------
    steps : array
        T, at least 1.
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> high_dimension_error(10_000, 0.1).round(6)  # .797885 * .3 / 80
    np.float64(0.002992)
    """
    error: Array = np.sqrt(2 / np.pi * noise_factor(rate) / check_steps(steps))
    return error


def error_exponent(error: ArrayLike, rate: ArrayLike) -> Array:
    """A3, rate: the slope d log N / d log eps, -1 without noise and -2 where it rules.

    Parameters
    ----------
    error : array
        eps in (0, 1].
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> error_exponent([0.1, 0.1], [0.0, 0.25]).round(6).tolist()
    [-1.0, -1.882353]
    """
    error, noise = check_error(error), noise_factor(rate)
    return -(error + 2 * noise) / (error + noise)
