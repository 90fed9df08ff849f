"""What an estimated teacher costs: claims D2, D3 and D4.

The accuracy alpha is fitted by isotonic regression to n rows. Where it is smooth the
error at a point, times n^(1/3), tends in law to Z times a constant [1]_, where Z is
where W(t) - t^2 is largest, W a two-sided Brownian motion; its moments are those of
[2]_. Where it has steps there is an upper bound for every n.

.. [1] F. T. Wright, "The asymptotic behavior of monotone regression estimates", Annals
   of Statistics 9 (1981).
.. [2] P. Groeneboom and J. A. Wellner, "Computing Chernoff's distribution", Journal of
   Computational and Graphical Statistics 10 (2001).
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_range
from halfspace.theory._domain import check_margin, check_steps
from halfspace.theory._quadratic import average

__all__ = [
    "CHERNOFF_MEAN",
    "CHERNOFF_SQUARE",
    "SIZE_EXPONENT",
    "SMOOTH_EXPONENT",
    "plug_in_excess",
    "size_mismatch",
    "smooth_error",
    "step_error",
]

#: E[abs(Z)] and E[Z^2] of Chernoff's distribution.
CHERNOFF_MEAN = 0.41273655
CHERNOFF_SQUARE = 0.26355964
#: D2, rate: the slope of the mean squared error in n, where alpha is smooth.
SMOOTH_EXPONENT = -2 / 3
#: D3, rate: the slope in n of the share of points whose k-hat is wrong.
SIZE_EXPONENT = -1 / 3


def step_error(rows: ArrayLike, accuracy: ArrayLike) -> float:
    r"""D2, upper bound: mean squared error where alpha is constant in pieces.

    .. math:: \frac{\sum_j \alpha_j (1-\alpha_j) H_{n_j}}{\sum_j n_j},
              \quad H_n = \sum_{i=1}^n \frac1i

    At the rows, over their labels, for every n: about (log n)/n. With one piece it is
    an equality. Bounds that hold for alpha only lessen the error.

    Parameters
    ----------
    rows : array, shape (m,)
        How many rows each piece has, at least 1.
    accuracy : array, shape (m,)
        alpha of each piece, in [0, 1].

    Raises
    ------
    ValueError
        If an argument is outside its range, or the shapes differ.

    Examples
    --------
    >>> step_error([2, 1], [0.5, 1.0])  # 1/4 (1 + 1/2) / 3
    0.125
    """
    size = check_range("rows", rows, 1, np.inf, "[)")
    alpha = check_range("accuracy", accuracy, 0, 1)
    if size.shape != alpha.shape:
        msg = f"`accuracy` must match `rows` {size.shape}, got {alpha.shape}"
        raise ValueError(msg)
    harmonic = special.digamma(size + 1) + np.euler_gamma
    return float(np.sum(alpha * (1 - alpha) * harmonic) / np.sum(size))


def smooth_error(rows: ArrayLike, accuracy: ArrayLike, slope: ArrayLike) -> Array:
    r"""D2, rate: mean squared error where alpha is smooth and increasing, n large.

    .. math:: n^{-2/3}\, \mathbb E[Z^2] \int_0^1 (4 \alpha' \alpha (1-\alpha))^{2/3} du
              + \frac{\log n}{3n} \sum_{u \in \{0, 1\}} \alpha(u) (1 - \alpha(u))

    At the rows; u is the share of rows with a smaller score. The second term is of the
    two ends, where the fit is as if alpha were constant, over n^(2/3) rows; it is by
    heuristics, and what is left out is of the order 1/n.

    Parameters
    ----------
    rows : array, shape (...)
        n, at least 2.
    accuracy, slope : array, shape (m,)
        alpha in [0, 1], and its derivative in u, positive, at evenly spaced u.

    Raises
    ------
    ValueError
        If an argument is outside its range, or the shapes differ.

    Examples
    --------
    >>> smooth_error(1e6, [0.5], [0.5]).round(9)  # E[Z^2]/1e4 (1/2)^(2/3) + 2.3e-6
    np.float64(1.8906e-05)
    """
    n = check_range("rows", rows, 2, np.inf, "[)")
    alpha = check_range("accuracy", accuracy, 0, 1)
    growth = check_range("slope", slope, 0, np.inf, "()")
    if alpha.shape != growth.shape:
        msg = f"`slope` must match `accuracy` {alpha.shape}, got {growth.shape}"
        raise ValueError(msg)
    variance = np.atleast_1d(alpha * (1 - alpha))
    inside = CHERNOFF_SQUARE * np.mean((4 * growth * variance) ** (2 / 3))
    ends = (variance[0] + variance[-1]) * np.log(n) / (3 * n)
    found: Array = inside * n**SMOOTH_EXPONENT + ends
    return found


def size_mismatch(rows: ArrayLike, threshold: ArrayLike, slope: ArrayLike) -> Array:
    r"""D3, rate: the share of points whose k-hat is not k, n large.

    .. math:: n^{-1/3}\, \mathbb E|Z| \sum_k \left(\frac{4 t(1-t)}{\alpha_k'^2}
              \right)^{1/3}

    Over the k whose top-k accuracy crosses the threshold t, with slope alpha_k' there:
    k-hat changes where the fit crosses it.

    Parameters
    ----------
    rows : array, shape (...)
        n, at least 1.
    threshold : array, shape (...)
        t in [0, 1].
    slope : array, shape (m,)
        Derivatives in u, the share of rows with a smaller score, positive.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> size_mismatch(1000, 0.5, [1.0]).round(9)  # E|Z| / 10
    np.float64(0.041273655)
    """
    n = check_range("rows", rows, 1, np.inf, "[)")
    t = check_range("threshold", threshold, 0, 1)
    growth = check_range("slope", slope, 0, np.inf, "()")
    widths = np.sum(growth ** (-2 / 3))
    found: Array = CHERNOFF_MEAN * np.cbrt(4 * t * (1 - t) / n) * widths
    return found


def plug_in_excess(
    steps: ArrayLike,
    margin: ArrayLike,
    noise_variance: ArrayLike,
    absolute: ArrayLike,
    squared: ArrayLike,
) -> Array:
    r"""D4, upper bound: average excess noisy risk of SLaM told alpha-hat for alpha.

    .. math:: \frac{2A}{\gamma} + \frac{1 + \sqrt{1 + 4 V' \gamma^2 T}}{2\gamma^2 T},
              \quad V' = V + S + \frac{2A}{\gamma}

    At A = S = 0 it is the bound of A6.

    Parameters
    ----------
    steps : array
        T, at least 1.
    margin : array
        gamma in (0, 1].
    noise_variance : array
        V = E[alpha (1 - alpha)] in [0, 1/4].
    absolute, squared : array
        A and S, the means of abs(alpha-hat - alpha) and of its square, in [0, 1];
        alpha-hat is in [1/2, 1] and independent of the samples.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> plug_in_excess(1e6, 0.1, 0.04, 0.01, 0.001).round(4)
    np.float64(0.205)
    """
    gamma = check_margin(margin)
    variance = check_range("noise_variance", noise_variance, 0, 0.25)
    bias = 2 * check_range("absolute", absolute, 0, 1) / gamma
    total = variance + check_range("squared", squared, 0, 1) + bias
    return bias + average(check_steps(steps), gamma, total)
