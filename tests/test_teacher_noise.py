"""Students of teachers whose law is known: what is told, what is shared, the claim."""

from dataclasses import replace

import numpy as np
import pytest

from simulations import digits, distillation_claims, distillation_tables, teacher_noise
from simulations.noisy_teachers import LAWS, uniform
from simulations.teacher_noise import ESTIMATED, SCALES, measure, tasks

SPEC = SCALES["test"]
SPLIT = digits.draw(30, SPEC.held, trials=SPEC.trials, seed=SPEC.seed)


@pytest.mark.parametrize("name", LAWS)
def test_the_law_is_told_and_only_that_differs_from_what_is_estimated(name):
    """Claim H1: one is told the law, the other what the held rows say; no truth."""
    told, estimated = tasks(SPEC, SPLIT, name, 0.7)
    law = LAWS[name](SPLIT.rest_x, SPLIT.rest_y, 0.7)
    np.testing.assert_array_equal(told.accuracy, np.maximum(law.accuracy, SPEC.lower))
    np.testing.assert_array_equal(told.sizes, law.candidates.sum(axis=-1))
    assert (told.accuracy != estimated.accuracy).any()
    for field in ("x", "y", "taught", "scores", "truth"):
        np.testing.assert_array_equal(getattr(told, field), getattr(estimated, field))
    assert told.y.shape == (SPEC.trials, 80)
    right = np.mean(told.likeliest == told.truth, axis=-1)
    np.testing.assert_allclose(right, 0.7, atol=0.07)  # 5 deviations of 1267 labels


def test_teachers_of_all_laws_err_on_the_same_rows_where_the_laws_are_the_same():
    some, others = (tasks(SPEC, SPLIT, name, 0.7)[0] for name in ("uniform", "likely"))
    wrong = [it.likeliest != it.truth for it in (some, others)]
    np.testing.assert_array_equal(*wrong)
    assert (some.likeliest != others.likeliest).any()
    worse = tasks(SPEC, SPLIT, "uniform", 0.6)[0]
    assert (wrong[0] <= (worse.likeliest != worse.truth)).all()


def test_held_rows_and_other_seeds_have_errors_of_their_own():
    task = tasks(SPEC, SPLIT, "uniform", 0.7)[0]
    wrong = task.likeliest != task.truth
    held = task.held.scores.argmax(axis=-1) != task.held.y
    assert (held[0] != wrong[0, :50]).any()
    other = tasks(replace(SPEC, seed=1), SPLIT, "uniform", 0.7)[0]
    assert (wrong != (other.likeliest != other.truth)).any()


def test_estimating_differs_by_what_is_told_alone(monkeypatch):
    """Of a teacher who is right with the odds that are told, both are one student."""
    spec = replace(SPEC, updates=20)
    row = measure(spec, teacher="margin", labels=30, accuracy=0.6)
    assert row["right"][ESTIMATED] != row["right"]["slam_hard"]

    def both_told(*given):
        return (tasks(*given)[0],) * 2

    monkeypatch.setattr(teacher_noise, "tasks", both_told)
    row = measure(spec, teacher="margin", labels=30, accuracy=0.6)
    assert row["right"][ESTIMATED] == row["right"]["slam_hard"]
    assert row["right"]["hard"] != row["right"]["slam_hard"]
    assert row["diverged"] == 0


def test_a_teacher_who_is_nearly_always_right_teaches_as_the_truth_does(monkeypatch):
    """Counts by hand: of rows that are all labelled right, in each trial."""

    def sure(x, y, accuracy):
        return uniform(x, y, 1 - 1e-12)

    monkeypatch.setitem(vars(teacher_noise), "LAWS", {"uniform": sure})
    row = measure(SPEC, teacher="uniform", labels=30, accuracy=0.6)
    assert row["taught_right"] == [row["taught"]] * SPEC.trials
    assert row["tests"] == 450
    assert all(len(counts) == SPEC.trials for counts in row["right"].values())


def entry(teacher, accuracy, **right):
    """Return a cell and its row, of ten test rows."""
    cell = {"teacher": teacher, "labels": 30, "accuracy": accuracy}
    return {"cell": cell, "row": {"tests": 10, "right": right}}


def test_the_claim_is_about_noisy_teachers_of_one_law(monkeypatch):
    """By hand: gains of 0.2 and 0.1 count, those of other or good teachers do not."""
    entries = [
        entry("uniform", 0.6, slam_hard=[8, 8], hard=[6, 6]),
        entry("uniform", 0.8, slam_hard=[8, 8], hard=[7, 7]),
        entry("uniform", 0.9, slam_hard=[0, 0], hard=[9, 9]),
        entry("margin", 0.6, slam_hard=[0, 0], hard=[9, 9]),
    ]
    monkeypatch.setattr(distillation_claims, "load", lambda *_: {"rows": entries})
    chosen = distillation_claims.of_law("uniform")
    find = distillation_claims.least_gain("slam_hard", ("hard",), "any", chosen)
    np.testing.assert_allclose(find("test", None), 0.1)


def test_the_best_is_bold_and_what_may_be_as_good_in_italics(monkeypatch):
    right = {name: [3, 3, 3] for name in distillation_tables.UNDER_A_LAW}
    right |= {"taylor": [9, 9, 9], "soft": [9, 8, 9], "oracle_drop": [10, 10, 10]}
    entries = [entry("margin", 0.6, **right)]
    monkeypatch.setattr(distillation_tables, "load", lambda *_: {"rows": entries})
    line = distillation_tables.under_a_law(None)[-1]
    assert line.startswith("| errors by margin, 0.6 | 30.0 ± 0.0 | *86.7 ± ")
    assert line.count("**") == 2
    assert "| **90.0 ± 0.0** |" in line
    assert line.count("| 30.0 ± 0.0 ") == 8
    assert line.endswith("| 100.0 ± 0.0 |")
