"""What the theorems predict: one function a claim, nothing estimated, no data.

Everything broadcasts over arrays. Ids are those of ``paper_repro.md``, where the
constants are proved; [1]_ states the rates.

.. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with unlabeled
   examples", NeurIPS 2023, arXiv:2302.03806.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_range


def _rate(rate: ArrayLike) -> Array:
    return check_range("rate", rate, 0, 0.5, "[)")


def _margin(margin: ArrayLike) -> Array:
    return check_range("margin", margin, 0, 1, "(]")


def _error(error: ArrayLike) -> Array:
    return check_range("error", error, 0, 1, "(]")


def _steps(steps: ArrayLike) -> Array:
    return check_range("steps", steps, 1, np.inf, "[)")


def noise_factor(rate: ArrayLike) -> Array:
    """A3, equal: eta (1 - eta) / (1 - 2 eta)^2, all that the noise does to A1.

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
    rate = _rate(rate)
    return rate * (1 - rate) / (1 - 2 * rate) ** 2


def average_error(steps: ArrayLike, margin: ArrayLike, rate: ArrayLike) -> Array:
    r"""A1, upper bound: E[M]/T of SLaM (sign link) under random classification noise.

    .. math:: \frac{1 + \sqrt{1 + 4 \eta(1-\eta) \gamma^2 T / (1-2\eta)^2}}{2\gamma^2 T}

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
    square = _margin(margin) ** 2 * _steps(steps)
    return (1 + np.sqrt(1 + 4 * noise_factor(rate) * square)) / (2 * square)


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
    error = _error(error)
    return (error + noise_factor(rate)) / (_margin(margin) * error) ** 2


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
    return 1 / _margin(margin) ** 2


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
    error, noise = _error(error), noise_factor(rate)
    return -(error + 2 * noise) / (error + noise)


#: A3, rate: the slope d log N / d log gamma.
MARGIN_EXPONENT = -2.0


def average_excess_risk(
    steps: ArrayLike, margin: ArrayLike, noise_variance: ArrayLike
) -> Array:
    r"""A6, upper bound: average excess noisy risk, alpha(x) told at the queried points.

    .. math:: \frac{1 + \sqrt{1 + 4 V \gamma^2 T}}{2\gamma^2 T},
              \quad V = \mathbb E[\eta(x)(1-\eta(x))]

    Parameters
    ----------
    steps : array
        T, at least 1.
    margin : array
        gamma in (0, 1].
    noise_variance : array
        V in [0, 1/4].

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> average_excess_risk(5e4, 0.1, 0.25 * 0.2 * 0.8).round(4)
    np.float64(0.01)
    """
    square = _margin(margin) ** 2 * _steps(steps)
    variance = check_range("noise_variance", noise_variance, 0, 0.25)
    return (1 + np.sqrt(1 + 4 * variance * square)) / (2 * square)


def excess_sample_size(
    excess: ArrayLike, margin: ArrayLike, noise_variance: ArrayLike
) -> Array:
    """A6, upper bound: 1/(gamma^2 eps) + V/(gamma^2 eps^2); inverts the other.

    Parameters
    ----------
    excess : array
        eps in (0, 1].
    margin : array
        gamma in (0, 1].
    noise_variance : array
        V in [0, 1/4].

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> excess_sample_size(0.1, 0.1, 0.04).round(9)
    np.float64(1400.0)
    """
    excess = check_range("excess", excess, 0, 1, "(]")
    variance = check_range("noise_variance", noise_variance, 0, 0.25)
    return (excess + variance) / (_margin(margin) * excess) ** 2


def hitting_size(
    error: ArrayLike,
    margin: ArrayLike,
    rate: ArrayLike,
    confidence: ArrayLike = 0.99,
) -> Array:
    """A7, upper bound: T after which some iterate has error at most eps, this surely.

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
    return sample_size(_error(error) * left, margin, rate)


def holdout_size(
    error: ArrayLike,
    rate: ArrayLike,
    candidates: ArrayLike,
    confidence: ArrayLike = 0.99,
) -> Array:
    r"""A9, upper bound: noisy samples that pick an iterate within eps of the best of m.

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
    precision = ((1 - 2 * _rate(rate)) * _error(error)) ** 2
    return 2 * np.log(2 * count / left) / precision


#: The largest z / (1 + e^z), W(1/e): what the sigmoid link pays while it is right.
SIGMOID_COST = float(special.lambertw(np.exp(-1)).real)


def sigmoid_average_error(
    steps: ArrayLike, margin: ArrayLike, rate: ArrayLike, step: ArrayLike = 1.0
) -> Array:
    r"""A10, upper bound: E[M]/T of SLaM with the sigmoid link and step lambda.

    .. math:: \frac{2}{(1 - 2\eta)\gamma} \sqrt{\frac{1 + 2 \kappa / \lambda}{T}},
              \quad \kappa = \max_z \frac{z}{1 + e^z} = 0.27846\ldots

    Parameters
    ----------
    steps : array
        T, at least 1.
    margin : array
        gamma in (0, 1].
    rate : array
        eta in [0, 1/2).
    step : array
        lambda, positive.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> sigmoid_average_error(10**4, 0.5, 0.25, step=2 * SIGMOID_COST).round(6)
    np.float64(0.113137)
    """
    step = check_range("step", step, 0, np.inf, "()")
    growth = np.sqrt((1 + 2 * SIGMOID_COST / step) / _steps(steps))
    bound: Array = 2 * growth / ((1 - 2 * _rate(rate)) * _margin(margin))
    return bound
