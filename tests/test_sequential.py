"""Intervals for every number of trials at once: exact, by going through the tree."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate
from scipy import stats as law

from halfspace import sequential, stats

rates = st.floats(0.001, 0.999)
confidences = st.floats(0.5, 0.999)


def ever(outside, rate):
    """Return P[some (n, hits) with `outside[n, hits]` is met], exactly.

    `outside` has a row for each n from 0 to the horizon; the mass that goes on is
    followed over the number of hits.
    """
    mass, left = np.zeros(outside.shape[1]), 0.0
    mass[0] = 1.0
    for row in outside[1:]:
        mass = mass * (1 - rate) + np.roll(mass, 1) * rate
        left += mass[row].sum()
        mass[row] = 0
    return left


def _grid(horizon):
    n, k = np.ogrid[: horizon + 1, : horizon + 1]
    return n, np.minimum(k, n), k <= n


@pytest.mark.parametrize(
    ("rate", "confidence"), [(0.001, 0.99), (0.3, 0.99), (0.5, 0.9), (0.97, 0.99)]
)
def test_the_rate_ever_leaves_with_the_stated_probability_at_most(rate, confidence):
    """Exact coverage over 1000 trials, and not vacuous: some of the rest is used up."""
    n, k, there = _grid(1000)
    evidence = sequential.log_evidence(k, n, rate)
    left = ever(there & (evidence >= -np.log1p(-confidence)), rate)
    assert left <= 1 - confidence
    assert left >= (1 - confidence) / (30 if rate < 0.01 else 4)


def test_an_interval_for_one_number_of_trials_breaks_its_level_when_looked_at_often():
    """Negative control: Clopper and Pearson's, after each of 300 trials."""
    n, k, there = _grid(300)
    tails = np.minimum(law.binom.sf(k - 1, n, 0.5), law.binom.cdf(k, n, 0.5))
    outside = there & (tails < 0.05)
    for hits in (0, 130, 171, 172):  # as it is in `stats`
        found = stats.binomial(hits, 300, confidence=0.9)
        assert outside[300, hits] == (not found.low <= 0.5 <= found.high)
    assert ever(outside, 0.5) > 0.25
    once = np.zeros_like(outside)
    once[300] = outside[300]
    assert ever(once, 0.5) <= 0.1
    evidence = sequential.log_evidence(k, n, 0.5)
    assert ever(there & (evidence >= np.log(10)), 0.5) <= 0.1


@given(n=st.integers(0, 10**6), share=st.floats(0, 1), rate=rates)
def test_the_evidence_against_the_true_rate_is_a_martingale(n, share, rate):
    hits = round(n * share)
    now = sequential.log_evidence(hits, n, rate)
    later = sequential.log_evidence([hits, hits + 1], n + 1, rate)
    mean = np.log(np.exp(later - now) @ [1 - rate, rate])
    assert abs(mean) < 1e-7
    assert sequential.log_evidence(0, 0, rate) == 0


@given(n=st.integers(0, 30), share=st.floats(0, 1), rate=st.floats(0.05, 0.95))
def test_the_evidence_is_the_mean_likelihood_over_the_one(n, share, rate):
    k = round(n * share)

    def likelihood(angle):  # the rate is sin^2, uniform in the angle: Beta(1/2, 1/2)
        return np.sin(angle) ** (2 * k) * np.cos(angle) ** (2 * (n - k)) * 2 / np.pi

    mean = integrate.quad(likelihood, 0, np.pi / 2, epsabs=0, epsrel=1e-10)[0]
    expected = np.log(mean) - k * np.log(rate) - (n - k) * np.log1p(-rate)
    assert sequential.log_evidence(k, n, rate) == pytest.approx(expected, abs=1e-8)


@given(n=st.integers(1, 10**9), share=st.floats(0, 1), confidence=confidences)
def test_the_ends_are_where_the_evidence_reaches_its_bound(n, share, confidence):
    hits = round(n * share)
    found = sequential.binomial(hits, n, confidence=confidence)
    assert 0 <= found.low <= found.estimate == hits / n <= found.high <= 1
    assert (found.low == 0) == (hits == 0)
    assert (found.high == 1) == (hits == n) or hits > n - 3  # it may round to 1
    bound = -np.log1p(-confidence)
    for end in found[1:]:
        if 0 < end < 1:
            evidence = sequential.log_evidence(hits, n, end)
            assert evidence == pytest.approx(bound, abs=2e-5)


@given(n=st.integers(1, 10**6), share=st.floats(0, 1), confidence=confidences)
def test_hits_and_misses_change_places(n, share, confidence):
    hits = round(n * share)
    one = sequential.binomial(hits, n, confidence=confidence)
    other = sequential.binomial(n - hits, n, confidence=confidence)
    assert one.low == pytest.approx(1 - other.high, abs=1e-12)
    assert one.high == pytest.approx(1 - other.low, abs=1e-12)


@given(n=st.integers(20, 10**6), share=st.floats(0, 1))
def test_it_is_wider_than_the_exact_interval_and_not_by_much(n, share):
    hits = round(n * share)
    wide, exact = sequential.binomial(hits, n), stats.binomial(hits, n)
    assert wide.low <= exact.low + 1e-12
    assert wide.high >= exact.high - 1e-12
    assert wide.high - wide.low < 2.2 * (exact.high - exact.low)


def test_some_intervals_by_hand():
    """No hit in one trial: M = (1/2) / (1 - p) reaches 100 at p = 1 - 1/200."""
    found = sequential.binomial(0, 1)
    assert found == (0, 0, pytest.approx(0.995, rel=1e-12))
    assert sequential.binomial(1, 1).low == pytest.approx(0.005, rel=1e-12)
    # One hit in two: B(3/2, 3/2) / B(1/2, 1/2) = 1/8, so p (1 - p) = 1/800.
    root = (1 - np.sqrt(1 - 4 / 800)) / 2
    assert sequential.binomial(1, 2).low == pytest.approx(root, rel=1e-12)
