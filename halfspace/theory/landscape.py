"""The landscape of the forward-corrected loss: claims B5, B6 and B9.

z = s w.x is the margin of the true label, eta the rate, beta = 1 - 2 eta, p = sigma(z).
The mean slope of the loss in z is -D(z), with

    D(z) = p (1-p)^2 / (kappa + p (1-p)),    kappa = eta (1 - eta) / beta^2.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_points, check_range, check_real
from halfspace.theory._domain import check_margin, check_rate, check_steps
from halfspace.theory._quadratic import average
from halfspace.theory.adjustment import forward_weight
from halfspace.theory.rcn import noise_factor

__all__ = [
    "STALL_RATIO",
    "escape_steps",
    "far_average_error",
    "forward_drift",
    "least_progress",
    "stall_ratio",
]

#: B9: above it a law of two atoms has a trap at infinity, below it none.
STALL_RATIO = 2.0


def forward_drift(z: ArrayLike, rate: ArrayLike) -> Array:
    """B5, equal: D(z), the mean push on a point; far out like e^z and e^(-2z).

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
    >>> forward_drift([0.0, 50.0], 0.25).round(9)
    array([0.125, 0.   ])
    """
    z = check_real("z", z)
    drift: Array = forward_weight(z, rate) * special.expit(-z)
    return drift


def least_progress(norm: ArrayLike, margin: ArrayLike, rate: ArrayLike) -> Array:
    """B5, lower bound: -grad.w* of the mean forward loss is at least gamma D(|w|).

    For every law in the unit ball with this margin. D rises and then falls, and
    D(R) = D(-R) e^(-R), so that on |z| <= R it is least at R. Attained by one point.

    Parameters
    ----------
    norm : array
        |w|, at least 0.
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
    >>> least_progress(0.0, 0.1, 0.25).round(9)
    np.float64(0.0125)
    """
    size = check_range("norm", norm, 0, np.inf, "[)")
    progress: Array = check_margin(margin) * forward_drift(size, rate)
    return progress


def escape_steps(
    distance: ArrayLike, margin: ArrayLike, rate: ArrayLike, step: ArrayLike = 1.0
) -> Array:
    r"""B6, equal: steps of the mean forward descent from -c w* to the boundary.

    .. math:: \frac{F(0) - F(-c\gamma)}{\lambda\gamma^2},\quad F(z) = z + e^z
              + \kappa \left(3z + 3e^z + \tfrac12 e^{2z} - e^{-z}\right)

    F is the integral of 1/D; all points at height gamma. Grows like e^(c gamma).

    Parameters
    ----------
    distance : array
        c, at least 0.
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
    >>> escape_steps([0.0, 2.0], 0.5, 0.25).round(4)
    array([ 0.    , 27.6694])
    """
    gamma = check_margin(margin)
    far = check_range("distance", distance, 0, np.inf, "[)") * gamma
    step = check_range("step", step, 0, np.inf, "()")
    back = -np.expm1(-far)  # 1 - e^(-far)
    grown = 3 * far + 3 * back + -np.expm1(-2 * far) / 2 + np.expm1(far)
    steps: Array = (far + back + noise_factor(rate) * grown) / (step * gamma**2)
    return steps


def far_average_error(
    steps: ArrayLike, margin: ArrayLike, rate: ArrayLike, distance: ArrayLike
) -> Array:
    r"""B6, upper bound: E[M]/T of SLaM (sign link) from -c w*: linear in c, not e^c.

    A1 with 1 + c gamma / beta in place of 1:

    .. math:: \frac{b + \sqrt{b^2 + 4 \kappa \gamma^2 T}}{2 \gamma^2 T},
              \quad b = 1 + c \gamma / \beta

    Parameters
    ----------
    steps : array
        T, at least 1.
    margin : array
        gamma in (0, 1].
    rate : array
        eta in [0, 1/2).
    distance : array
        c, at least 0, of steps of size 1.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> far_average_error(2400, 0.1, 0.1, [0.0, 80.0]).round(6)
    array([0.100164, 0.470779])
    """
    gamma, eta = check_margin(margin), check_rate(rate)
    far = check_range("distance", distance, 0, np.inf, "[)")
    start = 1 + far * gamma / (1 - 2 * eta)
    # M / b solves the quadratic of A1 with a variance b^2 times smaller.
    bound: Array = start * average(
        check_steps(steps), gamma, noise_factor(eta) / start**2
    )
    return bound


def stall_ratio(right: ArrayLike, wrong: ArrayLike) -> Array:
    r"""B9, equal: how far growing right on one point makes another one wrong.

    .. math:: -\frac{x \cdot x'}{\|x\|^2}

    Above 2 the mean forward descent on these two points has a trap at infinity, where
    it errs on the second forever; if it is below 2 both ways, there is none.

    Parameters
    ----------
    right, wrong : array, shape (..., d)
        s x of the two points.

    Raises
    ------
    ValueError
        If a point is 0 or outside the unit ball.

    Examples
    --------
    >>> stall_ratio([0.0, 0.25], [0.6, -0.8]).round(9)
    np.float64(3.2)
    """
    x, other = _point("right", right), _point("wrong", wrong)
    square = check_range("right", np.vecdot(x, x), 0, np.inf, "()")
    ratio: Array = -np.vecdot(x, other) / square
    return ratio


def _point(name: str, x: ArrayLike) -> Array:
    """Return points, shape (..., d) with d at least 2, in the unit ball."""
    found = check_real(name, x)
    if found.ndim < 1 or found.shape[-1] < 2:
        msg = f"`{name}` must have shape (..., d) with d >= 2, got {found.shape}"
        raise ValueError(msg)
    return check_points(name, found[..., None, :])[..., 0, :]
