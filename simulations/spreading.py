"""Label spreading over a graph that is made once for several sets of labels."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors
from sklearn.semi_supervised import LabelSpreading

from simulations.digits import CLASSES
from simulations.teachers import LEAST, NEIGHBOURS

#: How much of a label may change: nearly all, as in [1]_. The 0.2 that scikit-learn
#: proposes reaches all digits, but not all of many points from few labels.
SOFTNESS = 0.99
#: When it ends: the sum of all changes, and steps that are not reached.
CHANGE, STEPS = 0.01, 3000


def graph(x: Any) -> Any:
    """Return which points are the nearest of each, a sparse matrix (n, n).

    A point is the first of its own neighbours, as in scikit-learn.
    """
    near = NearestNeighbors(n_neighbors=NEIGHBOURS).fit(x)
    return near.kneighbors_graph(x, mode="connectivity")


def spread(graphs: Sequence[Any], y: Any) -> Any:
    """Return probabilities of all points (trials, n, k), from classes of the first.

    Parameters
    ----------
    graphs : sequence of sparse matrices, shape (n, n)
        Of each trial.
    y : int array, shape (trials, labels)
        Classes of the first points.

    Notes
    -----
    No class has probability 0; where no label arrives, all have the same.

    References
    ----------
    .. [1] D. Zhou et al., "Learning with local and global consistency", NIPS 2003.

    Examples
    --------
    >>> chain = np.eye(3) + np.eye(3, k=1) + np.eye(3, k=-1)
    >>> spread([chain], np.array([[4]])).argmax(axis=-1)
    array([[4, 4, 4]])
    """
    return np.stack([_spread(*pair) for pair in zip(graphs, y, strict=True)])


def _spread(near: Any, y: Any) -> Any:
    labels = np.full(near.shape[0], -1)
    labels[: len(y)] = y
    model = LabelSpreading(
        kernel=lambda *_: near, alpha=SOFTNESS, max_iter=STEPS, tol=CHANGE
    ).fit(np.zeros((len(labels), 1)), labels)
    p = np.full((len(labels), CLASSES), LEAST)
    p[:, model.classes_] += model.label_distributions_
    return p / p.sum(axis=-1, keepdims=True)
