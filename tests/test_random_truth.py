"""Students where a random network is the truth: who sees what, and the claim."""

from dataclasses import replace

import numpy as np
import pytest

from simulations import (
    classroom,
    distillation_claims,
    distillation_tables,
    random_network,
    random_truth,
    spreading,
)
from simulations.classroom import clean
from simulations.random_truth import SCALES, cells, measure

SPEC = SCALES["test"]
SIZES = {"count": SPEC.points, "tests": SPEC.tests, "trials": SPEC.trials}
SPLIT = random_network.draw(30, SPEC.held, seed=SPEC.seed, **SIZES)


@pytest.fixture(scope="module")
def rows():
    """Rows of all teachers, two budgets, the usual updates."""
    spec = replace(SPEC, budgets=(30, 60), times=(1,))
    return {(c["teacher"], c["labels"]): measure(spec, **c) for c in cells(spec)}


def test_who_has_no_teacher_is_the_same_beside_all_teachers(rows):
    """Claim H1, the pairing: clean labels alone and spreading know no teacher."""
    assert len(rows) == 6
    for labels in (30, 60):
        several = [row for (_, budget), row in rows.items() if budget == labels]
        for name in ("labelled_only", "spreading"):
            assert len({tuple(row["right"][name]) for row in several}) == 1
        assert len({tuple(row["right"]["teacher"]) for row in several}) == 3
    first, second = rows["svm", 30]["right"], rows["svm", 60]["right"]
    assert first["spreading"] != second["spreading"]


def test_counts_are_of_the_rows_that_are_left(rows):
    for (_, labels), row in rows.items():
        assert row["tests"] == 100
        assert row["taught"] == 300 - 100 - 50 - labels
        assert len(row["right"]) == len(SPEC.students) + 2
        assert all(len(counts) == SPEC.trials for counts in row["right"].values())


def test_label_spreading_teaches_by_its_labels_and_is_judged_by_all_clean_ones(
    monkeypatch,
):
    """By hand: one graph of all points; 30 labels, and 30 with the 50 that judge."""
    seen = []

    def watched(graphs, y):
        seen.append((graphs, y))
        return real(graphs, y)

    real = spreading.spread
    monkeypatch.setattr(spreading, "spread", watched)
    row = measure(SPEC, teacher="spreading", labels=30, times=1)
    (graphs, few), (others, many) = seen
    np.testing.assert_array_equal(few, SPLIT.y)
    np.testing.assert_array_equal(many, clean(SPLIT)[1])
    for i, pair in enumerate(zip(graphs, others, strict=True)):
        x, y = random_network.points(300, trial=i, seed=0)
        own = spreading.graph(x)
        assert all((part != own).nnz == 0 for part in pair)
        for name, labels in (("teacher", few), ("spreading", many)):
            label = real([own], labels[i : i + 1])[0].argmax(axis=-1)
            assert row["right"][name][i] == np.sum((label == y)[-100:])
        taught = real([own], few[i : i + 1])[0, 80:200].argmax(axis=-1)
        assert row["taught_right"][i] == np.sum(taught == y[80:200])


def test_a_teacher_who_has_learned_the_truth_is_right_and_the_rows_are_its_own(
    monkeypatch,
):
    """Of a teacher who is right, all counts; asked are taught, held and test rows."""

    def sure(x, y, asked):
        np.testing.assert_array_equal(x, SPLIT.x)
        np.testing.assert_array_equal(y, SPLIT.y)
        for rows, name in zip(asked, ("rest_x", "held_x", "test_x"), strict=True):
            np.testing.assert_array_equal(rows, getattr(SPLIT, name))
        return [np.eye(10)[y] for y in (SPLIT.rest_y, SPLIT.held_y, SPLIT.test_y)]

    monkeypatch.setattr(random_truth, "TEACHERS", {"svm": sure})
    row = measure(replace(SPEC, updates=20), teacher="svm", labels=30, times=1)
    assert row["right"]["teacher"] == [100, 100]
    assert row["taught_right"] == [120, 120]
    assert row["right"]["soft"] == row["right"]["hard"] == row["right"]["slam"]


def test_the_teachers_learn(seed):
    """Not vacuous: of 500 labels each has more than half right, chance is a fifth."""
    spec = replace(SPEC, points=1000, hidden=32, updates=400, students=(), seed=seed)
    for teacher in spec.teachers:
        row = measure(spec, teacher=teacher, labels=500, times=1)
        assert np.mean(row["right"]["teacher"]) > 50


def test_longer_training_is_that_of_the_students_alone():
    """By hand: cells, and ten times 4 updates are 40; teachers are the same."""
    assert len(list(cells(SPEC))) == len(SPEC.teachers) + len(SPEC.patient) == 5
    cell = {"teacher": "student", "labels": 30}
    once, longer = (measure(SPEC, **cell, times=times)["right"] for times in (1, 10))
    assert once["teacher"] == longer["teacher"]
    assert once["spreading"] == longer["spreading"]
    assert once["hard"] != longer["hard"]

    def judged(split, said, updates):
        spec = replace(SPEC, updates=updates)
        return classroom.measured(spec, split, said, said[2])["right"]

    said = classroom.weak_teacher(SPEC, SPLIT)
    for name, count in judged(SPLIT, said, 40).items():
        assert name == "spreading" or count == longer[name]


@pytest.mark.parametrize(("kind", "shift"), [("soft", 0), ("hard", 1)])
def test_the_claim_is_about_weak_teachers_of_this_simulation(monkeypatch, kind, shift):
    """By hand: gains of 0.3 and 0.1 over the better rival; of hard labels 0.1 less."""

    def entry(teacher, labels, times, ours):
        right = {"slam": [ours] * 2, "slam_hard": [ours - 1] * 2}
        right |= {"soft": [5, 5], "hard": [4, 4], "labelled_only": [6, 6]}
        cell = {"teacher": teacher, "labels": labels, "times": times}
        return {"cell": cell, "row": {"tests": 10, "right": right}}

    entries = [
        entry("student", 30, 1, 8),
        entry("student", 100, 1, 6),
        entry("student", 30, 10, 3),
        entry("student", 100, 10, 8),
        entry("svm", 30, 1, 1),
        entry("svm", 30, 10, 1),
    ]

    def loaded(source, *_):
        assert source == "random_truth"
        return {"rows": entries}

    monkeypatch.setattr(distillation_claims, "load", loaded)
    start = f"SLaM of {kind} labels, random truth, weak teacher"
    found = {
        claim.claim.removeprefix(start): claim.measure("test", None)[0]
        for claim in distillation_claims.CLAIMS
        if claim.claim.startswith(start)
    }
    gains = {
        ": least gain over soft and hard labels": 0.1,
        ": least gain over clean labels alone": 0.0,
        ", 10 x updates: least gain over soft and hard labels": -0.2,
        ", 10 x updates: least gain over clean labels alone": -0.3,
    }
    assert found == pytest.approx({key: it - shift / 10 for key, it in gains.items()})


def test_the_table_says_how_long_students_were_trained(monkeypatch):
    """By hand: three of four right in each trial; where it is longer, a row says so."""
    columns = [*distillation_tables.COLUMNS, "oracle_labels"]
    right = {name: [3, 3] for name in columns} | {"oracle_labels": [4, 4]}
    entries = [
        {
            "cell": {"teacher": "svm", "labels": 30, "times": times},
            "row": {"tests": 4, "right": right},
        }
        for times in (1, 10)
    ]

    def loaded(source, *_):
        assert source == "random_truth"
        return {"rows": entries}

    monkeypatch.setattr(distillation_tables, "load", loaded)
    once, longer = distillation_tables.of_random_truth(None)[-2:]
    assert once.startswith("| support vectors, 30 | 75.0 ± 0.0 |")
    assert longer.startswith("| support vectors, 30, 10 x updates | 75.0 ± 0.0 |")
    assert once.endswith("| 75.0 ± 0.0 | 100.0 ± 0.0 |")
