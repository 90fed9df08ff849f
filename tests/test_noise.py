"""Channels: the flip probability exactly, and what is drawn from it."""

import numpy as np
import pytest
from hypothesis import given

from halfspace import RCN, Shell, flip, stream
from tests import strategies
from tests.statistics import assert_rate, assert_rate_at_most, detectable_rate

TRIALS = 400_000


class Trap:
    """Flips a label only where the point's second coordinate is positive."""

    def flip_probability(self, x, s):
        return np.where(x[..., 1] > 0, 0.4, 0.0)


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
