"""Channels: the flip probability exactly, and what is drawn from it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import (
    RCN,
    ByFunction,
    ByMargin,
    ByRegion,
    Channel,
    Shell,
    Sphere,
    flip,
    stream,
    trap,
)
from tests import strategies
from tests.statistics import assert_rate, assert_rate_at_most, detectable_rate

TRIALS = 400_000


class Trap:
    """Flips a label only where the point's second coordinate is positive."""

    def flip_probability(self, x, s):
        return np.where(x[..., 1] > 0, 0.4, 0.0)


REGION = ByRegion(normal=(0.5, 1.0, 0.0), inside=0.3, outside=0.1)
SQUARE = ByFunction(function=lambda x: 0.45 * x[..., 1] ** 2, most=0.45)
MASSART = [RCN(rate=0.2), REGION, ByMargin(most=0.4, scale=0.3), SQUARE]
each_channel = pytest.mark.parametrize(
    "channel", MASSART, ids=lambda channel: type(channel).__name__
)

# channel, x, s, P[flip]: by hand
BY_HAND = [
    (REGION, [0.6, 0.8, 0.0], 1.0, 0.1),
    (REGION, [0.6, -0.8, 0.0], 1.0, 0.3),  # .3 - .8 is below 0
    (REGION, [0.8, -0.4, 0.0], 1.0, 0.1),  # .4 - .4 is not
    (REGION, [-0.6, 0.8, 0.0], -1.0, 0.3),
    (REGION, [-0.6, -0.8, 0.0], -1.0, 0.1),
    (ByRegion(normal=(0.0, 1.0), inside=0.4), [0.6, 0.8], 1.0, 0.0),
    (ByRegion(normal=(0.0, 1.0), inside=0.4), [0.6, -0.8], 1.0, 0.4),
    (ByMargin(most=0.4, scale=0.3), [0.0, 1.0], 1.0, 0.4),
    (ByMargin(most=0.4, scale=0.3), [0.3, 0.5], 1.0, 0.4 / np.e),
    (ByMargin(most=0.4, scale=0.3), [-0.6, 0.5], -1.0, 0.4 / np.e**2),
    (ByMargin(most=0.4, scale=np.log(2) ** -1), [1.0, 0.0], 1.0, 0.2),
    (SQUARE, [0.6, -0.8], 1.0, 0.45 * 0.64),
    (SQUARE, [0.6, 0.0], -1.0, 0.0),
]


@pytest.mark.parametrize(("channel", "x", "s", "rate"), BY_HAND)
def test_the_flip_probability_is_what_hand_work_gives(channel, x, s, rate):
    found = channel.flip_probability(np.array([x]), np.array([s]))
    assert found.shape == (1,)
    np.testing.assert_allclose(found, rate, rtol=1e-14)


@each_channel
def test_the_flip_probability_is_a_rate_below_a_half(channel, seed):
    """With trials in front, a stack is a loop; at a point and its mirror image equal.

    The function of x given here is even, or the last would not hold.
    """
    assert isinstance(channel, Channel)
    x, s = Sphere(dim=3, margin=0.2).sample((4, 5, 20), rng=stream(seed, "x"))
    x, s = strategies.frozen(x), strategies.frozen(s)
    rate = channel.flip_probability(x, s)
    assert rate.shape == s.shape
    assert np.all((rate >= 0) & (rate < 0.5))
    np.testing.assert_array_equal(channel.flip_probability(-x, -s), rate)
    for i in np.ndindex(4, 5):
        found = channel.flip_probability(x[i], s[i])
        np.testing.assert_allclose(found, rate[i], rtol=1e-15)
    if not isinstance(channel, RCN):
        assert len(np.unique(rate)) > 1


@each_channel
def test_labels_flip_as_often_as_each_point_says(channel, seed):
    """By exact binomial tests at five points; a rate of .2 that is 4% off is seen."""
    points = [
        [0.3, 0.2, 0.5],
        [0.3, -0.9, 0.0],
        [0.9, -0.1, 0.2],
        [-0.5, 0.8, 0.1],
        [1.0, 0.0, 0.0],
    ]
    assert detectable_rate(TRIALS, 0.2) < 0.208
    for i, point in enumerate(points):
        s = np.full(TRIALS, np.sign(point[0]))
        x = np.broadcast_to(point, (TRIALS, 3))
        y = flip(channel, x, s, rng=stream(seed, "varying", repr(channel)[:8], i))
        rate = float(channel.flip_probability(x[:1], s[:1])[0])
        assert_rate(int(np.sum(y != s)), TRIALS, rate)


def test_noise_by_region_is_where_it_should_be(seed):
    """Only the minority of the trap, and of it the stated share."""
    x, s = trap(0.1).sample((TRIALS,), rng=stream(seed, "x"))
    channel = ByRegion(normal=(0.0, 1.0), inside=0.3)
    flipped = flip(channel, x, s, rng=stream(seed, "region")) != s
    minority = s * x[:, 1] < 0
    assert not flipped[~minority].any()
    assert_rate(int(flipped.sum()), int(minority.sum()), 0.3)


@given(channel=strategies.channels(), data=strategies.samples())
def test_the_flip_probability_is_the_rate_everywhere(channel, data):
    x, _, s = data
    found = channel.flip_probability(x, s)
    np.testing.assert_array_equal(found, np.full(s.shape, channel.rate))


@given(data=strategies.samples(), seed=strategies.seeds)
def test_no_noise_is_the_identity(data, seed):
    x, _, s = data
    found = flip(RCN(rate=0.0), x, s, rng=stream(seed, "flip"))
    np.testing.assert_array_equal(found, s)


@given(channel=strategies.channels(), data=strategies.samples(), seed=strategies.seeds)
def test_which_labels_flip_does_not_depend_on_their_signs(channel, data, seed):
    x, _, s = data
    y = flip(channel, x, s, rng=stream(seed, "flip"))
    mirrored = flip(channel, x, -s, rng=stream(seed, "flip"))
    np.testing.assert_array_equal(mirrored, -y)
    assert set(np.unique(y)) <= {-1.0, 1.0}


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.45])
def test_a_label_flips_once_and_as_often_as_stated(rate, seed):
    """One flip, not two: 20% means 20%, not 32% and not 10%."""
    assert detectable_rate(TRIALS, rate) < rate + 0.007
    x = np.broadcast_to([[0.6, 0.8]], (TRIALS, 2))
    s = np.where(np.arange(TRIALS) % 2, -1.0, 1.0)
    y = flip(RCN(rate=rate), x, s, rng=stream(seed, "flip", int(100 * rate)))
    flipped = y != s
    assert_rate(int(flipped.sum()), TRIALS, rate)
    assert_rate(int(flipped[s > 0].sum()), TRIALS // 2, rate)
    assert_rate(int(np.sum(flipped[1:] & flipped[:-1])), TRIALS - 1, rate**2)


def test_the_test_of_flips_can_fail(seed):
    """Negative control: a rate 4% low."""
    x = np.broadcast_to([[0.6, 0.8]], (TRIALS, 2))
    y = flip(RCN(rate=0.192), x, np.ones(TRIALS), rng=stream(seed, "control"))
    with pytest.raises(AssertionError, match=r"< 0\.2"):
        assert_rate(int(np.sum(y < 0)), TRIALS, 0.2)


def test_any_object_with_a_flip_probability_is_a_channel(seed):
    x, s = Shell(dim=3, margin=0.3).sample((4, 10_000), rng=stream(seed, "x"))
    flipped = flip(Trap(), x, s, rng=stream(seed, "flip")) != s
    there = x[..., 1] > 0
    assert not flipped[~there].any()
    assert_rate(int(flipped[there].sum()), int(there.sum()), 0.4)
    assert_rate_at_most(int(flipped.sum()), flipped.size, 0.2)


X, S = np.array([[0.6, 0.8], [0.6, -0.8]]), np.ones(2)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([0.1, 0.31], r"^`function` must be in \[0, 0.3\], got 0.31"),
        ([0.1, -0.1], r"^`function` must be in \[0, 0.3\], got -0.1"),
        ([0.1, np.nan], r"^`function` must be finite, got nan at index \(1,\)"),
        ([0.1], r"^`function` must return shape \(2,\), got \(1,\)"),
        ([[0.1, 0.1]], r"^`function` must return shape \(2,\), got \(1, 2\)"),
        (0.1, r"^`function` must return shape \(2,\), got \(\)"),
        (["a", "b"], r"^`function` must be real numbers, got dtype"),
    ],
)
def test_a_function_that_gives_no_rates_is_refused_when_used(values, message):
    channel = ByFunction(function=lambda x: np.array(values), most=0.3)
    with pytest.raises((ValueError, TypeError), match=message):
        channel.flip_probability(X, S)


@given(most=st.floats(0, 1))
def test_a_function_may_reach_the_most_that_is_stated(most):
    channel = ByFunction(function=lambda x: np.full(x.shape[:-1], most), most=most)
    np.testing.assert_array_equal(channel.flip_probability(X, S), most)


def test_a_normal_of_another_length_is_refused_when_used():
    channel = ByRegion(normal=(0.0, 1.0, 0.0), inside=0.1)
    with pytest.raises(ValueError, match=r"^`normal` must have length 2, got 3"):
        flip(channel, X, S, rng=stream(0, "normal"))
