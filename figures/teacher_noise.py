"""Gains of a small network over hard labels, by how often a teacher of digits is right
whose law of errors is known. Below 0.9, SLaM of hard labels gains where errors are
uniform or among likely classes; soft labels lose where they are among likely ones.
Where hard rows have more errors, Taylor's loss, told nothing, gains most. Intervals are
99%.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from simulations.analysis import CONFIDENCE
from simulations.distillation_claims import GOOD, LAWS, accuracy
from simulations.engine.results import load
from simulations.teacher_noise import ESTIMATED

NAMES = {
    "soft": "soft labels",
    "taylor": "Taylor's loss",
    "slam_hard": "SLaM, told the law",
    ESTIMATED: "SLaM, estimating it",
}
AGAINST = "hard"
#: The laws of which the caption says who gains, who loses, and who gains most.
EVEN, LIKELY, UNEVEN = ("uniform", "likely"), "likely", "margin"

#: Gains in each trial, by law, mean accuracy of the teacher and student.
Gains = dict[str, dict[float, dict[str, Any]]]


def read(scale: str, folder: Path) -> Gains:
    """Return the gains over hard labels of who was run, by accuracy of the teacher."""
    found: Gains = {}
    entries = load("teacher_noise", scale, folder)["rows"]
    for entry in sorted(entries, key=lambda it: float(it["cell"]["accuracy"])):
        cell, row = entry["cell"], entry["row"]
        less = accuracy(row, AGAINST)
        found.setdefault(cell["teacher"], {})[cell["accuracy"]] = {
            name: accuracy(row, name) - less for name in NAMES if name in row["right"]
        }
    return found


def check(found: Gains) -> None:
    """Assert the caption."""
    assert found.keys() == LAWS.keys(), "no noisy teacher of some law"
    for law, levels in found.items():
        noisy = {level: gains for level, gains in levels.items() if level < GOOD}
        assert noisy, f"{law}: no noisy teacher"
        for level, gains in noisy.items():
            mean = {name: float(np.mean(gain)) for name, gain in gains.items()}
            if law in EVEN:
                for name in ("slam_hard", ESTIMATED):
                    assert mean[name] > 0, f"{law}: {name} gains nothing at {level}"
            if law == LIKELY:
                assert mean["soft"] < 0, f"soft labels lose nothing at {level}"
            if law == UNEVEN:
                best = max(mean, key=mean.__getitem__)
                assert best == "taylor", f"{best} gains most at {level}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw gains against the teacher's accuracy, one panel a law."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    labels = ("", "gain over hard labels", "")
    figure, axes = panels.stacked(1, 1, 1, labels=labels)
    looks = dict(zip(NAMES, panels.looks(), strict=False))
    for panel, (law, levels) in zip(axes, found.items(), strict=False):
        for i, name in enumerate(next(iter(levels.values()))):
            gains = np.stack([of[name] for of in levels.values()], axis=1)
            curve = stats.mean(gains, confidence=CONFIDENCE)
            x = panels.aside(list(levels), i, len(NAMES), by=1.01)
            panels.points(panel, x, curve, looks[name])
            panels.line(panel, x, curve[0], looks[name])
        panels.level(panel, 0)
        panel.set_title(LAWS[law])
    axes[-1].set_xlabel("mean accuracy of the teacher")
    entries = {text: looks[name] for name, text in NAMES.items()}
    panels.legend(axes[0], entries, "upper right", ncols=2)
    return figure
