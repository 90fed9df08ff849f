"""The claims about students of a noisy teacher, section H of the guide."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halfspace.stats import Interval
from simulations.claim import Claim, Measure
from simulations.engine.results import load
from simulations.intervals import least_mean

#: A teacher that is a network like the student, with fewer labels: weak by design.
WEAK = "student"
#: Of teachers whose law is known, what they err like, and how good is no more noisy.
LAWS = {
    "uniform": "uniform errors",
    "margin": "errors by margin",
    "likely": "errors among likely classes",
}
GOOD = 0.9

#: Which cells count.
Chosen = Callable[[dict[str, Any]], bool]


def accuracy(row: dict[str, Any], name: str) -> Any:
    """Return the accuracy of a student, or of the teacher, in each trial."""
    return np.array(row["right"][name]) / row["tests"]


def of_weak(cell: dict[str, Any]) -> bool:
    """Return whether the teacher of a cell is weak."""
    return bool(cell["teacher"] == WEAK)


def at_once(cell: dict[str, Any]) -> bool:
    """Return whether the teacher is weak, students trained by the usual updates."""
    return of_weak(cell) and cell["times"] == 1


def with_patience(cell: dict[str, Any]) -> bool:
    """Return whether the teacher is weak, students trained by more updates."""
    return of_weak(cell) and cell["times"] > 1


def of_law(teacher: str) -> Chosen:
    """Return what chooses teachers with this law of errors, right less than `GOOD`."""
    return lambda cell: cell["teacher"] == teacher and cell["accuracy"] < GOOD


def least_gain(
    student: str,
    rivals: Sequence[str],
    source: str = "distillation",
    chosen: Chosen = of_weak,
) -> Measure:
    """H1: the least mean gain over rivals, of all cells of a simulation that count.

    Gains are paired over trials; the interval is corrected for the number of means.
    """

    def measured(scale: str, folder: Path) -> Interval:
        entries = load(source, scale, folder)["rows"]
        return least_mean(
            [
                accuracy(it["row"], student) - accuracy(it["row"], rival)
                for it in entries
                if chosen(it["cell"])
                for rival in rivals
                if rival in it["row"]["right"]  # all are, but at the smallest scale
            ]
        )

    return measured


def _of_weak_teachers(
    source: str, where: str, chosen: Chosen = of_weak
) -> tuple[Claim, ...]:
    """Return the claims about SLaM of soft and hard labels, in one simulation."""
    return tuple(
        Claim(
            id="H1",
            kind="lower",
            claim=f"{text}, {where}: least gain over {beside}",
            predicted=0.0,
            measure=least_gain(student, rivals, source, chosen),
        )
        for student, text in (
            ("slam", "SLaM of soft labels"),
            ("slam_hard", "SLaM of hard labels"),
        )
        for rivals, beside in (
            (("soft", "hard"), "soft and hard labels"),
            (("labelled_only",), "clean labels alone"),
        )
    )


_UNDER_A_LAW = tuple(
    Claim(
        id="H1",
        kind="lower",
        claim=f"SLaM told the law, {errors}: least gain over {rival} labels",
        predicted=0.0,
        measure=least_gain("slam_hard", (rival,), "teacher_noise", of_law(teacher)),
    )
    for teacher, errors in LAWS.items()
    for rival in ("hard", "soft")
)

CLAIMS = (
    *_of_weak_teachers("distillation", "weak teacher"),
    *_of_weak_teachers("random_truth", "random truth, weak teacher", at_once),
    *_of_weak_teachers(
        "random_truth", "random truth, weak teacher, 10 x updates", with_patience
    ),
    *_UNDER_A_LAW,
)
