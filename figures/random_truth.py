"""Test accuracy of a small network where a random network is the truth. Above: by the
labels that its teacher, a network like it, saw; by as many updates as on digits SLaM
makes less than soft labels do, by ten times as many and of 30 labels more. Clean labels
alone make more than all. Below: SLaM's gains over soft labels, by the accuracy of the
teacher; hollow: by fewer updates. Intervals are 99%.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import distillation, panels
from figures.distillation import FEW, NAMES, Found
from simulations.distillation_claims import WEAK, accuracy

OURS = ("slam", "slam_hard")
TITLES = {1: "updates as on digits", 10: "ten times as many updates"}


def check(found: Found) -> None:
    """Assert the caption, of what was run."""
    weak = [pair for pair in found if pair[0]["teacher"] == WEAK]
    assert {cell["times"] for cell, _ in weak} >= {1}, "no run of the usual length"
    for cell, row in weak:
        mean = {
            name: float(np.mean(accuracy(row, name)))
            for name in (*NAMES, "labelled_only")
        }
        where = f"at {cell['labels']} labels, {cell['times']} x updates"
        for name in NAMES:
            assert mean[name] < mean["labelled_only"], f"{name} is best {where}"
        for name in OURS:
            gain = mean[name] - mean["soft"]
            if cell["times"] == 1:
                assert gain < 0, f"{name} gains {where}"
            elif cell["labels"] == FEW:
                assert gain > 0, f"{name} gains nothing {where}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw accuracies against labels, and gains, by how long students are trained."""
    found = distillation.read("random_truth", scale, folder)
    if scale in panels.JUDGED:
        check(found)
    lengths = sorted({cell["times"] for cell, _ in found})
    labels = [*("accuracy" for _ in lengths), "gain over soft labels"]
    figure, axes = panels.stacked(*(1 for _ in labels), sharex=False, labels=labels)
    for panel, times in zip(axes, lengths, strict=False):
        some = [pair for pair in found if pair[0]["times"] == times]
        distillation.accuracies(panel, some)
        panel.set_title(TITLES[times])
        hollow = panels.hollow() if times == 1 else {}
        distillation.gains(axes[-1], some, OURS, hollow)
    distillation.explain(axes[-2])
    return figure
