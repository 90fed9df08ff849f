"""Tables of the guide about students that start from their teachers."""

from pathlib import Path

import numpy as np

from simulations.engine.results import load
from simulations.guide_claims import closed
from simulations.markdown import table

SCALE = "paper"
STARTS = {"random": "random", "thinned": "teacher's units", "guide": "GUIDE"}
KINDS = {"start": "untrained", "labelled": "labels alone", "distilled": "distilled"}


def starts(folder: Path) -> list[str]:
    """Return mean accuracies by width, start and training, and the share closed."""
    rows = []
    for entry in load("guide_start", SCALE, folder)["rows"]:
        row, width = entry["row"], entry["cell"]["width"]
        for kind, what in KINDS.items():
            means = (np.mean(row[it][kind]) / row["rows"] for it in STARTS)
            share = closed(row, kind)
            rows.append(
                (
                    f"{width} units, {what}",
                    *(f"{mean:.3f}" for mean in means),
                    f"{np.mean(row['teacher']) / row['rows']:.3f}",
                    f"{share.estimate:.2f} ({share.low:.2f} to {share.high:.2f})",
                )
            )
    head = ("accuracy", *STARTS.values(), "teacher", "share closed by GUIDE (99%)")
    return table(head, rows)
