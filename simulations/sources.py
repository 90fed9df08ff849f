"""Data with ten classes and known labels, split anew in each trial."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import special
from sklearn.datasets import load_digits

from halfspace._random import stream

CLASSES = 10
#: Rows that are kept to judge students: a quarter of the digits.
DIGIT_TESTS, NETWORK_TESTS = 450, 2000
#: Of the random network that labels Gaussian points: inputs and hidden units.
INPUTS, UNITS = 50, 5


class Draw(Protocol):
    """What of a spec the split depends on."""

    @property
    def held(self) -> int:
        """Labels that judge the teacher."""
        ...

    @property
    def points(self) -> int:
        """Points with labels from a random network, before the test rows."""
        ...

    @property
    def trials(self) -> int:
        """How many splits."""
        ...

    @property
    def seed(self) -> int:
        """Of the streams."""
        ...


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


def draw(spec: Draw, source: str, labels: int) -> Split:
    """Return splits; the test rows and the order are the same for every budget."""
    make = {"digits": _digits, "network": _network}[source]
    found = []
    for trial in range(spec.trials):
        x, y, tests = make(spec, stream(spec.seed, "distillation", source, trial))
        ends = np.cumsum([labels, spec.held, len(y) - labels - spec.held - tests])
        parts = zip(np.split(x, ends), np.split(y, ends), strict=True)
        found.append([part for pair in parts for part in pair])
    return Split(*(np.stack(parts) for parts in zip(*found, strict=True)))


def softmax(z: Any) -> Any:
    """Return probabilities (..., k), as float64 that sum to 1."""
    return special.softmax(np.asarray(z, dtype=np.float64), axis=-1)


def _digits(spec: Draw, rng: np.random.Generator) -> tuple[Any, Any, int]:
    """Return the digits of scikit-learn in a random order."""
    x, y = load_digits(return_X_y=True)
    order = rng.permutation(len(y))
    return (x[order] / 16).astype(np.float32), y[order].astype(np.int64), DIGIT_TESTS


def _network(spec: Draw, rng: np.random.Generator) -> tuple[Any, Any, int]:
    """Return Gaussian points, and the classes that a random network gives them."""
    points, first, last = rng.spawn(3)
    size = spec.points + NETWORK_TESTS
    x = points.standard_normal((size, INPUTS), dtype=np.float32)
    hidden = np.maximum(x @ first.standard_normal((INPUTS, UNITS)), 0)
    z = (hidden - hidden.mean(axis=0)) @ last.standard_normal((UNITS, CLASSES))
    return x, z.argmax(axis=-1), NETWORK_TESTS
