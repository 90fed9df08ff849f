"""One noise rate, with clean rows and without."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy.stats import binom

from halfspace import stats
from halfspace.distill.rate import noise_rate, rate_from_holdout
from tests.strategies import frozen

NAN = float("nan")
signs = st.sampled_from([-1.0, 1.0])


@st.composite
def holdouts(draw, max_size=20):
    """Draw (predictions, y)."""
    m, n = draw(st.integers(1, 4)), draw(st.integers(1, max_size))
    predictions = draw(npst.arrays(float, (m, n), elements=signs))
    return frozen(predictions), frozen(draw(npst.arrays(float, n, elements=signs)))


def with_errors(counts, n):
    """Return predictions that err so often on labels that are all +1."""
    wrong = np.arange(n) < np.asarray(counts)[:, None]
    return np.where(wrong, -1.0, 1.0), np.ones(n)


@given(right=npst.arrays(bool, st.integers(1, 50)))
def test_the_noise_rate_is_that_of_the_wrong_answers(right):
    found = noise_rate(right, confidence=0.9)
    assert found.estimate == np.mean(~right)
    assert found.low <= found.estimate <= found.high
    assert found == stats.binomial(int((~right).sum()), right.size, confidence=0.9)
    mirrored = noise_rate(~right, confidence=0.9)
    assert found.low == pytest.approx(1 - mirrored.high, abs=1e-12)


def test_the_noise_rate_of_one_class():
    assert noise_rate([1, 1, 1]).estimate == noise_rate([1, 1, 1]).low == 0
    assert noise_rate([0, 0, 0]).estimate == noise_rate([0, 0, 0]).high == 1
    assert noise_rate([True] * 1000).high < 0.006  # not vacuous: -log(.005)/1000


@given(data=holdouts())
def test_the_candidate_with_the_fewest_errors_is_chosen(data):
    predictions, y = data
    found = rate_from_holdout(predictions, y)
    shares = [float(np.mean(it != y)) for it in predictions]
    assert found.errors.tolist() == shares
    assert found.estimate == min(shares) <= found.upper
    assert found.chosen == shares.index(min(shares))
    assert found.count == y.size
    assert bool(found.warning) == (found.upper >= 0.5)


@given(data=holdouts(), order=st.randoms())
def test_the_order_and_the_sign_of_held_out_rows_do_not_matter(data, order):
    predictions, y = data
    p = list(range(y.size))
    order.shuffle(p)
    first = rate_from_holdout(predictions, y)
    for other in (
        rate_from_holdout(predictions[:, p], y[p]),
        rate_from_holdout(-predictions, -y),
    ):
        assert (other.chosen, other.upper) == (first.chosen, first.upper)
        np.testing.assert_array_equal(other.errors, first.errors)


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("confidence", [0.9, 0.99])
def test_the_upper_bound_is_the_exact_binomial_one_over_all_candidates(m, confidence):
    """At the bound, so few errors have a chance of 1 - confidence over m."""
    n = 30
    for errors in (0, 1, 7, 29):
        found = rate_from_holdout(*with_errors([errors] * m, n), confidence=confidence)
        chance = binom.cdf(errors, n, found.upper)
        assert chance == pytest.approx((1 - confidence) / m, rel=1e-9)
    assert rate_from_holdout(*with_errors([n] * m, n)).upper == 1


def coverage(truth, n, m, confidence):
    """Return P[upper < truth] of m independent candidates whose error is the truth."""
    short = [
        rate_from_holdout(*with_errors([e] * m, n), confidence=confidence).upper < truth
        for e in range(n + 1)
    ]
    below = float(binom.pmf(np.arange(n + 1), n, truth) @ short)
    return 1 - (1 - below) ** m


@pytest.mark.parametrize("m", [1, 4])
def test_the_upper_bound_is_too_low_with_the_odds_it_states_at_most(m):
    """Claim D5, lower bound of its coverage, by enumeration."""
    odds = [coverage(truth, 20, m, 0.9) for truth in np.linspace(0.02, 0.48, 24)]
    assert max(odds) <= 0.1
    assert max(odds) > 0.05  # not vacuous: a bound of 1 would pass


def test_the_test_of_the_upper_bound_can_fail():
    """Negative control: the bound of one candidate does not cover the best of four."""
    one = [
        rate_from_holdout(*with_errors([e], 20), confidence=0.9).upper
        for e in range(21)
    ]
    worst = 0.0
    for truth in np.linspace(0.02, 0.48, 24):
        below = binom.pmf(np.arange(21), 20, truth) @ (np.array(one) < truth)
        worst = max(worst, 1 - (1 - below) ** 4)
    assert worst > 0.2


@given(
    h=npst.arrays(float, 4, elements=signs),
    s=npst.arrays(float, 4, elements=signs),
    rate=st.floats(0, 0.5),
)
def test_the_noisy_error_is_biased_by_the_clean_error_alone(h, s, rate):
    """By enumeration: eta + (1 - 2 eta) err, which is at least eta."""
    mean = 0.0
    for flips in product([1.0, -1.0], repeat=4):
        flipped = flips.count(-1.0)
        chance = rate**flipped * (1 - rate) ** (4 - flipped)
        mean += chance * rate_from_holdout([h], s * np.array(flips)).estimate
    assert mean == pytest.approx(rate + (1 - 2 * rate) * np.mean(h != s), abs=1e-12)
    assert mean >= rate - 1e-12


def test_pure_noise_is_warned_of():
    good = rate_from_holdout(*with_errors([300, 400], 1000))
    assert (good.chosen, good.estimate, good.warning) == (0, 0.3, "")
    bad = rate_from_holdout(*with_errors([490, 480], 1000))
    assert bad.chosen == 1
    assert "not below 1/2" in bad.warning
    assert "1000 rows" in bad.warning


ONES = np.ones((2, 3))


@pytest.mark.parametrize(
    ("name", "predictions", "y"),
    [
        *(
            ("predictions", p, ONES[0])
            for p in ([], ONES[0], [ONES], ONES * 2, 0 * ONES)
        ),
        *(("predictions", p, ONES[0]) for p in (None, "ab", ONES * NAN, [[1], [1, 1]])),
        *(("y", ONES, y) for y in ([], [1, 1], ONES, [1, 1, 0], [1, 1, NAN], None)),
    ],
)
def test_bad_predictions_are_refused_by_name(name, predictions, y):
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got "):
        rate_from_holdout(predictions, y)


@pytest.mark.parametrize("right", [[], [0, 2], [NAN], [[1]], 1, None, "a", [0.5]])
def test_bad_answers_have_no_noise_rate(right):
    with pytest.raises((ValueError, TypeError), match=r"^`right` must .*, got "):
        noise_rate(right)


@pytest.mark.parametrize("confidence", [0, 1, -1, NAN, None, True, "0.9", [0.9]])
def test_bad_confidences_are_refused(confidence):
    for call in (
        lambda: noise_rate([1, 0], confidence=confidence),
        lambda: rate_from_holdout(ONES, ONES[0], confidence=confidence),
    ):
        with pytest.raises(
            (ValueError, TypeError), match=r"^`confidence` must .*, got"
        ):
            call()
