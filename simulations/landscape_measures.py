"""How the claims about the landscape of the forward loss are measured: B5, B6, B9."""

from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from halfspace._check import Array
from halfspace._random import stream
from halfspace.stats import Interval
from halfspace.theory.landscape import STALL_RATIO
from simulations.analysis import CONFIDENCE, fitted_slope
from simulations.engine.results import Entry, load
from simulations.intervals import UNKNOWN, exact, furthest, largest, least

#: The depths c gamma from which on the closed form is held against the steps.
DEEP = 8.0


def least_progress(scale: str, folder: Path) -> Interval:
    """B5: the least -grad.w* over its bound, of all laws."""
    rows = load("landscape", scale, folder)["rows"]
    return exact(min(entry["row"]["least_ratio"] for entry in rows))


def matching(name: str, scale: str, folder: Path, **fixed: Any) -> list[Entry]:
    """Return the entries of a simulation whose cells have these parameters."""
    rows = load(name, scale, folder)["rows"]
    return [it for it in rows if fixed.items() <= it["cell"].items()]


def escapes(scale: str, folder: Path, **fixed: Any) -> list[Entry]:
    """Return the entries of `escape` with these parameters, shallowest first."""
    found = matching("escape", scale, folder, **fixed)
    return sorted(found, key=lambda it: float(it["cell"]["depth"]))


def hit_means(entry: Entry) -> Array:
    """Return the mean steps to escape of each group of trials, shape (g, 1)."""
    row = entry["row"]
    means: Array = np.asarray(row["hits"], dtype=float)[:, None] / row["group_trials"]
    return means


def growth(entries: list[Entry], x: list[float]) -> Interval:
    """Return the slope of log steps to escape against x: bootstrap over groups."""
    return stats.bootstrap(
        np.concatenate([hit_means(entry) for entry in entries], axis=-1),
        lambda means: fitted_slope(np.asarray(x), np.log(means)),
        rng=stream(0, "growth", str([entry["cell"] for entry in entries])),
        confidence=CONFIDENCE,
    )


def lines(scale: str, folder: Path, rule: str) -> list[list[Entry]]:
    """Return the two deepest entries of a rule, for each rate and dimension."""
    spec = load("escape", scale, folder)["spec"]
    return [
        escapes(scale, folder, rule=rule, rate=rate, dim=dim)[-2:]
        for rate in spec["rates"]
        for dim in spec["dims"]
        if rule == "forward" or dim == max(spec["dims"])
    ]


def forward_exponent(scale: str, folder: Path) -> Interval:
    """B6: d log(steps) / d(c gamma) of forward between the two deepest starts."""
    found = [
        growth(pair, [it["cell"]["depth"] for it in pair])
        for pair in lines(scale, folder, "forward")
    ]
    return furthest(found, 1.0)


def sign_exponent(scale: str, folder: Path) -> Interval:
    """B6: the exponent of c in the sign link's steps, in the largest dimension."""
    found = [
        growth(pair, [float(np.log(it["cell"]["depth"])) for it in pair])
        for pair in lines(scale, folder, "slam")
    ]
    return furthest(found, 1.0)


def escape_over_theory(scale: str, folder: Path) -> Interval:
    """B6: forward's steps over the closed form, from `DEEP` on, the furthest from 1."""
    deep = [
        it
        for it in escapes(scale, folder, rule="forward")
        if it["cell"]["depth"] >= DEEP
    ]
    if not deep:  # at the smallest scale
        return UNKNOWN
    level = 1 - (1 - CONFIDENCE) / len(deep)
    found = [
        stats.mean(hit_means(it) / it["row"]["predicted_steps"], confidence=level)
        for it in deep
    ]
    return furthest([Interval(*(float(end[0]) for end in it)) for it in found], 1.0)


def far_error_over_bound(scale: str, folder: Path) -> Interval:
    """B6: the sign link's average error from -c w* over its bound, the largest."""
    entries = escapes(scale, folder, rule="slam")
    horizon = load("escape", scale, folder)["spec"]["horizon"]
    level = 1 - (1 - CONFIDENCE) / len(entries)
    ends = []
    for it in entries:
        row = it["row"]
        means = np.asarray(row["mistakes"], dtype=float) / row["group_trials"] / horizon
        ratio = means[:, None] / row["predicted_far_error"]
        ends.append([end[0] for end in stats.mean(ratio, confidence=level)])
    return largest(ends)


def wrong_traps(scale: str, folder: Path) -> Interval:
    """B9: on how many laws the flow's end is not what the ratio says."""
    rows = [entry["row"] for entry in load("traps", scale, folder)["rows"]]
    return exact(
        sum(
            (ratio > STALL_RATIO) != trapped
            for row in rows
            for ratio, trapped in zip(row["ratios"], row["trapped"], strict=True)
        )
    )


def stalls(scale: str, folder: Path, **fixed: Any) -> list[Entry]:
    """Return the entries of `stall` with these parameters."""
    return matching("stall", scale, folder, **fixed)


def share(entries: list[Entry]) -> list[Interval]:
    """Return the share of runs that are stuck in each, all together at 99%."""
    level = 1 - (1 - CONFIDENCE) / len(entries)
    return [
        stats.binomial(it["row"]["stuck"], it["row"]["trials"], confidence=level)
        for it in entries
    ]


def stuck_where_the_flow_is(scale: str, folder: Path) -> Interval:
    """B9: the least share of stuck runs, smallest step, where the flow from 0 is."""
    spec = load("stall", scale, folder)["spec"]
    cells = stalls(scale, folder, law="two", rule="forward", step=min(spec["steps"]))
    found = share([it for it in cells if it["row"]["flow_errs_on_rare"]])
    return least(found)


def most_stuck(entries: list[Entry]) -> Interval:
    """Return the largest share of stuck runs."""
    return largest(share(entries))


def stuck_at_equal_norms(scale: str, folder: Path) -> Interval:
    """B9: the largest share of stuck forward runs on points of equal norms, step 1."""
    return most_stuck(stalls(scale, folder, law="three", rule="forward", step=1.0))


def stuck_others(scale: str, folder: Path) -> Interval:
    """B9: the largest share of stuck runs of rules that have a theorem."""
    safe = ("slam", "slam_sigmoid", "backward", "perspectron")
    return most_stuck([it for rule in safe for it in stalls(scale, folder, rule=rule)])
