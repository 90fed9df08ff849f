"""The table of the guide about students of noisy teachers."""

from pathlib import Path

from halfspace import stats
from simulations.distillation_claims import CONFIDENCE, accuracy
from simulations.engine.results import load
from simulations.markdown import table

SCALE = "paper"
TEACHERS = {
    "student": "network",
    "svm": "support vectors",
    "spreading": "label spreading",
}
COLUMNS = {
    "teacher": "teacher",
    "labelled_only": "clean alone",
    "soft": "soft",
    "hard": "hard",
    "taylor": "Taylor",
    "confident": "confident",
    "weighted": "weighted",
    "slam": "SLaM, soft",
    "slam_hard": "SLaM, hard",
    "oracle_drop": "wrong dropped",
    "spreading": "spreading",
}


def students(folder: Path) -> list[str]:
    """Return the accuracy of all students of all teachers, in percent."""
    rows = []
    for entry in load("distillation", SCALE, folder)["rows"]:
        cell, row = entry["cell"], entry["row"]
        found = [
            stats.mean(100 * accuracy(row, name), confidence=CONFIDENCE)
            for name in COLUMNS
        ]
        texts = [f"{mean:.1f} ± {high - mean:.1f}" for mean, _, high in found]
        rows.append((f"{TEACHERS[cell['teacher']]}, {cell['labels']}", *texts))
    return table(("teacher, its labels", *COLUMNS.values()), rows)
