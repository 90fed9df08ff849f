"""How claim B10 is measured: as in `measures`, from results to an interval."""

from pathlib import Path

from halfspace.stats import Interval
from simulations.analysis import Series, series, slope, worst_ratio
from simulations.claim import Measure
from simulations.engine.results import load
from simulations.intervals import exact


def rate_curves(
    scale: str, folder: Path, rule: str, *, far: bool = False
) -> list[Series]:
    """Return the curves of a rule in the dimension 1/gamma^2, or far out."""
    spec = load("convergence_rate", scale, folder)["spec"]
    curves = series("convergence_rate", scale, folder, rule=rule)
    return [it for it in curves if (it.cell["dim"] == spec["far"]) == far]


def at_centre(
    scale: str, folder: Path, curves: list[Series], axis: str
) -> list[Series]:
    """Return the curves along "margin" or "rate", or with neither the one at both."""
    spec = load("convergence_rate", scale, folder)["spec"]
    centre = {"margin": max(spec["margins"]), "rate": spec["rate"]}
    fixed = {key: value for key, value in centre.items() if key != axis}
    kept = [it for it in curves if fixed.items() <= it.cell.items()]
    return sorted(kept, key=lambda it: it.cell.get(axis, 0.0))


def target_of(curves: list[Series]) -> float:
    """Return the target that all these curves have."""
    (found,) = set.intersection(*(set(it.row["targets"]) for it in curves))
    return float(found)


def error_exponent(
    scale: str, folder: Path, rule: str, *, far: bool = False
) -> Interval:
    """B10: the exponent of eps between the two smallest targets."""
    curves = rate_curves(scale, folder, rule, far=far)
    (curve,) = at_centre(scale, folder, curves, "neither")
    errors = sorted(curve.row["targets"])[:2]
    return slope([(curve, error) for error in errors], errors)


def margin_exponent(
    scale: str, folder: Path, rule: str, *, far: bool = False
) -> Interval:
    """B10: the fitted exponent of gamma."""
    curves = rate_curves(scale, folder, rule, far=far)
    curves = at_centre(scale, folder, curves, "margin")
    target = target_of(curves)
    return slope([(it, target) for it in curves], [it.cell["margin"] for it in curves])


def accuracy_exponent(
    scale: str, folder: Path, rule: str, *, far: bool = False, noisiest: int = 2
) -> Interval:
    """B10: the fitted exponent of 1 - 2 eta over the noisiest rates, or 0 for all."""
    curves = at_centre(scale, folder, rate_curves(scale, folder, rule, far=far), "rate")
    target = target_of(curves)
    points = [(it, target) for it in curves[-noisiest:]]
    return slope(points, [1 - 2 * it.cell["rate"] for it, _ in points])


def exponent(which: str, rule: str) -> Measure:
    """Return what measures an exponent of a rule in the dimension 1/gamma^2."""
    of = {
        "eps": error_exponent,
        "gamma": margin_exponent,
        "1-2eta": accuracy_exponent,
    }[which]
    return lambda scale, folder: of(scale, folder, rule)


def backward_over_bound(scale: str, folder: Path) -> Interval:
    """B10: backward's average error over A10's bound at its step, without a ball."""
    curves = series("convergence", scale, folder, rule="backward")
    free = [it for it in curves if "predicted_backward_error" in it.row]
    return worst_ratio(free, "predicted_backward_error")


def forward_moment(scale: str, folder: Path) -> Interval:
    """B10: the largest second moment of forward's slope over B2's bound, squared."""
    rows = [it.row for it in series("convergence", scale, folder, rule="forward")]
    found = max(
        row["most_second_moment"] / row["predicted_most_second_moment"] for row in rows
    )
    return exact(found)


def backward_moment(scale: str, folder: Path) -> Interval:
    """B10: the least second moment of backward's slope over B4's variance."""
    rows = [it.row for it in series("convergence", scale, folder, rule="backward")]
    found = min(
        row["least_second_moment"] / row["predicted_least_second_moment"]
        for row in rows
    )
    return exact(found)
