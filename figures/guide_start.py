"""Above: mean accuracy of narrow students on bags of tokens. Started from the weights
of their teacher (full lines) they are better than from random ones (dashed) at every
width, on few labelled bags alone and with more that the teacher labels. Below: the
share of the gap between random start and teacher that this closes; some is left.
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from figures import panels
from simulations.engine.results import load
from simulations.guide_claims import accuracies, closed

KINDS = {"labelled": "labels alone", "distilled": "and the teacher's"}


def read(scale: str, folder: Path) -> dict[int, Any]:
    """Return the rows by width, the narrowest first."""
    entries = load("guide_start", scale, folder)["rows"]
    return dict(sorted((it["cell"]["width"], it["row"]) for it in entries))


def check(found: dict[int, Any]) -> None:
    """Assert the caption."""
    for width, row in found.items():
        for kind in KINDS:
            share = closed(row, kind)
            assert share.low > 0, f"not better at {width}, {kind}: {share}"
            assert share.high < 1, f"none is left at {width}: {share}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw mean accuracies against the width, and the share of the gap closed."""
    found = read(scale, folder)
    if scale in panels.JUDGED:
        check(found)
    labels = ["accuracy", "share of the gap closed"]
    figure, (upper, lower) = panels.stacked(1.1, 0.8, labels=labels)
    widths = np.array(list(found))
    entries: dict[str, panels.Look] = {}
    for kind, look in zip(KINDS, panels.looks(), strict=False):
        whole, open_ = look | {"linestyle": "-"}, look | panels.hollow()
        means = np.array([accuracies(it, kind).mean(axis=0) for it in found.values()])
        upper.plot(widths, means[:, 1], **whole)
        upper.plot(widths, means[:, 0], **open_)
        entries[KINDS[kind]] = whole
        shares = [closed(it, kind) for it in found.values()]
        at = panels.aside(widths, list(KINDS).index(kind), len(KINDS))
        panels.line(lower, at, [it.estimate for it in shares], whole)
        panels.points(lower, at, list(zip(*shares, strict=True)), whole)
    teacher = float(means[:, 2].mean())
    panels.level(upper, teacher)
    panels.over(upper, teacher, "teacher", panels.predicted())
    panels.legend(lower, entries, "lower right")
    upper.set(xscale="log")
    lower.set_ylim(0, 1)
    lower.set_xticks(widths, [f"{it}" for it in widths], minor=False)
    lower.xaxis.set_minor_locator(NullLocator())
    lower.set_xlabel("hidden units of the student")
    return figure
