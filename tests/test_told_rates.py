"""Rates that are told with each sample, and mistakes that are weighed by them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import (
    RCN,
    Block,
    ByFunction,
    ByMargin,
    ByRegion,
    Learner,
    Shell,
    Sphere,
    blocks,
    fit,
    run,
    stream,
)
from halfspace.rules import sign
from tests import strategies

#: Channels whose rate differs from point to point, above 1/2 for the last.
VARYING = [
    ByRegion(normal=(0.0, 1.0, 0.0), inside=0.4, outside=0.1),
    ByMargin(most=0.4, scale=0.5),
    ByFunction(function=lambda x: 0.45 + 0.45 * np.cos(5 * x[..., 1]), most=1.0),
]
alike = strategies.learners(told=st.none())


@st.composite
def told(draw):
    """Draw (x, y, s, rate): rates of their own for each sample, never 1/2."""
    x, y, s = draw(strategies.samples())
    rate = stream(draw(strategies.seeds), "told").random(y.shape)
    return x, y, s, strategies.frozen(np.where(rate == 0.5, 0.25, rate))


def equal(path, other):
    """Fail unless the two paths are one, mistakes and their weights included."""
    for name in ("last", "averaged", "mistakes", "excess"):
        one, two = getattr(path, name), getattr(other, name)
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-11, err_msg=name)


def plain(learner, block):
    """Return iterates and excess after each sample of one trial, the slow way."""
    w, total, found = np.zeros(block.x.shape[-1]), 0.0, []
    for x, y, s, rate in zip(*block, strict=True):
        t = np.float64(np.dot(w, x))
        total += abs(1 - 2 * rate) * (sign(t) != s)
        read, least = (-y, 1 - rate) if rate > 0.5 else (y, rate)
        c = learner.coefficient(t, read, least)
        w = strategies.projected(learner, w - learner.step * c * x)
        found.append((w, total))
    iterates, sums = zip(*found, strict=True)
    return np.array(iterates), np.array(sums)


@given(learner=alike, data=told())
def test_the_loop_does_what_a_plain_loop_does(learner, data):
    stacked = run(learner, [Block(*data)], at=range(1, data[1].shape[-1] + 1))
    for i in np.ndindex(data[1].shape[:-1]):
        iterates, excess = plain(learner, Block(*(field[i] for field in data)))
        np.testing.assert_allclose(stacked.last[i], iterates, atol=1e-10)
        np.testing.assert_allclose(stacked.excess[i], excess, atol=1e-10)


@given(learner=strategies.learners(), data=strategies.samples())
def test_a_rate_that_is_told_everywhere_is_the_constant_one(learner, data):
    """Bit by bit: the same sums in the same order."""
    x, y, s = data
    rate = np.broadcast_to(learner.rate, y.shape)
    at = range(1, y.shape[-1] + 1)
    each = strategies.learner(
        learner.rule,
        rate=None,
        step=learner.step,
        radius=learner.radius,
        margin=learner.margin,
    )
    one = run(learner, [Block(x, y, s, rate)], at=at)
    two = run(each, [Block(x, y, s, rate)], at=at)
    for name in ("last", "averaged", "mistakes", "excess"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))


@given(learner=alike, data=told())
def test_a_stack_of_trials_is_a_loop_over_trials(learner, data):
    stacked = run(learner, [Block(*data)], at=[data[1].shape[-1]])
    for i in np.ndindex(data[1].shape[:-1]):
        alone = run(learner, [Block(*(f[i] for f in data))], at=[data[1].shape[-1]])
        for name in ("last", "averaged", "mistakes", "excess"):
            found, expected = getattr(stacked, name)[i], getattr(alone, name)
            np.testing.assert_allclose(found, expected, atol=1e-11)


@given(learner=alike, data=told(), cut=st.data())
def test_blocks_may_be_cut_anywhere(learner, data, cut):
    x, y, s, rate = data
    n = y.shape[-1]
    cuts = sorted(cut.draw(st.lists(st.integers(0, n), max_size=5)))
    at = sorted(cut.draw(st.sets(st.integers(1, n), min_size=1)))
    parts = [
        Block(x[..., a:b, :], y[..., a:b], s[..., a:b], rate[..., a:b])
        for a, b in zip([0, *cuts], [*cuts, n], strict=True)
    ]
    equal(run(learner, [Block(*data)], at=at), run(learner, parts, at=at))


@given(learner=alike, data=told(), seed=strategies.seeds)
def test_a_label_that_is_mostly_wrong_is_read_the_other_way(learner, data, seed):
    """Told 1 - rate with the label flipped says the same."""
    x, y, s, rate = data
    turned = stream(seed, "turned").random(y.shape) < 0.5
    other = Block(x, np.where(turned, -y, y), s, np.where(turned, 1 - rate, rate))
    at = [y.shape[-1]]
    equal(run(learner, [Block(*data)], at=at), run(learner, [other], at=at))


@given(learner=alike, data=told())
def test_fit_is_a_run_over_one_block(learner, data):
    """And its excess is known if the truth is."""
    x, y, s, rate = data
    truth = np.eye(x.shape[-1])[0]
    path = run(learner, [Block(x, y, s, rate)], at=[y.shape[-1]])
    equal(fit(learner, x, y, rate=rate, truth=truth), path)
    blind = fit(learner, x, y, rate=rate)
    np.testing.assert_array_equal(blind.last, path.last)
    assert np.isnan(blind.excess).all()


def test_one_rate_that_fit_is_told_is_for_all_samples():
    x, y = [[0.6, 0.8], [0.6, -0.8], [-1.0, 0.0]], [1.0, -1.0, -1.0]
    for rate in (0.3, [0.3], [0.3, 0.3, 0.3]):
        path = fit(Learner(rate=None), x, y, rate=rate)
        equal(path, fit(Learner(rate=0.3), x, y, rate=0.3))


@given(learner=strategies.learners(), data=strategies.samples())
def test_the_excess_without_noise_is_the_number_of_mistakes(learner, data):
    x, y, s = data
    path = run(learner, [Block(x, y, s, np.zeros(y.shape))], at=[y.shape[-1]])
    np.testing.assert_array_equal(path.excess, path.mistakes)


@given(learner=strategies.learners(), data=told())
def test_telling_rates_does_not_move_a_learner_with_a_rate_of_its_own(learner, data):
    x, y, s, rate = data
    path = run(learner, [Block(x, y, s, rate)], at=[y.shape[-1]])
    blind = run(learner, [Block(x, y, s)], at=[y.shape[-1]])
    np.testing.assert_array_equal(path.last, blind.last)
    assert np.all(np.isnan(blind.excess))
    assert np.all(path.excess <= path.mistakes)


@given(data=told())
def test_read_only_rates_are_taken_and_left_alone(data):
    kept = [field.copy() for field in data]
    run(Learner(rate=None), [Block(*data)], at=[data[1].shape[-1]])
    for field, copy in zip(data, kept, strict=True):
        np.testing.assert_array_equal(field, copy)


@pytest.mark.parametrize("channel", [RCN(rate=0.2), *VARYING])
def test_blocks_tell_the_true_rate_of_each_point(channel, seed):
    law = Sphere(dim=3, margin=0.2)
    x, _, s, rate = next(blocks(law, channel, trials=7, rng=stream(seed, "true")))
    np.testing.assert_array_equal(rate, channel.flip_probability(x, s))


@pytest.mark.parametrize("channel", VARYING)
def test_rates_that_are_told_are_learned_from(channel, seed):
    """Not vacuous, though the last channel has most labels of some points wrong."""
    law = Shell(dim=3, margin=0.5)
    data = blocks(law, channel, trials=20, rng=stream(seed, "varying"))
    path = run(Learner(rate=None), data, at=[30, 3000])
    late = path.excess[:, 1] - path.excess[:, 0]
    assert np.mean(late) / 2970 < 0.03
    assert np.mean(law.error(path.averaged)[:, 1]) < 0.02


X, Y = np.array([[0.6, 0.8], [0.6, -0.8]]), np.array([1.0, -1.0])


@pytest.mark.parametrize(
    ("rate", "message"),
    [
        (np.array([0.2, 0.5]), r"^`samples` must not be told the rate 1/2, .* got 0.5"),
        (None, r"^`samples` must tell rates to a learner whose rate is None, got none"),
        (np.array([0.2, 1.5]), r"^`samples` must be in \[0, 1\], got 1.5"),
        (np.array([0.2, np.nan]), r"^`samples` must be finite, got nan"),
        (np.array([0.2]), r"^`samples` must have rates of shape \(2,\), got \(1,\)"),
    ],
)
def test_rates_that_say_nothing_are_refused(rate, message):
    with pytest.raises(ValueError, match=message):
        run(Learner(rate=None), [Block(X, Y, Y, rate)], at=[2])


def test_a_learner_with_a_rate_takes_a_half():
    path = run(Learner(rate=0.1), [Block(X, Y, Y, np.full(2, 0.5))], at=[2])
    assert path.excess.tolist() == [0.0]
