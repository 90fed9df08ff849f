"""Top: the error of the last iterate; of the mean of all iterates, which ends lower;
and of one selected with noisy held-out labels, in every trial within ε of the best.
Bottom: the average error over each link's own bound, below one throughout: it ends
above three quarters for the sign link, and stays below a fifth for the sigmoid link.
"""

from pathlib import Path
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels
from halfspace._check import Array
from simulations.analysis import Series, means, pooled, series, trials
from simulations.engine.results import load

LINKS = {"slam": "sign", "slam_sigmoid": "sigmoid"}
Means = tuple[Array, Array, Array]


class Outputs(NamedTuple):
    """What one link ends with at one rate: errors as means with intervals.

    Attributes
    ----------
    curve : Series
        Of the average error.
    last, averaged : three arrays, shape (k,)
    selected : three arrays, shape (1,)
    missed : int
        Trials in which the selected iterate is not within ε of the best.
    """

    curve: Series
    last: Means
    averaged: Means
    selected: Means
    missed: int


def read(scale: str, folder: Path) -> list[Outputs]:
    """Return the outputs of each link at each rate, the smallest rate first."""
    entries = load("link", scale, folder)["rows"]
    found = []
    for cell, rows in pooled(entries, ("rate", "rule")):
        (curve,) = series("link", scale, folder, **cell)
        missed = trials(rows) - sum(row["close_to_best"] for row in rows)
        last, averaged, selected = (
            means(rows, f"{output}_errors")
            for output in ("last", "averaged", "selected")
        )
        found.append(Outputs(curve, last, averaged, selected, missed))
    return sorted(found, key=lambda it: (it.curve.cell["rate"], it.curve.cell["rule"]))


def check(found: list[Outputs]) -> None:
    """Assert the caption."""
    for it in found:
        cell = it.curve.cell
        assert it.missed == 0, f"{cell}: {it.missed} selected are not close to the best"
        better = it.averaged[2][-1] < it.last[1][-1]
        assert better, f"{cell}: the mean iterate does not end lower"
        centre, _, high = it.curve.ratio()
        assert high.max() < 1, f"{cell} reaches {high.max()} of its bound"
        if cell["rule"] == "slam":
            assert centre[-1] > 0.75, f"{cell} ends at {centre[-1]} of its bound"
        else:
            assert high.max() < 0.2, f"{cell} reaches {high.max()} of its bound"


def variants() -> dict[str, dict[str, Any]]:
    """Return how the looks of the three outputs differ."""
    return {
        "last": {"linestyle": "-"},
        "mean": panels.hollow(),
        "selected": {"linestyle": "none", "marker": "P"},
    }


def draw_outputs(axes: Axes, it: Outputs, look: dict[str, Any]) -> None:
    """Draw the three outputs of one link at one rate."""
    steps, (last, mean, selected) = it.curve.steps, variants().values()
    for found, variant in ((it.last, last), (it.averaged, mean)):
        panels.line(axes, steps, found[0], look | variant)
        panels.points(axes, steps, found, look | variant)
    panels.points(axes, 1.5 * steps[-1], it.selected, look | selected)


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the errors, a panel for each rate, and the average error over its bound."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    looks = {
        rule: look | {"linestyle": "-"}
        for rule, look in zip(LINKS, panels.looks(), strict=False)
    }
    rates = sorted({it.curve.cell["rate"] for it in found})
    both = dict(zip(rates, variants().values(), strict=False))
    figure, (*tops, below) = panels.stacked(
        *(0.9 for _ in rates), 0.8, labels=[*("error" for _ in rates), "over its bound"]
    )
    for it in found:
        rate, look = it.curve.cell["rate"], looks[it.curve.cell["rule"]]
        draw_outputs(tops[rates.index(rate)], it, look)
        ratio = it.curve.ratio()
        panels.line(below, it.curve.steps, ratio[0], look | both[rate])
        panels.points(below, it.curve.steps, ratio, look | both[rate])
    for axes, rate in zip(tops, rates, strict=True):
        axes.set(yscale="log", ylim=(1e-5, 2))
        panels.powers(axes.yaxis, 2)
        panels.label(axes, 0.98, 0.9, f"η = {rate:g}", ha="right")
    plain = panels.looks()[2] | {"marker": "o"}
    links = {f"{link} link": looks[rule] for rule, link in LINKS.items()}
    outputs = {name: plain | variant for name, variant in variants().items()}
    panels.legend(tops[0], links | outputs, "lower left")
    entries = {f"η = {rate:g}": plain | variant for rate, variant in both.items()}
    panels.legend(below, entries, "upper left", bbox_to_anchor=(0, 0.93))
    panels.level(below)
    below.set(xscale="log", ylim=(0, 1.1), xlabel="samples T")
    panels.powers(below.xaxis)
    return figure
