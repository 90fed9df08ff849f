"""The numbers in the documents: made from results, put between markers, never typed.

A block is what stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``.
"""

import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from halfspace import theory
from simulations import (
    NAMES,
    active_loop_tables,
    convergence_tables,
    distillation_tables,
    guide_tables,
    landscape_tables,
    real_tables,
    rival_tables,
    teacher_tables,
    verdict_tables,
    weighting_tables,
)
from simulations.analysis import pooled, samples_needed, series, trials
from simulations.engine.results import FOLDER, load
from simulations.markdown import table

SCALE = "paper"
ROOT = FOLDER.parent.parent
DOCUMENTS = (ROOT / "paper_repro.md", ROOT / "README.md")
_BLOCK = re.compile(r"(<!-- begin ([\w-]+) -->\n).*?(<!-- end \2 -->)", re.DOTALL)


def write(folder: Path, documents: Iterable[Path] = DOCUMENTS) -> list[Path]:
    """Refresh every block of the documents from the paper-scale results.

    Returns
    -------
    list of Path
        The documents whose text changed.

    Raises
    ------
    FileNotFoundError
        If results or a document are missing.
    ValueError
        If a document has a block that is not one of `BLOCKS`.
    """
    changed = []
    for path in documents:
        old = path.read_text(encoding="utf-8")
        new = render(old, folder)
        if new != old:
            path.write_text(new, encoding="utf-8")
            changed.append(path)
    return changed


def render(text: str, folder: Path) -> str:
    """Return `text` with every block made anew."""

    def made(match: re.Match[str]) -> str:
        name = match[2]
        claim = re.fullmatch(r"[A-I]\d+", name)
        if not claim and name not in BLOCKS:
            msg = f"`block` must be a claim or one of {sorted(BLOCKS)}, got {name!r}"
            raise ValueError(msg)
        lines = (
            verdict_tables.verdict_table(folder, name)
            if claim
            else BLOCKS[name](folder)
        )
        return match[1] + "\n" + "\n".join(lines) + "\n\n" + match[3]

    return _BLOCK.sub(made, text)


def _exponents(folder: Path) -> list[str]:
    spec = load("rate_in_error", SCALE, folder)["spec"]
    errors = sorted(spec["errors"], reverse=True)
    rows = []
    for rate in sorted(spec["rates"]):
        (curve,) = series("rate_in_error", SCALE, folder, rate=rate)
        needed = [samples_needed(curve, error) for error in errors]
        bounds = theory.sample_size(errors, spec["margin"], rate)
        ratios = [n.estimate / bound for n, bound in zip(needed, bounds, strict=True)]
        rows.append((f"η = {rate:g}", *(f"{ratio:.3f}" for ratio in ratios)))
    return table(("measured / N(ε)", *(f"ε = {e:g}" for e in errors)), rows)


def _tightness(folder: Path) -> list[str]:
    curves = series("tightness", SCALE, folder)
    steps = curves[0].steps
    columns = [int(np.argmin(np.abs(steps - 10.0**k))) for k in range(3, 7)]
    rows = []
    for curve in curves:
        ratio, low, high = curve.ratio()
        row = curve.row
        far = row["fluid_average_error"][-1] / row["fluid_bound"][-1]
        rows.append(
            (
                f"η = {curve.cell['rate']:g}, d = {curve.cell['dim']}",
                *(f"{ratio[i]:.3f} ± {(high - low)[i] / 2:.3f}" for i in columns),
                f"{far:.3f}",
            )
        )
    heads = (f"T = {steps[i]:.0e}" for i in columns)
    return table(("measured / A1", *heads, "fluid, T = 1e14"), rows)


def _dimensions(folder: Path) -> list[str]:
    rows = []
    for curve in series("dimension", SCALE, folder):
        ends = [[part[-1] for part in curve.ratio()]]
        for other in ("fluid_average_error", "limit_average_error"):
            ends.append([part[-1] for part in curve.ratio(other)])
        cells = (f"{mid:.3f} ± {(high - low) / 2:.3f}" for mid, low, high in ends)
        rows.append((f"{curve.cell['dim']:g}", *cells))
    return table(
        ("d", "measured / A1", "measured / fluid", "measured / limit of d"), rows
    )


def _fluid(folder: Path) -> list[str]:
    curves = series("fluid", SCALE, folder)
    steps = curves[0].steps
    columns = [int(np.argmin(np.abs(steps - 10.0**k))) for k in range(6)]
    rows = []
    for curve in curves:
        ratio, low, high = curve.ratio("fluid_average_error")
        cell = curve.cell
        name = "sign" if cell["rule"] == "slam" else "sigmoid"
        rows.append(
            (
                f"{name}, γ = {cell['margin']:g}, η = {cell['rate']:g}, "
                f"d = {cell['dim']:g}",
                *(f"{ratio[i]:.3f} ± {(high - low)[i] / 2:.3f}" for i in columns),
            )
        )
    return table(("measured / fluid", *(f"T = {steps[i]:g}" for i in columns)), rows)


def _hitting(folder: Path) -> list[str]:
    results = load("hitting_time", SCALE, folder)
    rows = []
    for entry in results["rows"]:
        row = entry["row"]
        for error, hits in zip(results["spec"]["errors"], row["hits"], strict=True):
            met = np.array(hits) / row["trials"]
            ends = [
                f"{row['fractions'][int(np.argmax(met >= q))]:.3f}"
                if met[-1] >= q
                else "> 1"
                for q in (0.5, 0.9, 0.99)
            ]
            rows.append((f"η = {entry['cell']['rate']:g}, ε = {error:g}", *ends))
    return table(("quantile over N(ε)", "50%", "90%", "99%"), rows)


def _links(folder: Path) -> list[str]:
    rows = []
    entries = load("link", SCALE, folder)["rows"]
    for cell, found in pooled(entries, ("rate", "rule")):
        count = trials(found)
        last, averaged, selected = (
            sum(np.sum(row[key], axis=0) for row in found) / count
            for key in ("last_errors", "averaged_errors", "selected_errors")
        )
        means = (last[-1], last.min(), averaged[-1], selected[0])
        name = "sign" if cell["rule"] == "slam" else "sigmoid"
        rows.append((f"{name}, η = {cell['rate']:g}", *(f"{m:.2g}" for m in means)))
    head = ("mean error", "last", "last, at its best T", "averaged", "selected")
    return table(head, rows)


def _made_with(folder: Path) -> list[str]:
    found = [load(name, SCALE, folder) for name in NAMES]
    used = {tuple(sorted(it["environment"].items())) for it in found}
    return [
        "Made with "
        + ", ".join(f"{name} {version}" for name, version in versions)
        + "."
        for versions in sorted(used)
    ]


BLOCKS: dict[str, Callable[[Path], list[str]]] = {
    "verdicts": verdict_tables.verdict_table,
    "summary": verdict_tables.summary,
    "exponents": _exponents,
    "tightness": _tightness,
    "dimensions": _dimensions,
    "fluid": _fluid,
    "hitting": _hitting,
    "links": _links,
    "made-with": _made_with,
    "learners": rival_tables.learners,
    "knowing-alpha": rival_tables.knowing,
    "wrong-alpha": rival_tables.wrong,
    "complexity": rival_tables.complexity,
    "ckmy": rival_tables.published,
    "fluid-rules": rival_tables.fluid_rules,
    "convex": rival_tables.convex,
    "stall": landscape_tables.stuck,
    "convergence": convergence_tables.errors,
    "convergence-moments": convergence_tables.moments,
    "convergence-exponents": convergence_tables.exponents,
    "calibration": teacher_tables.errors,
    "plug-in": teacher_tables.students,
    "noise-rate": teacher_tables.rates,
    "guide-start": guide_tables.starts,
    "active-accuracies": active_loop_tables.accuracies,
    "active-asked": active_loop_tables.asked,
    "weighted-descent": weighting_tables.descents,
    "real-noise": real_tables.rates,
    "real-errors": real_tables.comparison,
    "real-wins": real_tables.wins,
    "students": distillation_tables.students,
    "students-random": distillation_tables.of_random_truth,
    "under-a-law": distillation_tables.under_a_law,
}
