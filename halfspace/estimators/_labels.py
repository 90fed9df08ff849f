"""Labels of a teacher, hard or soft, and the names of their classes."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from halfspace._check import shown
from halfspace._logits import check_probabilities
from halfspace.mixing import top_k

#: How points are read, dense or sparse.
CHECKED: dict[str, Any] = {"accept_sparse": "csr", "dtype": np.float64, "order": "C"}


class Labels(NamedTuple):
    """Labels by number.

    Attributes
    ----------
    y : array, shape (n,) or (n, k)
        Ints in 0..k-1, or probabilities.
    classes : array, shape (k,)
        Their names.
    top : bool array, shape (n, k), or None
        The classes that are marked as the teacher's likeliest.
    """

    y: NDArray[Any]
    classes: NDArray[Any]
    top: Any = None


def as_labels(y: NDArray[Any], classes: ArrayLike | None) -> Labels:
    """Return labels (n,) or probabilities (n, k), checked, by number.

    Without `classes`, those of labels are all that occur, in order, and those of
    probabilities are 0..k-1.
    """
    if y.ndim == 2 and y.shape[1] > 1:
        p = check_probabilities("y", y if y.dtype.kind == "f" else y.astype(float))
        names = np.arange(p.shape[1]) if classes is None else names_of(classes)
        if len(names) != p.shape[1]:
            rule = f"have a column for each of {len(names)} classes"
            msg = f"`y` must {rule}, got {p.shape[1]}"
            raise ValueError(msg)
        p = p.astype(float)
        return Labels(p / p.sum(axis=1, keepdims=True), names)
    y = column_or_1d(y, warn=True)
    check_classification_targets(y)
    if classes is None:
        names, numbers = np.unique(y, return_inverse=True)
        if len(names) < 2:
            msg = f"`y` must hold at least 2 classes, got one class: {label(names, 0)}"
            raise ValueError(msg)
        return Labels(numbers, names)
    names = names_of(classes)
    return Labels(numbers_of("y", y, names), names)


def numbers_of(name: str, y: NDArray[Any], classes: NDArray[Any]) -> NDArray[np.intp]:
    """Return the place of each label among the classes, or say that one is strange."""
    found, known = places(y, classes)
    if not known.all():
        rule = f"hold only the classes {shown(classes.tolist())}"
        msg = f"`{name}` must {rule}, got {label(y, np.argmin(known))}"
        raise ValueError(msg)
    return found


def places(
    y: NDArray[Any], classes: NDArray[Any]
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the place of each label among the classes, and whether it is one.

    >>> places(np.array(["b", "c"]), np.array(["b", "a"]))
    (array([0, 0]), array([ True, False]))
    """
    same = y[:, None] == classes
    return same.argmax(axis=1), same.any(axis=1)


def label(y: NDArray[Any], i: Any) -> str:
    """Return a text of one label, without the name of its type.

    >>> label(np.array(["cat"]), 0), label(np.array([3]), 0)
    ("'cat'", '3')
    """
    return shown(y[i : i + 1].tolist()[0])


def marked(labels: Labels, k: int | None, hard: bool) -> Labels:
    """Mark the k likeliest classes, and read probabilities as labels if `hard`."""
    y, names, _ = labels
    if k is not None and y.ndim == 1 and k != len(names):
        rule = "be None or all classes where `y` is not probabilities"
        msg = f"`k` must {rule}, got {k}"
        raise ValueError(msg)
    top = None if k is None or y.ndim == 1 else top_k(y, k)
    return Labels(y.argmax(axis=1) if hard and y.ndim == 2 else y, names, top)


def same_classes(given: ArrayLike | None, classes: NDArray[Any]) -> NDArray[Any]:
    """Return the classes of the first call, or say that others are given."""
    if given is not None and not np.array_equal(np.asarray(given), classes):
        msg = f"`classes` must be those of the first call, {classes}, got {given}"
        raise ValueError(msg)
    return classes


def names_of(classes: ArrayLike) -> NDArray[Any]:
    """Return names of classes, all different, at least two."""
    found = np.asarray(classes)
    if found.ndim != 1 or len(found) < 2 or len(np.unique(found)) < len(found):
        rule = "be at least two different classes"
        msg = f"`classes` must {rule}, got {shown(classes)}"
        raise ValueError(msg)
    return found
