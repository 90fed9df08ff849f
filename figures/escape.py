"""Steps until w is back from -c w*, on shells of 25 and of 10^6 dimensions. The
forward loss takes as many as the closed form (lines) says, within 5% from cγ = 8 on: e
times more for each unit of depth. The sign link takes fewer from cγ = 2 on, and at 8
fewer by a factor of 20 and more.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from halfspace.theory.landscape import escape_steps
from simulations.engine.results import load
from simulations.landscape_measures import DEEP, escapes, hit_means

RULES = {"forward": "forward loss", "slam": "SLaM, sign link"}


def check(scale: str, folder: Path) -> None:
    """Assert the caption."""
    deep = 0
    for it in escapes(scale, folder, rule="forward"):
        cell = it["cell"]
        (other,) = escapes(scale, folder, **cell | {"rule": "slam"})
        found, sign = hit_means(it).mean(), hit_means(other).mean()
        where = f"{cell}: forward {found:.4g}, sign link {sign:.4g}"
        assert sign < found or cell["depth"] < 2, where
        if cell["depth"] >= DEEP:
            deep += 1
            assert abs(found / it["row"]["predicted_steps"] - 1) < 0.05, where
            assert found > 20 * sign, where
    assert deep, "no deep start"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw one panel a noise rate."""
    if scale in panels.JUDGED:
        check(scale, folder)
    spec = load("escape", scale, folder)["spec"]
    rates, dims, margin = spec["rates"], spec["dims"], spec["margin"]
    figure, all_axes = panels.stacked(*(1.0 for _ in rates))
    depth = np.linspace(0.05, max(spec["depths"]), 200)
    for axes, rate in zip(all_axes, rates, strict=True):
        for rule, base in zip(RULES, panels.looks(), strict=False):
            for dim in dims:
                look = base | ({} if dim == max(dims) else panels.hollow())
                for it in escapes(scale, folder, rule=rule, rate=rate, dim=dim):
                    ends = stats.mean(hit_means(it))
                    panels.points(axes, it["cell"]["depth"], ends, look)
        steps = escape_steps(depth / margin, margin, rate)
        panels.line(axes, depth, steps, panels.looks()[0] | {"linestyle": "-"})
        axes.set(yscale="log", ylabel="steps to come back")
        axes.set_ylim(bottom=0.7)
        panels.powers(axes.yaxis)
        panels.label(axes, 0.02, 0.9, f"η = {rate:g}")
    entries = {}
    for rule, base in zip(RULES, panels.looks(), strict=False):
        for dim in dims:
            look = base | ({} if dim == max(dims) else panels.hollow())
            entries[f"{RULES[rule]}, d = {dim:,}"] = look | {"linestyle": "none"}
    entries["closed form"] = panels.looks()[0] | {"linestyle": "-", "marker": ""}
    all_axes[-1].set_ylim(bottom=0.02)  # room for the legend
    panels.legend(all_axes[-1], entries, "lower right")
    all_axes[-1].set_xlabel("depth cγ of the start -c w*")
    return figure
