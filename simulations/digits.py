"""The digits of scikit-learn, split anew in each trial."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from halfspace._random import stream

CLASSES = 10
#: Rows that are kept to judge students: a quarter.
TESTS = 450


class Split(NamedTuple):
    """Rows for teacher, judge of the teacher, students, and judge of the students.

    Shapes are (trials, n, d) and (trials, n).
    """

    x: Any
    y: Any
    held_x: Any
    held_y: Any
    rest_x: Any
    rest_y: Any
    test_x: Any
    test_y: Any


def draw(labels: int, held: int, *, trials: int, seed: int) -> Split:
    """Return splits: of more labels the first are the same, and so are the tests."""
    x, y = load_digits(return_X_y=True)
    x, y = (x / 16).astype(np.float32), y.astype(np.int64)
    orders = [stream(seed, "digits", i).permutation(len(y)) for i in range(trials)]
    ends = (labels, labels + held, len(y) - TESTS)
    parts = np.split(np.stack(orders), ends, axis=1)
    return Split(*(values[part] for part in parts for values in (x, y)))
