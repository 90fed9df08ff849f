"""Rows with labels and rows without, and the labelled rows that validate a teacher."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.model_selection import train_test_split
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import column_or_1d

from halfspace._check import check_scalar
from halfspace.estimators._labels import label

#: What marks a row without a label, as in `sklearn.semi_supervised`.
UNLABELLED = -1


class Split(NamedTuple):
    """Labelled rows with their labels, unlabelled ones, and what to know about it."""

    x: Any
    y: NDArray[Any]
    unlabelled: Any
    warning: str = ""


def split(x: Any, y: Any) -> Split:
    """Split rows in those with labels and those without.

    Beside one other label -1 is a label too: nothing could be learned otherwise.

    >>> found = split(np.arange(3.0)[:, None], np.array(["a", -1, "b"], dtype=object))
    >>> found.y.tolist(), found.unlabelled.tolist()
    (['a', 'b'], [[1.0]])
    """
    y = column_or_1d(y, warn=True)
    missing = np.zeros(len(y), bool)
    if y.dtype.kind in "iufO":
        missing |= y == UNLABELLED
    others = y[~missing]
    if missing.any() and len(set(others.tolist())) == 1:
        check_classification_targets(y)
        why = (
            f"`y` holds -1 and only {label(others, 0)} besides: -1 was read as a class"
        )
        return Split(x, y, x[:0], why)
    if not len(others):
        msg = f"`y` must hold labels of at least 2 classes, got {len(y)} rows of -1"
        raise ValueError(msg)
    check_classification_targets(others)
    return Split(x[~missing], others, x[missing])


def validation(
    y: NDArray[Any], fraction: float, random: np.random.RandomState
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows that a teacher sees, and those that validate it, by class."""
    share = check_scalar("validation_fraction", fraction, 0, 1, "()")
    classes, counts = np.unique(y, return_counts=True)
    n, k = len(y), len(classes)
    if counts.min() < 2:
        rule = "hold at least 2 labelled rows of each class, to teach and to validate"
        msg = f"`y` must {rule}, got 1 of {label(classes, np.argmin(counts))}"
        raise ValueError(msg)
    size = int(np.clip(round(share * n), k, n - k))
    seen, kept = train_test_split(
        np.arange(n), test_size=size, stratify=y, random_state=random
    )
    return seen, kept


def stacked(top: Any, bottom: Any) -> Any:
    """Put rows under rows, dense or sparse."""
    if sparse.issparse(top):
        return sparse.vstack([top, bottom], format="csr")
    return np.vstack([top, bottom])


def copies(x: Any, classes: NDArray[Any]) -> tuple[Any, NDArray[Any]]:
    """Return k copies of each row, one for each class, with these as labels.

    >>> rows, labels = copies(np.array([[3.0]]), np.array(["a", "b"]))
    >>> rows.tolist(), labels.tolist()
    ([[3.0], [3.0]], ['a', 'b'])
    """
    n = x.shape[0]
    return x[np.repeat(np.arange(n), len(classes))], np.tile(classes, n)
