"""The claims about students that start from their teachers, section G of the guide."""

from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from halfspace._check import Array
from halfspace._random import stream
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE
from simulations.claim import Claim, Measure
from simulations.engine.results import load
from simulations.intervals import least, of_rows

ROUNDED = 1e-12


def accuracies(row: dict[str, Any], kind: str) -> Array:
    """Return accuracies (trials, 3): random start, the teacher's, the teacher."""
    counts = [row["random"][kind], row["guide"][kind], row["teacher"]]
    found: Array = np.array(counts, dtype=float).T / row["rows"]
    return found


def closed(row: dict[str, Any], kind: str, confidence: float = CONFIDENCE) -> Interval:
    """Return the share of the gap between teacher and random start that is closed.

    A ratio of mean differences over trials, which share data and teacher; NaN if the
    teacher is not better.
    """

    def share(means: Array) -> Array:
        random, guide, teacher = np.moveaxis(means, -1, 0)
        gap, none = teacher - random, np.full(random.shape, np.nan)
        ratio: Array = np.divide(guide - random, gap, out=none, where=gap > 0)
        return ratio

    rng = stream(0, "closed", kind)
    return stats.bootstrap(accuracies(row, kind), share, rng=rng, confidence=confidence)


def least_closed(kind: str) -> Measure:
    """Return what measures the share that is closed, the least of all widths."""

    def measured(scale: str, folder: Path) -> Interval:
        rows = [it["row"] for it in load("guide_start", scale, folder)["rows"]]
        level = 1 - (1 - CONFIDENCE) / len(rows)
        return least(closed(row, kind, level) for row in rows)

    return measured


CLAIMS = (
    Claim(
        id="G1",
        kind="equal",
        claim="Student's pre-activations less the teacher's on the compressed table",
        predicted=0.0,
        measure=of_rows("guide", lambda rows: max(max(row["G1"]) for row in rows)),
        tolerance=ROUNDED,
    ),
    Claim(
        id="G2",
        kind="equal",
        claim="Squared error of the table less the dropped part, relative",
        predicted=0.0,
        measure=of_rows("guide", lambda rows: max(max(row["G2"]) for row in rows)),
        tolerance=ROUNDED,
    ),
    Claim(
        id="G2",
        kind="lower",
        claim="Error of other bases over it: centred, coordinates, random; the least",
        predicted=1.0,
        measure=of_rows(
            "guide", lambda rows: min(min(row["least_rival"]) for row in rows)
        ),
    ),
    Claim(
        id="G2",
        kind="upper",
        claim="Squared error of pre-activations over its bound, the largest",
        predicted=1.0,
        measure=of_rows(
            "guide", lambda rows: max(max(row["over_bound"]) for row in rows)
        ),
    ),
    Claim(
        id="G2",
        kind="equal",
        claim="Sizes up to 200 for which evenly spaced units repeat or miss an end",
        predicted=0.0,
        measure=of_rows("guide", lambda rows: max(row["repeated"] for row in rows)),
    ),
    Claim(
        id="G3",
        kind="lower",
        claim="Share of the gap to the teacher closed by the start, labels alone",
        predicted=0.0,
        measure=least_closed("labelled"),
    ),
    Claim(
        id="G3",
        kind="lower",
        claim="The same with distillation, against a random start with it",
        predicted=0.0,
        measure=least_closed("distilled"),
    ),
)
