"""Whether two results files agree: byte for byte, up to rounding, or as two samples."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from simulations.engine.canonical import canonical
from simulations.engine.results import Table

#: Relative difference of numbers that are equal but for the order of operations.
ROUNDING = 1e-9
#: Probability that two honest samples are called different.
LEVEL = 0.01
#: Of the permutation test; its p-values are multiples of 1 / (1 + this).
PERMUTATIONS = 999

_SAME = ("name", "scale")


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """What two files have in common.

    Parameters
    ----------
    verdict : str
        "identical", "equal up to rounding", "within sampling error" or "different".
    p_value : float or None
        Of the hypothesis that the groups of trials of both are one sample; None if no
        such group differs.
    fields : tuple of str
        Fields of rows that differ beyond rounding.
    unjudged : tuple of str
        Those among them that are kept once for all trials, so that their sampling error
        is not in the files.
    """

    verdict: str
    p_value: float | None = None
    fields: tuple[str, ...] = ()
    unjudged: tuple[str, ...] = ()

    @property
    def agree(self) -> bool:
        """Whether the second file confirms the first."""
        return self.verdict != "different"


def _check_comparable(first: Table, second: Table) -> None:
    specs = [{**it["spec"], "seed": None} for it in (first, second)]
    for field, one, two in (
        *((name, first[name], second[name]) for name in _SAME),  # type: ignore[literal-required]
        *(
            (f"spec.{key}", specs[0].get(key), specs[1].get(key))
            for key in sorted({*specs[0], *specs[1]})
        ),
        ("cells", *([it["cell"] for it in table["rows"]] for table in (first, second))),
    ):
        if one != two:
            shown = "others" if field == "cells" else f"{one!r} and {two!r}"
            msg = f"`{field}` must be the same in both files, got {shown}"
            raise ValueError(msg)


def _leaves(value: Any, where: str) -> Iterator[tuple[str, Any]]:
    """Yield what a row holds, by path: lists and what is no dict."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, f"{where}.{key}" if where else key)
    else:
        yield where, value


def _array(value: Any) -> Array | None:
    """Return numbers as an array; None if there are none, or lists of many lengths."""
    try:
        found = np.asarray(value)
    except ValueError:
        return None
    return found.astype(float) if found.dtype.kind in "iuf" else None


def _close(one: Any, two: Any) -> bool:
    if one == two:
        return True
    left, right = _array(one), _array(two)
    if left is None or right is None or left.shape != right.shape:
        return False
    reach = ROUNDING * np.maximum(1, np.maximum(abs(left), abs(right)))
    return bool((abs(left - right) <= reach).all())


def _replicates(table: Table, row: Mapping[str, Any], value: Any) -> Array | None:
    """Return a field as (replicates, numbers) if its first axis is groups or trials."""
    found, spec = _array(value), table["spec"]
    counts = {spec.get("trials"), spec.get("groups") if "group_trials" in row else None}
    if found is None or found.ndim == 0 or len(found) < 2 or len(found) not in counts:
        return None
    return found.reshape(len(found), -1)


def _samples(table: Table) -> dict[str, Array]:
    """Return replicates in rows and fields in columns, by cell, blocks pooled.

    Fields kept by group and fields kept by trial are apart, as their rows differ.
    """
    blocks: dict[str, dict[str, list[Array]]] = {}
    for entry in table["rows"]:
        cell = {key: part for key, part in entry["cell"].items() if key != "block"}
        for field, value in sorted(_leaves(entry["row"], ""), key=itemgetter(0)):
            sample = _replicates(table, entry["row"], value)
            if sample is not None:
                key = canonical("cell", [cell, len(sample)])
                blocks.setdefault(key, {}).setdefault(field, []).append(sample)
    return {
        key: np.hstack([np.vstack(parts) for parts in fields.values()])
        for key, fields in blocks.items()
    }


def _gaps(both: Array, first: Array) -> Array:
    """Return the largest standardised gap of means, for each choice of first members.

    `both` is (n, k), `first` (choices, n) of 0 and 1; constant columns have no gap.
    """
    varying = both[:, np.ptp(both, axis=0) > 0]
    if not varying.shape[1]:
        return np.zeros(len(first))
    scaled = (varying - varying.mean(axis=0)) / varying.std(axis=0)
    count = first.sum(axis=1, keepdims=True)
    sums = first @ scaled  # those of the others are their negatives
    gaps: Array = abs(sums * (1 / count + 1 / (len(both) - count))).max(axis=1)
    return gaps


def permutation_p_value(pairs: list[tuple[Array, Array]]) -> float:
    """Return the p-value of "in each pair, all rows are exchangeable".

    The statistic is the largest standardised gap between means, over pairs and columns.
    Rows are permuted within pairs, whole, so that it is exact whatever the columns'
    laws and dependence.

    Parameters
    ----------
    pairs : list of two arrays, shapes (n, k) and (m, k)
        Replicates in rows.

    Returns
    -------
    float
        A multiple of 1 / (`PERMUTATIONS` + 1).

    Examples
    --------
    >>> ones, twos = np.arange(20.0)[:, None], 100 + np.arange(20.0)[:, None]
    >>> permutation_p_value([(ones, ones + 0.5)]), permutation_p_value([(ones, twos)])
    (0.795, 0.001)
    """
    rng = stream(0, "agreement")
    largest = np.zeros(PERMUTATIONS + 1)
    for one, two in pairs:
        start = np.repeat([1.0, 0.0], [len(one), len(two)])
        shuffled = rng.permuted(np.tile(start, (PERMUTATIONS, 1)), axis=1)
        choices = np.vstack([start, shuffled])
        largest = np.maximum(largest, _gaps(np.vstack([one, two]), choices))
    reached = largest >= largest[0] * (1 - 1e-12)
    return float(reached.mean())


def compare(first: Table, second: Table) -> Agreement:
    """Say whether two files, of one simulation and spec but for the seed, agree.

    Rows are compared exactly, then up to `ROUNDING`. What differs further is held
    against its sampling error, where a row keeps groups of trials (`spec.groups`) or
    trials: a permutation test of level `LEVEL` over all of that. A field kept once for
    all trials must agree, unless such groups differ too; then it is `unjudged`.

    Parameters
    ----------
    first, second : Table
        From `results.read`.

    Returns
    -------
    Agreement

    Raises
    ------
    ValueError
        If the files are not of one simulation, scale, spec and grid.
    """
    _check_comparable(first, second)
    if first["rows"] == second["rows"]:
        return Agreement(verdict="identical")
    differ: set[str] = set()
    grouped: set[str] = set()
    for one, two in zip(first["rows"], second["rows"], strict=True):
        left, right = (dict(_leaves(it["row"], "")) for it in (one, two))
        for field in left.keys() | right.keys():
            if not _close(left.get(field), right.get(field)):
                differ.add(field)
                if _replicates(first, one["row"], left.get(field)) is not None:
                    grouped.add(field)
    if not differ:
        return Agreement(verdict="equal up to rounding")
    return _judge(first, second, differ, grouped)


def _judge(
    first: Table, second: Table, differ: set[str], grouped: set[str]
) -> Agreement:
    fields = tuple(sorted(differ))
    if not grouped:
        return Agreement(verdict="different", fields=fields)
    ours, theirs = _samples(first), _samples(second)
    shapes = [{key: it.shape for key, it in side.items()} for side in (ours, theirs)]
    if shapes[0] != shapes[1]:
        return Agreement(verdict="different", fields=fields)
    p_value = permutation_p_value([(ours[key], theirs[key]) for key in ours])
    return Agreement(
        verdict="within sampling error" if p_value > LEVEL else "different",
        p_value=p_value,
        fields=fields,
        unjudged=tuple(sorted(differ - grouped)),
    )
