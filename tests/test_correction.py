"""Two classes: forward, mixing, matched and backward, as exact identities."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from halfspace.correction import (
    binary_backward,
    binary_forward,
    binary_matched,
    binary_mixing,
)
from halfspace.losses import LOSSES
from halfspace.rules import RULES
from tests.strategies import frozen, rates

margins = st.floats(-30, 30)
#: Binary fractions, so that 1 - alpha is exact.
accuracies = st.integers(0, 1024).filter(lambda i: i != 512).map(lambda i: i / 1024)
each = pytest.mark.parametrize(
    ("corrected", "told"),
    [
        (binary_forward, rates),
        (binary_mixing, accuracies),
        (binary_matched, accuracies),
        (binary_backward, rates),
    ],
)


def noisy(corrected, z, rate):
    """Return mean and variance of the slope in s t over labels y of the truth s."""
    right, wrong = corrected(z, rate).slope, -corrected(-z, rate).slope
    mean = (1 - rate) * right + rate * wrong
    return mean, (1 - rate) * (right - mean) ** 2 + rate * (wrong - mean) ** 2


# function, z, rate or accuracy, value, slope: worked by hand; sigma(log 3) = 3/4
LOG2, LOG3 = float(np.log(2)), float(np.log(3))
BY_HAND = [
    (binary_forward, 0.0, 0.25, LOG2, -0.25),
    (binary_forward, LOG3, 0.25, np.log(8 / 5), -0.15),
    (binary_forward, -LOG3, 0.25, np.log(8 / 3), -0.25),
    (binary_mixing, LOG3, 0.75, np.log(8 / 5), -0.15),
    (binary_mixing, LOG3, 0.25, np.log(8 / 3), 0.25),
    (binary_matched, 0.0, 0.75, LOG2 / 2, -0.5),
    (binary_matched, LOG3, 0.75, 0.75 * np.log(4 / 3) - 0.25 * np.log(4), -0.375),
    (binary_backward, 0.0, 0.25, LOG2, -1.0),
    (binary_backward, LOG3, 0.25, 1.5 * np.log(4 / 3) - 0.5 * np.log(4), -0.75),
]


@pytest.mark.parametrize(("corrected", "z", "told", "value", "slope"), BY_HAND)
def test_a_corrected_loss_is_what_hand_work_gives(corrected, z, told, value, slope):
    np.testing.assert_allclose(corrected(z, told), (value, slope), rtol=1e-13)


@each
@given(data=st.data(), z=margins)
def test_a_slope_is_the_slope_of_its_value(corrected, told, data, z):
    told = data.draw(told)
    after, before = (corrected(z + h, told).value for h in (1e-5, -1e-5))
    slope = corrected(z, told).slope
    scale = 1 + abs(corrected(z, told).value)
    np.testing.assert_allclose(
        slope, (after - before) / 2e-5, rtol=1e-6, atol=1e-9 * scale
    )


@given(z=margins, rate=rates)
def test_forward_is_the_clean_slope_times_a_positive_weight(z, rate):
    """Claim B1, equality: beta^2 p (1-p) / (m (1-m)), m the mixed prediction."""
    p, rest, beta = special.expit(z), special.expit(-z), 1 - 2 * rate
    weight = beta**2 * p * rest / ((beta * p + rate) * (beta * rest + rate))
    mean, _ = noisy(binary_forward, z, rate)
    np.testing.assert_allclose(mean, -weight * rest, rtol=1e-6, atol=1e-12)


@given(z=margins, rate=st.floats(1e-6, 0.49))
def test_forward_clips_itself(z, rate):
    """Claim B2, equality: at sigma(z) / sigma(-z) = sqrt(eta / (1 - eta))."""
    right, wrong = np.sqrt(1 - rate), np.sqrt(rate)
    largest = (right - wrong) / (right + wrong)
    at = np.log(rate / (1 - rate)) / 2
    np.testing.assert_allclose(-binary_forward(at, rate).slope, largest, rtol=1e-10)
    assert abs(binary_forward(z, rate).slope) <= largest * (1 + 1e-12)


@pytest.mark.parametrize("loss", sorted(LOSSES))
@given(z=margins, rate=rates)
def test_backward_is_unbiased_exactly(loss, z, rate):
    """Claim B3, equality: value and slope of every loss, at each truth."""
    right, wrong = (binary_backward(side, rate, loss=loss) for side in (z, -z))
    clean = LOSSES[loss](z)
    scale = 1e-12 * (1 + abs(right.value) + abs(wrong.value))
    value = (1 - rate) * right.value + rate * wrong.value
    np.testing.assert_allclose(value, clean.value, rtol=1e-10, atol=scale)
    slope = (1 - rate) * right.slope - rate * wrong.slope
    np.testing.assert_allclose(slope, clean.slope, rtol=1e-10, atol=100 * scale)


@given(z=margins, rate=rates)
def test_backward_pays_at_every_margin_and_forward_only_in_doubt(z, rate):
    """Claim B4, equality: both variances of the slope."""
    beta, p, rest = 1 - 2 * rate, special.expit(z), special.expit(-z)
    _, backward = noisy(binary_backward, z, rate)
    np.testing.assert_allclose(backward, rate * (1 - rate) / beta**2, rtol=1e-9)
    weight = beta * p * rest / ((beta * p + rate) * (beta * rest + rate))
    _, forward = noisy(binary_forward, z, rate)
    expected = rate * (1 - rate) * weight**2
    np.testing.assert_allclose(forward, expected, rtol=1e-6, atol=1e-15)


@given(z=margins, rate=rates)
def test_matched_is_beta_times_backward(z, rate):
    """Claim B7, equality: value and slope, at a constant rate."""
    backward = binary_backward(z, rate)
    found = binary_matched(z, 1 - rate)
    beta = 1 - 2 * rate
    np.testing.assert_allclose(found.value, beta * backward.value, atol=1e-13)
    np.testing.assert_allclose(found.slope, beta * backward.slope, atol=1e-14)


@given(z=margins, accuracy=accuracies)
def test_matched_is_mixing_without_the_factor_of_the_link(z, accuracy):
    """Claim B7, equality: the slopes' ratio is beta p (1-p) / (m (1-m)), any alpha."""
    p, rest, beta = special.expit(z), special.expit(-z), 2 * accuracy - 1
    m, other = accuracy * p + (1 - accuracy) * rest, beta * rest + 1 - accuracy
    factor = beta * p * rest
    found = binary_mixing(z, accuracy).slope * m * other
    expected = factor * binary_matched(z, accuracy).slope
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-13)


@given(t=margins, y=st.sampled_from([-1.0, 1.0]), rate=rates)
def test_label_times_slope_is_the_coefficient_of_the_rule(t, y, rate):
    t, y = np.array(t), np.array(y)
    for rule, found in (
        ("forward", binary_forward(y * t, rate)),
        ("backward", binary_backward(y * t, rate)),
        ("slam_sigmoid", binary_matched(y * t, 1 - rate)),
    ):
        expected = RULES[rule].coefficient(t, y, rate, 0.5)
        np.testing.assert_allclose(y * found.slope, expected, rtol=1e-11, atol=1e-14)


@given(z=margins)
def test_without_noise_every_correction_is_the_logistic_loss(z):
    clean = LOSSES["logistic"](z)
    for found in (
        *(binary_forward(z, 0.0), binary_backward(z, 0.0)),
        *(binary_mixing(z, 1.0), binary_matched(z, 1.0)),
    ):
        np.testing.assert_allclose(found, clean, rtol=1e-13)


@given(z=margins, accuracy=accuracies)
def test_a_teacher_who_lies_is_one_who_is_right_of_the_other_class(z, accuracy):
    found, mirror = binary_mixing(z, accuracy), binary_mixing(-z, 1 - accuracy)
    np.testing.assert_allclose(found.value, mirror.value, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.slope, -mirror.slope, rtol=1e-9, atol=1e-300)


def test_a_loss_is_right_at_any_margin():
    """Against 60 digits, at margins to +-1000 and accuracies to 0 and 1."""
    for precision, rtol in (("float32", 2e-6), ("float64", 1e-13)):
        for z in (-1000.0, -90.0, -1.0, 0.0, 5.0, 90.0, 1000.0):
            for alpha in (0.0, 1e-6, 0.3, 0.7, 1 - 1e-12, 1.0):
                with mp.workdps(60):
                    p = 1 / (1 + mp.exp(-mp.mpf(z)))
                    rest = 1 / (1 + mp.exp(mp.mpf(z)))
                    a = mp.mpf(alpha)
                    m = a * p + (1 - a) * rest
                    expected = -mp.log(m), -(2 * a - 1) * p * rest / m
                found = binary_mixing(np.array(z, precision), alpha)
                assert found.value.dtype == found.slope.dtype == precision
                want = [float(v) for v in expected]
                small = 1e-38 if precision == "float32" else 1e-300
                np.testing.assert_allclose(found.slope, want[1], rtol, small)
                np.testing.assert_allclose(found.value, want[0], rtol, 3e-16)


@each
@given(data=st.data())
def test_a_stack_is_a_loop(corrected, told, data):
    z = frozen(np.reshape(data.draw(st.lists(margins, min_size=6, max_size=6)), (2, 3)))
    told = frozen(data.draw(st.lists(told, min_size=3, max_size=3)))
    found = corrected(z, told)
    for i in np.ndindex(2, 3):
        expected = corrected(z[i], told[i[1]])
        np.testing.assert_allclose([found.value[i], found.slope[i]], expected, 1e-12)


@each
@pytest.mark.parametrize("bad", [1.5, -0.1, np.nan, None, "a", True, [0.1, 0.2], []])
def test_bad_rates_are_refused_in_one_line(corrected, told, bad):
    pattern = r"^`(rate|accuracy)` must .*, got [^\n]+$"
    with pytest.raises((ValueError, TypeError), match=pattern):
        corrected([0.0, 1.0, 2.0], bad)


@pytest.mark.parametrize("corrected", [binary_forward, binary_backward])
def test_a_rate_of_one_half_is_refused(corrected):
    with pytest.raises(ValueError, match=r"`rate` must be in \[0, 0.5\), got 0.5"):
        corrected(0.0, 0.5)


def test_an_accuracy_of_one_half_is_not_identifiable():
    pattern = r"^`accuracy` must .*not identifiable.*, got 0.5 at index \(1,\)$"
    with pytest.raises(ValueError, match=pattern):
        binary_mixing([0.0, 1.0], [0.7, 0.5])


@each
@pytest.mark.parametrize("bad", [np.nan, [np.inf], [], None, "a", True])
def test_bad_margins_are_refused_in_one_line(corrected, told, bad):
    with pytest.raises((ValueError, TypeError), match=r"^`z` must .*, got [^\n]+$"):
        corrected(bad, 0.2)


def test_a_loss_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match=r"`loss` must be one of .*Did you mean"):
        binary_backward(0.0, 0.2, loss="logistc")
