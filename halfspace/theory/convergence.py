"""How fast corrected losses converge: claim B10.

Of forward cross-entropy no rate is proved: what stands here is a conjecture, to be
measured. Of backward the rate is a theorem: B7 makes it the sigmoid link of A10.
"""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_range
from halfspace.theory._domain import check_error, check_margin, check_rate
from halfspace.theory.links import sigmoid_average_error

__all__ = [
    "FORWARD_ACCURACY_EXPONENT",
    "FORWARD_ERROR_EXPONENT",
    "FORWARD_MARGIN_EXPONENT",
    "LINK_ERROR_EXPONENT",
    "backward_average_error",
    "forward_scale",
]

#: B10, rate, conjectured: the slopes of forward's samples needed.
FORWARD_ERROR_EXPONENT = -1.0
FORWARD_MARGIN_EXPONENT = -2.0
FORWARD_ACCURACY_EXPONENT = -2.0
#: A1 and A10, rate: the slope of both links' bounds where noise rules.
LINK_ERROR_EXPONENT = -2.0


def forward_scale(error: ArrayLike, margin: ArrayLike, rate: ArrayLike) -> Array:
    r"""B10, rate, conjectured: what forward's samples needed are proportional to.

    .. math:: \frac{1}{(1 - 2\eta)^2 \gamma^2 \epsilon}

    Of stochastic gradient descent at a constant step, on the shell with d = 1/gamma^2,
    for small gamma, 1 - 2 eta and eps. At a margin of order one both the drift and the
    variance of forward's slope are of the order (1 - 2 eta)^2 (B1, B4), and w.x moves
    by gamma^2 of them: time only enters as (1 - 2 eta)^2 gamma^2 T. Forward clips
    itself (B2, B4): mistakes are conjectured to end, and their mean to fall like 1/T.

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
    >>> forward_scale(0.1, 0.1, [0.0, 0.25]).round(9).tolist()
    [1000.0, 4000.0]
    """
    beta = 1 - 2 * check_rate(rate)
    scale: Array = 1 / ((beta * check_margin(margin)) ** 2 * check_error(error))
    return scale


def backward_average_error(
    steps: ArrayLike, margin: ArrayLike, rate: ArrayLike, step: ArrayLike = 1.0
) -> Array:
    r"""B10, upper bound: E[M]/T of descent on the backward logistic loss, no ball.

    By B7 its step lambda is the sigmoid link's step lambda / (1 - 2 eta): A10 at that.

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
    >>> from halfspace.theory import SIGMOID_COST
    >>> backward_average_error(10**4, 0.5, 0.25, step=SIGMOID_COST).round(6)
    np.float64(0.113137)
    """
    step = check_range("step", step, 0, np.inf, "()")
    return sigmoid_average_error(steps, margin, rate, step / (1 - 2 * check_rate(rate)))
