"""The landscape of the forward loss: no stationary point, slow escapes, and traps."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from halfspace import RCN, Learner, Shell, run, stream, theory
from halfspace._walk import Draws, draws
from halfspace.correction import binary_forward
from halfspace.finite import Atoms
from halfspace.samples import blocks
from halfspace.theory import landscape
from simulations import escape, flow, stall, traps
from simulations import landscape as simulated
from tests import strategies
from tests.statistics import assert_mean_in, detectable_shift


def progress(law, w, *, rate, told=None):
    """Return -grad.w* of the mean forward loss, by enumeration of atoms and labels."""
    told = rate if told is None else told
    z = np.array(law.points) @ w
    right, wrong = binary_forward(z, told).slope, -binary_forward(-z, told).slope
    mean = (1 - rate) * right + rate * wrong
    return float(-(np.array(law.weights) * mean) @ np.array(law.points)[:, 0])


@given(
    law=strategies.atoms(),
    rate=st.floats(0, 0.49),
    norm=st.floats(0, 8),
    data=st.data(),
)
def test_every_w_is_pushed_to_the_truth_as_much_as_is_claimed(law, rate, norm, data):
    """Claim B5, lower bound: no stationary point, under a margin, with constants."""
    points = np.array(law.points)
    if np.linalg.norm(points, axis=-1).max() > 1:  # the grid holds such points
        law = Atoms(points=tuple(map(tuple, points / 2)), weights=law.weights)
    parts = st.lists(st.floats(-1, 1), min_size=law.dim, max_size=law.dim)
    w = np.array(data.draw(parts))
    size = np.linalg.norm(w)
    w = norm * w / size if size > 1e-3 else 0 * w
    bound = landscape.least_progress(np.linalg.norm(w), law.margin, rate)
    assert progress(law, w, rate=rate) >= bound * (1 - 1e-9) > 0


@given(norm=st.floats(0, 8), rate=st.floats(0, 0.49), angle=st.floats(0, 1.5))
def test_one_point_attains_the_bound(norm, rate, angle):
    """Which a bound 2% larger would break."""
    point = (float(np.cos(angle)), float(np.sin(angle)))
    law = Atoms(points=(point,), weights=(1.0,))
    found = progress(law, norm * np.array(point), rate=rate)
    expected = landscape.least_progress(norm, law.margin, rate)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_a_learner_told_no_noise_has_stationary_points():
    """Negative control for B5: the logistic loss pushes back where it is confident."""
    law = Atoms(points=((0.6, 0.8), (0.6, -0.8)), weights=(0.75, 0.25))
    ahead, behind = (
        progress(law, np.array([u, 0.0]), rate=0.2, told=0.0) for u in (1.0, 5.0)
    )
    assert ahead > 0 > behind


@given(z=st.floats(-300, 300), rate=st.floats(0, 0.49))
def test_the_push_falls_twice_as_fast_ahead_as_behind(z, rate):
    ahead, behind = landscape.forward_drift([abs(z), -abs(z)], rate)
    np.testing.assert_allclose(ahead, behind * np.exp(-abs(z)), rtol=1e-9)


def test_the_simulated_push_is_that_of_each_law():
    """And half of its directions are those in which the bound is nearly attained."""
    spec = simulated.Spec(laws=6)
    points, weights, w = simulated.draws(spec, 3, np.random.default_rng(0))
    learner = Learner(rule="forward", rate=0.2)
    found = simulated.progress(learner, 0.2, points, weights, w)
    for i in range(spec.laws):
        law = Atoms(
            points=tuple(map(tuple, points[i])),
            weights=tuple((weights[i] / weights[i].sum()).tolist()),
        )
        np.testing.assert_allclose(found[i], progress(law, w[i], rate=0.2), rtol=1e-9)
    row = simulated.measure(simulated.Spec(laws=2000), dim=2, rate=0.2)
    assert 1 <= row["least_ratio"] < 1.1
    assert row["told_none"] < 0


# B6


@given(depth=st.floats(0.01, 20), margin=st.floats(0.05, 1), rate=st.floats(0, 0.45))
def test_the_closed_form_is_the_integral_of_one_over_the_push(depth, margin, rate):
    area, _ = integrate.quad(
        lambda z: 1 / landscape.forward_drift(z, rate), -depth, 0, epsrel=1e-10
    )
    found = landscape.escape_steps(depth / margin, margin, rate, step=2.0)
    np.testing.assert_allclose(found, area / (2 * margin**2), rtol=1e-7)


@given(
    margin=st.floats(0.05, 1),
    rate=st.floats(0, 0.45),
    distance=st.floats(0, 1e3),
    steps=st.floats(1, 1e9),
)
def test_the_far_bound_solves_its_quadratic(margin, rate, distance, steps):
    found = landscape.far_average_error(steps, margin, rate, distance)
    m, b = found * steps, 1 + distance * margin / (1 - 2 * rate)
    right = b * m + theory.noise_factor(rate) * steps
    np.testing.assert_allclose((margin * m) ** 2, right, rtol=1e-9)
    at_zero = landscape.far_average_error(steps, margin, rate, 0.0)
    np.testing.assert_allclose(
        at_zero, theory.average_error(steps, margin, rate), rtol=1e-12
    )


LAW = Shell(dim=10**6, margin=0.2)


def hits(rule, depth, seed, trials=200):
    """Return the steps to escape of each trial, and mistakes in 2000 steps."""
    rng = stream(seed, "test_landscape", str(depth))
    samples = draws(LAW, RCN(rate=0.1), trials=trials, axes=1, rng=rng)
    learner = Learner(rule=rule, rate=0.1)
    return escape.escape(
        learner, samples, depth / LAW.margin, goal=LAW.ratio(0.25), horizon=2000
    )


def test_forward_comes_back_after_as_many_steps_as_the_closed_form_says(seed):
    """Claim B6, equal: in many dimensions, where one direction is all there is."""
    found, _ = hits("forward", 6.0, seed)
    expected = float(landscape.escape_steps(30.0, 0.2, 0.1))
    assert detectable_shift(found / expected) < 0.1
    assert_mean_in(found / expected, 0.97, 1.03)


def test_the_sign_link_comes_back_at_a_constant_speed(seed):
    """Claim B6: 2 beta gamma a step while it errs; forward is exponentially slower."""
    found, mistakes = hits("slam", 6.0, seed)
    assert_mean_in(found * 2 * 0.8 * 0.2 / 30, 0.95, 1.1)
    bound = float(landscape.far_average_error(2000, 0.2, 0.1, 30.0))
    assert_mean_in(mistakes / 2000, 0, bound)
    slow, _ = hits("forward", 6.0, seed)
    with pytest.raises(AssertionError, match="mean"):  # negative control
        assert_mean_in(slow * 2 * 0.8 * 0.2 / 30, 0.95, 1.1)


def test_escape_counts_steps_and_mistakes_from_one():
    """By hand: from -1, three right labels at height 1 add 2 (1 - rate) each time."""
    one = np.ones((5, 1))
    data = Draws(a=one, v=np.zeros((5, 1, 1)), left=0 * one, y=one, s=one)
    learner = Learner(rule="slam", rate=0.25)
    found, mistakes = escape.escape(learner, iter([data]), 4.0, goal=0.0, horizon=2)
    assert (found.tolist(), mistakes.tolist()) == ([3], [2])


# B9


@pytest.mark.parametrize("ratio", [1.2, 1.75])
@pytest.mark.parametrize("mass", [0.02, 0.4])
def test_below_two_a_start_far_out_is_led_to_the_truth(ratio, mass):
    """Claim B9, equal: two atoms have a trap at infinity iff the ratio exceeds 2."""
    assert not ends_wrong(ratio, mass)


@pytest.mark.parametrize("ratio", [2.25, 3.0, 5.0])
@pytest.mark.parametrize("mass", [0.02, 0.4])
def test_above_two_a_start_far_out_is_wrong_forever(ratio, mass):
    """Claim B9: the other half, and the negative control of the first."""
    assert ends_wrong(ratio, mass)


def ends_wrong(ratio, mass):
    first, other = traps.two_points(0.05, ratio)
    law = Atoms(points=(first, other), weights=(1 - mass, mass))
    start = np.array(first) * 60 / np.vecdot(first, first)
    end = flow.end_of_flow(law, 0.2, start, horizon=1e120)
    assert end[0] > 0
    return bool(end[1] < 0)


@given(
    height=st.floats(0.05, 0.9),
    mass=st.floats(0.02, 0.5),
    rate=st.floats(0.05, 0.45),
    w=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
)
def test_equal_norms_do_not_help(height, mass, rate, w):
    """Claim B9: in the plane of symmetry three atoms push as the two atoms do."""
    two, three = (stall.the_law(it, 0.1, height, mass) for it in stall.LAWS)
    norms = np.linalg.norm(three.points, axis=-1)
    np.testing.assert_allclose(norms, 1, rtol=1e-12)
    pushes = []
    for law, at in ((two, np.array(w)), (three, np.array([*w, 0.0]))):
        points = np.array(law.points)
        push = np.array(law.weights) * landscape.forward_drift(points @ at, rate)
        pushes.append(push @ points)
    np.testing.assert_allclose(pushes[1], [*pushes[0], 0.0], rtol=1e-9, atol=1e-15)


def test_the_flow_is_the_descent_with_small_steps():
    law = stall.the_law("two", 0.1, 0.3, 0.1)
    w, points = np.zeros(2), np.array(law.points)
    for _ in range(20_000):
        push = np.array(law.weights) * landscape.forward_drift(points @ w, 0.2)
        w = w + 0.01 * push @ points
    path = flow.path_of_flow(law, 0.2, np.zeros(2), np.array([1.0, 200.0]))
    np.testing.assert_allclose(path[-1], w, rtol=1e-3)


def test_a_run_is_stuck_if_it_errs_on_the_rare_atom_alone_and_always():
    law = stall.the_law("two", 0.6, 0.8, 0.1)
    trapped, right, wrong = [0.1, 1.0], [1.0, 0.0], [-1.0, 0.0]
    late = np.array([False, True, True])
    rows = {
        True: [(right, trapped, trapped), (wrong, trapped, trapped)],
        False: [(trapped, right, trapped), (trapped, trapped, wrong)],
    }
    for expected, paths in rows.items():
        found = stall.stuck(np.array(paths), law, late)
        assert found.tolist() == [expected] * len(paths)


def test_a_sigmoid_link_passes_where_forward_is_stuck(seed):
    """Claim B9: on the same samples, with the same step."""
    law = stall.the_law("two", 0.1, 0.3, 0.1)
    found = {}
    for rule in ("forward", "slam_sigmoid"):
        rng = stream(seed, "test_landscape", "stall")
        data = itertools.islice(blocks(law, RCN(rate=0.2), trials=20, rng=rng), 10**6)
        path = run(Learner(rule=rule, rate=0.2), data, at=[2000, 20_000])
        found[rule] = stall.stuck(path.last, law, np.array([True, True])).mean()
    assert found["forward"] > 0.3
    assert found["slam_sigmoid"] == 0


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        ([0.0, 0.0], [0.6, 0.8], "`right` must be in"),
        ([0.6, 0.8], [0.6, 0.9], "`wrong` must lie in the unit ball"),
        ([0.6, np.nan], [0.6, 0.8], "`right` must"),
        ([0.6], [0.6], "`right` must have shape"),
    ],
)
def test_points_that_have_no_ratio_are_refused(right, wrong, message):
    with pytest.raises(ValueError, match=message):
        landscape.stall_ratio(right, wrong)
