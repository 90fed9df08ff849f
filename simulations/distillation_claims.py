"""The claim about students of a noisy teacher, section H of the guide."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from halfspace.stats import Interval
from simulations.claim import Claim, Measure
from simulations.engine.results import load

CONFIDENCE = 0.99
#: A teacher that is a network like the student, with fewer labels: weak by design.
WEAK = "student"


def accuracy(row: dict[str, Any], name: str) -> Any:
    """Return the accuracy of a student, or of the teacher, in each trial."""
    return np.array(row["right"][name]) / row["tests"]


def least_gain(student: str, rivals: Sequence[str]) -> Measure:
    """H1: the least mean gain over rivals, of all budgets, under the weak teacher.

    Gains are paired over trials; the interval is corrected for the number of means.
    """

    def measured(scale: str, folder: Path) -> Interval:
        entries = load("distillation", scale, folder)["rows"]
        gains = [
            accuracy(it["row"], student) - accuracy(it["row"], rival)
            for it in entries
            if it["cell"]["teacher"] == WEAK
            for rival in rivals
        ]
        sure = 1 - (1 - CONFIDENCE) / len(gains)
        found = stats.mean(np.stack(gains, axis=1), confidence=sure)
        return Interval(*(float(part.min()) for part in found))

    return measured


CLAIMS = tuple(
    Claim(
        id="H1",
        kind="lower",
        claim=f"{text}, weak teacher: least gain over {beside}",
        predicted=0.0,
        measure=least_gain(student, rivals),
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
