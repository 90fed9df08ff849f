"""How the claims about an estimated teacher are measured, section D of the guide."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from halfspace import stats
from halfspace._check import Array
from halfspace._random import stream
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE, fitted_slope, pooled
from simulations.claim import Measure
from simulations.engine.results import load
from simulations.intervals import UNKNOWN, least
from simulations.intervals import furthest as furthest_of

#: Laws of large n are judged from so many rows on, and their exponents.
LARGE, LARGER = 1000, 10_000


class Errors(NamedTuple):
    """Of one shape: sizes (m,), means of groups of trials (g, m), predictions (m,)."""

    sizes: Array
    groups: Array
    predicted: Array


def errors(scale: str, folder: Path, shape: str, *, least: float = 0) -> Errors:
    """Return the errors of the fit on `least` rows or more, fewest rows first."""
    entries = [
        (it["cell"]["size"], it["row"])
        for it in load("calibration", scale, folder)["rows"]
        if it["cell"]["shape"] == shape and it["cell"]["size"] >= least
    ]
    entries.sort(key=lambda it: it[0])
    means = [np.asarray(row["errors"]) / row["group_trials"] for _, row in entries]
    return Errors(
        np.array([size for size, _ in entries], dtype=float),
        np.array(means).T,
        np.array([row["predicted_error"] for _, row in entries]),
    )


def ratios(found: Errors) -> tuple[Array, Array, Array]:
    """Return measured over predicted (m,), with intervals that cover all together."""
    level = 1 - (1 - CONFIDENCE) / found.sizes.size
    return stats.mean(found.groups / found.predicted, confidence=level)


def furthest(shape: str, *, least: float = 0) -> Measure:
    """Return what measures the ratio to the prediction that is furthest from 1.

    Without so many rows all is NaN.
    """

    def measured(scale: str, folder: Path) -> Interval:
        found = errors(scale, folder, shape, least=least)
        if not found.sizes.size:
            return UNKNOWN
        centre, low, high = ratios(found)
        worst = np.argmax(np.abs(np.log(centre)))
        return Interval(float(centre[worst]), float(low.min()), float(high.max()))

    return measured


def largest(shape: str) -> Measure:
    """Return what measures the largest ratio to the prediction."""

    def measured(scale: str, folder: Path) -> Interval:
        return Interval(
            *(float(end.max()) for end in ratios(errors(scale, folder, shape)))
        )

    return measured


def exponent(shape: str, *, least: float = 0, relative: bool = False) -> Measure:
    """Return what measures the slope of the error in n, or of its ratio to theory.

    Without two such n all is NaN.
    """

    def measured(scale: str, folder: Path) -> Interval:
        found = errors(scale, folder, shape, least=least)
        if found.sizes.size < 2:
            return UNKNOWN
        scaled = found.groups / found.predicted if relative else found.groups
        return stats.bootstrap(
            scaled,
            lambda means: fitted_slope(np.log(found.sizes), np.log(means)),
            rng=stream(0, "exponent", "calibration", shape),
            confidence=CONFIDENCE,
        )

    return measured


def students(scale: str, folder: Path) -> dict[Any, Any]:
    """Return the rows of the students by what they are told."""
    return {
        it["cell"]["told"]: it["row"]
        for it in load("plug_in", scale, folder)["rows"]
        if it["cell"]["part"] == "student"
    }


def average_errors(row: Any) -> Array:
    """Return the mean over trials of M/T, one a group and checkpoint, (g, k)."""
    found: Array = np.asarray(row["mistakes"]) / row["group_trials"] / row["steps"]
    return found


def gap(rows: dict[Any, Any], told: Any, *, parts: int = 1) -> Interval:
    """Return the average error at the last T less that of who is told alpha, paired.

    Its interval is one of `parts` that cover together.
    """
    less = average_errors(rows[told]) - average_errors(rows["alpha"])
    level = 1 - (1 - CONFIDENCE) / parts
    return Interval(*map(float, stats.mean(less[:, -1], confidence=level)))


def sizes_told(rows: dict[Any, Any]) -> list[int]:
    """Return the numbers of clean rows, in order."""
    return sorted(told for told in rows if isinstance(told, int))


def last_gap(scale: str, folder: Path) -> Interval:
    """D4: the gap with the most clean rows."""
    rows = students(scale, folder)
    return gap(rows, sizes_told(rows)[-1])


def blind_gap(scale: str, folder: Path) -> Interval:
    """D4: the gap of who is told one rate for all."""
    return gap(students(scale, folder), "one rate")


def excess_over_bound(scale: str, folder: Path) -> Interval:
    """D4: (1 - 2 eta) x average error, at most the excess risk, over its bound.

    Of all who are told alpha or its fit, at all T; the rate eta is the largest.
    """
    rows = students(scale, folder)
    beta = 1 - 2 * load("plug_in", scale, folder)["spec"]["rate"]
    told = [it for key, it in rows.items() if key != "one rate"]
    level = 1 - (1 - CONFIDENCE) / sum(len(it["steps"]) for it in told)
    ends = [
        stats.mean(
            beta * average_errors(it) / it["predicted_excess_risk"], confidence=level
        )
        for it in told
    ]
    return Interval(
        *(float(max(part.max() for part in end)) for end in zip(*ends, strict=True))
    )


def by_rate(scale: str, folder: Path) -> dict[float, list[Any]]:
    """Return the rows of all blocks of the noise rate, by the true one."""
    entries = load("noise_rate", scale, folder)["rows"]
    return {cell["rate"]: rows for cell, rows in pooled(entries, ("rate",))}


def covered(rows: list[Any], *, parts: int = 1) -> Interval:
    """Return how often the upper bound is not below the rate, one of `parts`."""
    trials = sum(row["trials"] for row in rows)
    hits = trials - sum(row["missed"] for row in rows)
    return stats.binomial(hits, trials, confidence=1 - (1 - CONFIDENCE) / parts)


def least_covered(scale: str, folder: Path) -> Interval:
    """D5: P[the upper bound is not below the rate], where it is least."""
    cells = by_rate(scale, folder).values()
    return least(covered(rows, parts=len(cells)) for rows in cells)


def rate_bias(scale: str, folder: Path) -> Interval:
    """D5: the mean estimate less the rate, where it is furthest from 0."""
    cells = by_rate(scale, folder)
    level = 1 - (1 - CONFIDENCE) / len(cells)
    found = []
    for rate, rows in cells.items():
        sums = np.concatenate([np.asarray(row["estimates"]) for row in rows])
        groups = sums / rows[0]["group_trials"] - rate
        found.append(Interval(*map(float, stats.mean(groups, confidence=level))))
    return furthest_of(found, 0.0)
