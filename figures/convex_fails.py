"""Where the minimiser of a convex loss errs on half of Long and Servedio's law; white:
on nothing, but for ties at margin 1/6, where the hinge loss may err on a quarter. Stars
are where failure was reported: there both fail. Above 1/6 neither does, nor the
logistic loss from 0.09 on. SLaM, with either link, and the forward loss are right
everywhere.
"""

from pathlib import Path

import numpy as np
from matplotlib import colormaps, rcParams
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from figures import panels
from halfspace._check import Array
from simulations.comparisons import FAILING
from simulations.engine.results import load

CLASSES = {"logistic": "logistic alone", "hinge": "hinge alone", "both": "both fail"}
#: The margin at which the hinge loss ends on the boundary.
TIE = 1 / 6


def read(scale: str, folder: Path) -> tuple[Array, Array, dict[str, Array]]:
    """Return the margins, the rates, and the errors (margins, rates) of each loss."""
    found = {}
    for entry in load("convex_fails", scale, folder)["rows"]:
        row = entry["row"]
        margins, rates = np.array(row["margins"]), np.array(row["rates"])
        found[entry["cell"]["loss"]] = np.array(row["errors"])
    return margins, rates, found


def check(margins: Array, rates: Array, found: dict[str, Array]) -> None:
    """Assert the caption."""
    tie = np.isclose(margins, TIE)
    for loss, errors in found.items():
        if loss not in CLASSES:
            assert not errors.any(), f"{loss} errs: {errors.max()}"
            continue
        half = np.isin(errors[~tie], (0.0, 0.5)).all()
        assert half, f"{loss} errs by neither 0 nor 1/2"
        assert np.isin(errors[tie], (0.0, 0.25)).all(), f"{loss} fails in a tie"
        for margin, rate in FAILING:
            at = np.isclose(margins, margin)[:, None] & np.isclose(rates, rate)
            assert (errors[at] == 0.5).sum() == 1, f"{loss} is right at {margin:.3g}"
        assert not errors[margins > TIE + 1e-9].any(), f"{loss} fails above the tie"
    wide = found["logistic"][margins >= 0.09 - 1e-9]
    assert not wide.any(), f"logistic fails from 0.09 on: {wide.max()}"
    assert margins.max() > TIE, f"no margin above 1/6: {margins}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw a map of which convex losses fail, over the margin and the noise rate."""
    margins, rates, found = read(scale, folder)
    if scale in panels.JUDGED:
        check(margins, rates, found)
    figure, (axes,) = panels.stacked(1.15)
    failed = (found["logistic"] == 0.5) + 2 * (found["hinge"] == 0.5)
    blues = colormaps["Blues"](np.linspace(0.25, 0.85, len(CLASSES)))
    white = rcParams["axes.facecolor"]
    palette = ListedColormap([white, *blues])
    axes.pcolormesh(margins, rates, failed.T, cmap=palette, vmin=0, vmax=len(blues))
    star = {"marker": "*", "markersize": panels.marker(1.5), "color": white}
    axes.plot(*zip(*FAILING, strict=True), **star | {"linestyle": "none"})
    patches = [
        Patch(facecolor=blue, label=label)
        for label, blue in zip(CLASSES.values(), blues, strict=True)
    ]
    axes.legend(
        handles=patches, loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(patches)
    )
    axes.grid(visible=False)
    axes.set(xlabel="margin γ", ylabel="noise rate η")
    return figure
