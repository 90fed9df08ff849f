"""Noise that varies with x, told to the learner at the queried points: claim A6."""

from numpy.typing import ArrayLike

from halfspace._check import Array, check_range
from halfspace.theory._domain import check_margin, check_steps
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
