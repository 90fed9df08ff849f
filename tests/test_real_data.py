"""Noise on real data has the law it says, and every method sees the same rows."""

import sys
from dataclasses import fields, replace
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.base import BaseEstimator

from halfspace import stream
from halfspace.distill.teacher import fit_accuracy, top_margin
from halfspace.estimators import SLaMClassifier
from halfspace.transition import backward, forward
from simulations import contenders, peers, real_data, real_noise
from simulations.contenders import OWN, Task

SPEC = real_data.Spec()
LEVELS = (("uniform", 0.4), ("by class", 0.45), ("by margin", 0.5), ("teacher", "tree"))


@st.composite
def labelled(draw):
    """Draw classes and scores of them, without ties."""
    k, n = draw(st.integers(2, 5)), draw(st.integers(1, 12))
    rng = stream(draw(st.integers(0, 10**6)), "labelled")
    return rng.integers(k, size=n), rng.standard_normal((n, k)), k


def flips(law, y):
    return 1 - law[np.arange(len(y)), y]


@given(given=labelled(), rate=st.floats(0, 1))
def test_every_law_is_one_of_labels(given, rate):
    """Each row is a law, and rate 0 flips nothing."""
    y, scores, k = given
    laws = (
        real_noise.uniform(y, k, rate),
        real_noise.by_class(y, k, rate),
        real_noise.by_margin(y, scores, rate),
    )
    for law in laws:
        assert law.shape == (len(y), k)
        assert law.min() >= 0
        np.testing.assert_allclose(law.sum(axis=1), 1, atol=1e-12)
        assert (flips(law, y) <= rate + 1e-12).all()


@given(given=labelled(), rate=st.floats(0, 1))
def test_uniform_flips_go_to_each_other_class_alike(given, rate):
    y, _, k = given
    law = real_noise.uniform(y, k, rate)
    np.testing.assert_allclose(flips(law, y), rate, atol=1e-12)
    others = law[np.arange(k) != y[:, None]]
    np.testing.assert_allclose(others, rate / (k - 1), atol=1e-12)


@given(given=labelled(), rate=st.floats(0, 1))
def test_flips_by_class_are_three_times_as_many_for_even_classes(given, rate):
    y, _, k = given
    law = real_noise.by_class(y, k, rate)
    own = np.where(y % 2 == 0, rate, rate / 3)
    np.testing.assert_allclose(flips(law, y), own, atol=1e-12)
    following = law[np.arange(len(y)), (y + 1) % k]
    np.testing.assert_allclose(following, own, atol=1e-12)


@given(given=labelled(), rate=st.floats(0, 1))
def test_flips_by_margin_fall_with_it_and_have_their_mean(given, rate):
    """The mean is rate/2 exactly; labels go to the likeliest class but the true."""
    y, scores, _ = given
    law = real_noise.by_margin(y, scores, rate)
    found = flips(law, y)
    np.testing.assert_allclose(found.mean(), rate / 2, atol=1e-12)
    two = np.sort(scores, axis=1)[:, -2:]
    by_lead = found[np.argsort(two[:, 1] - two[:, 0])]
    assert (np.diff(by_lead) <= 0).all()
    for row, (own, score) in enumerate(zip(y, scores, strict=True)):
        others = [c for c in range(len(score)) if c != own]
        likeliest = max(others, key=lambda c: score[c])
        assert law[row, likeliest] == pytest.approx(found[row])


@given(given=labelled())
def test_a_label_is_drawn_once_by_its_law(given):
    """Over a grid of all draws, the shares of the labels are the law to the grid."""
    _, scores, _ = given
    law = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    grid = (np.arange(1000) + 0.5) / 1000
    for row in law:
        same = np.tile(row, (1000, 1))
        said = real_noise.draw(
            same, SimpleNamespace(random=lambda shape: grid[:, None])
        )
        shares = np.bincount(said, minlength=len(row)) / 1000
        np.testing.assert_allclose(shares, row, atol=1.01e-3)


@pytest.mark.parametrize("data", real_noise.SIZES)
def test_a_split_deals_every_row_once_and_keeps_the_shares_of_classes(data):
    it = real_noise.split(data, stream(0, "split"))
    x, y = real_noise.LOADERS[data](return_X_y=True)
    parts = (it.teacher, it.train, it.clean, it.test)
    assert tuple(len(part.y) for part in parts[:3]) == real_noise.SIZES[data]
    dealt = np.concatenate([part.x for part in parts])
    assert len(dealt) == len(x)
    rows, again = (np.unique(each.round(6), axis=0) for each in (x, dealt))
    assert len(rows) == len(again)
    for part in parts:
        counts = np.bincount(part.y, minlength=it.k)
        expected = len(part.y) * np.bincount(y) / len(y)
        assert np.abs(counts - expected).max() <= 2
    np.testing.assert_allclose(it.train.x.mean(axis=0), 0, atol=1e-9)
    spread = it.train.x.std(axis=0)
    np.testing.assert_allclose(spread[spread > 0], 1, atol=1e-9)
    other = real_noise.split(data, stream(1, "split"))
    assert not np.array_equal(other.test.x[:5], it.test.x[:5])


@pytest.fixture(scope="module")
def tasks():
    """One split of wine under every noise."""
    return {
        noise: real_data.pose(SPEC, "wine", noise, level, 0)
        for noise, level in (real_data.ANY, *LEVELS)
    }


def test_every_noise_and_method_meets_the_same_split(tasks):
    truths = [it.truth for it in tasks.values()]
    for it, truth in zip(tasks.values(), truths, strict=True):
        np.testing.assert_array_equal(truth, truths[0])
        np.testing.assert_array_equal(it.task.test_x, tasks["any"].task.test_x)
        np.testing.assert_array_equal(it.task.clean_y, tasks["any"].task.clean_y)
    again = real_data.pose(SPEC, "wine", "uniform", 0.4, 0).task.said
    np.testing.assert_array_equal(again, tasks["uniform"].task.said)
    other = real_data.pose(SPEC, "wine", "uniform", 0.4, 1).task.said
    assert not np.array_equal(other, again)


def test_no_task_holds_the_truth_of_what_is_learned_or_tested():
    """But for the oracle's accuracy; -1 stands where a method uses no noisy label."""
    names = {field.name for field in fields(Task)}
    clean = {"clean_x", "clean_y", "clean_said", "clean_scores"}
    assert names - clean == {"k", "x", "said", "scores", "accuracy", "test_x", "seed"}
    assert (real_data.pose(SPEC, "wine", *real_data.ANY, 0).task.said == -1).all()


def test_only_what_uses_noisy_labels_changes_with_them(tasks):
    one, two = tasks["any"].task, tasks["by class"].task
    for method in real_data.WITHOUT:
        run = real_data.METHODS[method]
        np.testing.assert_array_equal(run(one), run(two))
    flipped = replace(two, said=(two.said + 1) % 3)
    assert (contenders.plain(two) != contenders.plain(flipped)).any()


def test_what_is_told_is_what_the_docstring_says(tasks, monkeypatch):
    told = []

    def student():
        it = SLaMClassifier()
        fit = it.fit
        it.fit = lambda x, y, accuracy: (told.append(accuracy), fit(x, y, accuracy))[1]
        return it

    monkeypatch.setattr(contenders, "SLaMClassifier", student)
    task = tasks["teacher"].task
    right = task.clean_said == task.clean_y
    for method in (contenders.one_rate, contenders.by_margin, contenders.told):
        method(task)
    n = len(task.said)
    assert all((accuracy[n:] == 1).all() for accuracy in told)
    np.testing.assert_allclose(told[0][:n], right.mean())
    alpha = fit_accuracy(top_margin(task.clean_scores), right, lower=1 / 3)
    np.testing.assert_array_equal(told[1][:n], alpha.step(top_margin(task.scores)))
    np.testing.assert_array_equal(told[2][:n], task.accuracy)
    wrong = replace(task, clean_said=(task.clean_y + 1) % 3)
    contenders.one_rate(wrong)
    np.testing.assert_allclose(told[3][:n], 1 / 3)


def test_the_oracle_is_told_the_law(tasks):
    law = 1 - np.where(tasks["any"].task.clean_y % 2, 0.15, 0.45)
    assert set(tasks["by class"].task.accuracy.round(12)) == set(law.round(12))
    assert (tasks["uniform"].task.accuracy == 0.6).all()
    accuracy = tasks["by margin"].task.accuracy
    assert 0.5 < accuracy.min() < 0.52
    assert 0.98 < accuracy.max() < 1
    it = tasks["by class"]
    assert it.predicted_flipped == pytest.approx((1 - it.task.accuracy).sum())


def test_the_transition_counts_clean_rows_and_one_right_label(tasks):
    task = replace(
        tasks["any"].task,
        k=2,
        clean_y=np.array([0, 0, 0, 1]),
        clean_said=np.array([1, 1, 0, 1]),
    )
    np.testing.assert_allclose(contenders.transition(task), [[0.5, 0.5], [0, 1]])


@pytest.mark.parametrize("data", ["breast cancer", "wine"])
def test_corrected_losses_without_noise_are_logistic_regression(data):
    it = real_data.pose(SPEC, data, "uniform", 0.2, 0).task
    task = replace(it, clean_said=it.clean_y)
    known = contenders.regression().fit(task.all_x, task.all_y)
    for loss in (forward, backward):
        w = contenders._corrected(task, loss, None)
        if it.k == 2:
            right = contenders.transition(task)
            np.testing.assert_array_equal(right, np.eye(2))
        np.testing.assert_allclose(w[:, :-1], known.coef_, atol=0.01)


def test_for_two_classes_forward_and_slam_told_one_rate_agree(monkeypatch):
    """C1: their losses are the same, and so are their answers."""
    task = real_data.pose(SPEC, "breast cancer", "uniform", 0.2, 0).task
    known = np.array([[0.8, 0.2], [0.2, 0.8]])
    monkeypatch.setattr(contenders, "transition", lambda task: known)
    one = replace(task, accuracy=np.full(len(task.said), 0.8))
    differ = contenders.forward_corrected(task) != contenders.told(one)
    assert differ.sum() <= 1


def test_without_an_inverse_backward_has_the_clean_rows_alone(tasks, monkeypatch):
    task = tasks["uniform"].task
    monkeypatch.setattr(contenders, "transition", lambda task: np.full((3, 3), 1 / 3))
    found = contenders.backward_corrected(task)
    np.testing.assert_array_equal(found, contenders.clean_rows(task))
    assert contenders.forward_corrected(task).shape == found.shape


@pytest.mark.parametrize("method", real_data.METHODS)
def test_every_method_learns_from_labels_with_little_noise(method):
    """Not vacuous: on wine, with a tenth of the labels flipped, it errs on few."""
    if method in peers.NEEDS:
        module = peers.NEEDS[method]
        pytest.importorskip(module, reason=f"{module}, of the extra peers, is missing")
    it = real_data.pose(SPEC, "wine", "uniform", 0.1, 0)
    before = set(dir(BaseEstimator))
    found = real_data.METHODS[method](it.task)
    assert found.shape == it.truth.shape
    assert np.mean(found != it.truth) < 0.2
    assert set(dir(BaseEstimator)) == before


@pytest.mark.parametrize("method", peers.NEEDS)
def test_a_package_that_is_missing_is_a_reason_and_no_failure(method, monkeypatch):
    module = peers.NEEDS[method]
    monkeypatch.setitem(sys.modules, module, None)
    cell = {"data": "wine", "noise": "uniform", "level": 0.4, "method": method}
    row = real_data.measure(SPEC, **cell)
    assert row == {"skipped": f"{module} does not import"}


def test_what_a_peer_cannot_do_is_a_reason_and_ours_must_not_fail(monkeypatch):
    def broken(task):
        msg = "no class 2"
        raise ValueError(msg)

    monkeypatch.setattr(peers, "lacking", lambda method: "")
    monkeypatch.setattr(real_data, "METHODS", {"IRBL": broken, "plain": broken})
    spec = replace(SPEC, splits=1)
    cell = {"data": "wine", "noise": "uniform", "level": 0.4}
    row = real_data.measure(spec, **cell, method="IRBL")
    assert row == {"skipped": "ValueError: no class 2"}
    with pytest.raises(ValueError, match="no class 2"):
        real_data.measure(spec, **cell, method="plain")


def test_a_row_counts_wrong_answers():
    spec = replace(SPEC, splits=2)
    cell = {"data": "wine", "noise": "uniform", "level": 0.4, "method": "plain"}
    row = real_data.measure(spec, **cell)
    posed = [real_data.pose(spec, "wine", "uniform", 0.4, i) for i in range(2)]
    wrong = [int((OWN["plain"](it.task) != it.truth).sum()) for it in posed]
    assert row["wrong"] == wrong
    assert row["test"] == 178 - sum(real_noise.SIZES["wine"])
    assert row["predicted_flipped"] == [pytest.approx(0.4 * 60)] * 2
    assert row["flipped"] == [it.flipped for it in posed]
    assert all(abs(it.flipped - 24) < 22 for it in posed)
