"""Average error over its fluid limit. Top: for 100 ≤ d ≤ 4/γ² and the sign link they
agree to within the shaded 2% from T = 1000 on. Middle: in a million dimensions the
error is more than twice the limit at every T. Bottom: in three it is more than a tenth
below the limit at some T, and less so in every dimension more that is shown; at margins
above 0.2 it ends above the limit.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from figures import panels
from halfspace._check import Array
from simulations.analysis import Series, series
from simulations.claims import CLAIMS

_A11 = next(claim for claim in CLAIMS if claim.id == "A11")
#: Where the limit is claimed to be good, and how good.
FIRST, TOLERANCE = 1000, _A11.tolerance

Groups = tuple[list[Series], list[Series], list[Series]]


def read(scale: str, folder: Path) -> Groups:
    """Return the curves where the limit is claimed to be good, far out, and others."""
    claimed, far, others = [], [], []
    for curve in series("fluid", scale, folder):
        cell = curve.cell
        if cell["dim"] > 100 / cell["margin"] ** 2:
            far.append(curve)
        elif cell["rule"] == "slam" and cell["dim"] >= 100:
            claimed.append(curve)
        else:
            others.append(curve)
    return claimed, far, others


def check(groups: Groups) -> None:
    """Assert the caption."""
    claimed, far, others = groups
    for curve in claimed:
        dim, most = curve.cell["dim"], 4 / curve.cell["margin"] ** 2
        assert 100 <= dim <= most + 1e-9, f"d = {dim} is above {most}"
        off = np.abs(ratio(curve)[0][curve.steps >= FIRST] - 1).max()
        assert off <= TOLERANCE, f"{curve.cell} is off by {off}"
    assert claimed, "no curve where the limit is claimed to be good"
    assert far, "no curve far out"
    for curve in far:
        assert curve.cell["dim"] == 10**6, f"d = {curve.cell['dim']}, not a million"
        least = ratio(curve)[1].min()
        assert least > 2, f"{curve.cell}: only {least} of the limit"
    wide = [c for c in others if c.cell["margin"] > 0.2]
    few = {
        c.cell["dim"]: ratio(c)[2].min()
        for c in others
        if c.cell["dim"] < 100 and c.cell["margin"] <= 0.2
    }
    assert wide, "no margin above 0.2"
    for curve in wide:
        end = ratio(curve)[1][-1]
        assert end > 1, f"{curve.cell}: only {end} of the limit"
    least = [few[dim] for dim in sorted(few)]
    assert min(few) == 3, f"no d = 3 in {list(few)}"
    assert least[0] < 0.9, f"d = 3: {least[0]} of the limit at worst"
    assert least == sorted(least), f"not better with every dimension: {few}"


def ratio(curve: Series) -> tuple[Array, Array, Array]:
    """Return measured over fluid average error, with the ends of intervals."""
    return curve.ratio("fluid_average_error")


def name(curve: Series) -> str:
    """Return what tells a curve from its neighbours."""
    cell = curve.cell
    if cell["rule"] != "slam":
        return f"sigmoid link, d = {cell['dim']}"
    if cell["dim"] < 100:
        wide = f", γ = {cell['margin']:g}" if cell["margin"] > 0.2 else ""
        return f"d = {cell['dim']}{wide}"
    return f"d = {cell['dim']:,}, η = {cell['rate']:g}, γ = {cell['margin']:g}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the ratio to the limit: where it is good, and where it is not."""
    groups = read(scale, folder)
    if scale in panels.JUDGED:
        check(groups)
    figure, all_axes = panels.stacked(1.0, 0.45, 1.25)
    for axes, curves in zip(all_axes, groups, strict=True):
        entries = {}
        for index, curve in enumerate(curves):
            look = panels.looks()[index]
            x = panels.aside(curve.steps, index, len(curves), by=1.05)
            panels.points(axes, x, ratio(curve), look)
            panels.line(axes, x, ratio(curve)[0], look)
            entries[name(curve)] = look
        few = curves is groups[2]
        if entries:
            where, columns = ("lower left", 2) if few else ("upper right", 1)
            panels.legend(axes, entries, where, ncols=columns)
    above, middle, below = all_axes
    for axes in (above, below):
        panels.level(axes)
        panels.band(axes, FIRST, 1 - TOLERANCE, 1 + TOLERANCE)
    above.set(xscale="log", ylim=(0.89, 1.19))
    middle.set(yscale="log", ylim=(2, 9), ylabel="measured / fluid limit")
    middle.yaxis.set_major_locator(FixedLocator([2, 4, 8]))
    middle.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    middle.yaxis.set_minor_locator(NullLocator())
    below.set(ylim=(0.55, 1.29), xlabel="samples T")
    panels.powers(below.xaxis)
    return figure
