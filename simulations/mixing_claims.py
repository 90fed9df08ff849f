"""The claims about the optimum of the mixed loss, section C of the guide."""

from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE
from simulations.claim import Claim, Measure
from simulations.engine.results import load
from simulations.intervals import exact, of_rows


def disagreements(variant: str) -> Measure:
    """C2: accuracies and sizes where the certified optimum is not as predicted."""

    def count(rows: list[Any]) -> float:
        pairs = [row["truth"][variant] for row in rows]
        return sum(
            found is not predicted
            for it in pairs
            for found, predicted in zip(it["holds"], it["predicted"], strict=True)
        )

    return of_rows("consistency", count)


def _labels(scale: str, folder: Path) -> list[Any]:
    """Return the rows of optima on sampled labels."""
    entries = load("plug_in", scale, folder)["rows"]
    return [it["row"] for it in entries if it["cell"]["part"] == "labels"]


def on_labels(scale: str, folder: Path) -> Interval:
    """C3: the largest difference from what is claimed at the frequency of a trial."""
    value = max(row["deviation"] for row in _labels(scale, folder))
    return exact(value)


def mean_on_labels(scale: str, folder: Path) -> Interval:
    """C3: the difference that is furthest from 0, over all accuracies told."""
    rows = _labels(scale, folder)
    level = 1 - (1 - CONFIDENCE) / len(rows)
    groups = [
        np.asarray(row["optimum"]) / row["group_trials"] - row["predicted_optimum"]
        for row in rows
    ]
    centre, low, high = stats.mean(np.stack(groups, axis=-1), confidence=level)
    worst = float(centre[np.argmax(np.abs(centre))])
    return Interval(worst, float(low.min()), float(high.max()))


CLAIMS = (
    Claim(
        id="C1",
        kind="equal",
        claim="Mix less the law of the teacher's label",
        predicted=0.0,
        measure=of_rows("consistency", lambda rows: max(row["law"] for row in rows)),
        tolerance=1e-12,
    ),
    *(
        Claim(
            id="C2",
            kind="equal",
            claim=f"Cells where the certified optimum is not as predicted: {name}",
            predicted=0.0,
            measure=disagreements(variant),
        )
        for variant, name in {
            "normalised": "normalised",
            "unnormalised": "unnormalised mix, teacher's labels",
            "unnormalised, mixed truth": "unnormalised mix, mix of the truth",
        }.items()
    ),
    Claim(
        id="C3",
        kind="equal",
        claim="Optimum told another accuracy less what is claimed",
        predicted=0.0,
        measure=of_rows(
            "consistency", lambda rows: max(row["deviation"] for row in rows)
        ),
        tolerance=1e-12,
    ),
    Claim(
        id="C3",
        kind="equal",
        claim="The same on sampled labels, of their frequency",
        predicted=0.0,
        measure=on_labels,
        tolerance=1e-12,
    ),
    Claim(
        id="C3",
        kind="equal",
        claim="Mean optimum on sampled labels less that of their accuracy",
        predicted=0.0,
        measure=mean_on_labels,
        tolerance=0.01,
    ),
)
