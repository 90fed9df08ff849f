"""Students of a noisy teacher: what simulations of them share, from lesson to count.

All students of a trial have the same rows, first parameters and order. The clean labels
are those that the teacher saw, and more that only say how good it is: these are a
student's clean rows too, with or without a teacher.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._random import stream
from halfspace.distill.lesson import Lesson, learn
from halfspace.distill.mlp import scores
from halfspace.distill.network import Network, Parameters, initial
from halfspace.distill.optimisers import Adam
from halfspace.distill.students import STUDENTS
from halfspace.distill.task import Held, Task
from halfspace.distill.teacher import fit_accuracy, top_margin
from halfspace.distill.top_k import fit_top_k
from halfspace.distill.training import Training
from halfspace.transition import cross_entropy
from simulations.digits import CLASSES, Split
from simulations.teachers import softmax


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the data and the code.

    Budgets are the labels that the teacher sees; `held` are those that judge it. The
    estimated accuracy is at least `lower`; the mix marks as many of the teacher's
    classes as hold the truth with probability `threshold`.
    """

    teachers: tuple[str, ...] = ("student", "svm", "spreading")
    budgets: tuple[int, ...] = (30, 100, 500)
    students: tuple[str, ...] = (
        *("labelled_only", "soft", "hard", "taylor", "confident", "weighted"),
        *("slam", "slam_hard", "oracle_drop"),
    )
    held: int = 50
    hidden: int = 64
    updates: int = 1200
    batch: int = 64
    step: float = 2e-3
    lower: float = 0.55
    threshold: float = 0.9
    trials: int = 20
    seed: int = 0


def measured(spec: Spec, split: Split, said: Any, spreading: Any) -> dict[str, Any]:
    """Return how many test rows each student has right, in each trial: claim H1.

    Parameters
    ----------
    spec : Spec
    split : Split
    said : sequence of three arrays, shape (trials, n, k)
        The teacher's probabilities on `asked` rows.
    spreading : array, shape (trials, n, k)
        Those of label spreading from all clean labels, on the test rows.

    Returns
    -------
    dict
        As from `counts`; `right` also has "teacher" and "spreading".
    """
    task = estimated(spec, split, said)
    lessons = ((name, STUDENTS[name](task)) for name in spec.students)
    right, diverged = examined(spec, split, lessons)
    right["teacher"] = right_answers(said[2], split.test_y)
    right["spreading"] = right_answers(spreading, split.test_y)
    return counts(split, task, right, diverged)


def examined(
    spec: Spec, split: Split, lessons: Iterable[tuple[str, Lesson]]
) -> tuple[dict[str, list[int]], int]:
    """Train a student on each lesson; count test rows right, and those that diverged.

    Lessons have names, and may be made one by one: they are large. The first counts are
    by name and trial; the last is of all students and trials.
    """
    right, diverged = {}, 0
    for name, lesson in lessons:
        parameters, failed = trained(spec, network(spec, split), lesson, "student")
        answer = scores(network(spec, split), parameters, split.test_x)
        right[name] = right_answers(answer, split.test_y)
        diverged += failed
    return right, diverged


def counts(
    split: Split, task: Task, right: dict[str, list[int]], diverged: int
) -> dict[str, Any]:
    """Return the row of a cell: what is right, and of how many."""
    return {
        "tests": split.test_y.shape[1],
        "right": right,
        "taught": split.rest_y.shape[1],
        "taught_right": right_answers(task.scores, split.rest_y),
        "diverged": diverged,
    }


def right_answers(said: Any, truth: Any) -> list[int]:
    """Return in how many rows the class with the highest score is true, by trial.

    >>> right_answers(np.array([[[0.2, 0.8], [0.9, 0.1]]]), np.array([[1, 1]]))
    [1]
    """
    hits = said.argmax(axis=-1) == truth
    return [int(count) for count in np.count_nonzero(hits, axis=-1)]


def network(spec: Spec, split: Split) -> Network:
    """Return the network that students are, and the teacher that is one of them."""
    return Network(inputs=split.x.shape[-1], classes=CLASSES, hidden=(spec.hidden,))


def trained(
    spec: Spec, network: Network, lesson: Lesson, who: str
) -> tuple[Parameters, int]:
    """Train one network in every trial, and count those that diverged."""
    # How the student learns is in no stream's name: all start and shuffle alike.
    rng = stream(spec.seed, "distillation", who, "start")
    found = learn(
        network,
        initial(network, rng=rng, trials=(spec.trials,)),
        lesson,
        rng=stream(spec.seed, "distillation", who, "order"),
        updates=spec.updates,
        training=Training(
            batch=spec.batch, optimiser=Adam(step=spec.step, schedule="cosine")
        ),
    )
    return found.parameters, int(np.count_nonzero(found.diverged_at))


def asked(split: Split) -> tuple[Any, Any, Any]:
    """Return what a teacher is asked: the taught, the held and the test rows."""
    return split.rest_x, split.held_x, split.test_x


def clean(split: Split) -> tuple[Any, Any]:
    """Return the rows of a student whose classes it knows, and their classes."""
    pairs = (split.x, split.held_x), (split.y, split.held_y)
    x, y = (np.concatenate(pair, axis=1) for pair in pairs)
    return x, y


def weak_teacher(spec: Spec, split: Split) -> list[Any]:
    """Return what a network like the students says of `asked` rows, by its labels.

    These are three arrays of probabilities, shape (trials, n, k).
    """
    own = network(spec, split)
    lesson = Lesson(split.x, (split.y,), cross_entropy)
    parameters, _ = trained(spec, own, lesson, "teacher")
    return [softmax(scores(own, parameters, x)) for x in asked(split)]


def estimated(spec: Spec, split: Split, said: Any) -> Task:
    """Return a task: what the teacher says, and how good it is by the held rows.

    Parameters
    ----------
    spec : Spec
    split : Split
    said : sequence of arrays, shape (trials, n, k)
        Probabilities of the taught and the held rows; what follows is not looked at.
    """
    taught, held, *_ = said
    accuracy = np.empty(taught.shape[:-1])
    sizes = np.empty(taught.shape[:-1], dtype=np.int64)
    for i, y in enumerate(split.held_y):
        margin = top_margin(taught[i])
        right = held[i].argmax(axis=-1) == y
        fitted = fit_accuracy(top_margin(held[i]), right, lower=spec.lower)
        accuracy[i] = fitted.interpolate(margin)
        top = fit_top_k(held[i], y).size(margin, spec.threshold)
        sizes[i] = np.clip(top, 2, CLASSES)
    x, y = clean(split)
    return Task(
        x=x,
        y=y,
        taught=split.rest_x,
        scores=taught,
        accuracy=accuracy,
        sizes=sizes,
        held=Held(split.held_x, split.held_y, held),
        truth=split.rest_y,
    )
