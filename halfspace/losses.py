"""Losses of the margin z = y t: label in {-1, +1} times score.

A loss takes margins and returns its value and slope at each. A new loss is one short
function and one line in `LOSSES`. Float32 margins give float32 values.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import check_count, check_scalar
from halfspace._logits import ValueAndSlope, check_margins
from halfspace.rules import GCE_EXPONENT

Loss = Callable[[ArrayLike], ValueAndSlope]

#: The order of Taylor cross-entropy that `LOSSES` has.
TAYLOR_ORDER = 2


def logistic(z: ArrayLike) -> ValueAndSlope:
    """Logistic loss, log(1 + exp(-z)): cross-entropy of q = sigma(z)."""
    z = check_margins(z)
    return ValueAndSlope(-special.log_expit(z), -special.expit(-z))


def hinge(z: ArrayLike) -> ValueAndSlope:
    """Hinge loss, max(0, 1 - z); slope 0 at its kink z = 1."""
    z = check_margins(z)
    return ValueAndSlope(np.maximum(1 - z, 0), -(z < 1).astype(z.dtype))


def squared(z: ArrayLike) -> ValueAndSlope:
    """Squared loss, (1 - z)^2, that is (y - t)^2."""
    z = check_margins(z)
    return ValueAndSlope((1 - z) ** 2, 2 * (z - 1))


def unhinged(z: ArrayLike) -> ValueAndSlope:
    """Unhinged loss, 1 - z."""
    z = check_margins(z)
    return ValueAndSlope(1 - z, -np.ones_like(z))


def sigmoid(z: ArrayLike) -> ValueAndSlope:
    """Sigmoid loss, sigma(-z): the probability of the other label."""
    z = check_margins(z)
    wrong = special.expit(-z)
    return ValueAndSlope(wrong, -wrong * special.expit(z))


def ramp(z: ArrayLike) -> ValueAndSlope:
    """Ramp loss, (1 - z)/2 clipped to [0, 1]; slope 0 at its kinks z = -1 and 1."""
    z = check_margins(z)
    slope = np.where(np.abs(z) < 1, -0.5, 0.0).astype(z.dtype)
    return ValueAndSlope(np.clip((1 - z) / 2, 0, 1), slope)


def gce(z: ArrayLike, *, exponent: float = GCE_EXPONENT) -> ValueAndSlope:
    """Return generalised cross-entropy, (1 - q^r)/r with q = sigma(z).

    Parameters
    ----------
    z : array, any shape
        Margins.
    exponent : float
        r in (0, 1]: near 0 it is the logistic loss, at 1 the sigmoid loss.

    Returns
    -------
    ValueAndSlope

    Raises
    ------
    TypeError
        If a margin or the exponent is not a real number.
    ValueError
        If a margin is not finite, or the exponent is outside (0, 1].

    References
    ----------
    .. [1] Z. Zhang and M. Sabuncu, "Generalized cross entropy loss for training deep
       neural networks with noisy labels", NeurIPS 2018, arXiv:1805.07836.

    Examples
    --------
    >>> float(gce(0.0, exponent=1.0).value), float(gce(0.0, exponent=1.0).slope)
    (0.5, -0.25)
    """
    z = check_margins(z)
    r = check_scalar("exponent", exponent, 0, 1, "(]")
    power = r * special.log_expit(z)
    return ValueAndSlope(-np.expm1(power) / r, -np.exp(power) * special.expit(-z))


def taylor_ce(z: ArrayLike, *, order: int = TAYLOR_ORDER) -> ValueAndSlope:
    """Return the first terms of cross-entropy in 1 - q = sigma(-z).

    The value is the sum of (1 - q)^i / i over i = 1..order.

    Parameters
    ----------
    z : array, any shape
        Margins.
    order : int
        At least 1, where it is the sigmoid loss; it tends to the logistic loss.

    Returns
    -------
    ValueAndSlope

    Raises
    ------
    TypeError
        If a margin is not a real number, or the order not an int.
    ValueError
        If a margin is not finite, or the order is below 1.

    References
    ----------
    .. [1] L. Feng et al., "Can cross entropy loss be robust to label noise?",
       IJCAI 2020.

    Examples
    --------
    >>> float(taylor_ce(0.0).value), float(taylor_ce(0.0).slope)
    (0.625, -0.375)
    """
    z = check_margins(z)
    order = check_count("order", order)
    wrong = special.expit(-z)
    value = np.zeros_like(wrong)
    for i in range(order, 0, -1):
        value = wrong * (value + 1 / i)
    slope = wrong * np.expm1(order * special.log_expit(-z))
    return ValueAndSlope(value, slope)


LOSSES: Mapping[str, Loss] = MappingProxyType(
    {
        "gce": gce,
        "hinge": hinge,
        "logistic": logistic,
        "ramp": ramp,
        "sigmoid": sigmoid,
        "squared": squared,
        "taylor_ce": taylor_ce,
        "unhinged": unhinged,
    }
)
