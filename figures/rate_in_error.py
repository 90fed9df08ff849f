"""Samples after which the average error is at most ε, below the bound N(ε) throughout:
between the two smallest ε the slope is -1 without noise and -2 at the noisiest rate, to
within 0.1.
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
    """Return the points of every rate, from the smallest rate and the smallest ε."""
    errors = load("rate_in_error", scale, folder)["spec"]["errors"]
    found = {}
    for curve in series("rate_in_error", scale, folder):
        sizes = zip(errors, curve.row["predicted_sample_size"], strict=True)
        found[curve.cell["rate"]] = [point(e, curve, e, n) for e, n in sorted(sizes)]
    return dict(sorted(found.items()))


def check(found: dict[float, list[Point]]) -> None:
    """Assert the caption."""
    for points in found.values():
        check_bounded(points)
    assert min(found) == 0, f"no rate without noise in {list(found)}"
    check_exponent(found[0][:2], -1)
    check_exponent(found[max(found)][:2], -2)


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the samples needed, and over N(ε), against ε."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    margin = load("rate_in_error", scale, folder)["spec"]["margin"]
    figure, (above, below) = panels.stacked(
        1.25, 0.75, labels=("samples T needed", "measured / N(ε)")
    )
    looks = dict(zip(found, panels.looks(), strict=False))
    for index, (rate, points) in enumerate(found.items()):
        x, look = [it.x for it in points], looks[rate]
        grid = np.geomspace(x[0], x[-1])
        panels.line(above, grid, theory.sample_size(grid, margin, rate), look)
        panels.points(above, x, columns([it.found for it in points]), look)
        moved = panels.aside(x, index, len(found))
        panels.points(below, moved, columns([it.ratio for it in points]), look)
    entries = {f"η = {rate:g}": looks[rate] for rate in reversed(found)}
    panels.legend(above, entries, "upper right")
    first = [points[0] for points in found.values()]
    panels.slope(above, (1.25 * x[0], 0.22 * first[0].predicted), 2.2 * x[0], -1)
    panels.slope(above, (1.5 * x[0], 0.9 * first[-1].predicted), 2.4 * x[0], -2, True)
    above.set(xscale="log", yscale="log")
    panels.powers(above.yaxis)
    panels.level(below)
    below.set(xlabel="target error ε", ylim=(0, 1.1))
    panels.numbers(below.xaxis)
    return figure
