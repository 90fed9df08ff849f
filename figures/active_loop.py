"""Accuracy of a small network on digits, by how many labels it asked of a teacher who
is right on 0.6 of the rows. Wherever that is wrong, at random or where classes are
close, robust draws end behind asking where the student's own margin is least, and less
than 0.02 ahead of uniform draws. Intervals are 99%.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from simulations.active_loop_tables import STRATEGIES
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load

#: The teachers that are drawn, of those that were run.
SHOWN = {"random": "wrong at random", "near": "wrong where classes are close"}
RIGHT = 0.6
#: So far robust draws are ahead of uniform ones at most.
AHEAD = 0.02

#: Accuracies (trials, rounds), by teacher and strategy.
Curves = dict[str, dict[str, Any]]


def read(scale: str, folder: Path) -> tuple[Any, Curves]:
    """Return how many labels were asked for, and the accuracies."""
    table = load("active_loop", scale, folder)
    found = {
        entry["cell"]["teacher"]: {
            name: np.array(counts).T / entry["row"]["tests"]
            for name, counts in entry["row"]["right"].items()
        }
        for entry in table["rows"]
        if entry["cell"]["teacher"] in SHOWN and entry["cell"]["right"] == RIGHT
    }
    spec = table["spec"]
    return spec["budget"] * np.arange(spec["rounds"] + 1), found


def check(found: Curves) -> None:
    """Assert the caption."""
    assert found.keys() == SHOWN.keys(), "a teacher is missing"
    for teacher, curves in found.items():
        last = {name: curve[:, -1].mean() for name, curve in curves.items()}
        assert last["robust"] < last["margin"], f"{teacher}: robust is not behind"
        assert last["robust"] - last["uniform"] < AHEAD, f"{teacher}: robust is ahead"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw accuracy against the labels asked for, one panel a teacher."""
    asked, found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, axes = panels.stacked(1, 1, labels=["accuracy", "accuracy"])
    looks = dict(zip(STRATEGIES, panels.looks(), strict=False))
    for panel, (teacher, curves) in zip(axes, found.items(), strict=False):
        for i, (name, look) in enumerate(looks.items()):
            if name not in curves:
                continue
            curve = stats.mean(curves[name], confidence=CONFIDENCE)
            x = asked + (i - 2) * asked[1] / 25
            panels.points(panel, x, curve, look)
            panels.line(panel, x, curve[0], look)
        panel.set_title(SHOWN[teacher])
    axes[-1].set_xlabel("labels asked for")
    entries = {text: looks[name] for name, text in STRATEGIES.items()}
    panels.legend(axes[0], entries, "lower right")
    return figure
