"""Test accuracy of a small network on digits. Above: by the labels that its teacher, a
network like it, saw. Of 30, SLaM makes more than soft and hard labels do, and clean
labels alone make more than all three; of 100 or more, little is left between them.
Below: gains over soft labels, by the accuracy of the teacher. Intervals are 99%.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from simulations.analysis import CONFIDENCE
from simulations.distillation_claims import WEAK, accuracy
from simulations.engine.results import load

NAMES = {
    "slam": "SLaM, soft labels",
    "slam_hard": "SLaM, hard labels",
    "soft": "soft labels",
    "hard": "hard labels",
}
#: The fewest labels, and how much is little.
FEW, LITTLE = 30, 0.02
ALONE, TEACHER = "clean labels alone", "teacher"

#: Cells and their rows.
Found = list[tuple[dict[str, Any], dict[str, Any]]]


def read(source: str, scale: str, folder: Path) -> Found:
    """Return cells and rows of a simulation, by budget."""
    entries = load(source, scale, folder)["rows"]
    pairs = [(it["cell"], it["row"]) for it in entries]
    return sorted(pairs, key=lambda pair: pair[0]["labels"])


def mean(row: dict[str, Any], name: str, less: str | None = None) -> Any:
    """Return the mean accuracy, or the mean gain over another, with its interval."""
    values = accuracy(row, name)
    if less is not None:
        values = values - accuracy(row, less)
    return stats.mean(values, confidence=CONFIDENCE)


def check(found: Found) -> None:
    """Assert the caption."""
    weak = {cell["labels"]: row for cell, row in found if cell["teacher"] == WEAK}
    first = weak.pop(FEW)
    for rival in ("soft", "hard"):
        for ours in ("slam", "slam_hard"):
            _, low, _ = stats.mean(
                accuracy(first, ours) - accuracy(first, rival), confidence=CONFIDENCE
            )
            assert low > 0, f"{ours} is not better than {rival}"
            for labels, row in weak.items():
                gap = np.mean(accuracy(row, ours) - accuracy(row, rival))
                assert abs(gap) < LITTLE, f"{gap:.3f} are left at {labels} labels"
    assert weak, "one budget alone"
    alone = accuracy(first, "labelled_only").mean()
    for name in NAMES:
        assert accuracy(first, name).mean() < alone, f"{name} is better than alone"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw accuracies against labels, and gains against the teacher's accuracy."""
    found = read("distillation", scale, folder)
    if scale in panels.JUDGED:
        check(found)
    labels = ["accuracy", "gain over soft labels"]
    figure, (top, bottom) = panels.stacked(1, 1, sharex=False, labels=labels)
    accuracies(top, found)
    gains(bottom, found)
    explain(top)
    return figure


def looks() -> dict[str, panels.Look]:
    """Return the look of each student, and of clean labels alone."""
    return dict(zip((*NAMES, ALONE), panels.looks(), strict=False))


def accuracies(panel: Axes, found: Found) -> None:
    """Draw students of the weak teacher, and beside whom they are shown."""
    weak = [pair for pair in found if pair[0]["teacher"] == WEAK]
    budgets = np.array([cell["labels"] for cell, _ in weak])
    for i, name in enumerate(NAMES):
        curve = list(zip(*(mean(row, name) for _, row in weak), strict=True))
        x = panels.aside(budgets, i, len(NAMES))
        panels.points(panel, x, curve, looks()[name])
        panels.line(panel, x, curve[0], looks()[name])
    for name, look in (
        ("labelled_only", looks()[ALONE]),
        ("teacher", panels.predicted()),
    ):
        panels.line(panel, budgets, [mean(row, name)[0] for _, row in weak], look)
    panel.set_xscale("log")
    panels.numbers(panel.xaxis, (1, 3))
    panel.set_xlabel("labels that the teacher saw")


def gains(
    panel: Axes,
    found: Found,
    names: Sequence[str] = ("hard", "slam", "slam_hard"),
    more: panels.Look | None = None,
) -> None:
    """Draw gains over soft labels against the teacher's accuracy, of all teachers."""
    for _, row in found:
        level = mean(row, "teacher")[0]
        for i, name in enumerate(names):
            x, look = panels.aside(level, i, len(names), 1.004), looks()[name]
            panels.points(panel, x, mean(row, name, "soft"), look | (more or {}))
    panels.level(panel, 0)
    panel.set_xlabel("accuracy of the teacher")


def explain(panel: Axes) -> None:
    """Name the students, and beside whom they are shown."""
    entries = {text: looks()[name] for name, text in NAMES.items()}
    entries[ALONE] = looks()[ALONE] | {"marker": ""}
    entries[TEACHER] = panels.predicted()
    panels.legend(panel, entries, "lower right")
