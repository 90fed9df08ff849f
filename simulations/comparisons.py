"""How the claims about other learners, and other noise, are measured.

As in `measures`: from a scale and a results folder to an interval.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from halfspace import stats, theory
from halfspace._check import Array
from halfspace._random import stream
from halfspace.rules import RULES
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE, furthest_ratio, series
from simulations.engine.results import Entry, load
from simulations.intervals import exact, largest, least

#: The laws of claim B8 on which convex losses were reported to fail: margin and rate.
FAILING = ((0.05, 0.3), (1 / 24, 0.1))
#: How far errors must be apart to count as different, claim I2.
APART = 0.05
PROJECTED = ("slam_projected", "perspectron", "diakonikolas_zarifis")


def _largest(parts: Sequence[tuple[Array, Array]]) -> Interval:
    """Return the largest mean over a prediction: pairs of (g, k) and (k,)."""
    points = sum(predicted.size for _, predicted in parts)
    level = 1 - (1 - CONFIDENCE) / points
    found = [stats.mean(m / predicted, confidence=level) for m, predicted in parts]
    return largest([part.max() for part in ends] for ends in found)


def _means(entry: Entry, key: str) -> Array:
    """Return a row's sums over groups of trials as means, shape (g, k)."""
    row = entry["row"]
    means: Array = np.asarray(row[key], dtype=float) / row["group_trials"]
    return means


def identity(scale: str, folder: Path) -> Interval:
    """A0: the largest relative difference of the three forms of one algorithm."""
    rows = [entry["row"] for entry in load("lemmas", scale, folder)["rows"]]
    return exact(max(row["difference"] for row in rows))


def excess_over_bound(scale: str, folder: Path) -> Interval:
    """A6: average excess noisy risk over its bound, SLaM told each rate."""
    told = [
        entry
        for entry in load("knowing_alpha", scale, folder)["rows"]
        if entry["cell"]["learner"] == "slam, told"
    ]
    return _largest(
        [
            (
                _means(entry, "excess") / np.asarray(entry["row"]["steps"]),
                np.asarray(entry["row"]["predicted_excess_risk"]),
            )
            for entry in told
        ]
    )


def trapped(scale: str, folder: Path) -> Interval:
    """A6: the least error of SLaM's mean iterate that is told one rate, on the trap."""
    level = 1 - (1 - CONFIDENCE) / 2
    return least(
        [
            end[-1]
            for end in stats.mean(_means(entry, "averaged_errors"), confidence=level)
        ]
        for entry in load("knowing_alpha", scale, folder)["rows"]
        if entry["cell"]["learner"] == "slam" and entry["cell"]["noise"] == "trap"
    )


def rules_over_fluid(scale: str, folder: Path) -> Interval:
    """A11: measured over fluid, every rule with and without a ball, the furthest."""
    curves = series("fluid_rules", scale, folder)
    return furthest_ratio(curves, "fluid_average_error", first=1000)


def deviation(claim: str) -> Callable[[str, Path], Interval]:
    """Return what measures the largest deviation from an identity of section B."""

    def measured(scale: str, folder: Path) -> Interval:
        rows = load("adjustment", scale, folder)["rows"]
        return exact(max(entry["row"]["deviations"][claim] for entry in rows))

    return measured


def _errors_of_minimisers(scale: str, folder: Path) -> dict[str, Array]:
    rows = load("convex_fails", scale, folder)["rows"]
    return {it["cell"]["loss"]: np.asarray(it["row"]["errors"]) for it in rows}


def convex_error(scale: str, folder: Path) -> Interval:
    """B8: the error furthest from 1/2 of convex minimisers on the laws of `FAILING`."""
    spec = load("convex_fails", scale, folder)["spec"]
    found = _errors_of_minimisers(scale, folder)
    at = [
        (spec["margins"].index(margin), spec["rates"].index(rate))
        for margin, rate in FAILING
        if margin in spec["margins"]
    ]
    errors = [float(found[loss][i]) for loss in spec["convex"] for i in at]
    return exact(max(errors, key=lambda error: abs(error - 0.5)))


def mixed_error(scale: str, folder: Path) -> Interval:
    """B8: the largest error of mixed losses, over all margins and rates."""
    spec = load("convex_fails", scale, folder)["spec"]
    found = _errors_of_minimisers(scale, folder)
    return exact(max(float(found[loss].max()) for loss in spec["mixed"]))


def least_slack(scale: str, folder: Path) -> Interval:
    """I1: the least slack of the lemma over all laws and both rules."""
    rows = [entry["row"] for entry in load("lemmas", scale, folder)["rows"]]
    return exact(min(value for row in rows for value in row["slack"].values()))


def excess_over_guarantee(scale: str, folder: Path) -> Interval:
    """I1: excess noisy error of the rules in the unit ball over what is proved."""
    spec = load("sample_complexity", scale, folder)["spec"]
    rate = spec["rate"]
    parts = []
    for curve in series("sample_complexity", scale, folder):
        if curve.cell["rule"] in PROJECTED:
            margin = curve.cell["margin"]
            most = theory.projected_excess_risk(curve.steps, margin, rate)
            parts.append(((1 - 2 * rate) * curve.errors, most))
    return _largest(parts)


def mean_iterate_over_guarantee(scale: str, folder: Path) -> Interval:
    """I1: the noisy error less the rate of a mean iterate, over the bound on steps.

    Of the Diakonikolas-Zarifis type, on the law of the simulation.
    """
    (row,) = (
        entry["row"]
        for entry in load("mean_iterate", scale, folder)["rows"]
        if entry["cell"]["rule"] == "diakonikolas_zarifis"
    )
    ratios = np.asarray(row["excess"]["averaged"]) / row["predicted_excess_risk"]
    return Interval(*map(float, stats.mean(ratios, confidence=CONFIDENCE)))


def learner_errors(
    scale: str, folder: Path, output: str
) -> tuple[Array, list[str], list[str]]:
    """Return mean errors (g, rules, tasks) of an output of the online rules."""
    table = load("learners", scale, folder)
    tasks = list(table["spec"]["tasks"])
    found = {
        (entry["cell"]["learner"], entry["cell"]["task"]): np.asarray(
            entry["row"]["errors"][output]
        )
        / entry["row"]["group_trials"]
        for entry in table["rows"]
        if output in entry["row"]["errors"]
    }
    rules = [rule for rule in RULES if (rule, tasks[0]) in found]
    means = [[found[rule, task] for task in tasks] for rule in rules]
    return np.moveaxis(np.asarray(means), -1, 0), rules, tasks


def spread_hidden(scale: str, folder: Path) -> Interval:
    """I2: how far rules are apart after selection, over how far they are without.

    The standard deviation of the mean error over the rules, averaged over the tasks.
    """

    def ratio(means: Array) -> Array:
        spread = means.std(axis=2).mean(axis=-1)
        found: Array = spread[:, 0] / spread[:, 1]
        return found

    return _of_selection(scale, folder, ratio)


def differences_hidden(scale: str, folder: Path) -> Interval:
    """I2: of all pairs of rules on a task whose last iterates differ, the share hidden.

    Errors differ if they are more than `APART` apart; a difference is hidden if those
    of the selected iterates are not.
    """

    def share(means: Array) -> Array:
        first, second = np.triu_indices(means.shape[2], 1)
        apart = np.abs(means[:, :, first] - means[:, :, second]) > APART
        hidden = apart[:, 1] & ~apart[:, 0]
        found: Array = hidden.sum(axis=(1, 2)) / apart[:, 1].sum(axis=(1, 2))
        return found

    return _of_selection(scale, folder, share)


def _of_selection(
    scale: str, folder: Path, statistic: Callable[[Array], Array]
) -> Interval:
    """Bootstrap a statistic of mean errors (draws, 2, rules, tasks): selected, last."""
    outputs = [
        learner_errors(scale, folder, output)[0] for output in ("selected", "last")
    ]
    rng = stream(0, "selection")
    return stats.bootstrap(
        np.stack(outputs, axis=1), statistic, rng=rng, confidence=CONFIDENCE
    )


def average_is_not_covered(scale: str, folder: Path) -> Interval:
    """I2: averaged less selected error of the Perspectron type on the trap."""
    ends = []
    for output in ("averaged", "selected"):
        errors, rules, tasks = learner_errors(scale, folder, output)
        ends.append(errors[:, rules.index("perspectron"), tasks.index("trap")])
    found = stats.mean(ends[0] - ends[1], confidence=CONFIDENCE)
    return Interval(*(float(end) for end in found))
