"""Test error, in points, less that of logistic regression that takes every label as
true: means over data sets and levels of noise, with 99% intervals over splits. SLaM
told one rate is left of the line, so better, under every noise. Clean rows alone, with
no noisy label, are further left.
"""

from pathlib import Path

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load
from simulations.real_measures import difference, errors

#: Kinds of noise, as the legend has them.
KINDS = {
    "uniform": "uniform flips",
    "by class": "flips by class",
    "by margin": "flips by margin",
    "teacher": "weak teachers",
}
#: Methods from the top: ours, those that correct noise, those without noisy labels.
ORDER = (
    *("SLaM, one rate", "SLaM, by margin", "SLaM, told", "forward", "backward"),
    *("CleanLearning", "IRBL", "IRLNL", "PluginCorrection"),
    *("clean rows", "self-training", "label spreading"),
)
#: How far apart the dots of one method are, in rows.
APART = 0.19

Differences = dict[str, dict[str, Interval | None]]


def read(scale: str, folder: Path) -> Differences:
    """Return the difference to plain regression by method and kind, in points."""
    found = errors(scale, folder)
    result: Differences = {}
    known = load("real_data", scale, folder)["spec"]["methods"]
    for method in (each for each in ORDER if each in known):
        result[method] = {}
        for noise in KINDS:
            less = difference(found, noise, method, "plain")
            result[method][noise] = None
            if less is not None:
                ends = stats.mean(-100 * less, confidence=CONFIDENCE)
                result[method][noise] = Interval(*(float(end) for end in ends))
    return result


def check(found: Differences) -> None:
    """Assert the caption."""
    for noise in KINDS:
        ours, clean = (found[it][noise] for it in ("SLaM, one rate", "clean rows"))
        assert ours is not None, f"SLaM was not run: {noise}"
        assert clean is not None, f"clean rows were not run: {noise}"
        assert ours.estimate < 0, f"SLaM errs more: {noise}, {ours}"
        further = clean.estimate < ours.estimate
        assert further, f"clean rows are not further left: {noise}, {clean}"


def dots(axes: Axes, y: float, found: Interval, look: panels.Look) -> None:
    """Draw an estimate with its interval, lying."""
    reach = np.array([[found.estimate - found.low], [found.high - found.estimate]])
    axes.errorbar(
        found.estimate, y, xerr=np.maximum(reach, 0), **look | {"linestyle": "none"}
    )


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw a row for each method, a dot for each kind of noise."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, (axes,) = panels.stacked(2.5)
    looks = dict(zip(KINDS, panels.looks(), strict=False))
    for row, (method, by_kind) in enumerate(found.items()):
        if row % 2:
            axes.axhspan(row - 0.5, row + 0.5, color=rcParams["hatch.color"], zorder=0)
        for place, (noise, it) in enumerate(by_kind.items()):
            if it is not None:
                dots(axes, row + APART * (place - 1.5), it, looks[noise])
        if all(it is None for it in by_kind.values()):
            axes.annotate(f"{method}: not run", (0, row), ha="center", va="center")
    panels.upright(axes, 0)
    axes.set(
        yticks=range(len(found)),
        yticklabels=list(found),
        ylim=(len(found) - 0.5, -0.5),
        xlabel="test error less plain's, points",
    )
    axes.grid(visible=False, axis="y")
    entries = {
        name: looks[noise] | {"linestyle": "none"} for noise, name in KINDS.items()
    }
    panels.legend(axes, entries, "lower center", bbox_to_anchor=(0.4, 1.0), ncols=2)
    return figure
