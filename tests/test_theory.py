"""What is predicted: hand-worked numbers, inverse pairs, limits and special cases."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, stats

from halfspace import theory
from halfspace.theory import adjustment, estimation, landscape, mixing
from tests import strategies
from tests.strategies import errors, margins, rates

steps = st.floats(1, 1e15)
confidences = st.floats(0, 0.999)

# function, arguments, value: worked by hand from the statements in paper_repro.md
BY_HAND = [
    (theory.noise_factor, (0.0,), 0.0),
    (theory.noise_factor, (0.1,), 9 / 64),
    (theory.noise_factor, (0.25,), 3 / 4),
    (theory.noise_factor, (0.4,), 6.0),
    (theory.average_error, (100, 0.1, 0.0), 1.0),
    (theory.average_error, (2000, 0.1, 0.25), (1 + 61**0.5) / 40),
    (theory.average_error, (3, 1.0, 0.4), (1 + 73**0.5) / 6),
    (theory.sample_size, (0.5, 0.5, 0.0), 8.0),
    (theory.sample_size, (0.01, 0.1, 0.1), 10_000 + 9e6 / 64),
    (theory.sample_size, (0.1, 0.2, 0.25), 250 + 1875),
    (theory.mistake_bound, (0.05,), 400.0),
    (theory.error_exponent, (0.25, 0.25), -1.75),
    (theory.error_exponent, (0.3, 0.0), -1.0),
    (theory.tightness, (0.3,), 0.91),
    (theory.high_dimension_error, (800, 0.1), 0.3 / (16 * np.pi**0.5)),
    (theory.average_excess_risk, (2000, 0.1, 0.25), (1 + 21**0.5) / 40),
    (theory.excess_sample_size, (0.1, 0.5, 0.16), 40 + 64),
    (theory.hitting_size, (0.1, 0.5, 0.25, 0.9), 400 + 0.75 * 4e4),
    (theory.hitting_size, (0.2, 0.5, 0.0), 2000.0),  # 99% unless told otherwise
    (theory.holdout_size, (0.1, 0.0, 1, 0.98), 200 * np.log(100)),
    (theory.holdout_size, (0.1, 0.25, 5), 800 * np.log(1000)),
    (adjustment.forward_weight, (0.0, 0.25), 0.25),
    (adjustment.forward_weight, (np.log(3), 0.25), 0.75 / (0.75 + 3)),
    (adjustment.forward_weight, (900.0, 0.1), 0.0),
    (adjustment.forward_weight, (900.0, 0.0), 1.0),
    (adjustment.largest_forward_slope, (0.1,), 0.5),
    (adjustment.largest_forward_slope, (0.0,), 1.0),
    (adjustment.forward_variance, (0.0, 0.25), 3 / 64),
    (adjustment.forward_variance, (2.0, 0.0), 0.0),
    (landscape.forward_drift, (0.0, 0.25), 1 / 8),
    (landscape.forward_drift, (np.log(3), 0.25), 1 / 20),
    (landscape.least_progress, (np.log(3), 0.1, 0.25), 1 / 200),
    (landscape.escape_steps, (0.0, 0.5, 0.25), 0.0),
    (landscape.escape_steps, (np.log(4), 0.5, 0.25, 2.0), 6.5 * np.log(2) + 5.3125),
    (landscape.far_average_error, (2000, 0.1, 0.25, 10.0), (3 + 69**0.5) / 40),
    (landscape.stall_ratio, ([0.0, 0.25], [0.6, -0.8]), 3.2),
    (mixing.mixed_optimum, (0.7, 0.9), 0.75),
    (mixing.mixed_optimum, (0.5, 0.75, 3), 0.6),
    (mixing.truth_is_optimal, (0.34, 3, 9), True),
    (estimation.step_error, ([2, 1, 3], [0.5, 1.0, 0.8]), (3 / 8 + 0.16 * 11 / 6) / 6),
    (estimation.step_error, ([4], [0.1]), 0.09 * 25 / 48),
    (
        estimation.smooth_error,
        (1000, [0.5, 0.9], [1.0, 0.5]),
        0.26355964 * (1 + 0.18 ** (2 / 3)) / 200 + 0.34 * np.log(1000) / 3000,
    ),
    (
        estimation.size_mismatch,
        (8, 0.2, [1.0, 8.0]),
        0.41273655 * 0.08 ** (1 / 3) * 1.25,
    ),
    (estimation.plug_in_excess, (2000, 0.1, 0.25, 0.0, 0.0), (1 + 21**0.5) / 40),
    (estimation.plug_in_excess, (2000, 0.1, 0.1, 0.01, 0.05), 0.2 + (1 + 29**0.5) / 40),
    (theory.perspectron_progress, (0.35, 0.2), 0.3),
    (theory.perspectron_progress, (0.0, 0.25), -0.5),
    (theory.projected_excess_risk, (400, 0.5, 0.2), 0.08),
    (theory.tightness, (0.3,), 0.91),
    (theory.high_dimension_error, (3, 0.0), 0.0),
    (theory.sigmoid_average_error, (100, 0.5, 0.25, np.inf), None),
    (theory.sigmoid_average_error, (400, 0.5, 0.25, 1e300), 0.4),
    (theory.sigmoid_average_error, (10_000, 0.1, 0.0, 0.5569290855 / 3), 0.4),
]


@pytest.mark.parametrize(("function", "arguments", "expected"), BY_HAND)
def test_a_prediction_is_what_hand_work_gives(function, arguments, expected):
    if expected is None:
        with pytest.raises(ValueError, match="`step`"):
            function(*arguments)
    else:
        np.testing.assert_allclose(function(*arguments), expected, rtol=1e-9)


def test_every_function_is_worked_by_hand():
    public = {getattr(theory, name) for name in theory.__all__ if name.islower()}
    public |= {
        getattr(module, name)
        for module in (adjustment, estimation, landscape, mixing)
        for name in module.__all__
        if name.islower()
    }
    assert {row[0] for row in BY_HAND} == public


def test_the_margin_exponent_is_minus_two():
    small, large = theory.sample_size(0.1, [0.01, 0.1], 0.2)
    assert np.log10(large / small) == pytest.approx(theory.MARGIN_EXPONENT)


@given(error=errors, margin=margins, rate=rates)
def test_error_and_sample_size_are_inverse(error, margin, rate):
    size = theory.sample_size(error, margin, rate)
    np.testing.assert_allclose(theory.average_error(size, margin, rate), error)


@given(excess=errors, margin=margins, variance=st.floats(0, 0.25))
def test_excess_risk_and_sample_size_are_inverse(excess, margin, variance):
    size = theory.excess_sample_size(excess, margin, variance)
    found = theory.average_excess_risk(size, margin, variance)
    np.testing.assert_allclose(found, excess)


@given(size=steps, margin=margins)
def test_without_noise_the_bound_is_the_mistake_bound(size, margin):
    bound = theory.mistake_bound(margin)
    found = theory.average_error(size, margin, 0.0)
    np.testing.assert_allclose(found * size, bound)
    np.testing.assert_allclose(theory.average_excess_risk(size, margin, 0.0), found)


@given(size=steps, margin=margins, rate=rates)
def test_the_bound_solves_the_quadratic_of_its_proof(size, margin, rate):
    """(2 beta gamma M)^2 = (1 - beta^2) T + 4 beta^2 M."""
    beta, m = 1 - 2 * rate, theory.average_error(size, margin, rate) * size
    found = 4 * rate * (1 - rate) * size + 4 * beta**2 * m
    np.testing.assert_allclose((2 * beta * margin * m) ** 2, found, rtol=1e-7)


@given(size=steps, margin=margins, rate=rates, more=st.floats(1.01, 10))
def test_more_samples_margin_or_accuracy_help(size, margin, rate, more):
    for bound in (theory.average_error, theory.sigmoid_average_error):
        here = bound(size, margin, rate)
        assert bound(more * size, margin, rate) < here
        assert bound(size, min(1, more * margin), rate) <= here
        assert bound(size, margin, rate / more) <= here
    here = theory.sigmoid_average_error(size, margin, rate, 1.0)
    assert theory.sigmoid_average_error(size, margin, rate, more) < here


@given(error=st.floats(1e-6, 0.99), rate=rates, margin=margins)
def test_the_error_exponent_is_the_slope_of_the_sample_size(error, rate, margin):
    """Claim A3, rate: a central difference in log-log."""
    h = 1e-5
    up, down = (
        np.log(theory.sample_size(error * np.exp(x), margin, rate)) for x in (-h, h)
    )
    found = theory.error_exponent(error, rate)
    np.testing.assert_allclose(found, (down - up) / (2 * h), rtol=1e-6)
    assert -2 <= found <= -1


@given(error=errors, margin=margins, rate=rates, confidence=confidences)
def test_hitting_takes_no_longer_than_stated(error, margin, rate, confidence):
    """By Markov's inequality; and never more than N / (1 - confidence)^2."""
    size = theory.hitting_size(error, margin, rate, confidence)
    expected = theory.average_error(size, margin, rate) / error
    np.testing.assert_allclose(expected, 1 - confidence, rtol=1e-6)
    most = theory.sample_size(error, margin, rate) / (1 - confidence) ** 2
    assert size <= most * (1 + 1e-9)


@given(best=st.floats(0, 0.3), error=st.floats(0.05, 0.5), rate=st.floats(0, 0.4))
def test_the_hold_out_is_enough_by_exact_tails(best, error, rate):
    """Claim A9, upper bound: both candidates must be off by half of the excess."""
    count, confidence = 2, 0.95
    size = int(np.ceil(theory.holdout_size(error, rate, count, confidence)))
    noisy = [rate + (1 - 2 * rate) * e for e in (best, min(1, best + error))]
    middle = size * (noisy[0] + noisy[1]) / 2
    fail = stats.binom.sf(middle - 1, size, noisy[0]) + stats.binom.cdf(
        middle, size, noisy[1]
    )
    assert fail <= 1 - confidence


def test_a_fifth_of_the_hold_out_would_not_be_enough():
    """Negative control: Hoeffding is safe, but not by a factor of five."""
    size, noisy = int(theory.holdout_size(0.1, 0.2, 2, 0.95) / 8), (0.44, 0.5)
    middle = size * np.mean(noisy)
    assert stats.binom.sf(middle, size, noisy[0]) > 0.05


def test_the_cost_of_the_sigmoid_is_the_largest_it_pays():
    """Claim A10: the constant of the bound is the maximum of z / (1 + e^z)."""
    found = optimize.minimize_scalar(
        lambda z: -z / (1 + np.exp(z)), bracket=(0, 1, 4), tol=1e-12
    )
    np.testing.assert_allclose(theory.SIGMOID_COST, -found.fun, rtol=1e-12)


@given(
    arguments=st.tuples(margins, rates, errors, st.floats(1, 1e9)),
    shape=strategies.shapes,
)
def test_predictions_broadcast(arguments, shape):
    margin, rate, error, size = arguments
    full = np.full(shape, margin)[..., None]
    rate_axis = np.array([rate, rate / 2])
    calls = {
        lambda m, r: theory.average_error(size, m, r),
        lambda m, r: theory.sample_size(error, m, r),
        lambda m, r: theory.hitting_size(error, m, r),
        lambda m, r: theory.sigmoid_average_error(size, m, r),
        lambda m, r: theory.holdout_size(error, r, 1 / m),
        lambda m, r: theory.average_excess_risk(size, m, r / 2),
        lambda m, r: theory.excess_sample_size(error, m, r / 2),
    }
    for call in calls:
        found = call(full, rate_axis)
        assert found.shape == (*shape, 2)
        np.testing.assert_allclose(found[..., 1], call(margin, rate / 2), rtol=1e-12)
