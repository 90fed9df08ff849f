"""The claims about weighted distillation, section E of the guide."""

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
from simulations.intervals import UNKNOWN, exact, of_rows

#: A descent whose step is shorter than this has ended.
STILL = 1e-9


def _rows(name: str, scale: str, folder: Path) -> list[dict[str, Any]]:
    return [entry["row"] for entry in load(name, scale, folder)["rows"]]


def end(slope: str) -> Measure:
    """Return what measures the largest error of descents that have ended, or all.

    Through the weights there is no end: the loss falls for ever, as w grows.
    """

    def measured(scale: str, folder: Path) -> Interval:
        entries = load("weighted_descent", scale, folder)["rows"]
        (row,) = (it["row"] for it in entries if it["cell"]["slope"] == slope)
        errors, moves = np.array(row["errors"]), np.array(row["last_moves"])
        kept = errors if slope == "through" else errors[moves < STILL]
        worst = float(kept.max(initial=0.0))
        return exact(worst)

    return measured


def errors(row: dict[str, Any], which: str) -> Array:
    """Return the mean squared errors, (groups, sizes), "plain" or "weighted"."""
    found: Array = np.array(row[which]) / row["group_trials"]
    return found


def furthest(scale: str, folder: Path) -> Interval:
    """E2: sampled over predicted error, the furthest from 1 of all laws and sizes."""
    rows = _rows("weighting", scale, folder)
    points = sum(2 * len(row["sizes"]) for row in rows)
    level = 1 - (1 - CONFIDENCE) / points
    parts = [
        stats.mean(errors(row, it) / np.array(row[f"predicted_{it}"]), confidence=level)
        for row in rows
        for it in ("plain", "weighted")
    ]
    centre, low, high = (np.concatenate(ends) for ends in zip(*parts, strict=True))
    worst = float(centre[np.argmax(np.abs(np.log(centre)))])
    return Interval(worst, float(low.min()), float(high.max()))


def crossing(scale: str, folder: Path) -> Interval:
    """E3: where the two sampled curves cross over the prediction, the furthest.

    Each law that has a crossing; n times the difference of both is linear in n.
    """
    found = []
    for row in _rows("weighting", scale, folder):
        sizes, predicted = np.array(row["sizes"]), row["predicted_crossing"]
        if sizes[0] < predicted < sizes[-1]:
            gap = sizes * (errors(row, "plain") - errors(row, "weighted"))
            found.append(crossed(gap, sizes / predicted))
    if not found:
        return UNKNOWN
    worst = max(found, key=lambda it: abs(np.log(it.estimate)))
    ends = min(it.low for it in found), max(it.high for it in found)
    return Interval(worst.estimate, *ends)


def crossed(gaps: Array, at: Array) -> Interval:
    """Return where gaps, (groups, k), are 0, by bootstrap; one of two intervals."""
    return stats.bootstrap(
        gaps,
        lambda means: root(means, at),
        rng=stream(0, "crossed", str(at.tolist())),
        confidence=1 - (1 - CONFIDENCE) / 2,
    )


def root(gaps: Array, at: Array) -> Array:
    """Return where gaps (..., k), nearly linear in `at`, are 0: least squares.

    Weighted by 1/at, as the noise of a gap grows with it.

    >>> float(root(np.array([-1.0, 0.0, 2.0]), np.array([1.0, 2.0, 4.0])).round(9))
    2.0
    """
    scaled = np.stack([1 / at, np.ones_like(at)])
    slopes = np.linalg.lstsq(scaled.T, (gaps / at).reshape(-1, len(at)).T)[0]
    found: Array = (-slopes[0] / slopes[1]).reshape(gaps.shape[:-1])
    return found


def _equal(name: str, claim: str, measure: Measure, tolerance: float = 0.0) -> Claim:
    return Claim(
        id=name,
        kind="equal",
        claim=claim,
        predicted=0.0,
        measure=measure,
        tolerance=tolerance,
    )


CLAIMS = (
    _equal(
        "E1",
        "Mean weighted loss less the clean loss, relative, every atom",
        of_rows("weighted_laws", lambda rows: max(row["E1"] for row in rows)),
        1e-12,
    ),
    _equal(
        "E1",
        "Long-Servedio: error of weighted logistic descent, slope through the weights",
        end("through"),
    ),
    Claim(
        id="E1",
        kind="lower",
        claim="The same with weights held in each step, the largest at a standstill",
        predicted=0.5,
        measure=end("held"),
    ),
    _equal(
        "E2",
        "Mean squared error by enumeration less predicted, relative",
        of_rows("weighted_laws", lambda rows: max(row["E2"] for row in rows)),
        1e-9,
    ),
    Claim(
        id="E2",
        kind="equal",
        claim="Sampled over predicted error, n = 1 to 1280, the furthest",
        predicted=1.0,
        measure=furthest,
        tolerance=0.05,
    ),
    _equal(
        "E3",
        "Laws and n at which the better estimate is not the predicted one",
        of_rows("weighted_laws", lambda rows: sum(row["E3"] for row in rows)),
    ),
    Claim(
        id="E3",
        kind="equal",
        claim="Sampled crossing over predicted, both laws that have one, the furthest",
        predicted=1.0,
        measure=crossing,
        tolerance=0.1,
    ),
)
