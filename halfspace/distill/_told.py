"""Rows for the linear student, and what is wrong with them."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from halfspace._check import Array, check_instance, check_range, check_real
from halfspace._logits import check_targets, first, spread
from halfspace.correction import IDENTIFIABLE
from halfspace.distill._kernels import Rows


def as_rows(
    x: Any,
    labels: ArrayLike,
    k: int,
    accuracy: ArrayLike | None,
    top: ArrayLike | None,
    normalised: bool,
    sample_weight: ArrayLike | None,
) -> Rows:
    """Return rows for k classes, or say what is wrong with them."""
    check_instance("normalised", normalised, bool)
    n = x.shape[0]
    y, _ = check_targets(labels, (n, k))
    marked = _marked(top, (n, k))
    weight = None if sample_weight is None else _weights(sample_weight, n)
    if accuracy is None:
        return Rows(x, y, top=marked, weight=weight)
    alpha = spread("accuracy", check_range("accuracy", accuracy, 0, 1, "(]"), (n,))
    others = np.count_nonzero(marked, axis=1) - 1 if normalised else 1
    return Rows(x, y, alpha, (1 - alpha) / others, marked, weight)


def check_informative(rows: Rows) -> None:
    """Say so if the mix of every row that counts is the same for all students."""
    if rows.alpha is None:
        return
    told = np.abs(rows.alpha - rows.c) > IDENTIFIABLE
    if not (told if rows.weight is None else told & (rows.weight > 0)).any():
        rule = "differ from 1/k in some row (elsewhere a label says nothing)"
        msg = f"`accuracy` must {rule}, got {rows.alpha[0]} in all"
        raise ValueError(msg)


def as_points(x: Any) -> Any:
    """Return x, shape (n, d), as floats, or as a sparse matrix by rows."""
    if sparse.issparse(x):
        check_real("x", x.data if x.nnz else 0.0)
        return sparse.csr_array(x, dtype=np.float64)
    found = np.ascontiguousarray(check_real("x", x))
    if found.ndim != 2:
        msg = f"`x` must have shape (n, d), got {found.shape}"
        raise ValueError(msg)
    return found


def _marked(top: ArrayLike | None, shape: tuple[int, int]) -> Any:
    """Return the marked classes, by default all."""
    if top is None:
        return np.broadcast_to(True, shape)
    found = np.asarray(top)
    if found.dtype != np.bool_:
        msg = f"`top` must be bool, got dtype {found.dtype}"
        raise TypeError(msg)
    found = spread("top", found, shape)
    k = np.count_nonzero(found, axis=1)
    if (k < 2).any():
        msg = f"`top` must mark at least 2 classes in each row, got {first(k < 2, k)}"
        raise ValueError(msg)
    return found


def _weights(value: ArrayLike, n: int) -> Array:
    """Return weights, shape (n,), that are not all 0."""
    found = check_range("sample_weight", value, 0, np.inf, "[)")
    if found.shape != (n,):
        rule = f"have shape {(n,)} to match `x`"
        msg = f"`sample_weight` must {rule}, got {found.shape}"
        raise ValueError(msg)
    if not found.any():
        msg = "`sample_weight` must have a positive entry, got all weights zero"
        raise ValueError(msg)
    return found
