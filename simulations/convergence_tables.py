"""Tables of the guide for claim B10: every cell at its last T, and the exponents."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from halfspace.stats import Interval
from simulations import convergence_measures as measures
from simulations.analysis import means
from simulations.convergence import PROJECTED
from simulations.engine.results import load
from simulations.markdown import table

SCALE = "paper"
NAMES = {"logistic": "plain", "slam": "sign link", "slam_sigmoid": "sigmoid link"}
Row = dict[str, Any]


def _short(value: float) -> str:
    return "0" if value == 0 else f"{value:.3g}"


def _every_cell(folder: Path, what: str, shown: Callable[[Row], str]) -> list[str]:
    """Return a table with a column for every step of the grid."""
    results = load("convergence", SCALE, folder)
    sizes = results["spec"]["sizes"]
    cells: dict[str, dict[str | float, str]] = {}
    for entry in results["rows"]:
        cell = entry["cell"]
        name = NAMES.get(cell["rule"], cell["rule"])
        head = f"d = {cell['dim']:g}, η = {cell['rate']:g}, {name}"
        cells.setdefault(head, {})[cell["size"]] = shown(entry["row"])
    rows = [
        (head, *(by_size[size] for size in sizes)) for head, by_size in cells.items()
    ]
    heads = (
        "projected, R/(G sqrt T)" if size == PROJECTED else f"step {size:g}"
        for size in sizes
    )
    return table((what, *heads), rows)


def errors(folder: Path) -> list[str]:
    """Return average errors with intervals, and errors of the last iterate."""

    def shown(row: Row) -> str:
        mistakes = means([row], "mistakes")
        centre, low, high = (part[-1] / row["steps"][-1] for part in mistakes)
        last = means([row], "last_errors")[0][-1]
        return f"{_short(centre)} ± {(high - low) / 2:.1g} / {_short(last)}"

    return _every_cell(folder, "average error / last", shown)


def moments(folder: Path) -> list[str]:
    """Return distances to w*, and second moments of the slope."""

    def shown(row: Row) -> str:
        found = (means([row], key)[0][-1] for key in ("distances", "second_moments"))
        return " / ".join(_short(value) for value in found)

    return _every_cell(folder, "distance to w* / second moment", shown)


def exponents(folder: Path) -> list[str]:
    """Return all exponents with their intervals, in both dimensions."""

    def shown(found: Interval) -> str:
        return f"{found.estimate:.2f} ({found.low:.2f} to {found.high:.2f})"

    spec = load("convergence_rate", SCALE, folder)["spec"]
    rows = []
    for far in (False, True):
        for rule in spec["rules"]:
            where = f"d = {spec['far']:g}" if far else "d = 1/γ²"
            found = (
                measures.error_exponent(SCALE, folder, rule, far=far),
                measures.margin_exponent(SCALE, folder, rule, far=far),
                measures.accuracy_exponent(SCALE, folder, rule, far=far),
                measures.accuracy_exponent(SCALE, folder, rule, far=far, noisiest=0),
            )
            name = NAMES.get(rule, rule)
            rows.append((f"{name}, {where}", *(shown(it) for it in found)))
    head = ("exponent (99% interval)", "ε", "γ", "1-2η, two noisiest", "1-2η, all η")
    return table(head, rows)
