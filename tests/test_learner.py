"""Learners: what is refused, the ball and step of each rule, and projection."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RULES, Learner, Shell, default_learner, fluid, reduced
from halfspace.learner import check_constant
from halfspace.noise import RCN
from tests import strategies

each_rule = pytest.mark.parametrize("rule", sorted(RULES))
INF = float("inf")

# At margin 1/10, rate 1/5 and 100 steps: radius and step, by hand. R = log(100) / .2.
WIDE = 23.025850929940457
BY_HAND = {
    "perceptron": (INF, 1.0),
    "slam": (INF, 1.0),
    "slam_projected": (1.0, 1 / 8),  # 1 / ((1 - eta) sqrt T)
    "slam_sigmoid": (INF, 1.0),
    "forward": (INF, 1.0),
    "backward": (WIDE, WIDE * 0.6 / 8),  # R beta / ((1 - eta) sqrt T)
    "perspectron": (1.0, 0.1 / 16),  # gamma / (2 (1 - eta) sqrt T)
    "diakonikolas_zarifis": (1.0, 0.1 / 16),
    "sigmoidal": (1.0, 0.04),  # 4 gamma / sqrt T
    "logistic": (WIDE, WIDE / 10),
    "hinge": (WIDE, WIDE / 10),
    "gce": (WIDE, WIDE / 10 * 1.7**1.7 / 0.7**0.7),
    "sigmoid_loss": (WIDE, WIDE * 4 / 10),
    "unhinged": (WIDE, WIDE / 10),
}
FOUND = {"margin": 0.1, "rate": 0.2, "steps": 100}


@each_rule
def test_the_ball_and_step_of_a_rule_are_those_of_the_table(rule):
    learner = default_learner(rule, **FOUND)
    assert (learner.rule, learner.rate, learner.margin) == (rule, 0.2, 0.1)
    np.testing.assert_allclose((learner.radius, learner.step), BY_HAND[rule])


def test_every_rule_has_a_ball_by_hand():
    assert set(BY_HAND) == set(RULES)
    assert {rule for rule in RULES if RULES[rule].sphere} == {"sigmoidal"}
    told = {"perspectron", "diakonikolas_zarifis", "sigmoidal"}
    assert {rule for rule in RULES if RULES[rule].margin} == told
    bends = {rule: RULES[rule].bend(0.2) for rule in RULES if RULES[rule].bend(0.2)}
    soft = ("slam_sigmoid", "forward", "backward", "logistic", "gce", "sigmoid_loss")
    expected = dict.fromkeys(soft, 8.0) | {"sigmoidal": 1.6, "perspectron": 0.8}
    assert bends == expected | {"hinge": 1.0, "diakonikolas_zarifis": 0.2}


@pytest.mark.parametrize(("steps", "wide"), [(1, 5.0), (2, 5.0), (3, 5 * np.log(3))])
def test_the_wide_ball_is_no_smaller_than_half_over_the_margin(steps, wide):
    learner = default_learner("logistic", margin=0.1, rate=0.2, steps=steps)
    np.testing.assert_allclose(learner.radius, wide)
    np.testing.assert_allclose(learner.step, wide / np.sqrt(steps))


@each_rule
def test_a_ball_that_is_given_takes_the_place_of_the_rules_own(rule):
    learner = default_learner(rule, **FOUND, radius=2.0)
    largest = RULES[rule].largest(0.2, 0.1) / (2 if RULES[rule].sphere else 1)
    assert learner.radius == 2.0
    np.testing.assert_allclose(learner.step, 2 / (10 * largest))


@pytest.mark.parametrize("rule", [rule for rule in RULES if not RULES[rule].sphere])
def test_without_a_ball_the_step_is_one(rule):
    learner = default_learner(rule, **FOUND, radius=INF)
    assert (learner.radius, learner.step) == (INF, 1.0)


@each_rule
@given(
    margin=st.floats(0.01, 1),
    rate=strategies.rates,
    steps=st.integers(1, 10**9),
    radius=st.none() | st.floats(0.1, 10),
)
def test_all_steps_together_reach_across_the_ball(rule, margin, rate, steps, radius):
    """The step is radius / (largest sqrt(steps)), that of projected descent."""
    told = {"margin": margin, "rate": rate, "steps": steps, "radius": radius}
    learner = default_learner(rule, **told)
    if learner.radius == INF:
        assert learner.step == 1
    else:
        reach = learner.step * RULES[rule].largest(rate, margin) * np.sqrt(steps)
        reach /= learner.radius if RULES[rule].sphere else 1
        np.testing.assert_allclose(reach, learner.radius)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rule": "slan"}, r"^`rule` must be one of .*Did you mean 'slam'\?$"),
        ({"rule": "perspectron"}, r"^`margin` must be in \(0, 1\] for the rule persp"),
        ({"rule": "sigmoidal", "margin": 0.1}, r"^`radius` must be finite for the rul"),
        ({"rule": "sigmoidal", "radius": 1.0}, r"^`margin` must be in \(0, 1\] for th"),
        ({"rate": 0.5}, r"^`rate` must be in \[0, 0.5\), got 0.5$"),
        ({"margin": 0.0}, r"^`margin` must be in \(0, 1\], got 0.0$"),
        ({"margin": 1.5}, r"^`margin` must be in \(0, 1\], got 1.5$"),
    ],
)
def test_a_learner_that_cannot_run_is_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        Learner(**changes)


def test_a_margin_that_is_not_needed_may_be_left_out_or_told():
    assert Learner(rule="slam").margin is None
    assert Learner(rule="slam", margin=0.2).margin == 0.2


def test_what_needs_one_rate_refuses_a_learner_without():
    learner, law, noise = Learner(rate=None), Shell(dim=3, margin=0.3), RCN(rate=0.1)
    assert check_constant(Learner(rate=0.25)) == 0.25
    rng = np.random.default_rng(0)
    for call in (
        lambda: check_constant(learner),
        lambda: fluid.curve(learner, law, noise, at=[10.0]),
        lambda: reduced.run(learner, law, noise, at=[3], trials=2, rng=rng),
        lambda: reduced.hitting_times(
            *(learner, law, noise), targets=[0.1], horizon=3, trials=2, rng=rng
        ),
    ):
        with pytest.raises(ValueError, match=r"^`learner` must be told a rate, got No"):
            call()


@given(square=st.floats(0, 1e6), radius=st.floats(1e-3, 1e3))
def test_shrinking_ends_in_the_ball_and_leaves_it_alone(square, radius):
    factor = Learner(radius=radius).shrink(np.array(square))
    assert factor * np.sqrt(square) <= radius * (1 + 1e-12)
    if square <= radius**2:
        np.testing.assert_allclose(factor, 1, rtol=1e-12)
    else:
        np.testing.assert_allclose(factor * np.sqrt(square), radius)


@given(square=st.floats(1e-12, 1e6), radius=st.floats(1e-3, 1e3))
def test_shrinking_ends_on_the_sphere_from_either_side(square, radius):
    learner = strategies.learner("sigmoidal", radius=radius)
    np.testing.assert_allclose(learner.shrink(np.array(square)) * square**0.5, radius)
    assert np.isfinite(learner.shrink(np.array(0.0)))


def test_a_learner_is_fixed_once_made():
    learner = Learner(rate=0.1)
    with pytest.raises(AttributeError):
        learner.rate = 0.2
