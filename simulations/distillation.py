"""Is a student of a noisy teacher better with SLaM than with soft or hard labels?

A small network learns from few clean labels and from what a teacher says of the other
rows. All students of a trial have the same rows, first parameters and order. The clean
labels are those that the teacher saw, and 50 more that only say how good it is: these
are a student's clean rows too, with or without a teacher.
"""

from collections.abc import Iterator
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
from simulations import digits
from simulations.digits import CLASSES, Split
from simulations.teachers import TEACHERS, softmax, spread


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

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


SCALES = {
    "test": Spec(
        budgets=(30,),
        students=("labelled_only", "soft", "hard", "weighted", "slam", "slam_hard"),
        hidden=8,
        updates=4,
        trials=2,
    ),
    "quick": Spec(
        teachers=("student",),
        budgets=(30, 100),
        students=("labelled_only", "soft", "hard", "slam", "slam_hard", "oracle_drop"),
        updates=600,
        trials=8,
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield teachers and budgets."""
    for teacher in spec.teachers:
        for labels in spec.budgets:
            yield {"teacher": teacher, "labels": labels}


def measure(spec: Spec, *, teacher: str, labels: int) -> dict[str, Any]:
    """Return how many test rows each student has right, in each trial."""
    split = digits.draw(labels, spec.held, trials=spec.trials, seed=spec.seed)
    network = Network(inputs=split.x.shape[-1], classes=CLASSES, hidden=(spec.hidden,))
    said = _teach(spec, network, teacher, split)
    task = _task(spec, split, said)
    right = {"teacher": _right(said[2].argmax(axis=-1), split.test_y)}
    diverged = 0
    for name in spec.students:
        lesson = STUDENTS[name](task)
        parameters, failed = _train(spec, network, lesson, "student")
        answer = scores(network, parameters, split.test_x).argmax(axis=-1)
        right[name] = _right(answer, split.test_y)
        diverged += failed
    found = spread(task.x, task.y, (split.rest_x, split.test_x))[1]
    right["spreading"] = _right(found.argmax(axis=-1), split.test_y)
    return {
        "tests": split.test_y.shape[1],
        "right": right,
        "taught": split.rest_y.shape[1],
        "taught_right": _right(task.likeliest, split.rest_y),
        "diverged": diverged,
    }


def _right(answer: Any, truth: Any) -> list[int]:
    return [int(count) for count in np.count_nonzero(answer == truth, axis=-1)]


def _train(
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


def _teach(spec: Spec, network: Network, teacher: str, split: Split) -> Any:
    """Return the teacher's probabilities on the taught, the held and the test rows."""
    asked = (split.rest_x, split.held_x, split.test_x)
    if teacher != "student":
        return TEACHERS[teacher](split.x, split.y, asked)
    lesson = Lesson(split.x, (split.y,), cross_entropy)
    parameters, _ = _train(spec, network, lesson, "teacher")
    return [softmax(scores(network, parameters, x)) for x in asked]


def _task(spec: Spec, split: Split, said: Any) -> Task:
    """Estimate how good the teacher is from the held rows, and say so."""
    taught, held, _ = said
    accuracy = np.empty(taught.shape[:-1])
    sizes = np.empty(taught.shape[:-1], dtype=np.int64)
    for i, y in enumerate(split.held_y):
        margin = top_margin(taught[i])
        right = held[i].argmax(axis=-1) == y
        fitted = fit_accuracy(top_margin(held[i]), right, lower=spec.lower)
        accuracy[i] = fitted.interpolate(margin)
        top = fit_top_k(held[i], y).size(margin, spec.threshold)
        sizes[i] = np.clip(top, 2, CLASSES)
    return Task(
        x=np.concatenate((split.x, split.held_x), axis=1),
        y=np.concatenate((split.y, split.held_y), axis=1),
        taught=split.rest_x,
        scores=taught,
        accuracy=accuracy,
        sizes=sizes,
        held=Held(split.held_x, split.held_y, held),
        truth=split.rest_y,
    )
