"""Samples come in blocks: endless, reproducible, in constant memory."""

import itertools
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RCN, Block, Learner, Shell, blocks, reduced, run, stream, take
from tests import strategies
from tests.statistics import assert_rate, detectable_rate

NOISE = RCN(rate=0.2)


@given(law=strategies.laws(), trials=st.integers(1, 40), seed=strategies.seeds)
def test_a_block_holds_samples_of_the_law(law, trials, seed):
    data = blocks(law, NOISE, trials=trials, rng=stream(seed, "block"))
    for x, y, s, rate in itertools.islice(data, 2):
        assert x.shape == (*y.shape, law.dim)
        assert y.shape == s.shape == rate.shape
        assert len(y) == trials
        np.testing.assert_allclose(np.linalg.norm(x, axis=-1), 1, rtol=1e-12)
        assert np.all(s * x[..., 0] >= law.margin)
        assert np.all(np.abs(y) == 1)


def test_blocks_are_fresh_and_flip_as_often_as_the_channel_says(seed):
    law, flips, points = Shell(dim=3, margin=0.3), 0, []
    data = blocks(law, NOISE, trials=20, rng=stream(seed, "fresh"))
    for x, y, s, _ in itertools.islice(data, 12):
        flips += int(np.sum(y != s))
        points.append(x[..., 1])
    seen = np.concatenate(points, axis=-1)
    assert len(np.unique(seen)) == seen.size
    assert detectable_rate(seen.size, 0.2) < 0.207
    assert_rate(flips, seen.size, 0.2)


@pytest.mark.parametrize("rule", ["slam", "slam_sigmoid", "perceptron"])
def test_equal_streams_give_equal_runs_and_more_steps_extend_fewer(rule, seed):
    law, learner = Shell(dim=30, margin=0.1), Learner(rule=rule, rate=0.2)

    def path(*at):
        data = blocks(law, NOISE, trials=64, rng=stream(seed, "again"))
        return run(learner, data, at=at)

    first, again, longer = path(70), path(70), path(70, 200)
    np.testing.assert_array_equal(first.last, again.last)
    np.testing.assert_array_equal(first.averaged, again.averaged)
    np.testing.assert_array_equal(longer.last[:, :1], first.last)
    np.testing.assert_array_equal(longer.mistakes[:, :1], first.mistakes)


@given(data=strategies.samples(), cut=st.data(), told=st.booleans())
def test_what_is_taken_is_the_first_of_the_samples(data, cut, told):
    """However they are cut into blocks; rates too, if all blocks tell them."""
    x, y, s = data
    n = y.shape[-1]
    whole = Block(
        x, y, s, strategies.frozen(np.linspace(0, 1, y.size).reshape(y.shape))
    )
    size = cut.draw(st.integers(1, n))
    cuts = sorted(cut.draw(st.lists(st.integers(0, n), max_size=4)))
    parts = [
        Block(
            whole.x[..., a:b, :],
            *(f[..., a:b] for f in whole[1:3]),
            whole.rate[..., a:b] if told or a else None,
        )
        for a, b in zip([0, *cuts], [*cuts, n], strict=True)
    ]
    found = take(parts, size)
    np.testing.assert_array_equal(found.x, x[..., :size, :])
    np.testing.assert_array_equal(found.y, y[..., :size])
    np.testing.assert_array_equal(found.s, s[..., :size])
    if told:
        np.testing.assert_array_equal(found.rate, whole.rate[..., :size])
    else:
        assert found.rate is None


def peak(work):
    """Return the most memory that the call holds, in bytes."""
    tracemalloc.start()
    work()
    found = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return found


@pytest.mark.parametrize("kind", ["full", "reduced"])
def test_memory_does_not_grow_with_the_number_of_steps(kind, seed, monkeypatch):
    """Blocks are made small, so that eight bytes kept for each step would show."""
    monkeypatch.setattr("halfspace.samples.BLOCK", 2**10)
    monkeypatch.setattr("halfspace._walk.BLOCK", 2**10)
    law, learner = Shell(dim=16, margin=0.1), Learner(rate=0.2)

    def work(steps):
        rng = stream(seed, "memory")
        if kind == "full":
            run(learner, blocks(law, NOISE, trials=8, rng=rng), at=[steps])
        else:
            reduced.run(learner, law, NOISE, at=[steps], trials=64, rng=rng)

    work(10)
    # When a block is let go is up to the interpreter, hence the slack of a half.
    assert peak(lambda: work(50_000)) < peak(lambda: work(10_000)) + 8 * 20_000
