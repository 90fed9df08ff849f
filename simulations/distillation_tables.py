"""Tables of the guide about students of noisy teachers."""

from pathlib import Path

from halfspace import stats
from simulations.analysis import CONFIDENCE
from simulations.distillation_claims import LAWS, accuracy
from simulations.engine.results import load
from simulations.markdown import table
from simulations.real_tables import compared

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
#: Where the law is known; the last is told what no student can know, and is no rival.
ORACLE = "oracle_drop"
UNDER_A_LAW = {
    "labelled_only": "clean alone",
    "soft": "soft",
    "hard": "hard",
    "taylor": "Taylor",
    "confident": "confident",
    "weighted": "weighted",
    "slam": "SLaM, soft",
    "slam_hard": "SLaM, hard",
    "slam_normalised_hard": "normalised, hard",
    "estimated": "SLaM, hard, estimated",
    ORACLE: "wrong dropped",
}


def students(folder: Path) -> list[str]:
    """Return the accuracy of all students of all teachers of digits, in percent."""
    return _by_teacher("distillation", folder, COLUMNS)


def of_random_truth(folder: Path) -> list[str]:
    """Return the accuracy of all students where a random network is the truth."""
    columns = COLUMNS | {"oracle_labels": "all true"}
    return _by_teacher("random_truth", folder, columns)


def _by_teacher(source: str, folder: Path, columns: dict[str, str]) -> list[str]:
    rows = []
    for entry in load(source, SCALE, folder)["rows"]:
        cell, row = entry["cell"], entry["row"]
        found = [
            stats.mean(100 * accuracy(row, name), confidence=CONFIDENCE)
            for name in columns
        ]
        texts = [f"{mean:.1f} ± {high - mean:.1f}" for mean, _, high in found]
        times = cell.get("times", 1)
        longer = "" if times == 1 else f", {times} x updates"
        rows.append((f"{TEACHERS[cell['teacher']]}, {cell['labels']}{longer}", *texts))
    return table(("teacher, its labels", *columns.values()), rows)


def under_a_law(folder: Path) -> list[str]:
    """Return the accuracy of students where the law of errors is known, in percent.

    The best is in bold, and in italics what is not told apart from it.
    """
    rows = []
    for entry in load("teacher_noise", SCALE, folder)["rows"]:
        cell, row = entry["cell"], entry["row"]
        found = {name: 100 * accuracy(row, name) for name in UNDER_A_LAW}
        rivals = [name for name in found if name != ORACLE]
        means = {name: float(found[name].mean()) for name in rivals}
        best = max(means, key=means.__getitem__)
        texts = []
        for name, values in found.items():
            mean, _, high = stats.mean(values, confidence=CONFIDENCE)
            close = compared(found[best] - values, len(rivals) - 1) <= 0
            mark = "**" if name == best else "*" if close and name in rivals else ""
            texts.append(f"{mark}{mean:.1f} ± {high - mean:.1f}{mark}")
        rows.append((f"{LAWS[cell['teacher']]}, {cell['accuracy']:g}", *texts))
    return table(("errors, mean accuracy", *UNDER_A_LAW.values()), rows)
