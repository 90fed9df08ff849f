"""Noise that varies with x: told at the queried points (A6), or bounded (I1)."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_range
from halfspace.theory._domain import check_margin, check_rate, check_steps
from halfspace.theory._quadratic import average, size


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
    variance = check_range("noise_variance", noise_variance, 0, 0.25)
    return average(check_steps(steps), check_margin(margin), variance)


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
    return size(excess, check_margin(margin), variance)


def perspectron_progress(noisy_error: ArrayLike, rate: ArrayLike) -> Array:
    r"""I1, lower bound: how far a Perspectron-type direction points to the truth.

    .. math:: \mathbb E[g].(w - w^*) \ge 2 (P[\mathrm{sign}(w.x) \ne y] - \eta)

    Parameters
    ----------
    noisy_error : array
        P[sign(w.x) != y] in [0, 1].
    rate : array
        eta in [0, 1/2), the largest of eta(x).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> perspectron_progress(0.3, 0.2).round(12)
    np.float64(0.2)
    """
    return 2 * (check_range("noisy_error", noisy_error, 0, 1) - check_rate(rate))


def projected_excess_risk(
    steps: ArrayLike, margin: ArrayLike, rate: ArrayLike
) -> Array:
    r"""I1, upper bound: average of P[sign(w_t.x) != y] - eta, Perspectron-type rules.

    .. math:: \frac{1-\eta}{\gamma\sqrt T}

    Of rules in the unit ball with the step of `default_learner` for T samples. Under
    random classification noise it also holds for projected SLaM.

    Parameters
    ----------
    steps : array
        T, at least 1.
    margin : array
        gamma in (0, 1].
    rate : array
        eta in [0, 1/2), the largest of eta(x).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> projected_excess_risk(10_000, 0.1, 0.2).round(12)
    np.float64(0.08)
    """
    steps, margin = check_steps(steps), check_margin(margin)
    bound: Array = (1 - check_rate(rate)) / (margin * np.sqrt(steps))
    return bound
