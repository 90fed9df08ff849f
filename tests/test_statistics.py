"""The assertions that judge samples are judged themselves."""

import numpy as np
import pytest
from scipy import stats

from halfspace import stream
from tests.statistics import (
    FALSE_FAIL,
    FALSE_PASS,
    assert_law,
    assert_mean_in,
    assert_rate,
    assert_rate_at_least,
    assert_rate_at_most,
    assert_same_law,
    detectable_distance,
    detectable_rate,
    detectable_shift,
)


def passes(assertion, *args):
    """Say whether the assertion passes."""
    try:
        assertion(*args)
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize("trials", [100, 2000])
@pytest.mark.parametrize("bound", [0.05, 0.5])
def test_the_rates_of_a_rate_assertion_are_as_stated(trials, bound):
    """By enumeration: nothing is sampled."""
    hits = np.arange(trials + 1)
    most = np.array([passes(assert_rate_at_most, int(h), trials, bound) for h in hits])
    least = np.array(
        [passes(assert_rate_at_least, int(h), trials, bound) for h in hits]
    )
    law = stats.binom.pmf(hits, trials, bound)
    assert 0 < law[~most].sum() <= FALSE_FAIL
    assert 0 <= law[~least].sum() <= FALSE_FAIL
    seen = stats.binom.pmf(hits, trials, detectable_rate(trials, bound))
    assert seen[most].sum() == pytest.approx(FALSE_PASS)


def test_the_detectable_rates_are_those_of_the_style_guide():
    table = [detectable_rate(n, 0.05) for n in (100, 400, 2000, 10_000)]
    np.testing.assert_allclose(table, [0.32, 0.17, 0.094, 0.068], rtol=0.03)
    assert detectable_rate(1, 0.5) == 1.0


def test_a_rate_is_judged_from_both_sides():
    assert_rate(500, 1000, 0.5)
    with pytest.raises(AssertionError, match=r"rate 0\.6 > 0\.5"):
        assert_rate(600, 1000, 0.5)
    with pytest.raises(AssertionError, match=r"rate 0\.4 < 0\.5"):
        assert_rate(400, 1000, 0.5)


def test_one_law_passes_and_the_detectable_distance_fails(seed):
    """Uniform laws on [0, 1] and on [gap, 1 + gap] are `gap` apart."""
    sizes = (2000, 3000)
    gap = detectable_distance(*sizes)
    first, second = (
        stream(seed, "law", i).random(n) for i, n in enumerate(sizes, start=1)
    )
    assert_same_law(first, second)
    assert_law(first, stats.uniform.cdf)
    with pytest.raises(AssertionError, match="distance"):
        assert_same_law(first, second + gap)
    with pytest.raises(AssertionError, match="distance"):
        assert_law(first + detectable_distance(sizes[0]), stats.uniform.cdf)


def test_a_law_is_refuted_as_rarely_as_stated(seed):
    """At 1% in place of FALSE_FAIL, seen in 2000 repeats; ties included."""
    rng = stream(seed, "repeats")
    values = rng.random((2000, 2, 200))
    for data in (values, np.floor(10 * values)):
        found = [stats.ks_2samp(*pair, method="asymp").pvalue < 0.01 for pair in data]
        assert_rate_at_most(sum(found), 2000, 0.01)


def test_a_mean_is_judged_from_both_sides(seed):
    values = stream(seed, "mean").normal(size=1000)
    assert_mean_in(values, 0, 0)
    shift = detectable_shift(values)
    assert shift < 0.26
    with pytest.raises(AssertionError, match="> 0"):
        assert_mean_in(values + shift, -1, 0)
    with pytest.raises(AssertionError, match="< 0"):
        assert_mean_in(values - shift, 0, 1)
