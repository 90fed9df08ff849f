"""From stored rows to intervals: what figures draw and verdicts judge."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from halfspace._check import Array
from halfspace._random import stream
from simulations.engine.results import Entry, load

#: Every interval in figures and verdicts covers its quantity with this probability.
CONFIDENCE = 0.99


@dataclass(frozen=True, slots=True)
class Series:
    """One curve of average error: a cell, all its blocks of trials together.

    Attributes
    ----------
    cell : dict
        The parameters, without the block.
    row : dict
        The first block's row: predictions and other constants.
    steps : array, shape (k,)
    errors : array, shape (g, k)
        Mistakes over steps, one mean per group of trials.
    most_mistakes : int
        Of any trial; 0 where it was not recorded.
    """

    cell: dict[str, Any]
    row: dict[str, Any]
    steps: Array
    errors: Array
    most_mistakes: int

    def ratio(
        self,
        prediction: str = "predicted_average_error",
        confidence: float = CONFIDENCE,
    ) -> tuple[Array, Array, Array]:
        """Return measured over predicted, shape (k,), with the ends of intervals."""
        predicted = np.asarray(self.row[prediction])
        return stats.mean(self.errors / predicted, confidence=confidence)

    def growth(self) -> Array:
        """Return how much the ratio to A1's bound grew over the last decade, (g,)."""
        ratio = self.errors / np.asarray(self.row["predicted_average_error"])
        decade_ago = np.argmin(np.abs(np.log(10 * self.steps / self.steps[-1])))
        grown: Array = ratio[:, -1] - ratio[:, decade_ago]
        return grown


def series(name: str, scale: str, folder: Path, **fixed: Any) -> list[Series]:
    """Return the curves of a simulation whose cells have these parameters."""
    merged: dict[str, list[dict[str, Any]]] = {}
    cells: dict[str, dict[str, Any]] = {}
    for entry in load(name, scale, folder)["rows"]:
        cell = {key: value for key, value in entry["cell"].items() if key != "block"}
        if all(cell[key] == value for key, value in fixed.items()):
            merged.setdefault(repr(cell), []).append(entry["row"])
            cells[repr(cell)] = cell
    return [_merge(cells[key], rows) for key, rows in merged.items()]


def _merge(cell: dict[str, Any], rows: list[dict[str, Any]]) -> Series:
    steps = np.asarray(rows[0]["steps"], dtype=float)
    sums = np.concatenate([np.asarray(row["mistakes"]) for row in rows])
    return Series(
        cell,
        rows[0],
        steps,
        sums / (rows[0]["group_trials"] * steps),
        max(row.get("most_mistakes", 0) for row in rows),
    )


def crossing(errors: Array, steps: Array, target: float) -> Array:
    """Return the steps, shape (...), at which errors (..., k) first meet the target.

    Between checkpoints both logarithms are interpolated; infinity where never met.

    >>> crossing(np.array([[1.0, 0.1], [1.0, 0.5]]), np.array([10.0, 1000.0]), 0.1)
    array([1000.,   inf])
    """
    met = errors <= target
    later = np.argmax(met, axis=-1)[..., None]
    before = np.maximum(later - 1, 0)
    x, y = np.log(steps), np.log(np.maximum(errors, 1e-300))
    y0, y1 = (np.take_along_axis(y, i, axis=-1)[..., 0] for i in (before, later))
    x0, x1 = (x[i[..., 0]] for i in (before, later))
    drop = np.where(y1 < y0, y1 - y0, -1.0)
    found = np.exp(x0 + (x1 - x0) * np.clip((np.log(target) - y0) / drop, 0, 1))
    return np.where(met.any(axis=-1), found, np.inf)


def samples_needed(curve: Series, target: float) -> stats.Interval:
    """Return the samples after which the average error met the target: bootstrap."""
    return stats.bootstrap(
        curve.errors,
        lambda means: crossing(means, curve.steps, target),
        rng=stream(0, "samples_needed", str(curve.cell), str(target)),
        confidence=CONFIDENCE,
    )


def slope(points: Sequence[tuple[Series, float]], x: Sequence[float]) -> stats.Interval:
    """Return the exponent of samples needed against `x`: least squares, bootstrap.

    Parameters
    ----------
    points : sequence of (Series, target)
    x : sequence of float
        What the samples needed are a power of, one value a point.
    """
    sizes = np.cumsum([curve.steps.size for curve, _ in points])[:-1]

    def fitted(means: Array) -> Array:
        parts = np.split(means, sizes, axis=-1)
        needed = [
            np.log(crossing(part, curve.steps, target))
            for part, (curve, target) in zip(parts, points, strict=True)
        ]
        return fitted_slope(np.log(x), np.stack(needed, axis=-1))

    return stats.bootstrap(
        np.concatenate([curve.errors for curve, _ in points], axis=-1),
        fitted,
        rng=stream(0, "slope", str([(curve.cell, target) for curve, target in points])),
        confidence=CONFIDENCE,
    )


def fitted_slope(x: Array, y: Array) -> Array:
    """Return the least-squares slope of y (..., m) against x (m,).

    >>> fitted_slope(np.array([0.0, 1.0, 2.0]), np.array([[1.0, 3.0, 5.0]]))
    array([2.])
    """
    centred = x - x.mean()
    found: Array = y @ centred / (centred @ centred)
    return found


def worst_ratio(
    curves: Sequence[Series], prediction: str = "predicted_average_error"
) -> stats.Interval:
    """Return the largest of all ratios to a prediction, over curves and checkpoints.

    The interval covers the largest true ratio: all points share its error.
    """
    points = sum(curve.steps.size for curve in curves)
    level = 1 - (1 - CONFIDENCE) / points
    ratios = [curve.ratio(prediction, level) for curve in curves]
    return stats.Interval(
        *(float(max(part.max() for part in ends)) for ends in zip(*ratios, strict=True))
    )


def furthest_ratio(
    curves: Sequence[Series], prediction: str, *, first: int
) -> stats.Interval:
    """Return the ratio to a prediction that is furthest from 1, from T = `first` on.

    The ends are those of all intervals, which cover all ratios together. Without any
    such T all is NaN.
    """
    late = [curve.steps >= first for curve in curves]
    points = sum(int(part.sum()) for part in late)
    if points == 0:
        return stats.Interval(np.nan, np.nan, np.nan)
    level = 1 - (1 - CONFIDENCE) / points
    ratios = [
        [end[part] for end in curve.ratio(prediction, level)]
        for curve, part in zip(curves, late, strict=True)
    ]
    centre, low, high = (np.concatenate(ends) for ends in zip(*ratios, strict=True))
    furthest = float(centre[np.argmax(np.abs(np.log(centre)))])
    return stats.Interval(furthest, float(low.min()), float(high.max()))


def pooled(
    entries: Sequence[Entry], keys: Sequence[str]
) -> Iterator[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Yield the rows of the entries that agree on these parameters, all blocks."""
    found: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {}
    for entry in entries:
        cell = {key: entry["cell"][key] for key in keys}
        found.setdefault(repr(cell), (cell, []))[1].append(entry["row"])
    yield from found.values()


def means(rows: Sequence[dict[str, Any]], key: str) -> tuple[Array, Array, Array]:
    """Return the mean over trials of what rows hold as sums over groups of them.

    >>> row = {"group_trials": 2, "errors": [[1.0], [1.0]]}
    >>> [float(end[0]) for end in means([row], "errors")]
    [0.5, 0.5, 0.5]
    """
    sums = np.concatenate([np.asarray(row[key]) for row in rows])
    return stats.mean(sums / rows[0]["group_trials"], confidence=CONFIDENCE)


def trials(rows: Sequence[dict[str, Any]]) -> int:
    """Return the trials behind rows that sum over groups.

    >>> trials([{"group_trials": 5, "mistakes": [[1], [2]]}])
    10
    """
    return sum(row["group_trials"] * len(row["mistakes"]) for row in rows)
