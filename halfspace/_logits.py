"""Logits, labels of classes and their checks. Float32 stays float32."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfspace._check import ROUNDING, Array, as_array, check_range, check_real

Floats = NDArray[np.floating[Any]]
Bools = NDArray[np.bool_]


class ValueAndSlope(NamedTuple):
    """A loss of a margin and its derivative in the margin, both of its shape."""

    value: Floats
    slope: Floats


class ValueAndGradient(NamedTuple):
    """Losses, shape (...), and their gradients in the logits, shape (..., k)."""

    value: Floats
    gradient: Floats


def first(bad: Bools, values: Any) -> str:
    """Return the first bad value and where it is."""
    where = np.unravel_index(np.argmax(bad), bad.shape)
    at = f" at index {tuple(map(int, where))}" if bad.ndim else ""
    return f"{values[where]}{at}"


def check_floats(name: str, value: ArrayLike) -> Floats:
    """Return finite numbers in the precision they have, float32 or float64."""
    found = as_array(name, value)
    if found.dtype not in (np.float32, np.float64):
        msg = f"`{name}` must be float32 or float64, got dtype {found.dtype}"
        raise TypeError(msg)
    if found.size == 0 or not np.isfinite(found).all():
        check_real(name, found)  # says what is wrong
    return found


def check_margins(z: ArrayLike) -> Floats:
    """Return margins in the precision they have; ints become float64."""
    found = as_array("z", z)
    return check_floats("z", found) if found.dtype == np.float32 else check_real("z", z)


def check_logits(logits: ArrayLike) -> Floats:
    """Return logits, shape (..., k), k at least 2."""
    found = check_floats("logits", logits)
    if found.ndim < 1 or found.shape[-1] < 2:
        msg = f"`logits` must have shape (..., k) with k >= 2, got {found.shape}"
        raise ValueError(msg)
    return found


def check_probabilities(name: str, p: ArrayLike) -> Floats:
    """Return probability vectors, shape (..., k), k at least 2."""
    found = check_floats(name, p)
    if found.ndim < 1 or found.shape[-1] < 2:
        msg = f"`{name}` must have shape (..., k) with k >= 2, got {found.shape}"
        raise ValueError(msg)
    if (found < 0).any():
        check_range(name, found, 0, 1)  # says where
    total = np.einsum("...k->...", found)
    slack = max(ROUNDING, found.shape[-1] * float(np.finfo(found.dtype).eps))
    bad = np.asarray(np.abs(total - 1) > slack)
    if bad.any():
        msg = f"`{name}` must be probabilities, got a sum of {first(bad, total)}"
        raise ValueError(msg)
    return found


def check_targets(labels: ArrayLike, shape: tuple[int, ...]) -> tuple[Any, bool]:
    """Return labels for logits of `shape`, and whether they are hard.

    Hard labels are ints, shape (...); soft ones are probabilities, shape (..., k).
    """
    found = as_array("labels", labels)
    kind = found.dtype.kind
    if kind == "f" and found.shape == shape:
        return check_probabilities("labels", found), False
    if kind not in "iu" or found.shape != shape[:-1]:
        rule = f"be ints of shape {shape[:-1]} or probabilities of shape {shape}"
        msg = f"`labels` must {rule}, got {found.dtype} of shape {found.shape}"
        raise (ValueError if kind in "iuf" else TypeError)(msg)
    bad = np.asarray((found < 0) | (found >= shape[-1]))
    if bad.any():
        msg = f"`labels` must be in 0..{shape[-1] - 1}, got {first(bad, found)}"
        raise ValueError(msg)
    return found.astype(np.intp), True


def check_transition(transition: ArrayLike, k: int) -> Array:
    """Return a row-stochastic matrix for k classes, as float64."""
    t = check_floats("transition", transition)
    if t.shape != (k, k):
        msg = f"`transition` must have shape {(k, k)} for {k} classes, got {t.shape}"
        raise ValueError(msg)
    return check_probabilities("transition", t).astype(np.float64)


def spread(name: str, value: Any, shape: tuple[int, ...]) -> Any:
    """Return an array broadcast to `shape`."""
    try:
        return np.broadcast_to(value, shape)
    except ValueError:
        msg = f"`{name}` must broadcast to shape {shape}, got {np.shape(value)}"
        raise ValueError(msg) from None


def logarithm(weight: Array) -> Array:
    """Return the logarithm of weights, -inf at 0."""
    with np.errstate(divide="ignore"):
        logs: Array = np.log(weight)
    return logs


def highest(z: Floats) -> Floats:
    """Return the largest of each row, shape (..., 1), classes first: it is faster."""
    found: Floats = np.moveaxis(z, -1, 0).copy().max(axis=0)[..., None]
    return found


def softmax(z: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the softmax p, z less its largest, and log sum exp of that (..., 1)."""
    shifted = z - highest(z)
    p = np.exp(shifted)
    total = np.einsum("...k->...", p)[..., None]
    p /= total
    return p, shifted, np.log(total)
