"""Is a student of a noisy teacher better with SLaM than with soft or hard labels?

A small network learns from few clean labels and from what a teacher says of the other
digits; what is shared and who sees what is in `classroom`.
"""

from collections.abc import Iterator
from typing import Any

from simulations import classroom, digits
from simulations.classroom import Spec
from simulations.teachers import TEACHERS, spread

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
    if teacher == "student":
        said = classroom.weak_teacher(spec, split)
    else:
        said = TEACHERS[teacher](split.x, split.y, classroom.asked(split))
    spreading = spread(*classroom.clean(split), (split.rest_x, split.test_x))[1]
    return classroom.measured(spec, split, said, spreading)
