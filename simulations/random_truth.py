"""Is a student of a noisy teacher better with SLaM where a random network is the truth?

The question of `distillation`, of as many points as one likes and of labels without
noise: what is shared and who sees what is in `classroom`, the points in
`random_network`. Label spreading, as a teacher and beside the students, knows all
points of a trial. That students are also trained longer was added after the first run:
there even an oracle was behind clean labels alone, so the usual updates are few for so
many points.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np

from simulations import classroom, random_network, spreading
from simulations.teachers import TEACHERS


@dataclass(frozen=True, kw_only=True)
class Spec(classroom.Spec):
    """There are `points` a trial, the last `tests` of which judge students.

    Students of `patient` teachers are also trained by so many `times` the updates.
    """

    students: tuple[str, ...] = (*classroom.Spec.students, "oracle_labels")
    points: int = 20_000
    tests: int = 4000
    times: tuple[int, ...] = (1, 10)
    patient: tuple[str, ...] = ("student", "svm")


SCALES = {
    "test": Spec(
        budgets=(30,),
        students=("labelled_only", "soft", "hard", "weighted", "slam", "slam_hard"),
        points=300,
        tests=100,
        hidden=8,
        updates=4,
        trials=2,
    ),
    "quick": Spec(
        teachers=("student", "svm"),
        budgets=(30, 500),
        students=("labelled_only", "soft", "hard", "slam", "slam_hard", "oracle_drop"),
        points=4000,
        tests=1000,
        times=(1,),
        updates=600,
        trials=4,
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield by how many times the updates students are trained, teachers, budgets."""
    for times in spec.times:
        for teacher in spec.teachers if times == 1 else spec.patient:
            for labels in spec.budgets:
                yield {"teacher": teacher, "labels": labels, "times": times}


def cost(spec: Spec, *, teacher: str, labels: int, times: int) -> float:
    """About how many seconds a cell takes: teacher and spreading, then students."""
    return spec.trials * (1.2 + 0.00045 * times * spec.updates)


def measure(spec: Spec, *, teacher: str, labels: int, times: int) -> dict[str, Any]:
    """Return how many test rows each student has right, in each trial.

    Their teacher is the same, however long they are trained.
    """
    split = random_network.draw(
        labels,
        spec.held,
        count=spec.points,
        tests=spec.tests,
        trials=spec.trials,
        seed=spec.seed,
    )
    if teacher == "student":
        said = classroom.weak_teacher(spec, split)
    elif teacher == "spreading":
        said = _spread(spec, split.y, labels)
    else:
        said = TEACHERS[teacher](split.x, split.y, classroom.asked(split))
    everyone = _spread(spec, classroom.clean(split)[1], labels)
    longer = replace(spec, updates=times * spec.updates)
    return classroom.measured(longer, split, said, everyone[2])


def _spread(spec: Spec, y: Any, labels: int) -> list[Any]:
    """Return what label spreading says of `asked` rows, from classes of the first."""
    graphs = [_graph(spec.points, i, spec.seed) for i in range(spec.trials)]
    ends = (labels, labels + spec.held, spec.points - spec.tests)
    _, held, rest, test = np.split(spreading.spread(graphs, y), ends, axis=1)
    return [rest, held, test]


@lru_cache(maxsize=64)
def _graph(count: int, trial: int, seed: int) -> Any:
    """Return the graph of a trial's points, which is the same whatever the budget."""
    return spreading.graph(random_network.points(count, trial=trial, seed=seed)[0])
