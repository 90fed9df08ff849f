"""What simulations of students share: who sees what, who is paired, what is counted."""

from dataclasses import replace

import numpy as np
import pytest

from halfspace.distill.lesson import Lesson, learn
from halfspace.distill.network import Network
from halfspace.distill.optimisers import Adam
from halfspace.distill.students import STUDENTS
from halfspace.distill.training import Training
from halfspace.transition import cross_entropy
from simulations import classroom, digits
from simulations.distillation import SCALES

SPEC = replace(SCALES["test"], updates=20)
SPLIT = digits.draw(30, SPEC.held, trials=SPEC.trials, seed=SPEC.seed)
TRUTH = SPLIT.rest_y, SPLIT.held_y, SPLIT.test_y


def sure_of(labels):
    """Return probabilities of a teacher with these labels."""
    return [0.9 * np.eye(10)[y] + 0.01 for y in labels]


def test_right_answers_are_counted_by_trial():
    said = np.array([[[0.1, 0.9], [0.8, 0.2]], [[0.4, 0.6], [0.3, 0.7]]])
    assert classroom.right_answers(said, np.array([[1, 1], [1, 1]])) == [1, 2]


def test_what_is_told_of_a_teacher_comes_from_the_held_rows():
    """A teacher that is right where it is surer: its accuracy rises with its margin."""
    sure = np.where(np.arange(50) < 25, 0.9, 0.2)
    held = [
        np.where(np.eye(10)[y] == 1, sure[:, None], ((1 - sure) / 9)[:, None])
        for y in np.where(np.arange(50) < 25, SPLIT.held_y, (SPLIT.held_y + 1) % 10)
    ]
    taught = np.full((2, SPLIT.rest_y.shape[1], 10), 0.1 / 9)
    taught[..., 3] = 0.9
    task = classroom.estimated(SPEC, SPLIT, (taught, np.stack(held)))
    np.testing.assert_allclose(task.accuracy, 1.0)
    taught[:] = 0.8 / 9
    taught[..., 3] = 0.2
    task = classroom.estimated(SPEC, SPLIT, (taught, np.stack(held)))
    np.testing.assert_allclose(task.accuracy, SPEC.lower)
    assert (task.sizes > 2).all()


def test_as_many_classes_are_marked_as_hold_the_truth():
    """By hand: where the teacher is sure the truth is first, else in 4 of 10 third.

    One class would do where it is sure, but two are the least. Of the others one holds
    the truth in 0.6, and three always: the threshold is 0.9, and then 0.5.
    """
    sure = np.arange(50) < 30
    place = (SPLIT.held_y[..., None] + np.arange(10)) % 10
    place[:, 42:] = np.roll(place[:, 42:], 2, axis=-1)
    p = np.linspace(0.145, 0.055, 10)
    p = np.where(sure[:, None], np.r_[0.5, p[1:] * 0.5 / p[1:].sum()], p)
    held = np.empty((2, 50, 10))
    np.put_along_axis(held, place, np.broadcast_to(p, held.shape), axis=-1)
    taught = held[:, np.resize(np.arange(50), 1267)]
    for threshold, expected in ((0.9, np.where(sure, 2, 3)), (0.5, np.full(50, 2))):
        spec = replace(SPEC, threshold=threshold)
        sizes = classroom.estimated(spec, SPLIT, (taught, held)).sizes
        np.testing.assert_array_equal(sizes, [np.resize(expected, 1267)] * 2)


def test_a_task_has_the_clean_rows_and_tells_the_truth_of_the_taught_to_oracles():
    said = sure_of(((SPLIT.rest_y + 1) % 10, SPLIT.held_y))
    task = classroom.estimated(SPEC, SPLIT, said)
    np.testing.assert_array_equal(task.x[:, :30], SPLIT.x)
    np.testing.assert_array_equal(task.x[:, 30:], SPLIT.held_x)
    np.testing.assert_array_equal(task.y[:, :30], SPLIT.y)
    np.testing.assert_array_equal(task.y[:, 30:], SPLIT.held_y)
    for found, given in (
        (task.taught, SPLIT.rest_x),
        (task.scores, said[0]),
        (task.truth, SPLIT.rest_y),
        *zip(task.held, (SPLIT.held_x, SPLIT.held_y, said[1]), strict=True),
    ):
        np.testing.assert_array_equal(found, given)


def test_the_weak_teacher_sees_its_labels_alone_and_is_asked_in_order():
    said = classroom.weak_teacher(SPEC, SPLIT)
    assert [p.shape[1] for p in said] == [1267, 50, 450]
    np.testing.assert_allclose(said[0].sum(axis=-1), 1, rtol=1e-12)
    blind = SPLIT._replace(**{key: 0 * getattr(SPLIT, key) for key in HIDDEN})
    for found, p in zip(classroom.weak_teacher(SPEC, blind), said, strict=True):
        np.testing.assert_array_equal(found, p)
    turned = SPLIT._replace(y=(SPLIT.y + 1) % 10)
    assert (classroom.weak_teacher(SPEC, turned)[0] != said[0]).any()
    swapped = SPLIT._replace(rest_x=SPLIT.test_x, test_x=SPLIT.rest_x)
    for i, j in ((0, 2), (1, 1), (2, 0)):
        np.testing.assert_array_equal(classroom.weak_teacher(SPEC, swapped)[i], said[j])


HIDDEN = ("held_y", "rest_y", "test_y")


def test_the_weak_teacher_learns():
    """Not vacuous: 500 labels teach it more than 30, which teach more than chance."""
    spec = replace(SPEC, hidden=32, updates=300)
    right = []
    for labels in (30, 500):
        split = digits.draw(labels, spec.held, trials=spec.trials, seed=spec.seed)
        said = classroom.weak_teacher(spec, split)
        right.append(np.mean(classroom.right_answers(said[2], split.test_y)) / 450)
    assert 0.3 < right[0] < right[1] - 0.05


def test_students_start_and_shuffle_alike_and_unlike_the_teacher():
    network = classroom.network(SPEC, SPLIT)
    assert network == Network(inputs=64, hidden=(8,), classes=10)
    lesson = Lesson(SPLIT.x, (SPLIT.y,), cross_entropy)
    runs = [
        classroom.trained(SPEC, network, lesson, who)[0]
        for who in ("student", "student", "teacher")
    ]
    first, again, other = (
        np.concatenate([it.ravel() for it in _flat(p)]) for p in runs
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.5
    trials = [layer[0] for layer in _flat(runs[0])]
    assert all((weight[0] != weight[1]).any() for weight in trials if weight.ndim > 1)


def _flat(parameters):
    return [part for layer in parameters for part in layer]


def test_all_students_start_as_one_and_their_teacher_as_another(monkeypatch):
    """Whatever the lesson: first parameters, generator of the order, plan."""
    seen = []

    def watched(network, start, lesson, *, rng, updates, training):
        state = rng.bit_generator.state["state"]["state"]
        seen.append(([it.copy() for it in _flat(start)], state, updates, training))
        return learn(
            network, start, lesson, rng=rng, updates=updates, training=training
        )

    monkeypatch.setattr(classroom, "learn", watched)
    spec = replace(SPEC, updates=3, batch=17, step=0.5)
    said = classroom.weak_teacher(spec, SPLIT)
    task = classroom.estimated(spec, SPLIT, said)
    lessons = [(name, STUDENTS[name](task)) for name in ("labelled_only", "slam")]
    classroom.examined(spec, SPLIT, lessons)
    plan = Training(batch=17, optimiser=Adam(step=0.5, schedule="cosine"))
    assert [it[2:] for it in seen] == [(3, plan)] * 3
    (first, *teacher), (start, *student), (again, *other) = (
        (a, b) for a, b, *_ in seen
    )
    assert student == other != teacher
    for one, two, teachers in zip(start, again, first, strict=True):
        np.testing.assert_array_equal(one, two)
        assert not one.any() or (one != teachers).any()


def test_who_is_examined_is_judged_on_the_test_rows():
    """A lesson of the test rows themselves is learned; its labels turned, it is not."""
    spec = replace(SPEC, hidden=32, updates=400)
    lessons = [
        (name, Lesson(SPLIT.test_x, (y,), cross_entropy))
        for name, y in (("own", SPLIT.test_y), ("turned", (SPLIT.test_y + 1) % 10))
    ]
    right, diverged = classroom.examined(spec, SPLIT, lessons)
    assert min(right["own"]) > 400
    assert max(right["turned"]) < 50
    assert diverged == 0


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_students_that_diverge_are_counted():
    spec = replace(SPEC, step=1e38)
    lesson = Lesson(SPLIT.x, (SPLIT.y,), cross_entropy)
    found = classroom.examined(spec, SPLIT, [("a", lesson), ("b", lesson)])
    assert found[1] == 2 * SPEC.trials


def test_clean_labels_alone_have_no_teacher_and_an_oracle_drops_what_is_wrong():
    """Of teachers who are wrong everywhere, oracle and clean labels see the same rows.

    Not the same student: the order of more rows is another.
    """
    spec = replace(SPEC, students=("labelled_only", "hard", "oracle_drop"))
    good, bad = (
        classroom.measured(spec, SPLIT, sure_of(labels), sure_of(TRUTH)[2])
        for labels in (TRUTH, [(y + 1) % 10 for y in TRUTH])
    )
    assert good["right"]["labelled_only"] == bad["right"]["labelled_only"]
    assert good["right"]["hard"] == good["right"]["oracle_drop"]
    assert bad["right"]["hard"] != bad["right"]["oracle_drop"]
    assert good["taught_right"] == [1267, 1267]
    assert bad["taught_right"] == [0, 0]
    assert good["right"]["teacher"] == [450, 450]
    assert bad["right"]["teacher"] == [0, 0]
    assert good["right"]["spreading"] == bad["right"]["spreading"] == [450, 450]
    assert good["tests"] == 450
    assert good["diverged"] == 0
    task = classroom.estimated(spec, SPLIT, sure_of([(y + 1) % 10 for y in TRUTH]))
    weight = np.asarray(STUDENTS["oracle_drop"](task).weight)
    np.testing.assert_array_equal(weight[:, 80:], 0)
    np.testing.assert_array_equal(weight[:, :80], 1)
