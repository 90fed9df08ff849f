"""Rules: every one in the table inherits these tests."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from halfspace import RULES, Learner, fit
from halfspace.batch import sq_perceptron
from halfspace.rules import sign
from tests import strategies

each_rule = pytest.mark.parametrize("rule", sorted(RULES))
logits = st.floats(-50, 50).filter(lambda t: t != 0)
labels = st.sampled_from([-1.0, 1.0])
LABELS = np.array([1.0, -1.0])
MARGIN = 0.5


def coefficient(rule, t, y, rate, margin=MARGIN):
    """Return c(t, y) of a rule, through a learner."""
    told = strategies.learner(rule, rate=rate, margin=margin)
    return told.coefficient(np.asarray(t, dtype=float), np.asarray(y, dtype=float))


# rule, t, y, rate, c: worked by hand, at margin 1/2; sigma(log 3) = 3/4
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
    ("slam_projected", 2.0, 1.0, 0.25, -0.25),
    ("slam_projected", 2.0, -1.0, 0.25, 0.75),
    ("slam_projected", -2.0, 1.0, 0.125, -0.875),
    ("slam_projected", -0.0, -1.0, 0.25, 0.75),
    ("slam_sigmoid", 0.0, 1.0, 0.25, -0.5),
    ("slam_sigmoid", 0.0, -1.0, 0.25, 0.5),
    ("slam_sigmoid", np.log(3), 1.0, 0.25, -0.375),  # m = 5/8
    ("slam_sigmoid", -np.log(3), 1.0, 0.25, -0.625),
    ("slam_sigmoid", 800.0, -1.0, 0.125, 0.875),
    ("forward", 0.0, 1.0, 0.25, -0.25),  # m = 1/2, slope 1/8 over it
    ("forward", np.log(3), 1.0, 0.25, -0.15),  # m = 5/8, slope 3/32 over it
    ("forward", np.log(3), -1.0, 0.25, 0.25),  # m = 3/8
    ("forward", -np.log(3), 1.0, 0.0, -0.75),
    ("backward", 0.0, 1.0, 0.25, -1.0),
    ("backward", 0.0, -1.0, 0.25, 1.0),
    ("backward", np.log(3), 1.0, 0.25, -0.75),
    ("backward", np.log(3), -1.0, 0.25, 1.25),
    ("backward", np.log(3), 1.0, 0.0, -0.25),
    ("perspectron", 2.0, 1.0, 0.25, -0.2),
    ("perspectron", 2.0, -1.0, 0.25, 0.6),
    ("perspectron", -0.5, 1.0, 0.25, -1.5),
    ("perspectron", 0.0, 1.0, 0.25, -1.0),
    ("perspectron", -0.0, -1.0, 0.25, 3.0),
    ("diakonikolas_zarifis", 2.0, 1.0, 0.25, -0.25),
    ("diakonikolas_zarifis", 2.0, -1.0, 0.25, 0.75),
    ("diakonikolas_zarifis", -0.25, 1.0, 0.25, -3.0),
    ("diakonikolas_zarifis", -0.5, -1.0, 0.25, 1.0),
    ("diakonikolas_zarifis", 0.0, -1.0, 0.25, 3.0),
    ("sigmoidal", 0.0, 1.0, 0.25, -0.5),
    ("sigmoidal", 0.5 * np.log(3), 1.0, 0.25, -0.375),
    ("sigmoidal", 0.5 * np.log(3), -1.0, 0.25, 0.375),
    ("sigmoidal", -1.5 * np.log(3), 1.0, 0.25, -54 / 784),  # q = 1/28
    ("logistic", 0.0, 1.0, 0.25, -0.5),
    ("logistic", np.log(3), 1.0, 0.25, -0.25),
    ("logistic", np.log(3), -1.0, 0.25, 0.75),
    ("logistic", -800.0, -1.0, 0.25, 0.0),
    ("hinge", 0.5, 1.0, 0.25, -1.0),
    ("hinge", 1.0, 1.0, 0.25, 0.0),
    ("hinge", -2.0, -1.0, 0.25, 0.0),
    ("hinge", 2.0, -1.0, 0.25, 1.0),
    ("hinge", 0.0, -1.0, 0.25, 1.0),
    ("gce", 0.0, 1.0, 0.25, -(0.5**1.7)),
    ("gce", np.log(3), 1.0, 0.25, -(0.75**0.7) * 0.25),
    ("gce", np.log(3), -1.0, 0.25, 0.25**0.7 * 0.75),
    ("sigmoid_loss", 0.0, 1.0, 0.25, -0.25),
    ("sigmoid_loss", np.log(3), 1.0, 0.25, -0.1875),
    ("sigmoid_loss", np.log(3), -1.0, 0.25, 0.1875),
    ("unhinged", 0.0, 1.0, 0.25, -1.0),
    ("unhinged", 9.0, 1.0, 0.25, -1.0),
    ("unhinged", 9.0, -1.0, 0.25, 1.0),
]


@pytest.mark.parametrize(("rule", "t", "y", "rate", "expected"), BY_HAND)
def test_a_coefficient_is_what_hand_work_gives(rule, t, y, rate, expected):
    found = coefficient(rule, t, y, rate)
    np.testing.assert_allclose(found, expected, rtol=1e-14, atol=1e-15)


def test_every_rule_is_worked_by_hand():
    assert {row[0] for row in BY_HAND} == set(RULES)


def forward_loss(t, y, rate, margin):
    """Return -log(beta q + eta), q = sigma(y t)."""
    return -np.log((1 - 2 * rate) * special.expit(y * t) + rate)


def backward_loss(t, y, rate, margin):
    """Return ((1 - eta) l(t, y) - eta l(t, -y)) / beta, l the logistic loss."""
    right, wrong = -special.log_expit(y * t), -special.log_expit(-y * t)
    return ((1 - rate) * right - rate * wrong) / (1 - 2 * rate)


def leaky(t, y, rate):
    """Return (1 - eta) max(-y t, 0) - eta max(y t, 0)."""
    return (1 - rate) * np.maximum(-y * t, 0) - rate * np.maximum(y * t, 0)


def dz_loss(t, y, rate, margin):
    """Return twice the leaky loss of sign(t), by a length: linear, then a logarithm."""
    size = np.abs(t) / margin
    length = np.where(size < 1, size, 1 + np.log(np.maximum(size, 1)))
    return 2 * leaky(sign(t), y, rate) * length


#: The loss of each rule: its coefficient is the slope, wherever there is one.
LOSSES = {
    "perceptron": lambda t, y, rate, margin: np.maximum(-y * t, 0),
    "slam": lambda t, y, rate, margin: 2 * leaky(t, y, rate),
    "slam_projected": lambda t, y, rate, margin: leaky(t, y, rate),
    "slam_sigmoid": lambda t, y, rate, margin: (
        (1 - 2 * rate) * np.logaddexp(0, t) + (rate - (y + 1) / 2) * t
    ),
    "forward": forward_loss,
    "backward": backward_loss,
    "perspectron": lambda t, y, rate, margin: (
        2 * leaky(sign(t), y, rate) * np.log1p(np.abs(t) / margin)
    ),
    "diakonikolas_zarifis": dz_loss,
    "sigmoidal": lambda t, y, rate, margin: special.expit(-y * t / margin),
    "logistic": lambda t, y, rate, margin: -special.log_expit(y * t),
    "hinge": lambda t, y, rate, margin: np.maximum(1 - y * t, 0),
    "gce": lambda t, y, rate, margin: (1 - special.expit(y * t) ** 0.7) / 0.7,
    "sigmoid_loss": lambda t, y, rate, margin: special.expit(-y * t),
    "unhinged": lambda t, y, rate, margin: 1 - y * t,
}


@each_rule
@given(
    t=st.floats(-20, 20),
    y=labels,
    rate=strategies.rates,
    margin=st.floats(0.1, 1),
)
def test_a_coefficient_is_the_slope_of_its_loss(rule, t, y, rate, margin):
    """By a central difference, off the kinks, all of which the table names."""
    kinks = {0.0, RULES[rule].bend(margin), -RULES[rule].bend(margin)}
    if min(abs(t - kink) for kink in kinks) < 2e-5:
        t += 1e-3
    after, before = (
        LOSSES[rule](np.array(t + h), y, rate, margin) for h in (1e-5, -1e-5)
    )
    found = coefficient(rule, t, y, rate, margin)
    np.testing.assert_allclose(found, (after - before) / 2e-5, rtol=1e-6, atol=2e-8)


@each_rule
@given(rate=st.just(0.0) | st.floats(1e-9, 0.49), margin=st.floats(0.01, 1))
def test_the_largest_coefficient_is_reached_and_not_passed(rule, rate, margin):
    t = np.linspace(-30, 30, 30_001)
    t = np.concatenate([t, margin * t, [0.0]])
    found = np.abs(
        [coefficient(rule, t, y * np.ones_like(t), rate, margin) for y in LABELS]
    )
    largest = RULES[rule].largest(rate, margin)
    assert isinstance(largest, float)
    assert found.max() <= largest * (1 + 1e-12)
    assert found.max() >= largest * (1 - 1e-3)


@each_rule
@given(t=logits, y=labels, rate=strategies.rates, margin=strategies.margins)
def test_a_rule_is_odd(rule, t, y, rate, margin):
    found = coefficient(rule, -t, -y, rate, margin)
    expected = -coefficient(rule, t, y, rate, margin)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@each_rule
@given(t=logits, rate=strategies.rates, margin=strategies.margins)
def test_a_rule_pushes_towards_the_label(rule, t, rate, margin):
    """Not vacuous: label +1 never pushes down, and a mistake is never ignored.

    Unless it is so gross that the loss is flat there to the last digit.
    """
    down, up = coefficient(rule, np.full(2, t), LABELS, rate, margin)
    assert down <= 0 <= up
    if abs(t) / margin < 700:
        assert up if t > 0 else down


@each_rule
@given(t=st.lists(st.floats(-9, 9), min_size=6, max_size=6))
def test_a_rule_acts_on_each_element(rule, t):
    t, y = np.reshape(t, (2, 3)), np.resize(LABELS, (2, 3))
    found = coefficient(rule, t, y, 0.2)
    assert found.shape == (2, 3)
    for i in np.ndindex(2, 3):
        expected = coefficient(rule, t[i], y[i], 0.2)
        np.testing.assert_allclose(found[i], expected, rtol=1e-13)


@each_rule
@given(
    t=st.lists(logits, min_size=4, max_size=4),
    told=st.lists(strategies.rates, min_size=4, max_size=4),
)
def test_an_array_of_rates_is_a_loop_over_rates(rule, t, told):
    t, told, y = np.array(t), np.array(told), np.resize(LABELS, 4)
    for own in (None, 0.4):  # what is told takes the place of the learner's own
        learner = strategies.learner(rule, rate=own, margin=MARGIN)
        found = learner.coefficient(t, y, told)
        for i in range(4):
            expected = coefficient(rule, t[i], y[i], float(told[i]))
            np.testing.assert_allclose(found[i], expected, rtol=1e-13)


def where_told_a_margin(t, name):
    """Return what two rules divide by."""
    if name == "perspectron":
        return np.abs(t) + MARGIN
    return np.maximum(np.abs(t), MARGIN) if name == "diakonikolas_zarifis" else 1.0


@pytest.mark.parametrize(
    ("rule", "clean", "factor"),
    [
        ("slam", "perceptron", 2),
        ("slam_projected", "perceptron", 1),
        ("perspectron", "perceptron", 2),
        ("diakonikolas_zarifis", "perceptron", 2),
        ("slam_sigmoid", "logistic", 1),
        ("forward", "logistic", 1),
        ("backward", "logistic", 1),
    ],
)
@given(t=logits, y=labels)
def test_without_noise_a_rule_is_its_clean_one(rule, clean, factor, t, y):
    expected = factor * coefficient(clean, t, y, 0.0) / where_told_a_margin(t, rule)
    found = coefficient(rule, t, y, 0.0)
    np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-15)


@pytest.mark.parametrize(
    "rule",
    ["perceptron", "sigmoidal", "logistic", "hinge", "gce", "sigmoid_loss", "unhinged"],
)
@given(t=logits, y=labels, rate=strategies.rates)
def test_a_rule_without_correction_is_blind_to_the_rate(rule, t, y, rate):
    assert coefficient(rule, t, y, rate) == coefficient(rule, t, y, 0.0)


def noisy(rule, t, rate):
    """Return the mean and variance of c(t, y) over labels y of the truth +1."""
    right, wrong = coefficient(rule, np.full(2, t), LABELS, rate)
    mean = (1 - rate) * right + rate * wrong
    return mean, (1 - rate) * (right - mean) ** 2 + rate * (wrong - mean) ** 2


@given(t=logits, rate=strategies.rates)
def test_slam_expects_nothing_more_where_it_is_right(t, rate):
    """E[c | x] = 2 beta 1[wrong] sign(t): what the proof of A1 starts from."""
    mean, _ = noisy("slam", t, rate)
    np.testing.assert_allclose(mean, -2 * (1 - 2 * rate) * (t < 0), atol=1e-12)


@given(t=logits, rate=strategies.rates)
def test_forward_is_the_clean_gradient_times_a_positive_weight(t, rate):
    """Claim B1, equality: beta^2 p (1-p) / (m (1-m)), m the mixed prediction."""
    p = special.expit(t)
    m = (1 - 2 * rate) * p + rate
    found, _ = noisy("forward", t, rate)
    rest = (1 - 2 * rate) * special.expit(-t) + rate  # 1 - m
    weight = (1 - 2 * rate) ** 2 * p * special.expit(-t) / (m * rest)
    expected = -weight * special.expit(-t)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-12)


@given(rate=strategies.rates)
def test_forward_clips_itself(rate):
    """Claim B2, equality: and it clips harder the more noise there is."""
    t = np.linspace(-40, 40, 80_001)
    found = np.abs(coefficient("forward", t, np.ones_like(t), rate)).max()
    right, wrong = np.sqrt(1 - rate), np.sqrt(rate)
    np.testing.assert_allclose(found, (right - wrong) / (right + wrong), rtol=1e-6)
    more = np.abs(coefficient("forward", t, np.ones_like(t), (rate + 0.5) / 2)).max()
    assert more < found


@given(t=logits, rate=strategies.rates)
def test_backward_is_unbiased_exactly_and_pays_for_it(t, rate):
    """Claims B3 and B4, equality: the mean is the clean gradient, whatever the rate."""
    mean, variance = noisy("backward", t, rate)
    beta = 1 - 2 * rate
    np.testing.assert_allclose(mean, coefficient("logistic", t, 1.0, 0.0), atol=1e-12)
    np.testing.assert_allclose(variance, rate * (1 - rate) / beta**2, rtol=1e-9)


@given(t=logits, rate=strategies.rates)
def test_the_variance_of_forward_vanishes_as_it_grows_confident(t, rate):
    """Claim B4, equality: eta (1 - eta) (beta p (1-p) / (m (1-m)))^2."""
    p, rest = special.expit(t), special.expit(-t)
    beta = 1 - 2 * rate
    weight = beta * p * rest / ((beta * p + rate) * (beta * rest + rate))
    _, variance = noisy("forward", t, rate)
    expected = rate * (1 - rate) * weight**2
    np.testing.assert_allclose(variance, expected, rtol=1e-6, atol=1e-15)


@given(t=logits, y=labels, rate=strategies.rates)
def test_the_sigmoid_link_is_backward_times_beta(t, y, rate):
    """Claim B7, equality: they differ only through a rate that varies."""
    expected = (1 - 2 * rate) * coefficient("backward", t, y, rate)
    found = coefficient("slam_sigmoid", t, y, rate)
    np.testing.assert_allclose(found, expected, atol=1e-14)


@given(
    data=strategies.samples(trials=st.just(()), max_size=12),
    w=st.lists(st.floats(-3, 3), min_size=8, max_size=8),
    rate=strategies.rates,
)
def test_slam_is_leaky_descent_and_the_mean_update_of_the_sq_perceptron(data, w, rate):
    """Claim A0, equality: a step of SLaM is one of SGD on twice the leaky loss.

    And its mean over a batch is that of the SQ-Perceptron.
    """
    x, y, _ = data
    start = np.array(w[: x.shape[1]])
    c = coefficient("slam", x @ start, y, rate)

    def loss(v):
        return np.mean(2 * leaky(x @ v, y, rate))

    for direction in np.eye(x.shape[1]):
        reach = np.abs(x @ direction) > 0
        gap = np.min(np.abs(x @ start)[reach], initial=1.0)
        if gap > 1e-6:  # else the loss has a kink at the start
            h = gap / 2
            slope = (loss(start + h * direction) - loss(start - h * direction)) / (
                2 * h
            )
            np.testing.assert_allclose(np.mean(c * (x @ direction)), slope, atol=1e-8)
    online = fit(Learner(rate=rate), x, y)
    one, whole = (sq_perceptron(x, y, rate=rate, batch=k) for k in (1, len(y)))
    np.testing.assert_allclose(one.last, online.last[0], atol=1e-12)
    np.testing.assert_allclose(one.averaged, online.averaged[0], atol=1e-12)
    still = coefficient("slam", np.zeros_like(y), y, rate)
    np.testing.assert_allclose(
        whole.last, -np.mean(still[:, None] * x, axis=0), atol=1e-12
    )


def right(t, y):
    """Return sigma(y t) to all digits."""
    return 1 / (1 + mp.exp(-y * t))


EXACT = {
    "slam_sigmoid": lambda t, y, eta: (1 - 2 * eta) * right(t, 1) + eta - (y + 1) / 2,
    "forward": lambda t, y, eta: (
        -y
        * (1 - 2 * eta)
        * right(t, y)
        * right(t, -y)
        / ((1 - 2 * eta) * right(t, y) + eta)
    ),
    "backward": lambda t, y, eta: right(t, 1) - ((y + 1) / 2 - eta) / (1 - 2 * eta),
    "logistic": lambda t, y, eta: -y * right(t, -y),
    "gce": lambda t, y, eta: -y * right(t, y) ** mp.mpf(0.7) * right(t, -y),
    "sigmoid_loss": lambda t, y, eta: -y * right(t, y) * right(t, -y),
    "sigmoidal": lambda t, y, eta: -y * right(2 * t, y) * right(2 * t, -y) * 2,
}


@pytest.mark.parametrize("t", [-1000.0, -40.0, -1e-9, 0.3, 40.0, 1000.0])
@pytest.mark.parametrize("y", [-1.0, 1.0])
@pytest.mark.parametrize("rate", [0.0, 1e-12, 0.1, 0.4])
@pytest.mark.parametrize("rule", sorted(EXACT))
def test_a_smooth_rule_is_right_at_any_logit(rule, t, y, rate):
    """To a relative 1e-12, but for the smallest doubles and for slam and backward.

    Those two subtract the label from a probability.
    """
    with mp.workdps(500):
        expected = float(EXACT[rule](mp.mpf(t), mp.mpf(y), mp.mpf(rate)))
    found = coefficient(rule, t, y, rate)
    small = 1e-15 if rule in ("slam_sigmoid", "backward") else 1e-290
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=small)


def test_the_sign_of_nothing_is_plus():
    assert sign([0.0, -0.0, 0, -1e-300, 1e-300]).tolist() == [1, 1, 1, -1, 1]
    assert sign(-0.0) == 1


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        RULES["mine"] = RULES["slam"]
    with pytest.raises(AttributeError):
        RULES["slam"].sphere = True
