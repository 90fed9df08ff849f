"""Assertions about samples, each with its error rates.

An assertion fails a true claim with probability at most `FALSE_FAIL`. What it is able
to see, it misses with probability at most `FALSE_PASS`; `detectable_*` says how large
that is. The assertions on means lean on the central limit theorem, the others are exact
or conservative.
"""

import numpy as np
from scipy import stats

FALSE_FAIL = 1e-6
FALSE_PASS = 1e-3


def assert_rate_at_most(hits: int, trials: int, bound: float) -> None:
    """Fail if `hits` in `trials` refutes "rate <= bound" (exact binomial test)."""
    p_value = stats.binom.sf(hits - 1, trials, bound)
    rate = hits / trials
    assert p_value > FALSE_FAIL, f"rate {rate:.3g} > {bound:.3g}, p = {p_value:.0e}"


def assert_rate_at_least(hits: int, trials: int, bound: float) -> None:
    """Fail if `hits` in `trials` refutes "rate >= bound" (exact binomial test)."""
    p_value = stats.binom.cdf(hits, trials, bound)
    rate = hits / trials
    assert p_value > FALSE_FAIL, f"rate {rate:.3g} < {bound:.3g}, p = {p_value:.0e}"


def assert_rate(hits: int, trials: int, rate: float) -> None:
    """Fail if `hits` in `trials` refutes the rate; false-fail is twice FALSE_FAIL."""
    assert_rate_at_most(hits, trials, rate)
    assert_rate_at_least(hits, trials, rate)


def detectable_rate(trials: int, bound: float) -> float:
    """Return the rate that `assert_rate_at_most` misses with odds FALSE_PASS."""
    allowed = int(stats.binom.isf(FALSE_FAIL, trials, bound))  # most hits that pass
    if allowed >= trials:
        return 1.0
    return float(stats.beta.isf(FALSE_PASS, allowed + 1, trials - allowed))


def assert_law(values, cdf) -> None:
    """Fail if the sample refutes its continuous distribution function `cdf` (KS)."""
    found = stats.ks_1samp(np.ravel(values), cdf)
    gap, p_value = found.statistic, found.pvalue
    assert p_value > FALSE_FAIL, f"distance {gap:.3g} to the law, p = {p_value:.0e}"


def assert_same_law(first, second) -> None:
    """Fail if two samples refute "drawn from one law" (two-sample KS).

    Ties only make it more lenient; the p-value is the asymptotic one.
    """
    found = stats.ks_2samp(np.ravel(first), np.ravel(second), method="asymp")
    gap, p_value = found.statistic, found.pvalue
    assert p_value > FALSE_FAIL, f"distance {gap:.3g} of samples, p = {p_value:.0e}"


def detectable_distance(*sizes: int) -> float:
    """Return the KS distance of laws that the two assertions miss with FALSE_PASS.

    By the Dvoretzky-Kiefer-Wolfowitz inequality for each sample; safe, not sharp.
    """
    allowed = np.sqrt(np.log(2 / FALSE_FAIL) / 2 * sum(1 / n for n in sizes))
    odds = FALSE_PASS / len(sizes)
    return float(allowed + sum(np.sqrt(np.log(2 / odds) / (2 * n)) for n in sizes))


def standard_error(values) -> float:
    """Return the standard error of the mean of independent values."""
    return float(np.std(values, ddof=1) / np.sqrt(len(values)))


def assert_mean_in(values, low: float, high: float) -> None:
    """Fail if independent values refute "low <= mean <= high" (t-test at each end)."""
    centre, error = float(np.mean(values)), standard_error(values)
    reach = stats.t.isf(FALSE_FAIL, len(values) - 1) * error
    assert centre - reach <= high, f"mean {centre:.4g} > {high:.4g}, error {error:.1g}"
    assert centre + reach >= low, f"mean {centre:.4g} < {low:.4g}, error {error:.1g}"


def detectable_shift(values) -> float:
    """Return how far off the band a mean must be, to be missed with FALSE_PASS."""
    size = len(values) - 1
    odds = stats.t.isf(FALSE_FAIL, size) + stats.t.isf(FALSE_PASS, size)
    return float(odds * standard_error(values))
