"""What the figures share: their style, points with intervals, guides, and saving."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import rcParams, style
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator
from numpy.typing import ArrayLike

from halfspace._check import Array

#: Colour, marker, line style and the like, by their names in Matplotlib.
Look = dict[str, Any]
#: The scales with enough trials to judge a caption; at others it is not asserted.
JUDGED = ("quick", "paper")

#: A decorator of functions that draw: the house style, and nothing of the reader's.
styled = style.context(Path(__file__).with_name("halfspace.mplstyle"), after_reset=True)


def stacked(
    *heights: float, sharex: bool = True, labels: Sequence[str] = ()
) -> tuple[Figure, list[Axes]]:
    """Return a figure a column wide with one panel a height, in units of its own.

    Two panels of height 1 fill the style's size; `labels` are of the y axes.
    """
    width, height = rcParams["figure.figsize"]
    figure = Figure(figsize=(width, height * sum(heights) / 2))
    panels = figure.subplots(
        len(heights),
        1,
        sharex=sharex,
        squeeze=False,
        gridspec_kw={"height_ratios": heights},
    )
    found: list[Axes] = list(panels[:, 0])
    for axes, label in zip(found, labels, strict=False):
        axes.set_ylabel(label)
    figure.align_ylabels(found)
    return figure, found


def predicted() -> Look:
    """Return the look of a prediction that belongs to no series: dotted."""
    return {"color": rcParams["axes.edgecolor"], "marker": "", "linestyle": ":"}


def looks() -> list[Look]:
    """Return the colour, marker and line style of each series in turn."""
    return list(rcParams["axes.prop_cycle"])


def hollow() -> Look:
    """Return what makes a second variant of a look: open markers, and dashes."""
    return {"linestyle": "--", "markerfacecolor": rcParams["axes.facecolor"]}


def marker(times: float) -> float:
    """Return the size of a marker that is so many times the usual."""
    return times * float(rcParams["lines.markersize"])


def points(axes: Axes, x: ArrayLike, found: Sequence[ArrayLike], look: Look) -> None:
    """Draw estimates with the ends of their intervals: `found` is those three."""
    centre, low, high = (np.atleast_1d(np.asarray(part, float)) for part in found)
    reach = np.maximum([centre - low, high - centre], 0)
    axes.errorbar(np.atleast_1d(x), centre, reach, **look | {"linestyle": "none"})


def more(axes: Axes, x: float, y: float, look: Look) -> None:
    """Draw an arrow up from a point: what is looked for is above it."""
    arrow = {
        "arrowstyle": "<-",
        "color": look["color"],
        "linewidth": rcParams["lines.linewidth"],
    }
    axes.annotate(
        "", (x, y), xytext=(0, 10), textcoords="offset points", arrowprops=arrow
    )
    axes.plot(x, y, **look | {"linestyle": "none"})


def aside(x: ArrayLike, index: int, count: int, by: float = 1.04) -> Array:
    """Return x on a logarithmic axis moved aside, so that `count` series are seen."""
    moved: Array = np.asarray(x, float) * by ** (index - (count - 1) / 2)
    return moved


def line(axes: Axes, x: ArrayLike, y: ArrayLike, look: Look) -> None:
    """Draw a prediction."""
    axes.plot(x, y, **look | {"marker": ""})


def between(
    axes: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, look: Look
) -> None:
    """Join each pair of points that are above each other."""
    width = rcParams["grid.linewidth"]
    axes.vlines(x, low, high, colors=look["color"], linewidth=width)


def legend(axes: Axes, entries: dict[str, Look], where: Any, **options: Any) -> None:
    """Explain looks that are drawn nowhere else under these names."""
    for label, look in entries.items():
        axes.plot([], [], label=label, **look)
    axes.legend(loc=where, alignment="left", **options)


def level(axes: Axes, y: float = 1.0) -> None:
    """Draw the level that is predicted."""
    axes.axhline(
        y, color=rcParams["axes.edgecolor"], linewidth=rcParams["axes.linewidth"]
    )


def upright(axes: Axes, x: float) -> None:
    """Draw a dotted upright line."""
    colour, width = rcParams["axes.edgecolor"], rcParams["axes.linewidth"]
    axes.axvline(x, color=colour, linewidth=width, linestyle=":")


def slope(
    axes: Axes,
    start: tuple[float, float],
    end: float,
    exponent: float,
    above: bool = False,
) -> None:
    """Draw a triangle of this slope from a point to x = `end`, and its number.

    The right angle is below its falling side, or above it.
    """
    (x0, y0), x1 = start, end
    y1 = y0 * (x1 / x0) ** exponent
    corner = (x1, y0) if above else (x0, y1)
    axes.fill(
        [x0, x1, corner[0]],
        [y0, y1, corner[1]],
        facecolor="none",
        edgecolor=rcParams["axes.edgecolor"],
        linewidth=rcParams["axes.linewidth"],
        linestyle="-",
    )
    axes.annotate(
        f"${exponent:g}$",
        (corner[0], np.sqrt(y0 * y1)),
        xytext=(2 if above else -2, 0),
        textcoords="offset points",
        ha="left" if above else "right",
        va="center",
    )


def label(axes: Axes, x: float, y: float, text: str, **options: Any) -> None:
    """Write a word at a point given in fractions of the panel."""
    axes.text(x, y, text, transform=axes.transAxes, **options)


def beside(axes: Axes, x: float, y: float, text: str, *, level: bool = False) -> None:
    """Write a word to the right of a point, and below it or level with it."""
    shift, side = ((5, 0), "center") if level else ((3, -1), "top")
    axes.annotate(text, (x, y), xytext=shift, textcoords="offset points", va=side)


def band(axes: Axes, start: float, low: float, high: float) -> None:
    """Shade a tolerance, from x = `start` on."""
    colour = rcParams["hatch.color"]
    end = axes.get_xlim()[1] if axes.get_xlim()[1] > start else start
    axes.fill_between([start, end], low, high, color=colour, zorder=0)


def over(axes: Axes, y: float, text: str, look: Look) -> None:
    """Write a word over a level, at its right end."""
    axes.annotate(
        text,
        (1, y),
        xycoords=("axes fraction", "data"),
        xytext=(0, 2),
        textcoords="offset points",
        ha="right",
        color=look["color"],
    )


def numbers(axis: Axis, subs: Sequence[float] = (1, 2, 5)) -> None:
    """Tick a logarithmic axis at these multiples of powers of ten, in plain numbers."""
    axis.set_major_locator(LogLocator(subs=subs))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    axis.set_minor_locator(NullLocator())


def powers(axis: Axis, every: int = 1) -> None:
    """Tick a logarithmic axis at every so many powers of ten."""
    axis.set_major_locator(LogLocator(base=10.0**every))
    axis.set_minor_locator(NullLocator())


@styled
def save(figure: Figure, path: Path) -> None:
    """Write a figure as SVG: the same figure, the same bytes."""
    drawn = BytesIO()
    figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None})
    path.write_bytes(drawn.getvalue())
