"""Weights of a teacher's labels, estimated from its validation rows and a student."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import clone

from halfspace._check import Array
from halfspace.distill.weighting import neighbour_weights
from halfspace.estimators._unlabelled import stacked

#: The weights are estimated so often, each time with the student of those before.
ROUNDS = 2

#: From so many of the nearest validation rows, or all if they are fewer.
NEIGHBOURS = 10


def refitted_weights(
    student: Any,
    taught: tuple[Any, NDArray[Any]],
    seen: tuple[Any, NDArray[Any]],
    kept: tuple[Any, NDArray[Any], NDArray[Any]],
) -> Array:
    """Return the weight of each taught row, by a student that did not see `kept`.

    Claim E1. Of rows with labels, `taught` have the teacher's, `seen` true ones, and
    `kept` both: true ones, then the teacher's. Losses are cross-entropies.
    """
    x, y, said = kept
    if sparse.issparse(x):
        msg = "`X` must be dense for the method weighted, got a sparse matrix"
        raise ValueError(msg)
    rows, labels = (stacked(taught[0], seen[0]), np.append(taught[1], seen[1]))
    weight = np.ones(len(taught[1]))
    for _ in range(ROUNDS):
        all_weights = np.append(weight, np.ones(len(seen[1])))
        fitted = clone(student).fit(rows, labels, sample_weight=all_weights)
        p = np.asarray(fitted.predict_proba(x), float)
        weight = neighbour_weights(
            taught[0],
            x,
            _loss(p, fitted.classes_, y),
            _loss(p, fitted.classes_, said),
            neighbours=min(NEIGHBOURS, len(y)),
        )
    return weight


def _loss(p: Array, classes: NDArray[Any], labels: NDArray[Any]) -> Array:
    """Return -log of the probability of each label, positive and finite.

    >>> _loss(np.array([[0.25, 0.75]]), np.array(["a", "b"]), np.array(["a"])).round(3)
    array([1.386])
    """
    own = p[np.arange(len(labels)), np.searchsorted(classes, labels)]
    tiny = np.finfo(float).eps
    return np.asarray(-np.log(np.clip(own, tiny, 1 - tiny)))
