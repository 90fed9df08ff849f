"""Tables of the guide about weighted distillation."""

from pathlib import Path

import numpy as np

from simulations.engine.results import load
from simulations.markdown import table

SCALE = "paper"


def descents(folder: Path) -> list[str]:
    """Return the rates at which each descent ends wrong on half of the law."""
    found = {
        entry["cell"]["slope"]: entry["row"]
        for entry in load("weighted_descent", SCALE, folder)["rows"]
    }
    rows = []
    for name, row in found.items():
        failed = [
            [
                f"{rate:g}"
                for rate, error in zip(row["rates"], line, strict=True)
                if error
            ]
            for line in row["errors"]
        ]
        rows.append((name, *(", ".join(rates) or "none" for rates in failed)))
    margins = np.array(found["plain"]["margins"])
    return table(("fails at η =", *(f"γ = {it:.3g}" for it in margins)), rows)
