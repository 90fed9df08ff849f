"""Teachers of digits whose law is known: how often they err, where, and with what.

A teacher is what it may say of each row, and how likely it says the truth; what it says
agrees with that. Hard rows are those nearly as close to the centre of another class.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits

from simulations.digits import CLASSES

#: Classes between which the last kind of teacher wavers.
LIKELY = 3


class Law(NamedTuple):
    """What a teacher says: the truth, or one of the other candidates, all as likely.

    Shapes are (..., n) and (..., n, k); the truth is among the candidates.
    """

    accuracy: Any
    candidates: Any


def distances(x: Any) -> Any:
    """Return squared distances (..., n, k) from rows to the centres of the classes."""
    rows, y = load_digits(return_X_y=True)
    centres = [rows[y == c].mean(axis=0) / 16 for c in range(CLASSES)]
    return np.stack([np.square(x - c).sum(axis=-1) for c in centres], axis=-1)


def uniform(x: Any, y: Any, accuracy: float) -> Law:
    """Err everywhere alike, with any other class."""
    return Law(np.full(y.shape, accuracy), np.ones((*y.shape, CLASSES), bool))


def by_margin(x: Any, y: Any, accuracy: float) -> Law:
    """Err in proportion to the share of rows that are easier, with any other class.

    Twice as often as on average on the hardest row, hardly ever on the easiest; the
    accuracy must be over 0.55, for the hardest row to be named right more than others.
    """
    far = distances(x)
    own = np.eye(CLASSES, dtype=bool)[y]
    easy = np.where(own, np.inf, far).min(axis=-1) - far[own].reshape(y.shape)
    rank = easy.argsort(axis=-1, kind="stable").argsort(axis=-1)
    harder = (rank + 0.5) / y.shape[-1]
    return Law(1 - 2 * (1 - accuracy) * (1 - harder), uniform(x, y, accuracy)[1])


def likely(x: Any, y: Any, accuracy: float) -> Law:
    """Err everywhere alike, with one of the other classes whose centres are nearest."""
    far = np.where(np.eye(CLASSES, dtype=bool)[y], -1.0, distances(x))
    rank = far.argsort(axis=-1, kind="stable").argsort(axis=-1)
    return Law(np.full(y.shape, accuracy), rank < LIKELY)


def say(law: Law, y: Any, *, rng: np.random.Generator) -> Any:
    """Return a teacher's probabilities (..., n, k): of its label, how often it is true.

    Other candidates share the rest. Equal generators err on the same rows as far as the
    laws allow.
    """
    errors, labels = rng.spawn(2)
    wrong = errors.random(y.shape) > law.accuracy
    others = law.candidates & ~np.eye(CLASSES, dtype=bool)[y]
    other = np.where(others, labels.random(others.shape), -1.0).argmax(axis=-1)
    said = np.eye(CLASSES, dtype=bool)[np.where(wrong, other, y)]
    rest = (1 - law.accuracy) / (np.count_nonzero(law.candidates, axis=-1) - 1)
    shared = np.where(law.candidates, rest[..., None], 0.0)
    return np.where(said, law.accuracy[..., None], shared)


#: From rows (..., n, d), their classes and the mean accuracy to a law.
LAWS: Mapping[str, Callable[[Any, Any, float], Law]] = MappingProxyType(
    {"uniform": uniform, "margin": by_margin, "likely": likely}
)
