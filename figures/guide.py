"""Share of a table's energy that is lost when d of its 32 dimensions are kept, for a
flat spectrum (above) and a steep one (below). Its first singular vectors lose least,
and what is predicted (lines). Principal directions about the mean lose more, as they
leave out the mean; evenly spaced coordinates lose the share that is dropped.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from simulations.engine.results import load

#: The powers of the spectra that are drawn.
POWERS = {0.0: "flat spectrum", 1.0: "steep spectrum"}
DIM = 32
NAMES = {
    "svd": "singular vectors",
    "centred": "about the mean",
    "evenly": "coordinates",
}
#: How near the share that is dropped coordinates come, on average.
NEAR = 0.06


def read(scale: str, folder: Path) -> dict[float, Any]:
    """Return the rows by the power of the spectrum."""
    entries = load("guide", scale, folder)["rows"]
    return {it["cell"]["power"]: it["row"] for it in entries}


def share(row: Any, key: str) -> Any:
    """Return the mean share that is lost, for each size."""
    return np.array(row[key]) / row["tables"]


def check(found: dict[float, Any]) -> None:
    """Assert the caption."""
    for power in POWERS:
        row = found[power]
        sizes = np.array(row["sizes"])
        lost = {key: share(row, key) for key in (*NAMES, "predicted")}
        some = sizes < DIM
        assert np.allclose(lost["svd"], lost["predicted"], atol=1e-12), "not predicted"
        for key in ("centred", "evenly"):
            assert (lost[key] > lost["svd"])[some].all(), f"{key} loses less"
        assert np.abs(lost["evenly"] - 1 + sizes / DIM).max() < NEAR, "another share"
    flat, steep = (share(found[it], "svd")[1] for it in POWERS)
    assert steep < flat / 2, "the steep spectrum is not steep"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the share that is lost against the dimensions kept."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    figure, both = panels.stacked(1, 1, labels=["share of energy lost"] * 2)
    looks = dict(zip(NAMES, panels.looks(), strict=False))
    for axes, (power, text) in zip(both, POWERS.items(), strict=True):
        row = found[power]
        panels.line(axes, row["sizes"], share(row, "predicted"), looks["svd"])
        for key, look in looks.items():
            dots = look | {"linestyle": "none"}
            axes.plot(row["sizes"], share(row, key), **dots)
        panels.label(axes, 0.98, 0.55, text, ha="right")
    entries = {NAMES[key]: look | {"linestyle": "none"} for key, look in looks.items()}
    panels.legend(both[0], entries, "upper right")
    both[1].set_xlabel("dimensions kept, d")
    return figure
