"""Above: gains of a pool of 20 points, 16 with a right label, and the water level.
Middle: how often points are drawn, over uniform. One point is drawn from those above
the level, the more often the smaller the gain; of 8 none is drawn twice (dotted), so
that some below it are. Below: in the worst case the draw is worth more than uniform and
than the largest gain, but at an end.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from simulations.engine.results import load

#: Which pool is drawn.
CELL = {"kind": "uniform", "points": 20}
NAMES = {"robust": "robust", "uniform": "uniform", "greedy": "largest gain"}
#: What rounding may do to a probability.
NEAR = 1e-9


def read(scale: str, folder: Path) -> Any:
    """Return the pool, of the size that is drawn if that was run."""
    entries = load("active", scale, folder)["rows"]
    pools = [it["row"]["pool"] for it in entries if it["cell"] == CELL]
    return (pools or [entries[-1]["row"]["pool"]])[0]


def check(pool: Any) -> None:
    """Assert the caption."""
    gains, level = np.array(pool["gains"]), pool["level"]
    n, correct, budget = len(gains), pool["correct"], pool["budget"]
    assert (n, correct, budget) == (20, 16, 8), f"{n}, {correct}, {budget}"
    weights, above = np.array(pool["weights"]), gains > level
    assert not weights[~above].any(), "one below the level is drawn"
    assert (np.diff(weights[above]) > 0).all(), "a larger gain is drawn more often"
    share = np.array(pool["inclusion"])
    assert (share <= 1 + NEAR).all(), "drawn twice"
    assert (share > 1 - NEAR).any(), "the bound does not bind"
    assert (share[~above] > NEAR).any(), "none below the level"
    values = {name: np.array(found) for name, found in pool["values"].items()}
    best = values["robust"]
    assert (best[1:] > values["uniform"][1:] + NEAR).all(), "uniform is as good"
    assert (best[1:-1] > values["greedy"][1:-1] + NEAR).all(), "greedy is as good"
    ends = [values[name][0] for name in NAMES] + [best[-1] - values["greedy"][-1]]
    assert np.abs(ends).max() < NEAR, "not equal at the ends"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw gains with the level, how often points are drawn, and what that is worth."""
    pool = read(scale, folder)
    if scale in panels.JUDGED:
        check(pool)
    labels = ["gain g", "drawn / uniform", "worst-case worth"]
    figure, (upper, middle, lower) = panels.stacked(
        0.8, 0.9, 1, sharex=False, labels=labels
    )
    first, second, third = panels.looks()[:3]
    gains = np.array(pool["gains"])
    rank, n = np.arange(1, len(gains) + 1), len(gains)
    dots = {"linestyle": "none"}
    panels.between(upper, rank, np.zeros(n), gains, third)
    upper.plot(rank, gains, **third | dots)
    panels.level(upper, pool["level"])
    panels.over(upper, pool["level"], "water level v", panels.predicted())
    one = n * np.array(pool["weights"])
    many = n / pool["budget"] * np.array(pool["inclusion"])
    middle.plot(rank, one, **first | dots, label="one point")
    middle.plot(rank, many, **second | dots, label=f"{pool['budget']} points")
    panels.line(middle, rank, np.full(n, n / pool["budget"]), panels.predicted())
    middle.legend(loc="upper left")
    middle.set_xlabel("point, the largest gain first")
    looks = dict(zip(NAMES, (first, second, third), strict=True))
    for name, look in looks.items():
        panels.line(lower, np.arange(n + 1) / n, pool["values"][name], look)
        lower.plot(np.arange(n + 1) / n, pool["values"][name], **look | dots)
    entries = {NAMES[name]: look for name, look in looks.items()}
    panels.legend(lower, entries, "upper left")
    lower.set_xlabel("share of right labels, m/n")
    return figure
