"""Rows of a stack of trials, picked by index: no trial's data are copied whole."""

from collections.abc import Iterator
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints, as_array
from halfspace._logits import Floats


class Table(NamedTuple):
    """The rows of all trials under each other; `apart` is 0 if trials share them."""

    rows: Any
    apart: int


def table(values: Any, depth: int) -> Table:
    """Return the rows of an array (..., n, ·) with `depth` axes before the rows."""
    lead, n = values.shape[:depth], values.shape[depth]
    if all(step == 0 for step in values.strides[:depth]):
        return Table(np.ascontiguousarray(values[(0,) * depth]), 0)
    return Table(values.reshape(prod(lead) * n, *values.shape[depth + 1 :]), n)


def pick(table: Table, at: Ints) -> Any:
    """Return the rows at the indices (trials, b) within each trial."""
    return table.rows.take(offset(table, at), axis=0, mode="clip")


def offset(table: Table, at: Ints) -> Ints:
    """Return the indices in the table of indices within each trial."""
    return at + table.apart * np.arange(len(at))[:, None] if table.apart else at


def orders(children: list[np.random.Generator], n: int) -> Ints:
    """Return an order of n rows for each trial, shape (trials, n)."""
    return np.stack([child.permutation(n) for child in children])


def parts(n: int, batch: int) -> Iterator[slice]:
    """Yield the minibatches of n rows; the last may be smaller."""
    for start in range(0, n, batch):
        yield slice(start, min(start + batch, n))


def check_rows(name: str, value: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Any:
    """Return an array that starts with `shape`; floats in the precision `dtype`."""
    found = as_array(name, value)
    if found.shape[: len(shape)] != shape:
        msg = f"`{name}` must have rows {shape} to match `x`, got {found.shape}"
        raise ValueError(msg)
    return found.astype(dtype, copy=False) if found.dtype.kind == "f" else found


def check_weight(value: ArrayLike, shape: tuple[int, ...], dtype: Any) -> Floats:
    """Return weights of the rows, at least 0, with mean 1 in every trial."""
    weight = np.asarray(value)
    if weight.dtype.kind not in "iufb":
        msg = f"`weight` must be real numbers, got dtype {weight.dtype}"
        raise TypeError(msg)
    try:
        weight = np.broadcast_to(weight.astype(np.float64), shape)
    except ValueError:
        msg = f"`weight` must broadcast to shape {shape}, got {weight.shape}"
        raise ValueError(msg) from None
    if not ((weight >= 0) & (weight < np.inf)).all():
        msg = f"`weight` must be in [0, inf), got {weight.min()} to {weight.max()}"
        raise ValueError(msg)
    mean = weight.mean(axis=-1, keepdims=True)
    if not (mean > 0).all():
        msg = "`weight` must not be all 0 in a trial, got a mean of 0"
        raise ValueError(msg)
    return np.asarray((weight / mean).astype(dtype))
