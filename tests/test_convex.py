"""Surrogate losses: their minimisers, the certificates, and where they fail."""

import re
import subprocess
import sys
import warnings

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special
from scipy import stats as laws
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from halfspace import convex, stream
from halfspace.convex import CONVEX_LOSSES, erm
from halfspace.rules import sign
from tests import strategies

each_loss = pytest.mark.parametrize("loss", CONVEX_LOSSES)
few = settings(max_examples=20)
data = strategies.samples(trials=st.just(()))
kinds = st.sampled_from(CONVEX_LOSSES)
curbs = st.sampled_from([(0.3, None), (0.0, 2.0), (0.05, 1.5), (2.0, 0.1)])
X = np.array([[0.6, 0.8], [0.6, -0.8], [0.9, 0.1], [0.5, 0.2], [-0.3, 0.4]])
Y = np.array([1.0, 1.0, -1.0, 1.0, 1.0])


def objective(loss, x, y, w, penalty, weight=None):
    """Return the objective, written down once more."""
    t = y * (x @ w)
    values = {"hinge": np.maximum(0, 1 - t), "unhinged": 1 - t}
    values["logistic"] = np.log1p(np.exp(-t))
    return np.average(values[loss], weights=weight) + penalty * (w @ w) / 2


def atoms(g, rate):
    """Return the law of claim B8 under RCN, as six weighted samples."""
    p, q = np.array([[1, 0], [g, -g], [g, 5 * g]]), np.array([0.25, 0.5, 0.25])
    y = np.repeat([1.0, -1.0], 3)
    return np.tile(p, (2, 1)), y, np.concatenate([(1 - rate) * q, rate * q])


def error(g, w):
    """Return the error of w on the law of claim B8."""
    x, y, q = atoms(g, 0.0)
    return q @ (sign(x @ w) != y)


@few
@given(loss=kinds, data=data, curb=curbs, seed=strategies.seeds)
def test_nobody_nearby_or_far_has_a_lower_objective(loss, data, curb, seed):
    (x, y, _), (penalty, radius), rng = data, curb, stream(seed, "rivals")
    found = erm(loss, x, y, penalty=penalty, radius=radius)
    assert found.value == pytest.approx(objective(loss, x, y, found.w, penalty))
    sizes = 10 ** rng.uniform(-6, 1, (300, 1))
    rivals = found.w + sizes * rng.standard_normal((300, x.shape[1]))
    if radius is not None:
        assert np.linalg.norm(found.w) <= radius * (1 + 1e-12)
        norms = np.linalg.norm(rivals, axis=1, keepdims=True)
        rivals /= np.maximum(norms / radius, 1)
    for w in rivals:
        assert objective(loss, x, y, w, penalty) >= found.value - 1e-6


@few
@given(loss=kinds, data=data, curb=curbs)
def test_the_certificate_is_small_at_the_answer_and_large_away_from_it(
    loss, data, curb
):
    (x, y, _), (penalty, radius) = data, curb
    found = erm(loss, x, y, penalty=penalty, radius=radius)
    assert found.status == "optimal"
    assert found.stationarity < 3e-5
    a, weight = y[:, None] * x, np.full(len(y), 1 / len(y))
    ball = radius or np.inf
    best = found.value
    for away in (0.99 * found.w - 0.01, 0.5 * found.w, -found.w):
        away = away / max(1, np.linalg.norm(away) / ball)
        excess = objective(loss, x, y, away, penalty) - best
        slope = convex._stationarity(loss, a, weight, penalty, ball, away)
        assert slope * np.linalg.norm(found.w - away) >= excess - 1e-5


@few
@given(data=data, penalty=st.floats(0.01, 3))
def test_logistic_agrees_with_scikit_learn(data, penalty):
    x, y, _ = data
    y = np.append(y, [1.0, -1.0])  # it needs both classes
    x = np.concatenate([x, x[:1], -x[:1]])
    peer = LogisticRegression(
        fit_intercept=False, C=1 / (len(y) * penalty), tol=1e-10, max_iter=10_000
    ).fit(x, y)
    found = erm("logistic", x, y, penalty=penalty)
    np.testing.assert_allclose(found.w, peer.coef_[0], atol=2e-4)


@few
@given(data=data, penalty=st.floats(0.05, 3))
def test_hinge_agrees_with_scikit_learn(data, penalty):
    x, y, _ = data
    y = np.append(y, [1.0, -1.0])
    x = np.concatenate([x, x[:1], -x[:1]])
    peer = LinearSVC(
        loss="hinge",
        dual=True,
        fit_intercept=False,
        C=1 / (len(y) * penalty),
        tol=1e-8,
        max_iter=1_000_000,
        random_state=0,
    ).fit(x, y)
    found = erm("hinge", x, y, penalty=penalty)
    np.testing.assert_allclose(found.w, peer.coef_[0], atol=2e-4)


@few
@given(data=data, penalty=st.floats(0.01, 10), radius=st.floats(0.01, 10))
def test_unhinged_is_the_mean_of_y_x(data, penalty, radius):
    x, y, _ = data
    mean = y @ x / len(y)
    free = erm("unhinged", x, y, penalty=penalty).w
    np.testing.assert_allclose(free, mean / penalty, atol=1e-6 / penalty)
    if np.linalg.norm(mean) > 0.01:
        found = erm("unhinged", x, y, radius=radius)
        expected = radius * mean / np.linalg.norm(mean)
        np.testing.assert_allclose(found.w, expected, atol=1e-4 * radius)
        assert found.value == pytest.approx(1 - radius * np.linalg.norm(mean))


def test_logistic_on_two_points_has_its_closed_form():
    """Rates .8 and .3 on two axes: w is their log odds."""
    x = np.eye(2)[[0, 0, 1, 1]]
    y, weight = np.array([1.0, -1.0, 1.0, -1.0]), np.array([0.8, 0.2, 0.3, 0.7])
    found = erm("logistic", x, y, sample_weight=weight)
    np.testing.assert_allclose(found.w, special.logit([0.8, 0.3]), atol=1e-4)
    entropy = -(weight @ np.log(weight)) / 2
    assert found.value == pytest.approx(entropy)


@few
@given(loss=kinds, data=data, seed=strategies.seeds)
def test_rotating_permuting_and_mirroring_do_what_they_should(loss, data, seed):
    (x, y, _), rng = data, stream(seed, "turn")
    w = erm(loss, x, y, penalty=0.3).w
    turn, order = laws.ortho_group(x.shape[1], seed=rng).rvs(), rng.permutation(len(y))
    near = x * (1 - 1e-12)
    for other, expected in (
        (erm(loss, near @ turn, y, penalty=0.3).w, w @ turn),
        (erm(loss, x[order], y[order], penalty=0.3).w, w),
        (erm(loss, x, -y, penalty=0.3).w, -w),
        (erm(loss, -x, -y, penalty=0.3).w, w),
    ):
        np.testing.assert_allclose(other, expected, atol=2e-4)


@few
@given(loss=kinds, data=data, counts=st.data())
def test_a_weight_is_a_number_of_copies(loss, data, counts):
    x, y, _ = data
    many = counts.draw(st.lists(st.integers(0, 3), min_size=len(y), max_size=len(y)))
    many[0] += 1
    weighted = erm(loss, x, y, penalty=0.3, sample_weight=0.1 * np.array(many))
    copied = erm(loss, np.repeat(x, many, 0), np.repeat(y, many), penalty=0.3)
    np.testing.assert_allclose(weighted.w, copied.w, atol=2e-4)
    assert weighted.value == pytest.approx(copied.value)


@each_loss
def test_a_huge_ball_does_nothing_and_a_small_one_is_filled(loss):
    free = erm(loss, X, Y, penalty=0.2)
    huge = erm(loss, X, Y, penalty=0.2, radius=100.0)
    small = erm(loss, X, Y, penalty=0.2, radius=0.1)
    np.testing.assert_allclose(free.w, huge.w, atol=1e-4)
    assert np.linalg.norm(small.w) == pytest.approx(0.1, rel=1e-9)
    assert small.value > free.value


@each_loss
def test_the_answer_does_not_depend_on_what_was_solved_before(loss):
    first = erm(loss, X, Y, penalty=0.2, radius=1.0)
    erm(loss, -X, Y, penalty=2.0, radius=0.1, sample_weight=[1, 2, 3, 4, 5])
    again = erm(loss, X, Y, penalty=0.2, radius=1.0)
    np.testing.assert_array_equal(first.w, again.w)


@each_loss
@pytest.mark.parametrize("ball", [True, False])
def test_the_program_is_compiled_once(loss, ball):
    radius = 1.0 if ball else None
    erm(loss, X, Y, penalty=0.2, radius=radius)
    before = convex._compiled.cache_info().misses
    erm(loss, X, -Y, penalty=0.3, radius=radius and 2.0)
    assert convex._compiled.cache_info().misses == before
    assert convex._compiled(loss, 5, 2, ball)[0].is_dcp(dpp=True)


@pytest.mark.parametrize("loss", ["logistic", "hinge"])
@pytest.mark.parametrize(("g", "rate"), [(0.05, 0.3), (1 / 24, 0.1)])
def test_convex_surrogates_err_on_half_of_the_long_servedio_law(loss, g, rate):
    """Claim B8: the population minimiser is wrong on the atom (g, -g)."""
    x, y, weight = atoms(g, rate)
    found = erm(loss, x, y, sample_weight=weight)
    assert found.stationarity < 1e-5
    assert error(g, found.w) == 0.5
    assert x[1] @ found.w < -0.03  # far from a tie


@pytest.mark.parametrize(
    ("loss", "rate"),
    [("logistic", 0.1), ("logistic", 0.3), ("logistic", 0.45), ("hinge", 0.1)],
)
def test_the_long_servedio_law_with_a_larger_margin_is_learned(loss, rate):
    """Claim B8, control: at g = 1/6 nobody fails."""
    x, y, weight = atoms(1 / 6, rate)
    w = erm(loss, x, y, sample_weight=weight).w
    assert error(1 / 6, w) == 0
    assert np.min(x @ w) > 0.02


@pytest.mark.parametrize(("rate", "w"), [(0.2222, (6, 0)), (0.2223, (1, 1))])
def test_above_two_ninths_the_hinge_escapes_failure_by_a_tie(rate, w):
    """Claim B8: at g = 1/6 its minimiser is (6, 0), then (1, 1), on (g, -g) at 0.

    By hand: their objectives are 13 eta / 4 and 1/2 + eta, equal at eta = 2/9.
    """
    x, y, weight = atoms(1 / 6, rate)
    found = erm("hinge", x, y, sample_weight=weight)
    np.testing.assert_allclose(found.w, w, atol=1e-3)
    assert found.value == pytest.approx(min(13 * rate / 4, 0.5 + rate), abs=1e-7)


@pytest.mark.parametrize(("g", "rate"), [(0.05, 0.3), (1 / 24, 0.1), (1 / 6, 0.3)])
def test_unhinged_does_not_mind_the_long_servedio_law(g, rate):
    """Claim B8, control: its minimiser is the mean, whatever the rate."""
    x, y, weight = atoms(g, rate)
    w = erm("unhinged", x, y, sample_weight=weight, radius=1.0).w
    mean = np.array([0.25 + 0.75 * g, 0.75 * g])
    np.testing.assert_allclose(w, mean / np.linalg.norm(mean), atol=1e-6)
    assert error(g, w) == 0


def test_without_noise_the_hinge_separates_the_long_servedio_law():
    """Claim B8, control: it is the noise that hurts."""
    x, y, weight = atoms(0.05, 0.0)
    found = erm("hinge", x, y, sample_weight=weight)
    assert error(0.05, found.w) == 0
    assert found.value < 1e-6


def test_no_minimiser_is_said_to_be_none():
    separable, y = [[0.6, 0.8], [0.6, -0.8]], [1, 1]
    for loss, why in (("logistic", "separable"), ("unhinged", "unbounded")):
        with pytest.raises(ValueError, match=rf"`penalty` must .*{why}.*, got 0.0"):
            erm(loss, separable, y)
        assert erm(loss, separable, y, penalty=0.1).stationarity < 1e-4
        assert erm(loss, separable, y, radius=1.0).stationarity < 1e-4
    assert erm("hinge", separable, y).value < 1e-6
    with pytest.raises(ValueError, match="separable"):  # only just: ties at one end
        erm("logistic", [[1, 0], [0, 1], [0, 1]], [1, 1, -1])
    with pytest.raises(ValueError, match="separable"):  # weight 0 is no sample
        erm("logistic", [[1, 0], [1, 0]], [1, -1], sample_weight=[1, 0])
    w = erm("logistic", [[1, 0], [0, 1], [1, 0], [0, 1]], [1, 1, -1, -1]).w
    np.testing.assert_allclose(w, 0, atol=1e-3)


@pytest.mark.parametrize("status", ["optimal_inaccurate", "infeasible", "user_limit"])
def test_a_solver_that_fails_is_named(status, monkeypatch):
    def solve(self, **_):
        warnings.warn("Solution may be inaccurate", stacklevel=1)
        self._status = status

    monkeypatch.setattr(cp.Problem, "solve", solve)
    with pytest.raises(RuntimeError, match=rf"status optimal, got {status}\b"):
        erm("hinge", X, Y)

    def broken(self, **_):
        raise cp.SolverError

    monkeypatch.setattr(cp.Problem, "solve", broken)
    with pytest.raises(RuntimeError, match="got solver_error"):
        erm("hinge", X, Y)


def test_read_only_samples_are_taken_and_left_alone():
    x, y, weight = (strategies.frozen(array) for array in (X, Y, np.arange(5.0)))
    found = erm("hinge", x, y, penalty=0.1, sample_weight=weight)
    np.testing.assert_array_equal(x, X)
    found.w[0] = 0  # the answer is the caller's own


def test_importing_the_package_does_not_import_cvxpy():
    code = "import sys, halfspace; sys.exit('cvxpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


NAN, INF = float("nan"), float("inf")
BAD = {
    "loss": ["squared", None, 0, "Hinge"],
    "x": [
        [],
        [1.0],
        [[1.0]],
        [[NAN, 1.0]],
        [[2.0, 0.0]],
        None,
        "x",
        X[None],
        [[1], []],
    ],
    "y": [[1.0], Y[:4], 0 * Y, None, "y", Y[None]],
    "penalty": [-0.1, NAN, INF, None, "1", True, [0.1]],
    "radius": [0, -1.0, NAN, INF, "1", True, [0.1]],
    "sample_weight": [[1.0], -Y, 0 * Y, Y * NAN, "w", Y[None], [[1], []]],
}
CASES = [(name, value) for name, values in BAD.items() for value in values]


@pytest.mark.parametrize("case", range(len(CASES)))
def test_bad_input_is_refused_in_one_line_that_names_it(case):
    name, value = CASES[case]
    good = {"loss": "hinge", "x": X, "y": Y, "penalty": 0.1, "radius": 1.0}
    erm(**good)
    with pytest.raises((ValueError, TypeError)) as caught:
        erm(**(good | {name: value}))
    message = str(caught.value)
    assert "\n" not in message
    assert re.match(rf"`{name}` must .*, got .", message), message
