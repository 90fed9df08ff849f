"""SLaM on the trap, told the teacher's accuracy as fitted on n clean rows: above, its
average error is between those of who is told one rate and of who is told α(x). Middle:
its gap to the latter falls, to less than a fifth from 10 to 1000 rows. Below, told one
accuracy a for α = 0.75: the optimum on sampled labels is as predicted (line), and all
the truth's only if 1/2 < a ≤ α.
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace._check import Array
from halfspace.stats import Interval
from halfspace.theory.mixing import mixed_optimum
from simulations import teacher_measures as measures
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load

#: An optimum on sampled labels is off by less.
NEAR = 0.02


class Found(NamedTuple):
    """What is drawn: students by what they are told, optima by what is assumed."""

    students: dict[Any, Any]
    optima: dict[float, Interval]
    accuracy: float


def read(scale: str, folder: Path) -> Found:
    """Return what is drawn."""
    results = load("plug_in", scale, folder)
    optima = {}
    for entry in results["rows"]:
        if entry["cell"]["part"] == "labels":
            row = entry["row"]
            groups = np.asarray(row["optimum"]) / row["group_trials"]
            found = stats.mean(groups, confidence=CONFIDENCE)
            optima[entry["cell"]["told"]] = Interval(*map(float, found))
    students = measures.students(scale, folder)
    return Found(students, optima, results["spec"]["accuracy"])


def last(row: Any) -> tuple[Array, Array, Array]:
    """Return the average error at the last T, with its interval."""
    return stats.mean(measures.average_errors(row)[:, -1], confidence=CONFIDENCE)


def check(found: Found) -> None:
    """Assert the caption."""
    rows = found.students
    sizes = measures.sizes_told(rows)
    blind, best = last(rows["one rate"])[0], last(rows["alpha"])[0]
    for size in sizes:
        _, low, high = last(rows[size])
        assert low < blind, f"told a fit on {size} rows it is worse than blind"
        assert high > best, f"told a fit on {size} rows it is better than told alpha"
    few, many = (measures.gap(rows, size) for size in (10, 1000))
    fallen = many.estimate < few.estimate / 5 and many.high < few.low
    assert fallen, f"the gap falls from {few} to {many}"
    assert found.accuracy == 0.75, f"the accuracy is {found.accuracy}"
    for told, it in found.optima.items():
        claimed = float(mixed_optimum(found.accuracy, told))
        assert abs(it.estimate - claimed) < NEAR, f"told {told}: {it}, not {claimed}"
        all_of_it = it.estimate > 1 - NEAR
        assert all_of_it == (0.5 < told <= found.accuracy), f"told {told}: {it}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw errors and gaps against clean rows, and optima against what is assumed."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    labels = ["average error", "gap to told α(x)", "optimum gives truth"]
    figure, (above, middle, below) = panels.stacked(
        0.8, 0.8, 0.8, sharex=False, labels=labels
    )
    draw_errors(above, found.students)
    draw_gaps(middle, found.students)
    draw_optima(below, found)
    return figure


def draw_errors(axes: Axes, rows: dict[Any, Any]) -> None:
    """Draw the average error against clean rows, between two levels."""
    sizes, looks = measures.sizes_told(rows), panels.looks()
    ends = np.array([sizes[0], sizes[-1]], dtype=float)
    for told, look in (("one rate", looks[1]), ("alpha", looks[2])):
        panels.line(axes, ends, np.repeat(last(rows[told])[0], 2), look)
    ends_of = [
        np.array(end) for end in zip(*(last(rows[n]) for n in sizes), strict=True)
    ]
    panels.points(axes, sizes, ends_of, looks[0])
    panels.line(axes, sizes, ends_of[0], looks[0])
    axes.set(xscale="log", xlabel="clean rows n")
    axes.set_ylim(bottom=0)
    entries = {
        "told one rate": looks[1] | {"marker": ""},
        "told the fit": looks[0],
        "told α(x)": looks[2] | {"marker": ""},
    }
    panels.powers(axes.xaxis)
    panels.legend(axes, entries, "center right", bbox_to_anchor=(1, 0.62))


def draw_gaps(axes: Axes, rows: dict[Any, Any]) -> None:
    """Draw the gaps that are not 0 by their intervals, and the error of the fit."""
    looks = panels.looks()
    sizes = measures.sizes_told(rows)
    gaps = {size: measures.gap(rows, size) for size in sizes}
    seen = {size: it for size, it in gaps.items() if it.low > 0}
    away = [rows[size]["absolute"] for size in sizes]
    fit = looks[3] | panels.hollow() | {"linestyle": "none"}
    axes.plot(sizes, away, **fit)
    if seen:
        ends = [np.array(end) for end in zip(*seen.values(), strict=True)]
        panels.points(axes, list(seen), ends, looks[0])
        panels.line(axes, list(seen), ends[0], looks[0])
    axes.set(xscale="log", yscale="log", xlabel="clean rows n")
    panels.powers(axes.xaxis)
    panels.powers(axes.yaxis)
    entries = {"gap, where it is not 0": looks[0], "error of the fit, E|α̂ - α|": fit}
    panels.legend(axes, entries, "lower left")


def draw_optima(axes: Axes, found: Found) -> None:
    """Draw what optima on sampled labels give the truth, and what is predicted."""
    look = panels.looks()[0]
    told = np.linspace(0.25, 1, 301)
    for part in (told < 0.499, told > 0.501):
        predicted = mixed_optimum(found.accuracy, told[part])
        panels.line(axes, told[part], predicted, look | {"linestyle": "-"})
    ends = [np.array(end) for end in zip(*found.optima.values(), strict=True)]
    panels.points(axes, list(found.optima), ends, look)
    panels.upright(axes, 0.5)
    panels.upright(axes, found.accuracy)
    panels.label(axes, 0.68, 0.1, "a = α")
    axes.set(xlabel="accuracy that is assumed, a", ylim=(-0.08, 1.08))
