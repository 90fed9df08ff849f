"""The average error stays below a bound without d in it, from d = 3 to a thousand
million: it is largest for d up to 1/γ², falls beyond, and levels off within a fifth of
its limit as d grows. The fluid limit follows it to within a tenth up to d = 10/γ², and
is more than ten times too small at the largest d.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace._check import Array
from simulations.analysis import Series, series
from simulations.engine.results import load


def read(scale: str, folder: Path) -> tuple[list[Series], float]:
    """Return a curve a dimension, the smallest first, and 1/γ²."""
    found = series("dimension", scale, folder)
    found.sort(key=lambda curve: curve.cell["dim"])
    return found, load("dimension", scale, folder)["spec"]["margin"] ** -2


def fluid(curve: Series) -> Array:
    """Return the fluid limit over the bound at every T."""
    bound = np.asarray(curve.row["predicted_average_error"])
    found: Array = np.asarray(curve.row["fluid_average_error"]) / bound
    return found


def check(curves: list[Series], worst: float) -> None:
    """Assert the caption; `worst` is 1/γ²."""
    dims = np.array([curve.cell["dim"] for curve in curves])
    assert dims[0] == 3, f"the smallest dimension is {dims[0]}"
    assert dims[-1] == 10**9, f"the largest dimension is {dims[-1]}"
    for curve in curves:
        highest = curve.ratio()[2].max()
        assert highest < 1, f"d = {curve.cell['dim']} reaches {highest} of the bound"
    centre, low, high = (
        np.array([end[-1] for end in ends])
        for ends in zip(*(curve.ratio() for curve in curves), strict=True)
    )
    hard = dims <= worst * (1 + 1e-9)
    assert low[hard].min() > high[~hard].max(), "an easy d is as hard as a hard one"
    assert centre[~hard][0] > 2 * high[-1], "the error does not fall beyond 1/γ²"
    limit = np.array([fluid(curve)[-1] for curve in curves])
    near = dims <= 10 * worst
    off = np.abs(limit[near] / centre[near] - 1).max()
    assert off < 0.1, f"the fluid limit is off by {off} where it should be good"
    assert low[-1] > 10 * limit[-1], "the fluid limit is good at the largest d"
    level = curves[-1].ratio("limit_average_error")[0][-1]
    assert abs(level - 1) < 0.2, f"the largest d is at {level} of its limit"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the average error, and over the bound, against d."""
    curves, worst = read(scale, folder)
    if scale in panels.JUDGED:
        check(curves, worst)
    figure, (above, below) = panels.stacked(
        1.15, 0.85, labels=("average error", "over the bound")
    )
    dims = [curve.cell["dim"] for curve in curves]
    steps = curves[0].steps
    times = [int(np.argmin(np.abs(steps - steps[-1] / 100))), len(steps) - 1]
    entries, highest = {}, 0.0
    for at, look in zip(times, panels.looks(), strict=False):
        bound = curves[0].row["predicted_average_error"][at]
        highest = max(highest, bound)
        ends = zip(*(curve.ratio() for curve in curves), strict=True)
        ratio = [np.array([end[at] for end in part]) for part in ends]
        limit = np.array([fluid(curve)[at] for curve in curves])
        panels.points(above, dims, [part * bound for part in ratio], look)
        panels.line(above, dims, limit * bound, look)
        panels.level(above, bound)
        panels.points(below, dims, ratio, look)
        panels.line(below, dims, limit, look)
        far = curves[-1].row["limit_average_error"][at]
        wide = [dim for dim in dims if dim > 1e5]
        panels.line(above, wide, [far] * len(wide), look | {"linestyle": ":"})
        panels.line(below, wide, [far / bound] * len(wide), look | {"linestyle": ":"})
        words = f"bound, T = {steps[at]:,.0f}"
        panels.over(above, bound, words, look)
        entries[f"T = {steps[at]:,.0f}"] = look
    for axes in (above, below):
        panels.upright(axes, worst)
    panels.beside(above, worst, 3e-4, "d = 1/γ²")
    title = "points: measured\nlines: fluid limit\ndotted: d → ∞"
    panels.legend(below, entries, "center right", title=title)
    above.set(xscale="log", yscale="log", ylim=(1e-4, 2 * highest))
    panels.powers(above.yaxis)
    panels.level(below)
    below.set(xlabel="dimension d", ylim=(0, 1.1))
    panels.powers(below.xaxis, 2)
    return figure
