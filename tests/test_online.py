"""The one loop: what must not change its answer, and what it must achieve."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from halfspace import (
    RCN,
    RULES,
    Block,
    Learner,
    Shell,
    blocks,
    default_learner,
    fit,
    run,
    stream,
)
from halfspace.rules import sign
from tests import strategies
from tests.statistics import assert_mean_in, detectable_shift

each_rule = pytest.mark.parametrize("rule", sorted(RULES))
LAW = Shell(dim=10, margin=0.3)


def pushes(rule, t):
    """Return c(t, +1) and c(t, -1) of a rule."""
    return strategies.learner(rule, rate=0.2).coefficient(
        np.full(2, float(t)), np.array([1.0, -1.0])
    )


#: Rules whose coefficient depends on the sign of t only, not on its size.
SEE_SIGNS = [
    rule
    for rule in RULES
    if all(
        np.array_equal(pushes(rule, t), pushes(rule, side))
        for side in (-1, 1)
        for t in side * np.geomspace(1e-3, 1e3, 20)
    )
]
#: Rules that are odd at t = 0 too; the others take a side there, as sign(0) = +1 does.
ODD_AT_ZERO = [rule for rule in RULES if not sum(pushes(rule, 0))]
FREE = [rule for rule in RULES if not RULES[rule].sphere]


def test_what_is_said_of_rules_is_said_of_those():
    """Not vacuous: the tables above hold what they should."""
    assert {"perceptron", "slam", "slam_projected", "unhinged"} == set(SEE_SIGNS)
    broken = {"slam", "slam_projected", "perspectron", "diakonikolas_zarifis"}
    assert set(RULES) - set(ODD_AT_ZERO) == broken
    assert len(FREE) == len(RULES) - 1


def plain(learner, x, y):
    """Return the iterates after each of the samples (n, d), the slow way."""
    w, iterates = np.zeros(x.shape[-1]), []
    for xi, yi in zip(x, y, strict=True):
        t = sum(float(a) * float(b) for a, b in zip(w, xi, strict=True))
        w = w - learner.step * float(learner.coefficient(np.float64(t), yi)) * xi
        norm = float(np.sqrt(sum(float(a) ** 2 for a in w)))
        if norm > (0 if RULES[learner.rule].sphere else learner.radius):
            w = w * (learner.radius / norm)
        iterates.append(w)
    return np.array(iterates)


def same(path, other, turn=lambda w: w):
    """Fail unless the second path is the first one, turned."""
    np.testing.assert_array_equal(path.steps, other.steps)
    np.testing.assert_array_equal(path.mistakes, other.mistakes)
    for one, two in ((path.last, other.last), (path.averaged, other.averaged)):
        np.testing.assert_allclose(two, turn(one), rtol=1e-9, atol=1e-12)


@given(learner=strategies.learners(), data=strategies.samples(trials=st.just(())))
def test_the_loop_does_what_a_plain_loop_does(learner, data):
    x, y, s = data
    path = fit(learner, x, y, at=range(1, len(y) + 1), truth=np.eye(x.shape[1])[0])
    iterates = plain(learner, x, y)
    counts = np.arange(1, len(y) + 1)
    before = np.concatenate([np.zeros((1, x.shape[1])), iterates[:-1]])
    wrong = sign(np.einsum("nd,nd->n", before, x)) != s
    np.testing.assert_allclose(path.last, iterates, atol=1e-10)
    means = np.cumsum(iterates, axis=0) / counts[:, None]
    np.testing.assert_allclose(path.averaged, means, atol=1e-10)
    np.testing.assert_array_equal(path.mistakes, np.cumsum(wrong))


@given(learner=strategies.learners(), data=strategies.samples())
def test_a_stack_of_trials_is_a_loop_over_trials(learner, data):
    x, y, _ = data
    stacked = fit(learner, x, y)
    for i in np.ndindex(y.shape[:-1]):
        alone = fit(learner, x[i], y[i])
        np.testing.assert_allclose(stacked.last[i], alone.last, atol=1e-11)
        np.testing.assert_allclose(stacked.averaged[i], alone.averaged, atol=1e-11)
        np.testing.assert_array_equal(stacked.mistakes[i], alone.mistakes)


@given(learner=strategies.learners(), data=strategies.samples(), cut=st.data())
def test_blocks_may_be_cut_anywhere(learner, data, cut):
    x, y, s = data
    n = y.shape[-1]
    cuts = sorted(cut.draw(st.lists(st.integers(0, n), max_size=5)))
    at = sorted(cut.draw(st.sets(st.integers(1, n), min_size=1)))
    parts = [
        Block(x[..., a:b, :], y[..., a:b], s[..., a:b])
        for a, b in zip([0, *cuts], [*cuts, n], strict=True)
    ]
    same(run(learner, [Block(x, y, s)], at=at), run(learner, parts, at=at))


@given(learner=strategies.learners(), data=strategies.samples(), cut=st.data())
def test_checkpoints_show_the_path_and_do_not_change_it(learner, data, cut):
    x, y, _ = data
    at = sorted(cut.draw(st.sets(st.integers(1, y.shape[-1]), min_size=1)))
    path = fit(learner, x, y, at=at)
    for i, k in enumerate(at):
        end = fit(learner, x[..., :k, :], y[..., :k])
        np.testing.assert_array_equal(path.mistakes[..., [i]], end.mistakes)
        np.testing.assert_allclose(path.last[..., [i], :], end.last, atol=1e-11)
        found = path.averaged[..., [i], :]
        np.testing.assert_allclose(found, end.averaged, atol=1e-11)


@given(
    learner=strategies.learners(rules=SEE_SIGNS, balls=False),
    data=strategies.samples(),
)
def test_the_step_only_scales_what_sees_signs(learner, data):
    x, y, _ = data
    unit = Learner(rule=learner.rule, rate=learner.rate)
    same(fit(unit, x, y), fit(learner, x, y), lambda w: learner.step * w)


@given(learner=strategies.learners(), data=strategies.samples(), seed=strategies.seeds)
def test_rotating_the_points_rotates_the_answer(learner, data, seed):
    x, y, _ = data
    turn = stats.ortho_group(x.shape[-1], seed=stream(seed, "turn")).rvs()
    turned = x @ turn / np.maximum(np.linalg.norm(x @ turn, axis=-1), 1)[..., None]
    same(fit(learner, x, y), fit(learner, turned, y), lambda w: w @ turn)


@given(
    learner=strategies.learners(),
    data=strategies.samples(trials=st.just((5,))),
    order=st.permutations(range(5)),
)
def test_permuting_trials_permutes_the_answer(learner, data, order):
    x, y, _ = data
    path, moved = fit(learner, x, y), fit(learner, x[order], y[order])
    np.testing.assert_allclose(moved.last, path.last[order], rtol=1e-12, atol=1e-14)
    np.testing.assert_array_equal(moved.mistakes, path.mistakes[order])


@given(
    learner=strategies.learners(rules=ODD_AT_ZERO),
    data=strategies.samples(),
)
def test_mirrored_points_and_labels_say_the_same(learner, data):
    """And mirrored labels alone the opposite, if the tie at w = 0 is not broken."""
    x, y, _ = data
    path = fit(learner, x, y)
    for mirrored, side in ((fit(learner, -x, -y), 1), (fit(learner, x, -y), -1)):
        np.testing.assert_allclose(mirrored.last, side * path.last, atol=1e-11)
        np.testing.assert_allclose(mirrored.averaged, side * path.averaged, atol=1e-11)


@given(learner=strategies.learners(), data=strategies.samples())
def test_read_only_samples_are_taken_and_left_alone(learner, data):
    x, y, s = data
    kept = x.copy(), y.copy(), s.copy()
    fit(learner, x, y)
    run(learner, [Block(x, y, s)], at=y.shape[-1])
    for array, copy in zip(data, kept, strict=True):
        np.testing.assert_array_equal(array, copy)


@given(
    learner=strategies.learners(rules=ODD_AT_ZERO),
    data=strategies.samples(),
    seed=strategies.seeds,
)
def test_which_of_a_point_and_its_mirror_image_is_shown_does_not_matter(
    learner, data, seed
):
    """(x, y) and (-x, -y) push alike: the oddness of every rule, along a run."""
    x, y, _ = data
    side = np.where(stream(seed, "side").random(y.shape) < 0.5, -1.0, 1.0)
    mirrored = fit(learner, side[..., None] * x, side * y)
    np.testing.assert_allclose(mirrored.last, fit(learner, x, y).last, atol=1e-11)


@given(learner=strategies.learners(rules=FREE), data=strategies.samples())
def test_projection_keeps_to_the_ball_and_a_huge_one_does_nothing(learner, data):
    x, y, _ = data
    at = range(1, y.shape[-1] + 1)
    path = fit(learner, x, y, at=at)
    for w in (path.last, path.averaged):
        assert np.all(np.linalg.norm(w, axis=-1) <= learner.radius * (1 + 1e-12))
    free, huge = (replace(learner, radius=r) for r in (np.inf, 1e9))
    same(fit(free, x, y, at=at), fit(huge, x, y, at=at))


@given(
    learner=strategies.learners(rules=set(RULES) - set(FREE)), data=strategies.samples()
)
def test_a_rule_of_the_sphere_stays_on_it(learner, data):
    x, y, _ = data
    path = fit(learner, x, y, at=range(1, y.shape[-1] + 1))
    np.testing.assert_allclose(np.linalg.norm(path.last, axis=-1), learner.radius)


def test_on_the_sphere_nothing_stays_nothing():
    """A point that is zero moves nothing, and no direction has no length."""
    learner = strategies.learner("sigmoidal", rate=0.1, radius=2.0)
    path = fit(learner, [[0.0, 0.0], [0.0, 1.0]], [1.0, -1.0], at=[1, 2])
    assert path.last.tolist() == [[0.0, 0.0], [0.0, -2.0]]


@pytest.mark.parametrize("radius", [1e-200, 1e200])
def test_a_ball_of_any_size_is_a_ball(radius):
    x, y = [[0.6, 0.8], [0.6, -0.8]], [1.0, 1.0]
    path = fit(Learner(rule="perceptron", radius=radius), x, y)
    assert 0 < path.last[0, 0] <= min(radius, 1.2)
    still = fit(Learner(rule="slam", radius=radius), x, y)  # right from the start
    assert np.all(still.last == 0)


@each_rule
@pytest.mark.parametrize("rate", [0.0, 0.2])
def test_an_easy_problem_is_learned(rule, rate, seed):
    """Not vacuous: the zero function has every symmetry above."""
    data = blocks(LAW, RCN(rate=rate), trials=20, rng=stream(seed, "easy"))
    learner = default_learner(rule, margin=LAW.margin, rate=rate, steps=4000)
    path = run(learner, data, at=[10, 4000])
    assert np.all(LAW.error(path.averaged)[:, 1] < 0.02)
    assert np.mean(LAW.error(path.averaged)[:, 0]) > 0.1
    if rate == 0:
        assert np.all(LAW.error(path.last)[:, 1] < 0.06)


@each_rule
@pytest.mark.parametrize(("radius", "step"), [(np.inf, 1.0), (1.0, 0.03)])
def test_an_easy_clean_problem_is_learned_with_other_steps(rule, radius, step, seed):
    data = blocks(LAW, RCN(rate=0.0), trials=20, rng=stream(seed, "easy"))
    learner = strategies.learner(rule, radius=radius, step=step)
    path = run(learner, data, at=[3000])
    assert np.all(LAW.error(path.averaged) < 0.01)
    if not RULES[rule].sphere or radius < np.inf:  # step 1 is a third of a turn there
        assert np.all(LAW.error(path.last) < 0.06)


def test_mistakes_count_what_the_errors_of_the_iterates_add_up_to(seed):
    """Claim A1: M is counted, its expectation is the sum of err(w_t)."""
    law, steps = Shell(dim=5, margin=0.1), 50
    data = blocks(law, RCN(rate=0.2), trials=4000, rng=stream(seed, "sum"))
    path = run(Learner(rate=0.2), data, at=range(1, steps + 1))
    before = 0.5 + law.error(path.last)[:, :-1].sum(axis=-1)  # w_1 = 0 errs half
    excess = path.mistakes[:, -1] - before
    assert detectable_shift(excess) < 0.05 * np.mean(before)
    assert_mean_in(excess, 0, 0)


def test_mistakes_are_counted_against_the_truth(seed):
    """Noise of rate .2 would be counted too, if they were counted against y."""
    data = blocks(LAW, RCN(rate=0.2), trials=10, rng=stream(seed, "truth"))
    x, y, s, _ = next(data)
    w = np.eye(LAW.dim)[0]
    path = fit(Learner(rate=0.2), x, y, truth=3 * w, margin=LAW.margin)
    blind = fit(Learner(rate=0.2), x, y)
    clean = run(Learner(rate=0.2), [Block(x, y, s)], at=y.shape[-1])
    np.testing.assert_array_equal(path.mistakes, clean.mistakes)
    assert blind.mistakes.mean() > path.mistakes.mean() + 0.1 * y.shape[-1]
