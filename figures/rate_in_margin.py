"""Samples after which the average error is at most ε, in dimension 1/γ²: below the
bound N(ε), and as the power -2 of the margin γ at every noise rate, to within 0.1.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from figures.needed import Point, check_bounded, check_exponent, columns, point
from halfspace import theory
from simulations.analysis import series
from simulations.engine.results import load


def read(scale: str, folder: Path) -> dict[float, list[Point]]:
    """Return the points of every rate, from the smallest rate and the smallest γ."""
    error = load("rate_in_margin", scale, folder)["spec"]["error"]
    found: dict[float, list[Point]] = {}
    for curve in series("rate_in_margin", scale, folder):
        size = curve.row["predicted_sample_size"]
        it = point(curve.cell["margin"], curve, error, size)
        found.setdefault(curve.cell["rate"], []).append(it)
    return {rate: sorted(found[rate], key=lambda it: it.x) for rate in sorted(found)}


def check(found: dict[float, list[Point]]) -> None:
    """Assert the caption."""
    for points in found.values():
        check_bounded(points)
        check_exponent(points, theory.MARGIN_EXPONENT)


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the samples needed, and over N(ε), against γ."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, (above, below) = panels.stacked(
        1.25, 0.75, labels=("samples T needed", "measured / N(ε)")
    )
    looks = dict(zip(found, panels.looks(), strict=False))
    for index, (rate, points) in enumerate(found.items()):
        x, look = [it.x for it in points], looks[rate]
        grid = np.geomspace(x[0], x[-1])
        bound = theory.sample_size(points[0].target, grid, rate)
        panels.line(above, grid, bound, look)
        panels.points(above, x, columns([it.found for it in points]), look)
        moved = panels.aside(x, index, len(found))
        panels.points(below, moved, columns([it.ratio for it in points]), look)
    entries = {f"η = {rate:g}": looks[rate] for rate in reversed(found)}
    panels.legend(above, entries, "upper right", title=f"ε = {points[0].target:g}")
    first = next(iter(found.values()))[0]
    start = (1.25 * x[0], 0.2 * first.predicted)
    panels.slope(above, start, 2.4 * x[0], theory.MARGIN_EXPONENT)
    above.set(xscale="log", yscale="log")
    panels.powers(above.yaxis)
    panels.level(below)
    below.set(xlabel="margin γ", ylim=(0, 1.1))
    below.set_xticks(x, [f"{it:g}" for it in x])
    below.minorticks_off()
    return figure
