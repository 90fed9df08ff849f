"""Intervals that may be looked at after every trial: they hold at all times at once.

An exact interval covers at a number of trials that was fixed beforehand. If trials are
added until it is narrow, or until it says what one hopes for, it no longer does. Those
here cover with the stated probability at every number of trials together, and so at one
that was chosen by looking.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import betaln, expit, log_expit, logit, xlog1py, xlogy

from halfspace._check import Array, check_count, check_range, check_real, check_scalar
from halfspace.stats import Interval

#: Both parameters of the Beta law that rates are weighted by (Jeffreys').
WEIGHT = 0.5
#: Beyond so many trials, rounding would show.
MOST = 10**10


def log_evidence(hits: ArrayLike, trials: ArrayLike, rate: ArrayLike) -> Array:
    r"""Return the logarithm of the evidence that hits give against a rate, broadcast.

    The likelihood of the hits under rates drawn from Beta(1/2, 1/2), over that under
    the one rate:

    .. math:: M_n(p) = \frac{B(k + 1/2, n - k + 1/2)}{B(1/2, 1/2)\, p^k (1-p)^{n-k}}.

    Parameters
    ----------
    hits, trials : array of counts
        0 <= hits <= trials <= 10^10.
    rate : array
        In (0, 1).

    Returns
    -------
    array
        :math:`\log M_n(p)`; 0 before the first trial.

    Raises
    ------
    ValueError
        If an argument is outside its range.

    Notes
    -----
    If `rate` is true, :math:`M_n(p)` is a martingale with mean 1 [1]_, so that by
    Ville's inequality it ever reaches :math:`1/\delta` with probability at most
    :math:`\delta`.

    References
    ----------
    .. [1] H. Robbins, "Statistical methods related to the law of the iterated
       logarithm", Annals of Mathematical Statistics 41, 1970.

    Examples
    --------
    >>> log_evidence(8, 10, [0.5, 0.8]).round(3)
    array([ 0.516, -1.411])
    """
    k, n = check_real("hits", hits), check_range("trials", trials, 0, MOST)
    p = check_range("rate", rate, 0, 1, "()")
    for name, value in (("hits", k), ("trials", n)):
        if (value != np.rint(value)).any():
            msg = f"`{name}` must be whole numbers, got {value}"
            raise ValueError(msg)
    if ((k < 0) | (k > n)).any():
        msg = f"`hits` must be between 0 and `trials`, got {k} of {n}"
        raise ValueError(msg)
    weighted = betaln(k + WEIGHT, n - k + WEIGHT) - betaln(WEIGHT, WEIGHT)
    found: Array = weighted - xlogy(k, p) - xlog1py(n - k, -p)
    return found


def _low(hits: int, trials: int, most: float) -> float:
    """Return the least rate against which the evidence is below `most`, in log-odds."""
    if not hits:
        return -np.inf
    misses = trials - hits
    weighted = betaln(hits + WEIGHT, misses + WEIGHT) - betaln(WEIGHT, WEIGHT) - most

    def excess(odds: float) -> float:
        return float(
            weighted
            - hits * log_expit(odds)
            - (misses * log_expit(-odds) if misses else 0)
        )

    likeliest = logit(hits / trials) if misses else 800.0
    return float(brentq(excess, -800, likeliest, xtol=1e-14, rtol=1e-14))


def binomial(hits: int, trials: int, *, confidence: float = 0.99) -> Interval:
    r"""Return the interval of a probability, valid after every trial at once.

    It holds the rates against which the evidence is below 1 / (1 - confidence), see
    `log_evidence`: with probability `confidence` or more, the true rate is in the
    intervals of all numbers of trials. It is wider than `stats.binomial`, which holds
    at one number of trials only, by about half.

    Parameters
    ----------
    hits, trials : int
        0 <= hits <= trials, trials from 1 to 10^10.
    confidence : float
        Of all intervals together, in (0, 1).

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If a count or the confidence is outside its range.

    Examples
    --------
    >>> [float(end.round(4)) for end in np.array(binomial(90, 100))]
    [0.9, 0.7513, 0.9765]
    """
    trials, hits = check_count("trials", trials), check_count("hits", hits, 0)
    check_scalar("confidence", confidence, 0, 1, "()")
    if trials > MOST:
        msg = f"`trials` must be at most 10^10, got {trials}"
        raise ValueError(msg)
    if hits > trials:
        msg = f"`hits` must be at most `trials` {trials}, got {hits}"
        raise ValueError(msg)
    most = -np.log1p(-confidence)
    low = expit(_low(hits, trials, most))
    high = expit(-_low(trials - hits, trials, most))
    return Interval(hits / trials, float(low), float(high))
