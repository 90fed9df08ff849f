"""Convergence of plain, backward and forward descent: second moments, rates, bounds."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RCN, Learner, Shell, reduced, stream, theory
from halfspace.rules import RULES
from halfspace.theory.adjustment import largest_forward_slope
from halfspace.theory.convergence import backward_average_error, forward_scale
from simulations import convergence, convergence_measures, convergence_rate
from simulations.convergence import distances, second_moments
from tests.statistics import standard_error
from tests.strategies import rates

LOSSES = ("logistic", "backward", "forward")
each_loss = pytest.mark.parametrize("rule", LOSSES)
coordinates = st.floats(-40, 40)


def state(u, rho):
    return reduced.Pair(np.array([u]), np.array([rho]))


@each_loss
@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3, 0.45])
@given(u=coordinates, rho=st.floats(0.01, 40), step=st.floats(0.1, 10))
def test_the_second_moment_of_a_state_is_exact(rule, rate, u, rho, step):
    """For d = 4 the cosine is uniform on (-1, 1): integrate over it and the label."""
    law, learner = Shell(dim=4, margin=0.6), Learner(rule=rule, rate=rate, step=step)
    size = 20_000
    z = 0.6 * u + 0.8 * rho * ((2 * np.arange(size) + 1) / size - 1)
    right, wrong = (
        RULES[rule].coefficient(z, np.full(size, y), rate, np.nan) ** 2
        for y in (1.0, -1.0)
    )
    expected = np.mean((1 - rate) * right + rate * wrong)
    (found,) = second_moments(learner, law, RCN(rate=rate), state(u, rho))
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-12)


@given(rate=rates, u=coordinates, rho=st.floats(0.01, 40))
def test_second_moments_keep_what_b2_and_b4_say(rate, u, rho):
    """Claims B2 and B4: a bound from above for forward, from below for backward."""
    law, channel, at = Shell(dim=100, margin=0.1), RCN(rate=rate), state(u, rho)
    forward, backward = (
        second_moments(Learner(rule=rule, rate=rate), law, channel, at)[0]
        for rule in ("forward", "backward")
    )
    assert forward <= largest_forward_slope(rate) ** 2 * (1 + 1e-9)
    assert backward >= theory.noise_factor(rate) * (1 - 1e-9)


@pytest.fixture(scope="module")
def rows():
    """Rows of the curves at test scale."""
    spec = convergence.SCALES["test"]
    return [
        (cell, convergence.measure(spec, **cell)) for cell in convergence.cells(spec)
    ]


def test_the_bounds_on_second_moments_bite(rows):
    """Not vacuous: bounds that are 2% off would be crossed."""
    most = [
        row["most_second_moment"] / row["predicted_most_second_moment"]
        for cell, row in rows
        if cell["rule"] == "forward"
    ]
    least = [
        row["least_second_moment"] / row["predicted_least_second_moment"]
        for cell, row in rows
        if cell["rule"] == "backward"
    ]
    assert 0.98 < max(most) <= 1
    assert 1 <= min(least) < 1.02


def test_a_row_says_what_it_is_of(rows):
    for cell, row in rows:
        least, most = row["least_second_moment"], row["most_second_moment"]
        means = np.array(row["second_moments"]) / row["group_trials"]
        assert 0 < least <= means.min() <= means.max() <= most
        assert (np.array(row["distances"]) <= 2 * row["group_trials"]).all()
        assert (np.array(row["last_errors"]) <= row["group_trials"]).all()
        backward = cell["rule"] == "backward"
        assert ("predicted_least_second_moment" in row) == backward
        free = backward and cell["size"] != convergence.PROJECTED
        assert ("predicted_backward_error" in row) == free


@each_loss
def test_the_projected_step_is_one_rule_for_all(rule):
    """R / (G sqrt T) with R = log(T) / (2 gamma) and the largest slope of the loss."""
    spec = convergence.SCALES["paper"]
    found = convergence.learner_of(spec, rule, 0.3, convergence.PROJECTED)
    largest = {"logistic": 1.0, "backward": 1.75, "forward": 0.208712153}[rule]
    radius = np.log(50_000) / 0.2
    np.testing.assert_allclose(found.radius, radius)
    np.testing.assert_allclose(found.step, radius / (largest * np.sqrt(50_000)))
    assert found.rule == rule
    given = convergence.learner_of(spec, rule, 0.3, 10.0)
    assert (given.step, given.radius, given.rate) == (10.0, np.inf, 0.3)


@given(u=coordinates, rho=st.floats(0.01, 40))
def test_the_distance_is_that_of_unit_vectors(u, rho):
    w = np.array([u, rho]) / np.hypot(u, rho)
    (found,) = distances(state(u, rho))
    np.testing.assert_allclose(found, np.linalg.norm(w - [1, 0]), atol=1e-12)


@pytest.mark.parametrize(("rate", "step"), [(0.1, 1.0), (0.3, 10.0), (0.45, 0.1)])
def test_backward_is_the_sigmoid_link_at_another_step(rate, step, seed):
    """Claim B7, and so A10 holds for backward: path by path, on the same draws."""
    law, channel, beta = Shell(dim=25, margin=0.2), RCN(rate=rate), 1 - 2 * rate
    one, two = (
        reduced.run(
            *(learner, law, channel),
            at=[10, 2000],
            trials=50,
            rng=stream(seed, "backward"),
        )
        for learner in (
            Learner(rule="backward", rate=rate, step=step),
            Learner(rule="slam_sigmoid", rate=rate, step=step / beta),
        )
    )
    np.testing.assert_allclose(one.last, two.last, rtol=1e-7, atol=1e-7)
    np.testing.assert_array_equal(one.mistakes, two.mistakes)
    bound = backward_average_error(one.steps, 0.2, rate, step)
    hand = 2 * np.sqrt((1 + 0.5569290855 * beta / step) / one.steps) / (beta * 0.2)
    np.testing.assert_allclose(bound, hand, rtol=1e-8)
    assert (one.mistakes.mean(axis=0) / one.steps <= bound).all()


@pytest.mark.parametrize(("margin", "rate"), [(0.1, 0.4), (0.2, 0.45)])
def test_forward_learns_in_the_time_that_its_scale_counts(margin, rate, seed):
    """Claim B10, conjecture: at equal (1-2 eta)^2 gamma^2 T forward's errors are equal.

    Half the margin, or half of 1 - 2 eta, takes four times the samples, to within .1 in
    the exponent, where errors fall nearly as 1/T.
    """
    steps = 2500 * forward_scale(1, margin, rate) / forward_scale(1, 0.2, 0.4)
    np.testing.assert_allclose(steps, 10_000)
    one, two = errors(0.2, 0.4, 2500, seed), errors(margin, rate, 10_000, seed)
    assert_equal_errors(one, two)


def test_the_scale_of_forward_could_be_refuted(seed):
    """Negative control for B10: an exponent -1.5 in the margin shows."""
    one, two = errors(0.2, 0.4, 2500, seed), errors(0.1, 0.4, 7071, seed)
    with pytest.raises(AssertionError):
        assert_equal_errors(one, two)


def errors(margin, rate, steps, seed):
    """Return forward's average errors (trials,) at step 1 and d = 1/gamma^2."""
    path = reduced.run(
        Learner(rule="forward", rate=rate),
        Shell(dim=round(margin**-2), margin=margin),
        RCN(rate=rate),
        at=[steps],
        trials=500,
        rng=stream(seed, "B10", str(margin), str(rate)),
    )
    return path.mistakes[:, 0] / steps


def assert_equal_errors(one, two):
    """Fail if the means differ by more than .1 in an exponent, false-fail 1e-6."""
    reach = 4.9 * np.hypot(*(standard_error(x) / x.mean() for x in (one, two)))
    assert reach < 0.1  # what this is able to see
    assert abs(np.log(one.mean() / two.mean())) - reach < 0.1 * np.log(2)


def average(rule, steps, margin, rate):
    """Return an average error whose samples needed are known powers."""
    if rule == "forward":
        return forward_scale(1, margin, rate) / steps
    return theory.sigmoid_average_error(steps, margin, rate) / 10


@pytest.fixture(scope="module")
def powers(tmp_path_factory):
    """Return a folder with curves of known exponents, at quick scale."""
    folder = tmp_path_factory.mktemp("powers")

    def counts(learner, law, channel, *, at, trials, groups, rng):
        error = average(learner.rule, at, law.margin, channel.rate)
        error = np.minimum(0.5, error * (0.2 if law.dim > 1000 else 1.0))
        noise = 1 + 0.002 * rng.standard_normal((groups, 1))
        return {
            "steps": at.tolist(),
            "group_trials": trials // groups,
            "mistakes": (error * at * (trials // groups) * noise).tolist(),
            "most_mistakes": 0,
        }

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(convergence_rate, "mistake_counts", counts)
        spec = convergence_rate.SCALES["quick"]
        rows = [
            {"cell": cell, "row": convergence_rate.measure(spec, **cell)}
            for cell in convergence_rate.cells(spec)
        ]
    patched = {"spec": asdict(spec), "rows": rows}
    (folder / "powers.json").write_text(json.dumps(patched))
    return json.loads((folder / "powers.json").read_text())


@pytest.mark.parametrize(
    ("rule", "error"), [("forward", -1.0), ("slam", -2.0), ("slam_sigmoid", -2.0)]
)
def test_known_exponents_are_found(rule, error, powers, monkeypatch, tmp_path):
    """All exponents of curves that are powers, to within a hundredth."""
    monkeypatch.setattr(convergence_measures, "load", lambda *_: powers)
    monkeypatch.setattr("simulations.analysis.load", lambda *_: powers)
    for which, expected in (("eps", error), ("gamma", -2.0), ("1-2eta", -2.0)):
        found = convergence_measures.exponent(which, rule)("quick", tmp_path)
        assert found.low - 0.01 <= expected <= found.high + 0.01, which
        assert found.high - found.low < 0.05, which
    far = convergence_measures.error_exponent("quick", tmp_path, rule, far=True)
    np.testing.assert_allclose(far.estimate, error, atol=0.01)


def test_the_exponent_of_the_accuracy_is_of_the_noisiest_rates(
    powers, monkeypatch, tmp_path
):
    monkeypatch.setattr(convergence_measures, "load", lambda *_: powers)
    monkeypatch.setattr("simulations.analysis.load", lambda *_: powers)
    monkeypatch.setattr(convergence_measures, "slope", lambda points, x: x)
    for noisiest, expected in ((2, [0.4, 0.2]), (0, [0.8, 0.4, 0.2])):
        found = convergence_measures.accuracy_exponent(
            "quick", tmp_path, "forward", noisiest=noisiest
        )
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize("module", [convergence, convergence_rate])
def test_all_rules_and_steps_see_the_same_draws(module, monkeypatch):
    """What differs in name: dimension, rate and margin; not the rule, nor its step."""
    names, honest = {}, stream

    def named(seed, *key):
        names.setdefault(key, []).append(cell)
        return honest(seed, *key)

    monkeypatch.setattr(module, "stream", named)
    spec = module.SCALES["test"]
    for cell in module.cells(spec):
        module.measure(spec, **cell)
    apart = {"rule", "size"}
    for cells in names.values():
        same = [{k: v for k, v in it.items() if k not in apart} for it in cells]
        assert all(it == same[0] for it in same)
        assert len(cells) == len(spec.rules) * len(getattr(spec, "sizes", (1,)))


def test_the_axes_of_the_exponents_meet_in_one_centre():
    spec = convergence_rate.SCALES["paper"]
    cells = list(convergence_rate.cells(spec))
    assert len(cells) == (5 + 3 - 1) * 2 * 3
    assert {(c["margin"], c["dim"]) for c in cells if c["dim"] != spec.far} == {
        (0.2, 25),
        (0.1, 100),
        (0.05, 400),
    }
    small = convergence_rate.SCALES["test"]
    row = convergence_rate.measure(small, margin=0.5, rate=0.3, dim=4, rule="forward")
    assert row["targets"] == [0.3, 0.2]
    scale = 4 / 0.16 / np.array(row["targets"])
    np.testing.assert_allclose(row["predicted_scale"], scale)
    far = convergence_rate.measure(
        small, margin=0.4, rate=0.3, dim=small.far, rule="slam"
    )
    assert far["targets"] == [0.1]
