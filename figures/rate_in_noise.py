"""From no noise to nearly half the labels flipped, the noise rate η (beside the points)
costs what N(ε) says, η(1-η)/(1-2η)²: the samples needed lie on one line of slope one to
within 0.1, below the bound, and their ratio to it varies by less than a fifth.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from figures.needed import Point, check_bounded, check_exponent, columns, point
from halfspace.stats import Interval
from simulations.analysis import series
from simulations.engine.results import load


def read(scale: str, folder: Path) -> list[Point]:
    """Return a point a rate, the smallest first."""
    error = load("rate_in_noise", scale, folder)["spec"]["error"]
    curves = series("rate_in_noise", scale, folder)
    found = [
        point(error + c.row["noise_factor"], c, error, c.row["predicted_sample_size"])
        for c in curves
    ]
    return sorted(found, key=lambda it: it.x)


def check(points: list[Point]) -> None:
    """Assert the caption."""
    rates = [it.curve.cell["rate"] for it in points]
    assert rates[0] == 0, f"no rate without noise in {rates}"
    assert 0.45 <= rates[-1] < 0.5, f"no rate of nearly half in {rates}"
    check_bounded(points)
    check_exponent(points, 1)
    ratios = [it.ratio.estimate for it in points]
    assert max(ratios) < 1.2 * min(ratios), f"ratios to the bound vary: {ratios}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the samples needed in units of 1/(γε)², and over N(ε), against the noise."""
    points = read(scale, folder)
    if scale in panels.JUDGED:
        check(points)
    margin = load("rate_in_noise", scale, folder)["spec"]["margin"]
    figure, (above, below) = panels.stacked(
        1.25, 0.75, labels=(r"samples needed $\times$ γ²ε²", "measured / N(ε)")
    )
    look, error = panels.looks()[0], points[0].target
    x = [it.x for it in points]
    unit = (margin * error) ** 2
    scaled = [Interval(*(end * unit for end in it.found)) for it in points]
    ends = np.array([x[0], x[-1]])
    panels.line(above, ends, ends, look)
    panels.points(above, x, columns(scaled), look)
    panels.points(below, x, columns([it.ratio for it in points]), look)
    for it, place in zip(points, scaled, strict=True):
        rate = it.curve.cell["rate"]
        words = f"{rate:g}" if rate else "η = 0"
        panels.beside(above, it.x, place.low, words)
    panels.legend(
        above,
        {
            f"N(ε), ε = {error:g}": look | {"marker": ""},
            "measured": look | {"linestyle": "none"},
        },
        "upper left",
    )
    above.set(xscale="log", yscale="log")
    above.margins(0.1)
    panels.numbers(above.yaxis, (1,))
    panels.level(below)
    below.set(xlabel="ε + η(1-η)/(1-2η)²", ylim=(0, 1.1))
    panels.numbers(below.xaxis, (1,))
    return figure
