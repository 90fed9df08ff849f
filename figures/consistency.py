"""Above: the truth's probability at the optimum, two classes. Told less than the
teacher's accuracy α > 1/2, but more than 1/2, it is 1; told more it shrinks, but leads;
told less than 1/2 it does not lead. Below: whether the truth is the one optimum: from α
= 1/k on, unnormalised 1/2 (lines). Before it only with all classes marked, and not for
the unnormalised mix of a teacher's labels.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib import colormaps, rcParams
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from figures import panels
from halfspace._check import Array
from halfspace._logits import Bools
from simulations.engine.results import load

#: How many classes are marked, and of how many, in the lower panel.
SIZES = ((3, 5), (5, 10), (5, 5))
NAMES = {
    "normalised": "normalised",
    "unnormalised": "unnormalised",
    "unnormalised, mixed truth": "the same, of the truth's mix",
}
#: What is written on the map, in fractions of the panel.
WORDS = (
    *((0.83, 0.62, "1"), (0.17, 0.38, "1"), (0.87, 0.94, "a = α")),
    *((0.64, 0.85, "below 1, leads"), (0.36, 0.13, "below 1, leads")),
    *((0.2, 0.72, "does not lead"), (0.8, 0.28, "does not lead")),
)


def read(scale: str, folder: Path) -> dict[tuple[int, int], Any]:
    """Return the rows by the number of marked classes and of all."""
    entries = load("consistency", scale, folder)["rows"]
    return {(it["cell"]["k"], it["cell"]["classes"]): it["row"] for it in entries}


def check(found: dict[tuple[int, int], Any]) -> None:
    """Assert the caption."""
    row = found[2, 2]
    optimum, told = np.array(row["optimum"]), np.array(row["told"])[:, None]
    true = np.array(row["true"])
    all_of_it = optimum >= 1 - 1e-9
    less = (told > 0.5) & (true >= 0.5 - 1e-9) & (true <= told + 1e-9)
    assert all_of_it[(told > 0.5) & (true >= told - 1e-9)].all(), "told too little"
    assert not all_of_it[less & (true < told - 1e-9)].any(), "told too much: all"
    assert (optimum[less & (true > 0.5 + 1e-9)] > 0.5).all(), "told too much: side"
    assert (optimum[(told < 0.5) & (true > 0.5 + 1e-9)] < 0.5).all(), "told below 1/2"
    for k, classes in SIZES:
        row = found[k, classes]
        for name in NAMES:
            alphas, holds = seen(row, name)
            beyond = alphas > threshold(k, name)
            before = k == classes and name != "unnormalised"
            assert holds[beyond].all(), f"not beyond, {k} of {classes}: {name}"
            assert (holds[~beyond] == before).all(), f"{k} of {classes}: {name}"


def seen(row: Any, name: str) -> tuple[Array, Bools]:
    """Return the accuracies but 0, and whether the truth is the one optimum there."""
    alphas, holds = np.array(row["accuracies"]), np.array(row["truth"][name]["holds"])
    return alphas[alphas > 0], holds[alphas > 0]


def threshold(k: int, name: str) -> float:
    """Return the accuracy from which the truth is the optimum."""
    return 1 / k if name == "normalised" else 0.5


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw a map of the optimum of two classes, and where the truth is that of more."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    labels = ["accuracy that is assumed, a", ""]
    figure, (upper, lower) = panels.stacked(1.5, 1, labels=labels)
    draw_map(figure, upper, found[2, 2])
    draw_sizes(lower, {size: found[size] for size in SIZES if size in found})
    lower.set_xlabel("accuracy of the teacher, α")
    return figure


def draw_map(figure: Figure, axes: Axes, row: Any) -> None:
    """Draw what the optimum gives the truth, over both accuracies."""
    palette = ListedColormap(colormaps["PuOr"](np.linspace(0.2, 0.8, 256)))
    drawn = axes.pcolormesh(
        row["true"], row["told"], row["optimum"], cmap=palette, vmin=0, vmax=1
    )
    bar = figure.colorbar(drawn, ax=axes, location="top", aspect=30, pad=0.02)
    bar.set_label("probability of the truth at the optimum")
    panels.line(axes, [0, 1], [0, 1], panels.predicted() | {"linestyle": "-"})
    panels.line(axes, [0, 1], [0.5, 0.5], panels.predicted())
    panels.upright(axes, 0.5)
    middle = {"ha": "center", "va": "center"}
    for x, y, text in WORDS:
        panels.label(axes, x, y, text, **middle)
    axes.grid(visible=False)


def draw_sizes(axes: Axes, found: dict[tuple[int, int], Any]) -> None:
    """Draw where the truth is the one optimum, a line for each size and mix."""
    looks = dict(zip(NAMES, panels.looks(), strict=False))
    for level, ((k, _), row) in enumerate(found.items()):
        for shift, (name, look) in zip((0.22, 0, -0.22), looks.items(), strict=True):
            (alphas, holds), y = seen(row, name), level + shift
            for which, kind in ((holds, {}), (~holds, panels.hollow())):
                dots = look | kind | {"linestyle": "none"}
                axes.plot(alphas[which], np.full(which.sum(), y), **dots)
            at = threshold(k, name)
            panels.between(
                axes, at, y - 0.1, y + 0.1, {"color": rcParams["axes.edgecolor"]}
            )
    entries = {
        NAMES[name]: look | {"linestyle": "none"} for name, look in looks.items()
    }
    where = {"bbox_to_anchor": (0.42, 1), "ncols": 3, "handlelength": 1}
    title = "filled: the truth is the one optimum"
    panels.legend(axes, entries, "lower center", title=title, **where)
    axes.set_yticks(range(len(found)), [f"{k} of {classes}" for k, classes in found])
    axes.set_ylabel("marked classes")
    axes.grid(visible=False)
