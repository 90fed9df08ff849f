"""Tables of the guide that set learners beside each other."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from simulations.analysis import crossing, series
from simulations.ckmy import PUBLISHED, Spec
from simulations.engine.results import load
from simulations.markdown import table

SCALE = "paper"
_CELL = ("law", "rule", "margin")
Rows = list[tuple[str, ...]]


def _joined(values: Iterable[float]) -> str:
    return " / ".join(_short(value) for value in values)


def _short(error: float) -> str:
    """Return an error with three decimals, or 0 if it is exactly that."""
    return "0" if error == 0 else f"{error:.3f}"


def learners(folder: Path) -> list[str]:
    """Return mean errors: last / averaged / selected, or of the only output."""
    results = load("learners", SCALE, folder)
    tasks, names = results["spec"]["tasks"], results["spec"]["learners"]
    found = {(it["cell"]["learner"], it["cell"]["task"]): it for it in results["rows"]}
    rows: Rows = []
    for name in names:
        cells = []
        for task in tasks:
            row = found[name, task]["row"]
            size = row["group_trials"]
            order = [
                output
                for output in ("only", "last", "averaged", "selected")
                if output in row["errors"]
            ]
            cells.append(_joined(np.mean(row["errors"][o]) / size for o in order))
        rows.append((name, *cells))
    return table(("error: last / averaged / selected", *tasks), rows)


def knowing(folder: Path) -> list[str]:
    """Return what is left at the last T, and the excess risk over A6's bound."""
    results = load("knowing_alpha", SCALE, folder)
    rows: Rows = []
    for noise in results["spec"]["noises"]:
        for rate in results["spec"]["rates"]:
            for entry in results["rows"]:
                cell, row = entry["cell"], entry["row"]
                if (cell["noise"], cell["rate"]) != (noise, rate):
                    continue
                trials = row["group_trials"] * len(row["mistakes"])
                steps = np.asarray(row["steps"])
                average, excess = (
                    np.sum(row[key], axis=0) / trials / steps
                    for key in ("mistakes", "excess")
                )
                ratio = excess / np.asarray(row["predicted_excess_risk"])
                ends = [
                    np.sum(row[key], axis=0)[-1] / trials
                    for key in ("last_errors", "averaged_errors")
                ]
                rows.append(
                    (
                        f"{noise}, η ≤ {rate:g}",
                        cell["learner"],
                        *(_short(v) for v in (average[-1], *ends)),
                        f"{ratio.max():.3f}",
                    )
                )
    head = ("noise", "learner", "average error", "last", "averaged")
    return table((*head, "excess risk / A6, worst T"), rows)


def wrong(folder: Path) -> list[str]:
    """Return average / last / averaged error against the assumed rate."""
    results = load("wrong_alpha", SCALE, folder)
    told = results["spec"]["told"]
    cells = {
        (it["cell"]["task"], it["cell"]["rule"], it["cell"]["told"]): it["row"]
        for it in results["rows"]
    }
    rows: Rows = []
    for task in results["spec"]["tasks"]:
        for rule in results["spec"]["rules"]:
            texts = []
            for rate in told:
                row = cells[task, rule, rate]
                trials = row["group_trials"] * len(row["mistakes"])
                average = np.sum(row["mistakes"]) / trials / row["steps"][-1]
                texts.append(_joined((average, np.sum(row["last_errors"]) / trials)))
            rows.append((f"{task}, {rule}", *texts))
    return table(("average / last error", *(f"told {rate:g}" for rate in told)), rows)


def complexity(folder: Path) -> list[str]:
    """Return samples until each output's error is at the targets, and exponents."""
    results = load("sample_complexity", SCALE, folder)
    spec, rows = results["spec"], []
    small, smaller = sorted(spec["margins"])[1::-1]
    found = {tuple(it["cell"][key] for key in _CELL): it for it in results["rows"]}
    for law in spec["laws"]:
        for rule in spec["rules"]:
            for error in spec["errors"]:
                texts = []
                for output in ("mistakes", "last_errors", "averaged_errors"):
                    ends = [
                        _needed(found[law, rule, margin]["row"], output, error)
                        for margin in (small, smaller)
                    ]
                    texts.append(f"{ends[1]:.0f}" if np.isfinite(ends[1]) else "—")
                    power = "—"
                    if np.isfinite(ends).all():
                        ratio = np.log(ends[1] / ends[0]) / np.log(smaller / small)
                        power = f"{ratio:.2f}"
                    texts.append(power)
                rows.append((law, rule, f"{error:g}", *texts))
    heads = (
        text
        for output in ("average over steps", "last iterate", "mean iterate")
        for text in (f"{output}: T at γ = {smaller:g}", "exponent")
    )
    return table(("law", "rule", "ε", *heads), rows)


def _needed(row: dict[str, Any], output: str, error: float) -> float:
    """Return the samples after which the mean error of an output is at the target."""
    steps = np.asarray(row["steps"], dtype=float)
    trials = row["group_trials"] * len(row[output])
    errors = np.sum(row[output], axis=0) / trials
    if output == "mistakes":
        errors = errors / steps
    return float(crossing(errors, steps, error))


def published(folder: Path) -> list[str]:
    """Return our accuracies beside the published ones, and their distance."""
    results = load("ckmy", SCALE, folder)
    names = list(results["rows"][0]["row"]["right"])
    rows: Rows = []
    for entry in results["rows"]:
        row, rate = entry["row"], entry["cell"]["rate"]
        texts = []
        for name in names:
            share = np.asarray(row["right"][name]) / row["test"]
            error = share.std(ddof=1) / np.sqrt(len(share))
            text = f"{share.mean():.3f} ± {error:.3f}"
            if name in PUBLISHED:
                theirs = PUBLISHED[name][Spec.rates.index(rate)]
                distance = (share.mean() - theirs) / (np.sqrt(2) * error)
                text += f" ({theirs:.3f}, {distance:+.1f})"
            texts.append(text)
        rows.append((f"{rate:g}", *texts))
    return table(("η", *names), rows)


def fluid_rules(folder: Path) -> list[str]:
    """Return measured over fluid average error for every rule."""
    curves = series("fluid_rules", SCALE, folder)
    steps = curves[0].steps
    columns = [int(np.argmin(np.abs(steps - 10.0**k))) for k in range(1, 5)]
    rows: Rows = []
    for curve in curves:
        ratio, low, high = curve.ratio("fluid_average_error")
        place = "ball" if curve.cell["ball"] else "free"
        texts = (f"{ratio[i]:.3f} ± {(high - low)[i] / 2:.3f}" for i in columns)
        rows.append((curve.cell["rule"], place, *texts))
    heads = (f"T = {steps[i]:g}" for i in columns)
    return table(("measured / fluid", "w", *heads), rows)


def convex(folder: Path) -> list[str]:
    """Return where convex minimisers err: the largest failing margin at each rate."""
    results = load("convex_fails", SCALE, folder)
    spec = results["spec"]
    rows: Rows = []
    for loss in (*spec["convex"], *spec["mixed"]):
        (row,) = (it["row"] for it in results["rows"] if it["cell"]["loss"] == loss)
        failing, margins = np.asarray(row["errors"]) > 0, np.asarray(spec["margins"])
        largest = [margins[column].max(initial=0) for column in failing.T]
        rows.append((loss, *(f"{m:.3g}" if m else "none" for m in largest)))
    return table(("largest γ that fails", *(f"η = {r:g}" for r in spec["rates"])), rows)
