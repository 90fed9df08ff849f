"""The average error over its bound, against T: below one and climbing, within 3% of its
fluid limit from T = 1000 on. This limit goes on to climb: at T = 10¹⁴ it is above 0.9
in every dimension shown, and above 0.95 for d up to 1/γ².
"""

from itertools import groupby
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace._check import Array
from simulations.analysis import CONFIDENCE, Series, series
from simulations.engine.results import load


def read(scale: str, folder: Path) -> tuple[list[Series], float]:
    """Return the curves, ordered by rate and dimension, and 1/γ²."""
    found = series("tightness", scale, folder)
    found.sort(key=lambda curve: (curve.cell["rate"], curve.cell["dim"]))
    return found, load("tightness", scale, folder)["spec"]["margin"] ** -2


def fluid(curve: Series) -> tuple[Array, Array]:
    """Return the T of the fluid limit, and it over the bound there."""
    limit, bound = (curve.row[name] for name in ("fluid_average_error", "fluid_bound"))
    return np.asarray(curve.row["fluid_steps"]), np.divide(limit, bound)


def check(curves: list[Series], worst: float) -> None:
    """Assert the caption; `worst` is 1/γ²."""
    for curve in curves:
        centre, _, high = curve.ratio()
        assert high.max() < 1, f"{curve.cell} reaches {high.max()} of the bound"
        grown = stats.mean(curve.growth(), confidence=CONFIDENCE)[1]
        assert grown > 0, f"{curve.cell} does not climb at the end"
        far, limit = fluid(curve)
        late = curve.steps >= 1000
        there = np.interp(np.log(curve.steps[late]), np.log(far), limit)
        off = np.abs(centre[late] / there - 1).max()
        assert off < 0.03, f"{curve.cell} is off its fluid limit by {off}"
        assert np.diff(limit).min() > 0, f"the fluid limit of {curve.cell} falls"
        assert far[-1] >= 1e14 * (1 - 1e-9), f"the fluid limit ends at {far[-1]}"
        least = 0.95 if curve.cell["dim"] <= worst * (1 + 1e-9) else 0.9
        assert least < limit[-1] < 1, f"the fluid limit of {curve.cell}: {limit[-1]}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the ratio to the bound against T, a panel for each rate."""
    curves, worst = read(scale, folder)
    if scale in panels.JUDGED:
        check(curves, worst)
    rates = [list(those) for _, those in groupby(curves, lambda it: it.cell["rate"])]
    figure, all_axes = panels.stacked(
        *(1.0 for _ in rates), labels=["measured / bound" for _ in rates]
    )
    for axes, those in zip(all_axes, rates, strict=True):
        entries = {}
        for curve, look in zip(those, panels.looks(), strict=False):
            panels.line(axes, *fluid(curve), look)
            panels.points(axes, curve.steps, curve.ratio(), look)
            entries[f"d = {curve.cell['dim']}"] = look
        panels.level(axes)
        title = f"η = {those[0].cell['rate']:g}\npoints: measured\nlines: fluid limit"
        panels.legend(axes, entries, "lower right", title=title)
        axes.set(xscale="log", ylim=(0, 1.1))
    panels.powers(all_axes[-1].xaxis, 2)
    all_axes[-1].set_xlabel("samples T")
    return figure
