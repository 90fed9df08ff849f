"""The fit of a teacher's accuracy over the sorting that it cannot do without."""

from collections.abc import Iterator

import numpy as np

from benchmarks.timing import Row, ratio
from halfspace.distill.teacher import fit_accuracy

ROWS = 1_000_000


def over_sorting() -> Iterator[Row]:
    """Fit a million rows, against sorting the same rows by their score."""
    rng = np.random.default_rng(0)
    scores = rng.random(ROWS)
    right = rng.random(ROWS) < 0.5 + scores / 2

    def fit() -> None:
        fit_accuracy(scores, right, lower=0.5)

    def sort() -> None:
        order = np.argsort(scores)
        scores[order], right[order]

    what = f"accuracy of a teacher, n = {ROWS}"
    yield Row(what, "sorting the rows by score", ratio(fit, sort), 3)
