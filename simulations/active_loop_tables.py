"""The tables of the guide about active distillation on data."""

from pathlib import Path
from typing import Any

import numpy as np

from halfspace import stats
from simulations.active_loop_claims import accuracy, worth
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load
from simulations.markdown import table

SCALE = "paper"
STRATEGIES = {
    "uniform": "uniform",
    "margin": "margin",
    "entropy": "entropy",
    "k_center": "k-center",
    "robust": "robust",
}
KINDS = {"random": "wrong at random", "near": "wrong where close", "svm": "real"}


def teacher(cell: dict[str, Any], row: dict[str, Any]) -> str:
    """Return what the teacher is, and how many of its labels are right."""
    share = 100 * np.mean(row["pool_right"]) / row["pool"]
    return f"{KINDS[cell['teacher']]}, {share:.0f}%"


def accuracies(folder: Path) -> list[str]:
    """Return the accuracy of the last student of each strategy, in percent."""
    rows = []
    for entry in load("active_loop", SCALE, folder)["rows"]:
        row = entry["row"]
        every = np.array(row["everything"]) / row["tests"]
        found = [
            stats.mean(100 * values, confidence=CONFIDENCE)
            for values in (*(accuracy(row, name) for name in STRATEGIES), every)
        ]
        texts = [f"{mean:.1f} ± {high - mean:.1f}" for mean, _, high in found]
        rows.append((teacher(entry["cell"], row), *texts))
    return table(("teacher, right labels", *STRATEGIES.values(), "all labels"), rows)


def asked(folder: Path) -> list[str]:
    """Return how many of the labels were right, in percent, and the mean gain."""
    rows = []
    for entry in load("active_loop", SCALE, folder)["rows"]:
        row = entry["row"]
        texts = []
        for name in STRATEGIES:
            right = np.mean(np.sum(row["asked_right"][name], axis=0)) / row["asked"]
            texts.append(f"{100 * right:.0f}%, {worth(row, name).mean():.3f}")
        rows.append((teacher(entry["cell"], row), *texts))
    return table(("teacher, right labels", *STRATEGIES.values()), rows)
