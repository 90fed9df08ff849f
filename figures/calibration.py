"""Above: a teacher's accuracy by its margin, fitted to 1000 clean rows, with a 90%
bootstrap band; the truth (dotted) is in it at most margins, not at all. Below: the
squared error of a smooth accuracy and the share of wrong k̂ follow their laws (lines)
from 1000 rows on; with a step the squared error falls faster, below its bound (line).
"""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace._check import Array
from simulations import teacher_measures as measures
from simulations.analysis import fitted_slope
from simulations.engine.results import load
from simulations.teacher_measures import LARGE, Errors

NAMES = {
    "smooth": r"squared error, smooth: $n^{-2/3}$",
    "step": r"with a step: $(\log n)/n$",
    "classes": r"share of wrong k̂: $n^{-1/3}$",
}
#: A ratio to a law that is refuted is further from 1 than this.
NEAR = 0.1
#: Of the band, and of the intervals of the shares beside it.
BAND = 0.9


class Found(NamedTuple):
    """The picture, and the errors of each shape."""

    picture: dict[str, Array]
    errors: dict[str, Errors]


def read(scale: str, folder: Path) -> Found:
    """Return what is drawn."""
    rows = [it["row"] for it in load("calibration", scale, folder)["rows"]]
    (picture,) = (row["picture"] for row in rows if "picture" in row)
    return Found(
        {key: np.asarray(value) for key, value in picture.items()},
        {shape: measures.errors(scale, folder, shape) for shape in NAMES},
    )


def check(found: Found) -> None:
    """Assert the caption."""
    it = found.picture
    inside = np.mean((it["low"] <= it["truth"]) & (it["truth"] <= it["high"]))
    assert 0.5 < inside < 1, f"the truth is in the band at {inside} of all margins"
    assert it["rows"].sum() == 1000, f"{it['rows'].sum()} rows"
    for shape in ("smooth", "classes"):
        errors = found.errors[shape]
        many = errors.sizes >= LARGE
        _, low, high = (end[many] for end in measures.ratios(errors))
        refuted = (low > 1 + NEAR) | (high < 1 - NEAR)
        assert not refuted.any(), f"{shape}: {low} to {high} of the law"
    _, low, _ = measures.ratios(found.errors["step"])
    assert (low <= 1).all(), f"with a step: at least {low} of the bound"
    smooth, step = (slope(found.errors[shape]) for shape in ("smooth", "step"))
    assert step < smooth, f"no faster with a step: {step}, not {smooth}"


def slope(it: Errors) -> float:
    """Return the exponent of an error in the number of rows, where they are many."""
    many = it.sizes >= LARGE
    means = it.groups[:, many].mean(axis=0)
    return float(fitted_slope(np.log(it.sizes[many]), np.log(means)))


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw one fit, and how errors fall with the number of clean rows."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, (above, below) = panels.stacked(
        1.1, 1.1, sharex=False, labels=["P[the teacher is right]", "error of the fit"]
    )
    draw_picture(above, found.picture)
    draw_errors(below, found.errors)
    return figure


def draw_picture(axes: Axes, it: dict[str, Any]) -> None:
    """Draw one sample, its fit with the band, and the truth."""
    look = panels.looks()[0]
    shade = {"color": rcParams["grid.color"]}
    axes.fill_between(it["grid"], it["low"], it["high"], step="post", **shade)
    fit = look | {"linestyle": "-", "drawstyle": "steps-post"}
    panels.line(axes, it["grid"], it["fit"], fit)
    panels.line(axes, it["grid"], it["truth"], panels.predicted())
    shares = [
        stats.binomial(int(right), int(rows), confidence=BAND)
        for right, rows in zip(it["right"], it["rows"], strict=True)
    ]
    middle = (np.arange(len(shares)) + 0.5) / len(shares)
    dots = panels.looks()[1] | {"linestyle": "none"}
    panels.points(axes, middle, [*zip(*shares, strict=True)], dots)
    entries = {
        "isotonic fit": fit | {"marker": ""},
        "truth": panels.predicted(),
        "shares by tenths": dots,
    }
    panels.legend(axes, entries, "upper left")
    axes.set(xlabel="margin of the teacher", xlim=(0, 1))
    axes.margins(y=0.02)


def draw_errors(axes: Axes, errors: dict[str, Errors]) -> None:
    """Draw errors against clean rows, beside laws and bounds."""
    entries = {}
    for (shape, it), look in zip(errors.items(), panels.looks(), strict=False):
        centre, low, high = (end * it.predicted for end in measures.ratios(it))
        panels.points(axes, it.sizes, (centre, low, high), look)
        panels.line(axes, it.sizes, it.predicted, look)
        entries[NAMES[shape]] = look
    axes.set(xscale="log", yscale="log", xlabel="clean rows n")
    panels.powers(axes.xaxis)
    panels.powers(axes.yaxis)
    axes.set_ylim(bottom=errors["smooth"].predicted.min() / 5)
    panels.legend(axes, entries, "lower left")
