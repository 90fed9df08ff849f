"""Real data, split in four parts, and noise on its labels of a known law.

A law is an array (n, k), the probability of each label at each row. One draw from it
makes the noisy labels: no flipped label is flipped again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_breast_cancer, load_digits, load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

from halfspace._check import Array, Ints

LOADERS: Mapping[str, Any] = MappingProxyType(
    {"digits": load_digits, "breast cancer": load_breast_cancer, "wine": load_wine}
)
#: Rows for the teacher, to learn from, and clean ones; all others are for the test.
SIZES: Mapping[str, tuple[int, int, int]] = MappingProxyType(
    {"digits": (100, 400, 100), "breast cancer": (20, 250, 40), "wine": (15, 60, 30)}
)
#: Weak models that learn from the teacher's few rows.
TEACHERS: Mapping[str, Any] = MappingProxyType(
    {
        "tree": DecisionTreeClassifier(max_depth=4, random_state=0),
        "naive Bayes": GaussianNB(),
        "neighbours": KNeighborsClassifier(3),
    }
)


class Rows(NamedTuple):
    """Points (n, d), standardised by those to learn from, and true classes (n,)."""

    x: Array
    y: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Split:
    """Disjoint rows of one data set of k classes."""

    k: int
    teacher: Rows
    train: Rows
    clean: Rows
    test: Rows


def split(data: str, rng: np.random.Generator) -> Split:
    """Split a data set at random, with the shares of classes the same in all parts."""
    x, y = LOADERS[data](return_X_y=True)
    left, parts = np.arange(len(y)), []
    for size, seed in zip(SIZES[data], rng.integers(2**31, size=3), strict=True):
        part, left = train_test_split(
            left, train_size=size, stratify=y[left], random_state=int(seed)
        )
        parts.append(part)
    scale = StandardScaler().fit(x[parts[1]])
    rows = (Rows(scale.transform(x[part]), y[part]) for part in (*parts, left))
    return Split(int(y.max()) + 1, *rows)


def uniform(y: Ints, k: int, rate: float) -> Array:
    """Flip with this probability, to each other class alike.

    >>> uniform(np.array([1]), 3, 0.5).tolist()
    [[0.25, 0.5, 0.25]]
    """
    law = np.full((len(y), k), rate / (k - 1))
    law[np.arange(len(y)), y] = 1 - rate
    return law


def by_class(y: Ints, k: int, rate: float) -> Array:
    """Flip even classes with this probability and odd ones with a third, to the next.

    >>> by_class(np.array([0, 1]), 2, 0.75).tolist()
    [[0.25, 0.75], [0.25, 0.75]]
    """
    flips = np.where(y % 2, rate / 3, rate)
    law, row = np.zeros((len(y), k)), np.arange(len(y))
    law[row, y], law[row, (y + 1) % k] = 1 - flips, flips
    return law


def by_margin(y: Ints, scores: Array, rate: float) -> Array:
    """Flip with probability rate (1 - q), to the likeliest class but the true one.

    q is the share of rows whose first score leads by less, counting half of the row
    itself: so the mean is rate/2, and the largest is almost the rate.

    >>> by_margin(np.array([0, 0]), np.array([[0.0, 9.0], [1.0, 0.0]]), 0.5).tolist()
    [[0.875, 0.125], [0.625, 0.375]]
    """
    row, two = np.arange(len(y)), np.partition(scores, -2, axis=1)[:, -2:]
    rank = np.argsort(np.argsort(two[:, 1] - two[:, 0], kind="stable"))
    flips = rate * (1 - (rank + 0.5) / len(y))
    others = np.array(scores, dtype=float)
    others[row, y] = -np.inf
    law = np.zeros(scores.shape)
    law[row, y], law[row, others.argmax(axis=1)] = 1 - flips, flips
    return law


def law_of(noise: str, rate: float, rows: Rows, k: int) -> Array:
    """Return the law of the labels, (n, k), of one of the three kinds of noise."""
    if noise == "uniform":
        return uniform(rows.y, k, rate)
    if noise == "by class":
        return by_class(rows.y, k, rate)
    z = LogisticRegression(max_iter=1000).fit(*rows).decision_function(rows.x)
    return by_margin(rows.y, z if z.ndim == 2 else np.stack([-z, z], axis=1), rate)


def draw(law: Array, rng: np.random.Generator) -> Ints:
    """Draw one label from each row of a law.

    >>> draw(np.eye(3), np.random.default_rng(0)).tolist()
    [0, 1, 2]
    """
    below = np.cumsum(law, axis=1)[:, :-1]
    return np.asarray((rng.random((len(law), 1)) >= below).sum(axis=1))
