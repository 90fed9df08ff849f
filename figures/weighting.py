"""Squared error of two estimates of a student's risk, over n labels of its teacher.
Plain means keep a bias (dashed); weighted ones fall like 1/n. Where student and teacher
err together (above) weights cost variance, and pay from the predicted n on (upright);
where not (below) they pay at once. Lines are predictions, markers sampled.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load
from simulations.weighting_claims import errors

#: The laws that are drawn, and what is written there.
LAWS = {"shared errors": "they err together", "own errors": "each errs on its own"}
NAMES = {"plain": "plain", "weighted": "weighted"}
#: How far what is sampled may lie from the prediction.
NEAR = 0.05


def read(scale: str, folder: Path) -> dict[str, Any]:
    """Return the rows of the laws."""
    entries = load("weighting", scale, folder)["rows"]
    return {it["cell"]["law"]: it["row"] for it in entries}


def check(found: dict[str, Any]) -> None:
    """Assert the caption."""
    for law, row in found.items():
        sizes, at = np.array(row["sizes"]), row["predicted_crossing"]
        means = {it: errors(row, it).mean(axis=0) for it in NAMES}
        for it, mean in means.items():
            off = np.abs(mean / np.array(row[f"predicted_{it}"]) - 1).max()
            assert off < NEAR, f"{it} is off by {off} on {law}"
        fall = means["weighted"] * sizes
        assert np.ptp(fall) < 3 * NEAR * fall.mean(), f"not like 1/n on {law}"
        assert means["plain"][-1] > row["bias"] ** 2 * (1 - NEAR), f"no bias on {law}"
        assert (at > 0) == ("shared" in law), f"crosses at {at} on {law}"
        clear = np.abs(np.log(np.maximum(sizes / max(at, 1e-9), 1e-9))) > 0.4
        pays = means["weighted"] < means["plain"]
        assert (pays == (sizes > at))[clear].all(), f"another crossing on {law}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the squared errors against the labels, a panel for each law."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, both = panels.stacked(1, 1, labels=["mean squared error"] * 2)
    looks = dict(zip(NAMES, panels.looks(), strict=False))
    for axes, (law, text) in zip(both, LAWS.items(), strict=True):
        row = found[law]
        for which, look in looks.items():
            ends = stats.mean(errors(row, which), confidence=CONFIDENCE)
            panels.line(axes, row["sizes"], row[f"predicted_{which}"], look)
            panels.points(axes, row["sizes"], ends, look)
        squared = np.full(len(row["sizes"]), row["bias"] ** 2)
        panels.line(
            axes, row["sizes"], squared, panels.predicted() | {"linestyle": "--"}
        )
        if row["predicted_crossing"] > 0:
            panels.upright(axes, row["predicted_crossing"])
        panels.label(axes, 0.02, 0.03, text)
        axes.set(xscale="log", yscale="log")
    both[1].set_xlabel("labels, n")
    panels.legend(
        both[0], {NAMES[it]: look for it, look in looks.items()}, "upper right"
    )
    return figure
