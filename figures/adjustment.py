"""Losses of the margin of a noisy label, and their slopes, at two noise rates.
Backward adjustment steepens the logistic loss: its slope is more than 1 in size on
mistakes and does not fade on points that are right. Forward clips itself: its slope
fades on both sides, and is never above a level (thin lines) that is lower the more
noise there is.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import losses
from halfspace._check import Array
from halfspace.correction import binary_backward, binary_forward
from simulations.engine.results import load

REACH, SHOWN = 8.0, (0.1, 0.3)


def curves(rate: float, z: Array) -> dict[str, tuple[Array, Array]]:
    """Return value and slope of each loss at the margins."""
    found = {
        "logistic": losses.logistic(z),
        "backward": binary_backward(z, rate),
        "forward": binary_forward(z, rate),
    }
    return {name: (np.asarray(it[0]), np.asarray(it[1])) for name, it in found.items()}


def check(levels: dict[float, float], z: Array) -> None:
    """Assert the caption."""
    for rate, level in levels.items():
        found = curves(rate, z)
        forward, backward = found["forward"][1], found["backward"][1]
        largest = np.abs(forward).max()
        assert abs(largest - level) < 1e-3, f"forward's slope reaches {largest}"
        ends = np.abs(forward[[0, -1]]).max()
        assert ends < 0.02, f"forward does not fade at {rate}: {ends}"
        assert -backward[0] > 1, f"backward is not steep at {rate}: {backward[0]}"
        assert -backward[-1] > rate, f"backward fades at {rate}: {backward[-1]}"
    ordered = [levels[rate] for rate in sorted(levels)]
    assert ordered == sorted(ordered, reverse=True), f"levels rise with noise: {levels}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw values above slopes."""
    rows = load("adjustment", scale, folder)["rows"]
    found = {it["cell"]["rate"]: it["row"]["largest_slope"] for it in rows}
    levels = {rate: found[rate] for rate in SHOWN if rate in found}
    z = np.linspace(-REACH, REACH, 1601)
    if scale in panels.JUDGED:
        check(levels, z)
    figure, (values, slopes) = panels.stacked(
        1.0, 1.0, labels=("loss", "slope of the loss")
    )
    plain, *styles = panels.looks()[:3]
    entries = {"logistic, no correction": plain | {"marker": "", "linestyle": "-"}}
    for rate, dash in zip(levels, ("-", "--"), strict=False):
        for name, look in zip(("backward", "forward"), styles, strict=True):
            look = look | {"marker": "", "linestyle": dash}
            for axes, curve in zip(
                (values, slopes), curves(rate, z)[name], strict=True
            ):
                panels.line(axes, z, curve, look)
            entries[f"{name}, η = {rate:g}"] = look
            if name == "forward":
                panels.level(slopes, -levels[rate])
    for axes, curve in zip((values, slopes), curves(0.0, z)["logistic"], strict=True):
        panels.line(axes, z, curve, next(iter(entries.values())))
    values.set_ylim(-5, 9)
    panels.legend(values, entries, "upper right")
    slopes.set_xlabel("margin y w.x of the noisy label")
    return figure
