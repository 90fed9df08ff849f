"""The simulation of students of noisy teachers: its splits, its pairing, its claim."""

from dataclasses import replace

import numpy as np
import pytest

from simulations import digits, distillation, distillation_claims
from simulations.distillation import SCALES
from simulations.teachers import TEACHERS

SPEC = SCALES["test"]


def rows(split, *names):
    """Return rows of a split as sets of bytes, of the first trial."""
    return [{row.tobytes() for row in getattr(split, name)[0]} for name in names]


def test_no_row_is_used_twice_and_none_is_left_out():
    split = digits.draw(30, 50, trials=2, seed=0)
    parts = rows(split, "x", "held_x", "rest_x", "test_x")
    assert [len(part) for part in parts] == [30, 50, 1267, 450]  # no digit occurs twice
    assert len(set().union(*parts)) == 1797
    assert split.y.shape == (2, 30)
    assert not np.array_equal(split.x[0], split.x[1])


def test_budgets_are_nested_and_judged_on_the_same_rows():
    few, many = (digits.draw(n, 50, trials=2, seed=0) for n in (30, 100))
    more = digits.draw(30, 50, trials=3, seed=0)
    assert np.array_equal(few.x, many.x[:, :30])
    assert np.array_equal(few.test_y, many.test_y)
    assert np.array_equal(few.x, more.x[:2])


@pytest.mark.parametrize("name", TEACHERS)
def test_a_teacher_says_probabilities_of_all_classes(name):
    """A hundred labels teach at least four fifths of digits; classes may be missing."""
    split = digits.draw(100, 50, trials=2, seed=0)
    said = TEACHERS[name](split.x, split.y, (split.rest_x, split.test_x))
    assert [p.shape for p in said] == [(2, 1197, 10), (2, 450, 10)]
    for p, y in zip(said, (split.rest_y, split.test_y), strict=True):
        np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-12)
        assert (p > 0).all()
        assert (np.mean(p.argmax(axis=-1) == y, axis=-1) > 0.8).all()
    some = split.y < 5
    pair = [part[i, some[i]][:30] for i in (0, 1) for part in (split.x, split.y)]
    x, y = np.stack(pair[::2]), np.stack(pair[1::2])
    (p,) = TEACHERS[name](x, y, (split.test_x,))
    assert (p.argmax(axis=-1) < 5).all()


def test_who_is_paired_differs_by_the_lesson_alone(monkeypatch):
    """Claim H1: of a teacher who is always right and sure, all students are one.

    Not vacuous: with one less sure they differ.
    """

    def sure(x, y, asked):
        split = digits.draw(30, SPEC.held, trials=SPEC.trials, seed=SPEC.seed)
        truth = (split.rest_y, split.held_y, split.test_y)
        return [np.eye(digits.CLASSES)[y] for y in truth]

    def unsure(x, y, asked):
        return [0.9 * p + 0.01 for p in sure(x, y, asked)]

    spec = replace(SPEC, updates=20)
    for teacher, kinds in ((sure, 1), (unsure, 2)):
        monkeypatch.setattr(distillation, "TEACHERS", {"svm": teacher})
        row = distillation.measure(spec, teacher="svm", labels=30)
        assert row["right"]["teacher"] == [450, 450]
        assert row["taught_right"] == [row["taught"]] * 2
        right = {tuple(row["right"][name]) for name in ("soft", "hard", "slam")}
        assert len(right) >= kinds
        assert kinds > 1 or len(right) == 1


def test_label_spreading_sees_all_clean_labels_and_teachers_theirs_alone(monkeypatch):
    """By hand: a teacher is asked of all rows; spreading knows the rows it judges."""
    split = digits.draw(30, SPEC.held, trials=SPEC.trials, seed=SPEC.seed)
    asked = []

    def watched(x, y, rows):
        asked.append((x, y, rows))
        return TEACHERS["spreading"](x, y, rows)

    monkeypatch.setattr(distillation, "TEACHERS", {"spreading": watched})
    row = distillation.measure(SPEC, teacher="spreading", labels=30)
    ((x, y, rows),) = asked
    np.testing.assert_array_equal(x, split.x)
    np.testing.assert_array_equal(y, split.y)
    for part, name in zip(rows, ("rest_x", "held_x", "test_x"), strict=True):
        np.testing.assert_array_equal(part, getattr(split, name))
    clean = [
        np.concatenate(pair, axis=1)
        for pair in ((split.x, split.held_x), (split.y, split.held_y))
    ]
    for name, labels, others in (
        ("teacher", (x, y), rows),
        ("spreading", clean, (split.rest_x, split.test_x)),
    ):
        label = TEACHERS["spreading"](*labels, others)[-1].argmax(axis=-1)
        found = np.sum(label == split.test_y, axis=-1)
        np.testing.assert_array_equal(row["right"][name], found)
    assert row["right"]["teacher"] != row["right"]["spreading"]


def test_the_least_gain_is_that_of_the_worst_budget(monkeypatch):
    """By hand: gains of (1, 3) and (-2, 0) of 10; Student's t at 1 - 0.01/2."""

    def entry(teacher, labels, ours, theirs):
        right = {"slam": ours, "soft": theirs}
        cell = {"teacher": teacher, "labels": labels}
        return {"cell": cell, "row": {"tests": 10, "right": right}}

    entries = [
        entry("student", 30, [6, 9], [5, 6]),
        entry("student", 100, [6, 9], [8, 9]),
        entry("svm", 100, [0, 0], [9, 9]),
    ]
    monkeypatch.setattr(distillation_claims, "load", lambda *_: {"rows": entries})
    found = distillation_claims.least_gain("slam", ("soft",))("test", None)
    reach = 127.3213364 * 0.1  # t at 0.0025 with one degree of freedom; s / sqrt(2)
    np.testing.assert_allclose(found, [-0.1, -0.1 - reach, -0.1 + reach], rtol=1e-6)
