"""SLaM with the sigmoid link: claim A10."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_range
from halfspace.theory._domain import check_margin, check_rate, check_steps

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
    growth = np.sqrt((1 + 2 * SIGMOID_COST / step) / check_steps(steps))
    bound: Array = 2 * growth / ((1 - 2 * check_rate(rate)) * check_margin(margin))
    return bound
