"""Average excess noisy error where the noise varies with x, and its bound where α(x) is
told. On the trap, a quarter of it noisy, SLaM told α(x) stays below with either link;
told the largest rate alone it ends as wrong on all that quarter (line), within 5%. On a
sphere whose noise fades with the height only the Perceptron ends above, and being told
makes the sign link slower.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from figures.names import name
from halfspace._check import Array
from halfspace.finite import trap
from simulations.analysis import means
from simulations.engine.results import load

LEARNERS = ("slam", "slam_sigmoid", "forward", "perspectron", "perceptron")


class Excess(NamedTuple):
    """The average excess of one learner: three arrays (k,), and its bound (k,)."""

    steps: Array
    found: tuple[Array, Array, Array]
    bound: Array


Panels = dict[tuple[str, float], dict[str, Excess]]


def read(scale: str, folder: Path) -> Panels:
    """Return the learners of each noise and rate."""
    found: Panels = {}
    for entry in load("knowing_alpha", scale, folder)["rows"]:
        cell, row = entry["cell"], entry["row"]
        steps, bound = (np.asarray(row[k]) for k in ("steps", "predicted_excess_risk"))
        centre, low, high = (end / steps for end in means([row], "excess"))
        those = found.setdefault((cell["noise"], cell["rate"]), {})
        those[cell["learner"]] = Excess(steps, (centre, low, high), bound)
    return found


def wrong_quarter(rate: float, margin: float) -> float:
    """Return the excess of an error on all points of the trap that have noise."""
    return (1 - 2 * rate) * trap(margin).weights[1]


def check(found: Panels, margin: float) -> None:
    """Assert the caption."""
    for key, those in found.items():
        safe = set(those) - {"perceptron"}
        if key[0] == "trap":
            safe = {it for it in those if it.endswith(", told")}
            end = wrong_quarter(key[1], margin)
            for learner in ("slam", "slam_sigmoid"):
                ratio = those[learner].found[0][-1] / end
                assert abs(ratio - 1) < 0.05, f"{key}: {learner} ends at {ratio}"
        else:
            clumsy, told, blind = (
                those[it] for it in ("perceptron", "slam, told", "slam")
            )
            assert clumsy.found[1][-1] > clumsy.bound[-1], f"{key}: Perceptron is good"
            slower = told.found[1][-1] > blind.found[2][-1]
            assert slower, f"{key}: being told does not make SLaM slower"
        for learner in safe:
            worst = (those[learner].found[2] / those[learner].bound).max()
            assert worst < 1, f"{key}: {learner} reaches {worst} of the bound"


def looks() -> dict[str, panels.Look]:
    """Return the look of each learner: those told α(x) are solid, others hollow."""
    found = {}
    for learner, look in zip(LEARNERS, panels.looks(), strict=False):
        found[f"{learner}, told"] = look | {"linestyle": "-"}
        found[learner] = look | panels.hollow()
    return found


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the trap at each rate, and the noise that fades at the largest."""
    found = read(scale, folder)
    margin = load("knowing_alpha", scale, folder)["spec"]["margin"]
    if scale in panels.JUDGED:
        check(found, margin)
    most = max(rate for _, rate in found)
    shown = [key for key in sorted(found, reverse=True) if key[0] == "trap"][::-1]
    shown.append(("fading", most))
    heights = [0.7 if noise == "trap" else 1.1 for noise, _ in shown]
    figure, all_axes = panels.stacked(*heights)
    for axes, (noise, rate) in zip(all_axes, shown, strict=True):
        those = found[noise, rate]
        bound = next(iter(those.values()))
        panels.line(axes, bound.steps, bound.bound, panels.predicted())
        for learner, look in looks().items():
            if learner in those:
                it = those[learner]
                panels.line(axes, it.steps, it.found[0], look)
                panels.points(axes, it.steps, it.found, look)
        if noise == "trap":
            panels.level(axes, wrong_quarter(rate, margin))
        where = "trap" if noise == "trap" else "sphere, fading"
        axes.set(xscale="log", yscale="log")
        axes.set_ylim(top=0.6)
        panels.powers(axes.yaxis)
        panels.label(axes, 0.98, 0.9, f"{where}, η ≤ {rate:g}", ha="right")
    entries = {"bound, told α(x)": panels.predicted()}
    entries |= {name(it): look for it, look in looks().items() if it in those}
    panels.legend(all_axes[-1], entries, "lower left")
    all_axes[1].set_ylabel("average excess noisy error")
    all_axes[-1].set_xlabel("samples T")
    panels.powers(all_axes[-1].xaxis)
    return figure
