"""What the reduced dynamics draws, and when it first gets as good as asked."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from halfspace import (
    RCN,
    RULES,
    Learner,
    Shell,
    Shells,
    Sphere,
    default_learner,
    reduced,
    stream,
)
from tests import strategies
from tests.statistics import (
    assert_law,
    assert_rate,
    detectable_distance,
    detectable_rate,
)

NOISE = RCN(rate=0.2)
SHELLS = Shells(dim=5, margin=0.2, values=(0.2, 0.4, 0.8), weights=(0.5, 0.3, 0.2))


def drawn(law, trials, axes, rng, blocks=1):
    """Return the first blocks of draws as one."""
    data = reduced.draws(law, NOISE, trials=trials, axes=axes, rng=rng)
    parts = list(itertools.islice(data, blocks))
    return reduced.Draws(*map(np.concatenate, zip(*parts, strict=True)))


@given(
    law=strategies.laws(st.sampled_from([2, 3, 4, 17, 10**9])),
    axes=st.integers(1, 2),
    trials=st.integers(1, 300),
    seed=strategies.seeds,
)
def test_the_parts_of_a_point_add_up_to_one(law, axes, trials, seed):
    a, v, left, y, s = drawn(law, trials, axes, stream(seed, "parts"))
    assert v.shape == (len(a), axes, trials)
    assert a.shape == left.shape == y.shape == s.shape == (len(a), trials)
    np.testing.assert_allclose(a**2 + left + np.sum(v**2, axis=1), 1, rtol=1e-12)
    assert np.all(a >= law.margin)
    assert np.all(left >= 0)
    assert np.all((np.abs(y) == 1) & (np.abs(s) == 1))
    if law.dim - 1 <= axes:
        assert np.all(left == 0)
    if law.dim == 2 == axes:
        assert np.all(v[:, 1] == 0)


@pytest.mark.parametrize("dim", [3, 4, 100, 10**9])
@pytest.mark.parametrize("axes", [1, 2])
def test_the_cosines_follow_their_exact_law(dim, axes, seed):
    """Claim A8: (1 + c) / 2 is Beta((d-2)/2, (d-2)/2), for any unit direction."""
    rng = stream(seed, "cosine", dim, axes)
    a, v, *_ = drawn(Sphere(dim=dim, margin=0.01), 128, axes, rng)
    assert detectable_distance(a.size) < 0.038
    c = v / np.sqrt(1 - a * a)[:, None]
    half = dim / 2 - 1

    def cdf(c):  # of c itself: at d = 10^9 it is too near zero for (1 + c) / 2
        tail = special.betaincc(0.5, half, np.minimum(c * c, 1)) / 2
        return np.where(c < 0, tail, 1 - tail)

    for column in c.swapaxes(0, 1):
        assert_law(column, cdf)
    if axes == 2:
        assert_law((c[:, 0] + c[:, 1]) / np.sqrt(2), cdf)
    if dim > axes + 1:  # together they have the length of a projection
        square = np.sum(c**2, axis=1)
        rest = (dim - 1 - axes) / 2
        assert_law(square, lambda z: special.betainc(axes / 2, rest, z))


def test_in_the_plane_the_cosine_is_a_fair_sign(seed):
    a, v, *_ = drawn(Shell(dim=2, margin=0.6), 128, 1, stream(seed, "plane"), blocks=8)
    np.testing.assert_allclose(np.abs(v), 0.8)
    assert detectable_rate(a.size, 0.5) < 0.512
    assert_rate(int(np.sum(v > 0)), a.size, 0.5)


def test_labels_flip_as_often_as_stated_whatever_the_truth(seed):
    _, v, _, y, s = drawn(Shell(dim=9, margin=0.6), 128, 1, stream(seed, "y"), 32)
    flipped, up = y != s, s > 0
    assert detectable_rate(s.size, 0.2) < 0.205
    assert_rate(int(up.sum()), s.size, 0.5)
    assert_rate(int(flipped.sum()), s.size, 0.2)
    assert_rate(int(flipped[up].sum()), int(up.sum()), 0.2)
    positive = v[:, 0] > 0
    assert_rate(int(flipped[positive].sum()), int(positive.sum()), 0.2)
    assert_rate(int(up[positive].sum()), int(positive.sum()), 0.5)


def test_the_test_of_labels_can_fail(seed):
    """Negative control: a rate 2% low is noticed."""
    *_, y, s = drawn(Shell(dim=9, margin=0.6), 128, 1, stream(seed, "y"), 64)
    with pytest.raises(AssertionError, match=r"< 0\.204"):
        assert_rate(int(np.sum(y != s)), s.size, 0.204)


def test_a_billion_dimensions_are_two(seed):
    """Claim A5: at one margin the error only gets smaller beyond 1/margin^2."""
    at, found = [100, 1000], {}
    for dim in (100, 10**9):
        law, rng = Shell(dim=dim, margin=0.1), stream(seed, "dim", dim)
        path = reduced.run(
            Learner(rate=0.2), law, NOISE, at=at, trials=300, rng=rng, averaged=True
        )
        assert np.all(np.isfinite(law.error_at(*path.averaged)))
        found[dim] = path.mistakes.mean(axis=0) / at
    assert np.all(found[10**9] < 0.5 * found[100])


@pytest.mark.parametrize("rule", sorted(RULES))
@pytest.mark.parametrize("law", [Shell(dim=30, margin=0.2), SHELLS])
@pytest.mark.parametrize("radius", [np.inf, 1.0])
def test_hitting_times_are_when_the_error_is_first_met(rule, law, radius, seed):
    """Claim A7: the running maximum of u/rho tells what the error at each step does."""
    ball = 1.0 if RULES[rule].sphere else radius
    learner = default_learner(rule, margin=0.3, rate=0.2, steps=16, radius=ball)
    targets, horizon, trials = [0.4, 0.3, 0.2, 0.1, 0.02, 1e-4], 700, 25
    hits = reduced.hitting_times(
        *(learner, law, NOISE),
        targets=targets,
        horizon=horizon,
        trials=trials,
        rng=stream(seed, "hits"),
    )
    assert hits.shape == (trials, len(targets))
    draws = reduced.draws(law, NOISE, trials=trials, axes=1, rng=stream(seed, "hits"))
    path = reduced.replay(learner, draws, at=range(1, horizon + 1))
    met = law.error_at(*path.last)[..., None] <= np.array(targets)
    expected = np.where(met.any(axis=1), met.argmax(axis=1) + 1, -1)
    np.testing.assert_array_equal(hits, expected)
    assert np.all(hits[:, 0] > 0)


@pytest.mark.parametrize("law", [Shell(dim=2, margin=0.3), Shell(dim=3, margin=1.0)])
def test_targets_met_at_one_step_are_all_met_then(law, seed):
    """In the plane, and where all points are the same, errors fall by jumps."""
    hits = reduced.hitting_times(
        *(Learner(rate=0.2), law, NOISE),
        targets=[0.3, 0.1],
        horizon=500,
        trials=20,
        rng=stream(seed, "jump"),
    )
    assert np.all(hits[:, 0] == hits[:, 1])
    assert np.all(hits > 0)
