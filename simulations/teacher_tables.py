"""Tables of the guide for section D: the fit, who is told it, and the noise rate."""

from pathlib import Path

import numpy as np

from halfspace import stats
from simulations import teacher_measures as measures
from simulations.analysis import CONFIDENCE, means
from simulations.engine.results import load
from simulations.markdown import table

SCALE = "paper"
NAMES = {
    "smooth": "smooth, squared error / law",
    "step": "with a step, squared error / bound",
    "flat": "flat, squared error / its mean",
    "classes": "share of wrong k-hat / law",
}


def errors(folder: Path) -> list[str]:
    """Return the errors of the fit over what is predicted, by the number of rows."""
    sizes = measures.errors(SCALE, folder, "smooth").sizes
    rows = []
    for shape, name in NAMES.items():
        found = measures.errors(SCALE, folder, shape)
        ratio = stats.mean(found.groups / found.predicted, confidence=CONFIDENCE)
        shown = {
            size: f"{centre:.3f} ± {(high - low) / 2:.3f}"
            for size, centre, low, high in zip(found.sizes, *ratio, strict=True)
        }
        rows.append((name, *(shown.get(size, "—") for size in sizes)))
    return table(("measured / predicted", *(f"n = {n:g}" for n in sizes)), rows)


def students(folder: Path) -> list[str]:
    """Return errors and gaps of students by what they are told, beside the bound."""
    found = measures.students(SCALE, folder)
    beta = 1 - 2 * load("plug_in", SCALE, folder)["spec"]["rate"]
    rows = []
    for told in ("one rate", *measures.sizes_told(found), "alpha"):
        row = found[told]
        errors = measures.average_errors(row)[:, -1]
        centre, low, high = stats.mean(errors, confidence=CONFIDENCE)
        gap = measures.gap(found, told)
        bound = np.asarray(row.get("predicted_excess_risk", [np.nan]))[-1]
        rows.append(
            (
                f"fitted on {told}" if isinstance(told, int) else str(told),
                f"{row['absolute']:.4f}" if "absolute" in row else "—",
                f"{centre:.4f} ± {(high - low) / 2:.4f}",
                f"{gap.estimate:.4f} ± {(gap.high - gap.low) / 2:.4f}",
                f"{bound / beta:.2f}" if np.isfinite(bound) else "—",
            )
        )
    head = ("told", "A", "average error", "gap to told alpha", "D4's bound / (1-2η)")
    return table(head, rows)


def rates(folder: Path) -> list[str]:
    """Return what held-out labels say of each noise rate."""
    rows = []
    for rate, found in measures.by_rate(SCALE, folder).items():
        cells = []
        for key in ("estimates", "uppers", "told", "errors"):
            centre, low, high = means(found, key)
            cells.append(f"{centre:.4f} ± {(high - low) / 2:.4f}")
        missed = sum(row["missed"] for row in found)
        rows.append((f"{rate:g}", *cells, f"{missed}"))
    names = ("estimate", "upper bound", "rate told to the chosen", "its clean error")
    return table(("η", *names, "bounds below η"), rows)
