"""Tables of verdicts: all of them, those of a claim, and a summary."""

from pathlib import Path

from simulations.ledger import Verdict, verdicts
from simulations.markdown import table

#: The sections of the guide that have claims, and what they are about.
SECTIONS = {
    "A": "SLaM on margin halfspaces",
    "B": "Loss adjustment",
    "C": "Consistency of mixing",
    "D": "Estimating the teacher",
    "E": "Weighted distillation",
    "F": "Robust active distillation",
    "G": "GUIDE: starting from the teacher",
    "H": "Distillation on data",
    "I": "The field's learners",
}
VERDICTS = ("holds", "open", "fails")


def _number(value: float) -> str:
    return f"{value:.4g}"


def _interval(low: float, high: float) -> str:
    return f"{_number(low)} to {_number(high)}" if low != high else "exact"


def summary(folder: Path) -> list[str]:
    """Return how many measures hold, by section, and those that do not."""
    found = verdicts("paper", folder)
    rows = []
    for letter, section in SECTIONS.items():
        own = [v for v in found if v.id[0] == letter]
        counts = [sum(v.verdict == each for v in own) for each in VERDICTS]
        ids = len({v.id for v in own})
        rows.append((f"{letter}. {section}", f"{ids}", *map(str, counts)))
    others = [v for v in found if v.verdict != "holds"]
    return [
        *table(("Section", "Claims", *(f"Measures: {it}" for it in VERDICTS)), rows),
        "",
        "What fails or is open:",
        "",
        *_rows(others),
    ]


def verdict_table(folder: Path, only: str | None = None) -> list[str]:
    """Return the verdicts of all claims, or of one."""
    return _rows(verdicts("paper", folder, only))


def _rows(found: list[Verdict]) -> list[str]:
    signs = {"upper": "≤ ", "lower": "≥ ", "rate": "", "equal": ""}
    rows = [
        (
            v.id,
            v.claim,
            signs[v.kind] + _number(v.predicted),
            _number(v.measured),
            _interval(v.low, v.high),
            f"**{v.verdict}**",
        )
        for v in found
    ]
    head = (
        "Id",
        "What is measured",
        "Predicted",
        "Measured",
        "99% interval",
        "Verdict",
    )
    return table(head, rows)
