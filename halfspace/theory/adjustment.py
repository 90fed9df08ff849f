"""Loss adjustment for random classification noise: claims B1, B2 and B4.

What backward pays (B4) is `halfspace.theory.noise_factor`.

Of the logistic loss, z = s w.x the margin of the true label, eta the rate, beta =
1 - 2 eta, p = sigma(z) and m = beta p + eta the mixed prediction.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_real
from halfspace.theory._domain import check_rate

__all__ = [
    "forward_variance",
    "forward_weight",
    "largest_forward_slope",
]


def forward_weight(z: ArrayLike, rate: ArrayLike) -> Array:
    r"""B1, equality: forward's mean slope over the clean logistic slope.

    .. math:: \beta^2 \frac{p (1-p)}{m (1-m)}

    Parameters
    ----------
    z : array
        Margins.
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> forward_weight([0.0, 50.0], 0.25).round(9)
    array([0.25, 0.  ])
    """
    eta, z = check_rate(rate), check_real("z", z)
    # m (1 - m) = eta (1 - eta) + beta^2 p (1 - p), without cancellation
    spread = (1 - 2 * eta) ** 2 * special.expit(z) * special.expit(-z)
    whole = spread + eta * (1 - eta)
    weight: Array = np.divide(spread, whole, out=np.ones_like(whole), where=whole > 0)
    return weight


def largest_forward_slope(rate: ArrayLike) -> Array:
    r"""B2, equality: the largest slope of the forward-corrected loss, in size.

    .. math:: \frac{\sqrt{1-\eta} - \sqrt\eta}{\sqrt{1-\eta} + \sqrt\eta}

    Parameters
    ----------
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If the rate is outside its range.

    Examples
    --------
    >>> largest_forward_slope([0.0, 0.1]).round(9)
    array([1. , 0.5])
    """
    eta = check_rate(rate)
    right, wrong = np.sqrt(1 - eta), np.sqrt(eta)
    slope: Array = (right - wrong) / (right + wrong)
    return slope


def forward_variance(z: ArrayLike, rate: ArrayLike) -> Array:
    r"""B4, equality: variance of the forward slope over the label.

    .. math:: \eta (1-\eta) \left(\beta \frac{p (1-p)}{m (1-m)}\right)^2

    Parameters
    ----------
    z : array
        Margins.
    rate : array
        eta in [0, 1/2).

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> forward_variance([0.0, 50.0], 0.25).round(9)
    array([0.046875, 0.      ])
    """
    eta = check_rate(rate)
    factor = forward_weight(z, eta) / (1 - 2 * eta)
    variance: Array = eta * (1 - eta) * factor**2
    return variance
