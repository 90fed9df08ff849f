"""The two-coordinate dynamics is the full one: on the same draws, and in law."""

import numpy as np
import pytest

from halfspace import (
    RCN,
    RULES,
    Learner,
    Shell,
    Shells,
    Sphere,
    blocks,
    fit,
    reduced,
    run,
    stream,
)
from tests import strategies
from tests.statistics import assert_same_law, detectable_distance

NOISE = RCN(rate=0.2)
LEARNERS = [
    strategies.learner(rule, rate=0.2, step=step, radius=radius)
    for rule in sorted(RULES)
    for step, radius in ((0.7, np.inf), (0.5, 1.0))
]
each_learner = pytest.mark.parametrize(
    "learner", LEARNERS, ids=lambda w: f"{w.rule}-{w.step}-{w.radius}"
)
each_rule = pytest.mark.parametrize("rule", sorted(RULES))


def laws(dim):
    """Return a law of each kind; in the plane only the one that has no ties w.x = 0."""
    values, weights = (0.2, 0.5, 0.9), (0.5, 0.3, 0.2)
    shells = Shells(dim=dim, margin=0.2, values=values, weights=weights)
    sphere = Sphere(dim=dim, margin=0.2)
    return [sphere, Shell(dim=dim, margin=0.2), shells][: 3 if dim > 2 else 1]


def unit(v):
    """Return `v` divided by its norm, or zero where it has none but rounding."""
    norm = np.linalg.norm(v, axis=-1, keepdims=True)
    return np.divide(v, norm, out=np.zeros_like(v), where=norm > 1e-9)


def reduce(learner, x, y, s, axes):
    """Run in the full space on x (n, trials, d); return what `replay` is to be fed.

    At each step: the height, the parts of v = s x - a w* along the rest of w and along
    what else the sum of the iterates has, and the squared length of what is left.
    """
    w, total = np.zeros(x.shape[1:]), np.zeros(x.shape[1:])
    parts = []
    for xi, yi, si in zip(x, y, s, strict=True):
        v = si[:, None] * xi
        a = v[:, 0].copy()
        v[:, 0] = 0
        rest, mean = w.copy(), total.copy()
        rest[:, 0] = mean[:, 0] = 0
        e = unit(rest)
        f = unit(mean - np.vecdot(mean, e)[:, None] * e)
        along = np.stack([np.vecdot(v, e), np.vecdot(v, f)])[:axes]
        left = 1 - a * a - np.sum(along**2, axis=0)
        parts.append((a, along, np.maximum(left, 0), yi, si))
        c = learner.step * learner.coefficient(np.vecdot(w, xi), yi)
        w = strategies.projected(learner, w - c[:, None] * xi)
        total = total + w
    return reduced.Draws(*map(np.stack, zip(*parts, strict=True)))


def across(w):
    """Return the norm of the rest of w."""
    return np.linalg.norm(w[..., 1:], axis=-1)


@each_learner
@pytest.mark.parametrize("dim", [2, 3, 10, 50])
def test_on_the_same_draws_both_say_the_same(learner, dim, seed):
    """Claim A8, equality: trajectory by trajectory, to rounding."""
    for law in laws(dim):
        rng = stream(seed, "coupling", repr(law))
        x, s = law.sample((150, 6), rng=rng)
        y = np.where(rng.random(s.shape) < NOISE.rate, -s, s)
        at, truth = [1, 2, 3, 10, 70, 150], np.eye(dim)[0]
        full = fit(learner, x.swapaxes(0, 1), y.T, at=at, truth=truth)
        draws = reduce(learner, x, y, s, axes=2)
        path = reduced.replay(learner, [draws], at=at)
        np.testing.assert_array_equal(path.mistakes, full.mistakes)
        for pair, w in ((path.last, full.last), (path.averaged, full.averaged)):
            np.testing.assert_allclose(pair.along, w[..., 0], rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(pair.across, across(w), rtol=1e-7, atol=1e-9)
        short = reduced.replay(learner, [reduce(learner, x, y, s, axes=1)], at=at)
        assert short.averaged is None
        np.testing.assert_allclose(short.last.across, path.last.across, atol=1e-9)
        np.testing.assert_array_equal(short.mistakes, path.mistakes)


def test_the_test_on_the_same_draws_can_fail(seed):
    """Negative control: a step 2% off."""
    law, learner = Sphere(dim=10, margin=0.2), Learner(rate=0.2, step=1.0, radius=2.0)
    x, s = law.sample((150, 6), rng=stream(seed, "control"))
    draws = reduce(learner, x, s, s, axes=2)
    wrong = Learner(rate=0.2, step=1.02, radius=2.0)
    path, off = (reduced.replay(w, [draws], at=[1]) for w in (learner, wrong))
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(off.last.along, path.last.along, rtol=1e-2)


TRIALS, STEPS = 2000, [3, 60]


def measures(path):
    """Return, side by side, what should have one law whichever way it was run."""
    pairs = [path.last, path.averaged]
    if not isinstance(path, reduced.Trajectory):
        pairs = [reduced.Pair(w[..., 0], across(w)) for w in pairs]
    columns = [column for u, rho in pairs for column in (u, rho, np.arctan2(u, rho))]
    return np.concatenate([path.mistakes, *columns], axis=-1)


def assert_each_law_same(one, two):
    """Compare column by column; rounding would part atoms that are equal."""
    for first, second in zip(one.T, two.T, strict=True):
        assert_same_law(first.round(6), second.round(6))


def full_and_reduced(learner, law, other, noise, seed, trials=TRIALS, at=STEPS):
    """Run both, each on draws of its own, and return their measures."""
    data = blocks(law, NOISE, trials=trials, rng=stream(seed, "full", repr(law)))
    rng = stream(seed, "reduced", repr(law))
    path = reduced.run(
        learner, other, noise, at=at, trials=trials, rng=rng, averaged=True
    )
    return measures(run(learner, data, at=at)), measures(path)


@each_rule
@pytest.mark.parametrize(
    ("dim", "radius"), [(2, np.inf), (3, 1.0), (10, np.inf), (50, 1.0)]
)
def test_on_their_own_draws_both_have_one_law(rule, dim, radius, seed):
    """Claim A8, equality in law: of every coordinate, after 3 and after 60 steps."""
    assert detectable_distance(TRIALS, TRIALS) < 0.18
    law = laws(dim)[-1 if dim == 10 else dim % 2]
    learner = strategies.learner(rule, rate=0.2, step=0.5, radius=radius)
    one, two = full_and_reduced(learner, law, law, NOISE, seed)
    assert_each_law_same(one, two)


@pytest.mark.parametrize(
    ("margin", "rate"), [(0.315, 0.2), (0.285, 0.2), (0.3, 0.21), (0.3, 0.19)]
)
def test_the_test_of_one_law_can_fail(margin, rate, seed):
    """Negative control: a margin or a noise rate 5% off is noticed."""
    law, other = Shell(dim=10, margin=0.3), Shell(dim=10, margin=margin)
    one, two = full_and_reduced(
        Learner(rate=0.2), law, other, RCN(rate=rate), seed, trials=4000, at=[500]
    )
    with pytest.raises(AssertionError, match="distance"):
        assert_each_law_same(one, two)


@each_rule
@pytest.mark.parametrize("averaged", [False, True])
def test_equal_streams_give_equal_runs_and_more_steps_extend_fewer(
    rule, averaged, seed
):
    def path(*at):
        law, rng = Sphere(dim=20, margin=0.1), stream(seed, "again")
        return reduced.run(
            strategies.learner(rule, rate=0.2),
            *(law, NOISE),
            at=at,
            trials=300,
            rng=rng,
            averaged=averaged,
        )

    first, again, longer = path(70), path(70), path(10, 70, 200)
    for name in ("along", "across"):
        found = getattr(first.last, name)
        np.testing.assert_array_equal(found, getattr(again.last, name))
        np.testing.assert_array_equal(found, getattr(longer.last, name)[:, 1:2])
    np.testing.assert_array_equal(first.mistakes, longer.mistakes[:, 1:2])
    if averaged:
        np.testing.assert_array_equal(
            first.averaged.across, longer.averaged.across[:, 1:2]
        )
