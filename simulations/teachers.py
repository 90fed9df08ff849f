"""Teachers that are no networks: what they say of rows, trial by trial."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import special
from sklearn.semi_supervised import LabelSpreading
from sklearn.svm import SVC

from simulations.digits import CLASSES

#: From rows and labels, and other rows (several arrays), to probabilities of these.
Teacher = Callable[[Any, Any, tuple[Any, ...]], list[Any]]
#: Of label spreading: how much of a label may change, and neighbours in the graph.
SOFTNESS, NEIGHBOURS = 0.2, 7
#: Probability that no class is left without.
LEAST = 1e-6


def svm(x: Any, y: Any, asked: tuple[Any, ...]) -> list[Any]:
    """Return the softmax of the votes of a support vector machine, Gaussian kernel."""
    found: list[list[Any]] = [[] for _ in asked]
    for i in range(len(x)):
        model = SVC(C=10.0).fit(x[i], y[i])
        for part, rows in zip(found, asked, strict=True):
            votes = model.decision_function(rows[i])
            part.append(_all_classes(softmax(votes), model.classes_))
    return [np.stack(part) for part in found]


def spread(x: Any, y: Any, asked: tuple[Any, ...]) -> list[Any]:
    """Return what label spreading says, over a graph of all rows that are asked."""
    found: list[list[Any]] = [[] for _ in asked]
    for i in range(len(x)):
        rows = np.concatenate((x[i], *(part[i] for part in asked)))
        labels = np.full(len(rows), -1)
        labels[: len(y[i])] = y[i]
        model = LabelSpreading(
            kernel="knn", n_neighbors=NEIGHBOURS, alpha=SOFTNESS, max_iter=100
        ).fit(rows, labels)
        said = _all_classes(model.label_distributions_, model.classes_)
        ends = np.cumsum([len(y[i]), *(part.shape[1] for part in asked)])
        for part, rows in zip(found, np.split(said, ends[:-1])[1:], strict=True):
            part.append(rows)
    return [np.stack(part) for part in found]


def softmax(z: Any) -> Any:
    """Return probabilities (..., k), as float64 that sum to 1."""
    return special.softmax(np.asarray(z, dtype=np.float64), axis=-1)


def _all_classes(said: Any, classes: Any) -> Any:
    """Return probabilities of all classes, none of them 0."""
    p = np.full((len(said), CLASSES), LEAST)
    p[:, classes] += said
    return p / p.sum(axis=-1, keepdims=True)


#: The teachers that cannot be deployed.
TEACHERS: Mapping[str, Teacher] = MappingProxyType({"svm": svm, "spreading": spread})
