"""Accuracy on noisy test labels less its ceiling 1 - η, against the rate η: ours and
published. The logistic loss agrees from η = 0.15 on. Our FilterTron is better up to
0.4. The published LeakyReLU is between our mean iterate and the one that fits best, up
to 0.3. Intervals cover the noise of both, as if theirs were like ours.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace._check import Array
from simulations.analysis import CONFIDENCE
from simulations.ckmy import PUBLISHED, Spec
from simulations.engine.results import load

LEARNERS = ("logistic", "FilterTron", "LeakyReLU")
BEST = "LeakyReLU, fitting best"
#: Accuracy less the ceiling by rate: ours with the ends of its interval.
Curve = tuple[Array, Array, Array]


def read(scale: str, folder: Path) -> tuple[Array, dict[str, Curve], dict[str, Array]]:
    """Return the rates, and accuracy less the ceiling: ours, and published.

    Intervals are of the difference from a mean over as many trials, as noisy.
    """
    rows = sorted(
        load("ckmy", scale, folder)["rows"], key=lambda it: float(it["cell"]["rate"])
    )
    rates = np.array([entry["cell"]["rate"] for entry in rows])
    at = [Spec.rates.index(rate) for rate in rates]
    ours = {}
    for learner in (*LEARNERS, BEST):
        right = [
            np.divide(it["row"]["right"][learner], it["row"]["test"]) for it in rows
        ]
        centre, _, high = stats.mean(np.stack(right, axis=1), confidence=CONFIDENCE)
        reach, less = np.sqrt(2) * (high - centre), centre - (1 - rates)
        ours[learner] = (less, less - reach, less + reach)
    published = {
        learner: np.array(PUBLISHED[learner])[at] - (1 - rates) for learner in LEARNERS
    }
    return rates, ours, published


def check(rates: Array, ours: dict[str, Curve], published: dict[str, Array]) -> None:
    """Assert the caption."""
    _, low, high = ours["logistic"]
    agree = (low < published["logistic"]) & (published["logistic"] < high)
    late = rates >= 0.15 - 1e-9
    assert agree[late].all(), f"the logistic loss differs at {rates[late & ~agree]}"
    better = ours["FilterTron"][1] > published["FilterTron"]
    early = rates <= 0.4 + 1e-9
    assert better[early].all(), f"FilterTron is no better at {rates[early & ~better]}"
    theirs = published["LeakyReLU"]
    between = (ours["LeakyReLU"][2] < theirs) & (theirs < ours[BEST][1])
    early = rates <= 0.3 + 1e-9
    out = rates[early & ~between]
    assert not out.size, f"LeakyReLU is not between our iterates at {out}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw what is left to the ceiling, a panel for each learner."""
    rates, ours, published = read(scale, folder)
    if scale in panels.JUDGED:
        check(rates, ours, published)
    figure, all_axes = panels.stacked(0.7, 0.7, 0.8)
    first, second, plain = panels.looks()[:3]
    theirs = plain | panels.hollow()
    for axes, learner in zip(all_axes, LEARNERS, strict=True):
        shown: dict[str, tuple[str, panels.Look]] = {learner: ("ours", first)}
        if learner == "LeakyReLU":
            shown = {
                learner: ("ours, mean iterate", first),
                BEST: ("ours, fitting best", second),
            }
        for key, (_, look) in shown.items():
            panels.line(axes, rates, ours[key][0], look)
            panels.points(axes, rates, ours[key], look)
        axes.plot(rates, published[learner], **theirs)
        entries = {"published": theirs} | dict(shown.values())
        panels.legend(axes, entries, "lower right", title=learner)
        panels.level(axes, 0.0)
        axes.set(ylim=(-0.17, 0.03))
    all_axes[1].set_ylabel("accuracy - (1 - η)")
    all_axes[2].set_xlabel("noise rate η")
    return figure
