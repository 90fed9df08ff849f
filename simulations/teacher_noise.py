"""Which students of a noisy teacher are better, by how often and where it errs?

Teachers of digits are drawn from the truth by a law. Students are told that law: how
often the teacher is right on each row, and how many classes it wavers between. One
estimates both from 50 held rows, as in `distillation`, with which all else is shared.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from halfspace._random import stream
from halfspace.distill.students import STUDENTS
from halfspace.distill.task import Task
from simulations import classroom, digits
from simulations.digits import Split
from simulations.noisy_teachers import LAWS, say

#: The student that estimates, and what it does with that.
ESTIMATED, AS = "estimated", "slam_hard"


@dataclass(frozen=True, kw_only=True)
class Spec(classroom.Spec):
    """Teachers are laws of errors; budgets, labels that the students have.

    What is told of the accuracy is at least `lower`, as what is estimated is.
    """

    teachers: tuple[str, ...] = ("uniform", "margin", "likely")
    budgets: tuple[int, ...] = (30,)
    accuracies: tuple[float, ...] = (0.6, 0.7, 0.8, 0.9)
    students: tuple[str, ...] = (
        *("labelled_only", "soft", "hard", "taylor", "confident", "weighted"),
        *("slam", "slam_hard", "slam_normalised_hard", ESTIMATED, "oracle_drop"),
    )
    trials: int = 24


SCALES = {
    "test": Spec(
        teachers=("uniform", "margin"),
        accuracies=(0.6,),
        students=("hard", "slam_hard", ESTIMATED),
        hidden=8,
        updates=4,
        trials=2,
    ),
    "quick": Spec(
        accuracies=(0.6,),
        students=("soft", "hard", "taylor", "slam_hard", ESTIMATED),
        trials=3,
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield laws, budgets and mean accuracies."""
    for teacher in spec.teachers:
        for labels in spec.budgets:
            for accuracy in spec.accuracies:
                yield {"teacher": teacher, "labels": labels, "accuracy": accuracy}


def measure(
    spec: Spec, *, teacher: str, labels: int, accuracy: float
) -> dict[str, Any]:
    """Return how many test rows each student has right, in each trial."""
    split = digits.draw(labels, spec.held, trials=spec.trials, seed=spec.seed)
    told, estimated = tasks(spec, split, teacher, accuracy)
    lessons = (
        (name, STUDENTS[AS](estimated) if name == ESTIMATED else STUDENTS[name](told))
        for name in spec.students
    )
    right, diverged = classroom.examined(spec, split, lessons)
    return classroom.counts(split, told, right, diverged)


def tasks(spec: Spec, split: Split, teacher: str, accuracy: float) -> tuple[Task, Task]:
    """Return the task with the law told, and with what the held rows say of it."""
    rows = ((split.rest_x, split.rest_y), (split.held_x, split.held_y))
    law, held_law = (LAWS[teacher](x, y, accuracy) for x, y in rows)
    # Neither law nor accuracy is in a stream's name: teachers err on the same rows.
    said = [
        say(of, y, rng=stream(spec.seed, "teacher_noise", part))
        for of, part, (_, y) in zip(
            (law, held_law), ("taught", "held"), rows, strict=True
        )
    ]
    estimated = classroom.estimated(spec, split, said)
    told = replace(
        estimated,
        accuracy=np.maximum(law.accuracy, spec.lower),
        sizes=np.count_nonzero(law.candidates, axis=-1),
    )
    return told, estimated
