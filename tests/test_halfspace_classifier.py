"""HalfspaceClassifier: every rule, its rate, its selection, its units, refusals."""

import numpy as np
import pytest
import sklearn
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from halfspace import (
    RULES,
    ByRegion,
    default_learner,
    fit,
    flip,
    stream,
    three_atoms,
    trap,
)
from halfspace.estimators import HalfspaceClassifier, online
from halfspace.estimators._guarantees import GUARANTEES

LAW = three_atoms(0.3)


def noisy(seed, n=2000, rate=0.2, law=LAW):
    """Draw points, noisy labels and the truth."""
    rng = stream(seed, "noisy", n)
    x, s = law.sample((n,), rng=rng)
    return x, np.where(rng.random(n) < rate, -s, s), s


def test_every_rule_says_what_is_proved_of_it():
    assert set(GUARANTEES) == set(RULES)
    for name, text in GUARANTEES.items():
        assert HalfspaceClassifier(name, random_state=0).fit(*SMALL).guarantee_ == text
    assert "(A1)" in GUARANTEES["slam"]
    assert "(I1)" in GUARANTEES["perspectron"]


SMALL = (np.array([[1.0, 0.0], [0.9, 0.1], [-1.0, 0.2], [-0.8, 0.0]]), [1, 1, 0, 0])


@pytest.mark.parametrize("rule", ["slam", "slam_sigmoid", "perspectron", "backward"])
def test_a_rule_with_a_guarantee_learns_the_three_atoms(rule, seed):
    """Not vacuous: error 0, where the class mean errs on the .25 atom."""
    x, y, s = noisy(seed)
    model = HalfspaceClassifier(rule, margin=0.3, random_state=0).fit(x, y)
    assert model.score(x, s) == 1.0
    # 400 held-out labels: .2 within 5.5 standard deviations, false-fail below 1e-6.
    assert abs(model.holdout_.estimate - 0.2) < 5.5 * np.sqrt(0.16 / 400)
    assert 0.2 < model.holdout_.upper < 0.5
    assert model.warning_ == ""


def test_the_kept_iterate_is_the_best_on_held_out_rows(seed):
    """Claim A9: no candidate of any rate has fewer errors there."""
    x, y, _ = noisy(seed, n=200)
    model = HalfspaceClassifier("logistic", margin=0.3, random_state=0).fit(x, y)
    at = np.unique(np.geomspace(1, 160, 20).round())
    assert len(model.holdout_.errors) == 10 * 2 * len(at)
    assert model.holdout_.errors.min() == model.holdout_.estimate
    assert model.holdout_.count == 40


def test_a_run_is_that_of_the_library(seed):
    """Told a rate, it is `fit` of the default learner on scaled points, in order."""
    x, y, _ = noisy(seed, n=50)
    model = HalfspaceClassifier(
        "perspectron", rate=0.2, margin=0.3, fit_intercept=False, random_state=3
    ).fit(5 * x, y)
    rng = stream(int(np.random.RandomState(3).randint(2**31 - 1)), "rows")
    order = rng.permutation(50)
    points = np.column_stack([x / np.linalg.norm(x, axis=1).max(), np.zeros(50)])
    rule = default_learner("perspectron", margin=0.3, rate=0.2, steps=40)
    at = np.unique(np.geomspace(1, 40, 20).round().astype(int))
    path = fit(rule, points[order[10:]], y[order[10:]], at=at)
    w = np.concatenate([path.last, path.averaged])
    wrong = np.where(w @ points[order[:10]].T >= 0, 1, -1) != y[order[:10]]
    np.testing.assert_allclose(model.holdout_.errors, wrong.mean(axis=1))
    best = w[wrong.mean(axis=1).argmin()]
    scale = 5 * np.linalg.norm(x, axis=1).max()
    np.testing.assert_allclose(model.coef_[0], best[:2] / scale)
    assert model.intercept_ == 0
    assert model.rate_ == 0.2


@pytest.mark.parametrize("rule", ["slam", "perceptron", "perspectron"])
def test_rates_tried_together_are_rates_tried_alone(rule, seed):
    """Whether they go through the rows in step, or have a step for each rate."""
    x, y, _ = noisy(seed, n=60)
    told = {"rule": rule, "margin": 0.3, "random_state": 0}
    together = HalfspaceClassifier(**told).fit(x, y).holdout_.errors
    alone = [
        HalfspaceClassifier(**told, rate=rate).fit(x, y).holdout_.errors
        for rate in online.GRID
    ]
    np.testing.assert_array_equal(together, np.concatenate(alone))
    assert len({tuple(errors) for errors in alone}) > 1 or rule == "perceptron"


@settings(max_examples=10)
@given(scale=st.sampled_from([1e-6, 0.5, 3.0, 1e6]), shift=st.booleans())
def test_units_of_the_features_do_not_matter(scale, shift):
    x, y, _ = noisy(0, n=100)
    one, other = (
        HalfspaceClassifier(rate=0.2, fit_intercept=shift, random_state=0).fit(p, y)
        for p in (x, scale * x)
    )
    np.testing.assert_allclose(
        one.decision_function(x), other.decision_function(scale * x), rtol=1e-6
    )


def test_an_intercept_moves_the_boundary(seed):
    x, y, s = noisy(seed, n=1000, rate=0.0)
    far = x + np.array([1.0, 0.0])
    with_one, without = (
        HalfspaceClassifier(rate=0.0, fit_intercept=b, random_state=0).fit(far, y)
        for b in (True, False)
    )
    assert with_one.score(far, s) == 1.0
    assert without.score(far, s) < 0.9
    assert with_one.intercept_[0] < 0


def test_told_accuracies_are_used(seed):
    """Claim A6: on the trap, where one rate does not do for the mean iterates."""
    law, rng = trap(0.1), stream(seed, "trap")
    x, s = law.sample((5000,), rng=rng)
    channel = ByRegion(normal=(0.0, 1.0), inside=0.2)
    rate = channel.flip_probability(x, s)
    y = flip(channel, x, s, rng=rng)
    model = HalfspaceClassifier(random_state=0, fit_intercept=False)
    assert model.fit(x, y, accuracy=1 - rate).score(x, s) == 1.0
    np.testing.assert_allclose(model.rate_, rate.mean())


def test_labels_of_pure_noise_warn(seed):
    rng = stream(seed, "pure")
    x, y = rng.standard_normal((300, 3)), rng.choice(["no", "yes"], 300)
    model = HalfspaceClassifier(random_state=0).fit(x, y)
    assert "not below" in model.warning_
    assert set(model.predict(x)) <= {"no", "yes"}


def test_the_split_is_random_and_repeatable(seed):
    x, y, _ = noisy(seed, n=60)
    first, again, other = (
        HalfspaceClassifier(rate=0.3, random_state=state).fit(x, y).coef_
        for state in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_works_in_a_pipeline_with_routing(seed):
    x, y, _ = noisy(seed, n=120)
    model = HalfspaceClassifier(rate=0.2, random_state=0)
    pipe = make_pipeline(StandardScaler(), model)
    assert np.mean(cross_val_score(pipe, x, y, cv=3)) > 0.6
    with sklearn.config_context(enable_metadata_routing=True):
        model.set_fit_request(accuracy=True)
        told = {"accuracy": np.full(120, 0.8)}
        assert np.mean(cross_val_score(pipe, x, y, cv=3, params=told)) > 0.6


X, Y = SMALL
REFUSED = [
    ({"accuracy": 0.5}, {}, "`accuracy` must be in (0.5, 1], got 0.5"),
    ({"accuracy": [0.9] * 3}, {}, "`accuracy` must broadcast to shape (4,), got (3,)"),
    ({"y": [0, 1, 2, 2]}, {}, "Only binary classification is supported."),
    ({"y": [1, 1, 1, 1]}, {}, "`y` must hold 2 classes, got one class: 1"),
    ({"X": X * np.nan}, {}, "Input X contains NaN"),
    ({"X": X[:1], "y": Y[:1]}, {}, "minimum of 2 is required"),
    ({}, {"rule": "slan"}, "`rule` must be one of "),
    ({}, {"rate": 0.5}, "`rate` must be in [0, 0.5), got 0.5"),
    ({}, {"margin": 0.0}, "`margin` must be in (0, 1], got 0.0"),
    ({}, {"fit_intercept": None}, "`fit_intercept` must be a bool, got None"),
    (
        {},
        {"validation_fraction": 0.0},
        "`validation_fraction` must be in (0, 1), got 0",
    ),
]


@pytest.mark.parametrize("case", REFUSED, ids=[row[2][:40] for row in REFUSED])
def test_bad_input_is_refused_in_one_sentence(case):
    data, options, sentence = case
    with pytest.raises((ValueError, TypeError)) as caught:
        HalfspaceClassifier(**options).fit(**({"X": X, "y": Y} | data))
    assert sentence in str(caught.value)
