"""The claim about robust active distillation on data, section F of the guide.

Predicted before the runs at paper scale; a prototype of ten trials with students that
were trained for less had shown no gain of the robust draw over the margin.
"""

from pathlib import Path
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace.stats import Interval
from simulations.claim import Claim, Measure
from simulations.engine.results import load
from simulations.intervals import least_mean

#: The teachers that are wrong where classes are close.
NEAR = ("near",)
#: All that are sometimes wrong: one that never is has nothing to be robust against.
KINDS = ("random", *NEAR, "svm")


def wrong(cell: dict[str, Any], kinds: tuple[str, ...] = KINDS) -> bool:
    """Return whether the teacher is of one of these kinds, and sometimes wrong."""
    return cell["teacher"] in kinds and cell["right"] != 1


def accuracy(row: dict[str, Any], name: str) -> Array:
    """Return the accuracy of the last student in each trial."""
    found: Array = np.array(row["right"][name][-1]) / row["tests"]
    return found


def worth(row: dict[str, Any], name: str) -> Array:
    """Return the mean gain of a label that was asked for in each trial, 0 if wrong."""
    found: Array = np.sum(row["worth"][name], axis=0) / row["asked"]
    return found


def least_gain(of: Any, rival: str, kinds: tuple[str, ...] = KINDS) -> Measure:
    """F5: the least mean gain of the robust draw over a rival, of all teachers.

    Gains are paired over trials; the interval is corrected for the number of means.
    """

    def measured(scale: str, folder: Path) -> Interval:
        return least_mean(
            [
                of(it["row"], "robust") - of(it["row"], rival)
                for it in load("active_loop", scale, folder)["rows"]
                if wrong(it["cell"], kinds)
            ]
        )

    return measured


def _claim(text: str, measure: Measure) -> Claim:
    return Claim(id="F5", kind="lower", claim=text, predicted=0.0, measure=measure)


CLAIMS = (
    _claim(
        "Accuracy at the last budget, robust less uniform: least of all teachers",
        least_gain(accuracy, "uniform"),
    ),
    _claim(
        "The same less margin, teachers wrong where classes are close",
        least_gain(accuracy, "margin", NEAR),
    ),
    _claim(
        "Gain of a label, 0 if wrong, robust less uniform: least of all teachers",
        least_gain(worth, "uniform"),
    ),
)
