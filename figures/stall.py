"""Share of forward runs from zero that end stuck on the rare atom, against its mass
and the norm ratio of the two atoms, at three step sizes. Where the mean descent itself
is trapped (dots) so are nearly all runs with the smallest step; right of the dotted
line there is no trap, and runs that are stuck are late. Larger steps help where the
norms differ little, and hurt where they differ much.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace._check import Array
from halfspace.theory.landscape import STALL_RATIO
from simulations.engine.results import load
from simulations.landscape_measures import stalls


def read(scale: str, folder: Path, step: float) -> tuple[Array, Array, Array]:
    """Return the share stuck, whether the flow is, and ratios: (heights, masses)."""
    spec = load("stall", scale, folder)["spec"]
    shape = (len(spec["heights"]), len(spec["masses"]))
    rows = [
        it["row"] for it in stalls(scale, folder, law="two", rule="forward", step=step)
    ]
    stuck = np.array([row["stuck"] / row["trials"] for row in rows]).reshape(shape)
    flow = np.array([row["flow_errs_on_rare"] for row in rows]).reshape(shape)
    ratio = np.array([row["stall_ratio"] for row in rows]).reshape(shape)
    return stuck, flow, ratio[:, 0]


def check(scale: str, folder: Path, steps: list[float]) -> None:
    """Assert the caption."""
    small, flow, ratio = read(scale, folder, min(steps))
    large, *_ = read(scale, folder, max(steps))
    assert flow.any(), "no trap"
    assert small[flow].min() >= 0.9, f"runs leave a trap: {small[flow]}"
    assert not flow[ratio < STALL_RATIO].any(), "a trap where there is none"
    near, far = ratio < 1.5, ratio > 3
    helped = large[near].mean() < small[near].mean()
    assert helped, f"large steps do not help: {large[near]}"
    assert large[far].mean() > small[far].mean(), f"nor hurt: {large[far]}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw one map a step size."""
    spec = load("stall", scale, folder)["spec"]
    steps, heights, masses = spec["steps"], spec["heights"], spec["masses"]
    if scale in panels.JUDGED:
        check(scale, folder, steps)
    norms = 1 / np.hypot(spec["margin"], heights)
    figure, all_axes = panels.stacked(*(0.75 for _ in steps))
    for axes, step in zip(all_axes, steps, strict=True):
        stuck, flow, ratio = read(scale, folder, step)
        image = axes.pcolormesh(stuck.T, cmap="Blues", vmin=0, vmax=1)
        x, y = np.nonzero(flow)
        dot = panels.looks()[1] | {"marker": "o", "markersize": panels.marker(0.8)}
        axes.plot(x + 0.5, y + 0.5, **dot | {"linestyle": "none"})
        panels.upright(axes, float(np.searchsorted(-ratio, -STALL_RATIO)))
        axes.set_yticks(np.arange(len(masses)) + 0.5, [f"{m:g}" for m in masses])
        axes.set_xticks(np.arange(len(norms)) + 0.5, [f"{n:.1f}" for n in norms])
        axes.grid(visible=False)
        axes.set_ylabel(f"mass, step {step:g}")
    figure.colorbar(image, ax=all_axes, label="share of runs stuck", aspect=40)
    all_axes[-1].set_xlabel("norm of the rare atom over that of the other")
    return figure
