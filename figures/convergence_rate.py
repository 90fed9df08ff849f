"""Samples until the average error is ε, at step 1 and d = 1/γ²: forward needs the
fewest, and its exponent of ε, between the two smallest, is nearer -1 than -2, where
both links' is below -1.5. The exponent of γ is -2 for all three, to within 0.1. The
sign link stays below N(ε) (dotted).
"""

from pathlib import Path
from typing import NamedTuple

from matplotlib.figure import Figure

from figures import needed, panels
from figures.needed import Point, check_bounded, check_exponent, columns, exponent
from halfspace import theory
from simulations import convergence_measures as measures
from simulations.analysis import Series
from simulations.engine.results import load

RULES = {"forward": "forward", "slam": "sign link", "slam_sigmoid": "sigmoid link"}


def point(x: float, curve: Series, error: float) -> Point:
    """Measure one point, beside the sign link's N."""
    bound = theory.sample_size(error, curve.cell["margin"], curve.cell["rate"])
    return needed.point(x, curve, error, float(bound))


class Axes(NamedTuple):
    """The points of one rule, from the smallest x, along each axis."""

    error: list[Point]
    margin: list[Point]
    accuracy: list[Point]


def read(scale: str, folder: Path) -> dict[str, Axes]:
    """Return the points of every rule."""
    found = {}
    for rule in RULES:
        curves = measures.rate_curves(scale, folder, rule)
        (centre,) = measures.at_centre(scale, folder, curves, "neither")
        along = {
            axis: measures.at_centre(scale, folder, curves, axis)
            for axis in ("margin", "rate")
        }
        target = measures.target_of(curves)

        found[rule] = Axes(
            [point(e, centre, e) for e in sorted(centre.row["targets"])],
            [point(it.cell["margin"], it, target) for it in along["margin"]],
            [point(1 - 2 * it.cell["rate"], it, target) for it in along["rate"][::-1]],
        )
    return found


def check(found: dict[str, Axes]) -> None:
    """Assert the caption."""
    for points in found["slam"]:
        check_bounded(points)
    for rule, axes in found.items():
        slope = exponent(axes.error[:2]).estimate
        if rule == "forward":
            assert slope > -1.5, f"forward: slope {slope} is nearer -2"
        else:
            assert slope < -1.5, f"{rule}: slope {slope} is not below -1.5"
        check_exponent(axes.margin, -2)
    for rule in set(found) - {"forward"}:
        for fewer, more in zip(found["forward"], found[rule], strict=True):
            for one, two in zip(fewer, more, strict=True):
                few = one.found.estimate < two.found.estimate
                assert few, f"forward needs more than {two.curve.cell}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the samples needed against ε, γ and 1-2η."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, below = panels.stacked(
        1.1, 0.85, 0.85, sharex=False, labels=["samples T needed"] * 3
    )
    looks = {
        rule: look | {"linestyle": "-"}
        for rule, look in zip(RULES, panels.looks(), strict=False)
    }
    bound = panels.predicted() | {"color": looks["slam"]["color"]}
    for index, (rule, every) in enumerate(found.items()):
        for axes, points in zip(below, every, strict=True):
            x, look = [it.x for it in points], looks[rule]
            moved = panels.aside(x, index, len(found), 1.02)
            panels.points(axes, moved, columns([it.found for it in points]), look)
            panels.line(axes, moved, [it.found.estimate for it in points], look)
            if rule == "slam":
                panels.line(axes, x, [it.predicted for it in points], bound)
    for axes, name in zip(below, ("target error ε", "margin γ", "1 - 2η"), strict=True):
        axes.set(xscale="log", yscale="log", xlabel=name)
        panels.numbers(axes.xaxis)
        panels.powers(axes.yaxis)
    spec = load("convergence_rate", scale, folder)["spec"]
    centre, rate, error = max(spec["margins"]), spec["rate"], spec["error"]
    notes = (
        f"γ = {centre:g}, η = {rate:g}",
        f"ε = {error:g}, η = {rate:g}",
        f"ε = {error:g}, γ = {centre:g}",
    )
    for axes, note in zip(below, notes, strict=True):
        panels.label(axes, 0.02, 0.05, note)
    entries = {name: looks[rule] for rule, name in RULES.items()}
    panels.legend(below[0], entries | {"N(ε) of the sign link": bound}, "upper right")
    return figure
