"""Intervals: they cover as often as they say, and are not wider than they need be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as law

from halfspace import stats, stream
from tests.statistics import (
    assert_rate,
    assert_rate_at_least,
    assert_rate_at_most,
    detectable_rate,
)

confidences = st.floats(0.5, 0.999)


@given(trials=st.integers(1, 60), p=st.floats(0.001, 0.999), confidence=confidences)
def test_the_binomial_interval_covers_exactly_by_enumeration(trials, p, confidence):
    hits = np.arange(trials + 1)
    found = [stats.binomial(int(h), trials, confidence=confidence) for h in hits]
    mass = law.binom.pmf(hits, trials, p)
    above = np.array([p < interval.low for interval in found])
    below = np.array([p > interval.high for interval in found])
    assert mass[above].sum() <= (1 - confidence) / 2 + 1e-12
    assert mass[below].sum() <= (1 - confidence) / 2 + 1e-12
    assert all(one.low <= one.estimate <= one.high for one in found)


@given(trials=st.integers(1, 10**6), data=st.data(), confidence=confidences)
def test_the_ends_of_the_binomial_interval_are_where_the_tails_are(
    trials, data, confidence
):
    """Not over-wide: at each end the tail is exactly half of what is left."""
    hits = data.draw(st.integers(0, trials))
    found = stats.binomial(hits, trials, confidence=confidence)
    assert found.estimate == hits / trials
    tail = (1 - confidence) / 2
    if hits:
        upper = law.binom.sf(hits - 1, trials, found.low)
        np.testing.assert_allclose(upper, tail, rtol=1e-6)
    else:
        assert found.low == 0
    if hits < trials:
        lower = law.binom.cdf(hits, trials, found.high)
        np.testing.assert_allclose(lower, tail, rtol=1e-6)
    else:
        assert found.high == 1


REPEATS = 40_000


@pytest.mark.parametrize("count", [2, 8, 50])
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_the_mean_is_covered_as_often_as_stated(count, confidence, seed):
    """Of normal groups exactly: neither too rarely nor too often."""
    assert detectable_rate(REPEATS, 0.1) < 0.113
    groups = stream(seed, "mean", count).normal(3.0, 2.0, (count, REPEATS))
    centre, low, high = stats.mean(groups, confidence=confidence)
    np.testing.assert_allclose(centre, groups.mean(axis=0))
    assert_rate(int(np.sum(low > 3)), REPEATS, (1 - confidence) / 2)
    assert_rate(int(np.sum(high < 3)), REPEATS, (1 - confidence) / 2)


def test_the_test_of_coverage_can_fail(seed):
    """Negative control: the population's deviation in place of the sample's."""
    groups = stream(seed, "control").normal(size=(8, REPEATS))
    reach = law.t.isf(0.05, 7) * groups.std(axis=0, ddof=0) / np.sqrt(8)
    with pytest.raises(AssertionError, match=r"> 0\.05"):
        assert_rate(int(np.sum(groups.mean(axis=0) > reach)), REPEATS, 0.05)


def test_a_stack_of_means_is_a_loop_over_means(seed):
    groups = stream(seed, "stack").normal(size=(5, 2, 3))
    stacked = stats.mean(groups)
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(
            [part[i] for part in stacked], stats.mean(groups[(slice(None), *i)])
        )


@pytest.mark.parametrize(
    ("statistic", "truth"),
    [
        (lambda m: m[..., 0], 1.0),
        (lambda m: m[..., 0] / m[..., 1], 0.5),
        (lambda m: np.log(m[..., 1]), np.log(2)),
    ],
)
def test_the_bootstrap_covers_and_is_not_over_wide(statistic, truth, seed):
    """A percentile interval of 40 groups is a little short of its confidence.

    Stated .9; seen between .85 and .93, and what is 4% beyond would fail.
    """
    repeats = 1500
    rng = stream(seed, "bootstrap")
    data = rng.gamma(4.0, 0.25, (repeats, 40, 2)) * [1.0, 2.0]
    hits = 0
    for groups in data:
        found = stats.bootstrap(groups, statistic, rng=rng, draws=300, confidence=0.9)
        assert found.estimate == pytest.approx(statistic(groups.mean(axis=0)))
        assert found.low <= found.high
        hits += bool(found.low <= truth <= found.high)
    assert_rate_at_least(hits, repeats, 0.87)
    assert_rate_at_most(hits, repeats, 0.91)


def test_the_bootstrap_is_made_by_its_stream(seed):
    groups = stream(seed, "groups").normal(size=30)
    one, again, other = (
        stats.bootstrap(groups, lambda m: m, rng=stream(seed, name)) for name in "aab"
    )
    assert one == again != other


def test_more_confidence_is_wider():
    groups = np.arange(10.0)
    for narrow, wide in (
        [stats.binomial(3, 10, confidence=c) for c in (0.9, 0.99)],
        [stats.Interval(*stats.mean(groups, confidence=c)) for c in (0.9, 0.99)],
    ):
        assert wide.low < narrow.low < narrow.estimate < narrow.high < wide.high
