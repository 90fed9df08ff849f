"""At step 1 and d = 100 forward ends lower than plain and backward, at every rate, and
backward stays below its bound, A10 (dotted). Bottom: the second moment of backward's
slope never falls below η(1-η)/(1-2η)² (dotted); that of forward never exceeds its
largest slope squared (dotted), and ends tenfold below backward's.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace._check import Array
from simulations.analysis import CONFIDENCE, Series, means, series
from simulations.engine.results import load

LOSSES = {"logistic": "plain", "backward": "backward", "forward": "forward"}
#: The step, and the rate of the lowest panel.
STEP, RATE = 1.0, 0.3


class Curve(NamedTuple):
    """One loss in one dimension at one rate.

    Attributes
    ----------
    error : Series
        Average errors.
    moments : three arrays, shape (k,)
        Second moments of the slope, with the ends of intervals.
    """

    error: Series
    moments: tuple[Array, Array, Array]

    @property
    def cell(self) -> dict[str, Any]:
        """The parameters."""
        return self.error.cell


def read(scale: str, folder: Path) -> list[Curve]:
    """Return the curves at step 1, in the smallest dimension."""
    near = min(load("convergence", scale, folder)["spec"]["dims"])
    return [
        Curve(it, means([it.row], "second_moments"))
        for it in series("convergence", scale, folder, size=STEP, dim=near)
    ]


def check(found: list[Curve]) -> None:
    """Assert the caption."""
    by_cell = {(it.cell["rate"], it.cell["rule"]): it for it in found}
    for (rate, rule), it in by_cell.items():
        cell, row, forward = it.cell, it.error.row, by_cell[rate, "forward"]
        if rule == "forward":
            most = row["predicted_most_second_moment"] * (1 + 1e-9)
            assert row["most_second_moment"] <= most, f"{cell} exceeds its bound"
            continue
        apart = forward.error.errors[:, -1] - it.error.errors[:, -1]
        high = stats.mean(apart, confidence=CONFIDENCE)[2]
        assert high < 0, f"forward does not end lower than {cell}"
        if rule == "backward":
            ratio = it.error.ratio("predicted_backward_error")[2].max()
            assert ratio < 1, f"{cell} reaches {ratio} of its bound"
            least = row["predicted_least_second_moment"] * (1 - 1e-9)
            assert row["least_second_moment"] >= least, f"{cell} falls below B4"
            lower = 10 * forward.moments[2][-1] < it.moments[1][-1]
            assert lower, f"{forward.cell}: not tenfold below"


def shown(rates: list[float]) -> list[float]:
    """Return the smallest rate, that of the lowest panel, and the largest."""
    return sorted({min(rates), RATE, max(rates)})


def level(axes: Axes, it: Curve, key: str, look: panels.Look) -> None:
    """Draw what is predicted, a number or a curve, dotted; nothing if there is none."""
    if key in it.error.row:
        steps = it.error.steps
        predicted = np.broadcast_to(it.error.row[key], steps.shape)
        dotted = panels.predicted() | {"color": look["color"]}
        panels.line(axes, steps, predicted, dotted)


def draw_error(axes: Axes, it: Curve, look: panels.Look) -> None:
    """Draw the average error of one loss."""
    errors = stats.mean(it.error.errors, confidence=CONFIDENCE)
    panels.line(axes, it.error.steps, errors[0], look)
    panels.points(axes, it.error.steps, errors, look)
    level(axes, it, "predicted_backward_error", look)


def draw_moments(axes: Axes, it: Curve, look: panels.Look) -> None:
    """Draw the second moment of the slope of one loss."""
    panels.line(axes, it.error.steps, it.moments[0], look)
    panels.points(axes, it.error.steps, it.moments, look)
    for which in ("least", "most"):
        level(axes, it, f"predicted_{which}_second_moment", look)


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw average errors, a panel for each rate, and second moments at one."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    rates = shown([it.cell["rate"] for it in found])
    looks = {
        rule: look | {"linestyle": "-"}
        for rule, look in zip(LOSSES, panels.looks(), strict=False)
    }
    labels = [*("average error" for _ in rates), "second moment"]
    figure, (*tops, below) = panels.stacked(*(0.75 for _ in rates), 0.95, labels=labels)
    for it in found:
        rate, look = it.cell["rate"], looks[it.cell["rule"]]
        if rate in rates:
            draw_error(tops[rates.index(rate)], it, look)
        if rate == RATE:
            draw_moments(below, it, look)
    for axes, rate in zip(tops, rates, strict=True):
        axes.set(yscale="log", ylim=(5e-4, 2))
        panels.powers(axes.yaxis)
        panels.label(axes, 0.55, 0.06, f"η = {rate:g}", ha="center")
    panels.label(below, 0.02, 0.06, f"η = {RATE:g}")
    entries = {name: looks[rule] for rule, name in LOSSES.items()}
    panels.legend(tops[0], entries, "lower left")
    below.set(xscale="log", yscale="log", xlabel="samples T")
    panels.powers(below.xaxis)
    panels.powers(below.yaxis)
    return figure
