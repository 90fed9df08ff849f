"""Rules: every one in the table inherits these tests."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RULES, Learner
from halfspace.rules import sign
from tests import strategies

each_rule = pytest.mark.parametrize("rule", sorted(RULES))
logits = st.floats(-50, 50).filter(lambda t: t != 0)
LABELS = np.array([1.0, -1.0])

# rule, t, y, rate, c: worked by hand
BY_HAND = [
    ("perceptron", 2.0, 1.0, 0.3, 0.0),
    ("perceptron", 2.0, -1.0, 0.3, 1.0),
    ("perceptron", -2.0, 1.0, 0.3, -1.0),
    ("perceptron", 0.0, 1.0, 0.3, -1.0),
    ("perceptron", 0.0, -1.0, 0.3, 1.0),
    ("slam", 2.0, 1.0, 0.25, -0.5),
    ("slam", 2.0, -1.0, 0.25, 1.5),
    ("slam", -2.0, 1.0, 0.25, -1.5),
    ("slam", -2.0, -1.0, 0.25, 0.5),
    ("slam", 0.0, 1.0, 0.25, -0.5),
    ("slam", -0.0, 1.0, 0.25, -0.5),
    ("slam", -0.0, -1.0, 0.25, 1.5),
    ("slam_sigmoid", 0.0, 1.0, 0.25, -0.5),
    ("slam_sigmoid", 0.0, -1.0, 0.25, 0.5),
    ("slam_sigmoid", np.log(3), 1.0, 0.25, -0.375),  # sigma = 3/4, m = 5/8
    ("slam_sigmoid", -np.log(3), 1.0, 0.25, -0.625),
    ("slam_sigmoid", 800.0, -1.0, 0.125, 0.875),
]


@pytest.mark.parametrize(("rule", "t", "y", "rate", "expected"), BY_HAND)
def test_a_coefficient_is_what_hand_work_gives(rule, t, y, rate, expected):
    found = Learner(rule=rule, rate=rate).coefficient(np.array(t), np.array(y))
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


def test_every_rule_is_worked_by_hand():
    assert {row[0] for row in BY_HAND} == set(RULES)


@each_rule
@given(t=logits, y=st.sampled_from([-1.0, 1.0]), rate=strategies.rates)
def test_a_rule_is_odd(rule, t, y, rate):
    learner = Learner(rule=rule, rate=rate)
    found = learner.coefficient(np.array(-t), np.array(-y))
    expected = -learner.coefficient(np.array(t), np.array(y))
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@each_rule
@given(t=logits, rate=strategies.rates)
def test_a_rule_pushes_towards_the_label(rule, t, rate):
    """Not vacuous: label +1 never pushes down, and a mistake is never ignored."""
    down, up = Learner(rule=rule, rate=rate).coefficient(np.full(2, t), LABELS)
    assert down <= 0 <= up
    assert up if t > 0 else down


@each_rule
@given(t=strategies.st.lists(st.floats(-9, 9), min_size=6, max_size=6))
def test_a_rule_acts_on_each_element(rule, t):
    learner = Learner(rule=rule, rate=0.2)
    t, y = np.reshape(t, (2, 3)), np.resize(LABELS, (2, 3))
    found = learner.coefficient(t, y)
    assert found.shape == (2, 3)
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(found[i], learner.coefficient(t[i], y[i]))


@given(t=logits, rate=strategies.rates)
def test_slam_expects_nothing_more_where_it_is_right(t, rate):
    """E[c | x] = 2 beta 1[wrong] sign(t): what the proof of A1 starts from."""
    c = Learner(rate=rate).coefficient(np.full(2, t), np.sign(t) * LABELS)
    right = (1 - rate) * c[0] + rate * c[1]
    wrong = rate * c[0] + (1 - rate) * c[1]
    assert abs(right) < 1e-12
    np.testing.assert_allclose(wrong, 2 * (1 - 2 * rate) * np.sign(t), atol=1e-12)


@given(t=logits, y=st.sampled_from([-1.0, 1.0]))
def test_without_noise_slam_is_twice_the_perceptron(t, y):
    slam, perceptron = (
        Learner(rule=rule).coefficient(np.array(t), np.array(y))
        for rule in ("slam", "perceptron")
    )
    np.testing.assert_array_equal(slam, 2 * perceptron)


@given(
    t=logits.filter(lambda t: abs(t) > 1e-3),
    y=st.sampled_from([-1.0, 1.0]),
    rate=strategies.rates,
)
def test_slam_is_the_slope_of_the_leaky_loss(t, y, rate):
    """Twice (1 - eta) max(-yt, 0) - eta max(yt, 0), by a central difference."""

    def loss(t):
        return 2 * ((1 - rate) * max(-y * t, 0) - rate * max(y * t, 0))

    slope = (loss(t + 1e-4) - loss(t - 1e-4)) / 2e-4
    found = Learner(rate=rate).coefficient(np.array(t), np.array(y))
    np.testing.assert_allclose(found, slope, atol=1e-9)


@pytest.mark.parametrize("t", [-1000.0, -40.0, -1e-9, 0.3, 40.0, 1000.0])
@pytest.mark.parametrize("y", [-1.0, 1.0])
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.4])
def test_the_sigmoid_link_is_right_at_any_logit(t, y, rate):
    with mp.workdps(50):
        eta = mp.mpf(rate)
        m = (1 - 2 * eta) / (1 + mp.exp(-t)) + eta
        expected = float(m - mp.mpf(y + 1) / 2)
    found = Learner(rule="slam_sigmoid", rate=rate).coefficient(
        np.array(t), np.array(y)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


def test_the_sign_of_nothing_is_plus():
    assert sign([0.0, -0.0, 0, -1e-300, 1e-300]).tolist() == [1, 1, 1, -1, 1]
    assert sign(-0.0) == 1


@given(square=st.floats(0, 1e6), radius=st.floats(1e-3, 1e3))
def test_shrinking_ends_in_the_ball_and_leaves_it_alone(square, radius):
    factor = Learner(radius=radius).shrink(np.array(square))
    assert factor * np.sqrt(square) <= radius * (1 + 1e-12)
    if square <= radius**2:
        np.testing.assert_allclose(factor, 1, rtol=1e-12)
    else:
        np.testing.assert_allclose(factor * np.sqrt(square), radius)


def test_a_learner_is_fixed_once_made():
    learner = Learner(rate=0.1)
    with pytest.raises(AttributeError):
        learner.rate = 0.2
    with pytest.raises(TypeError):
        RULES["mine"] = RULES["slam"]
