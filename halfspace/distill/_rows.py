"""Checks of validation rows: scores, and whether the teacher was right."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, as_array, check_range, check_real


def check_length(name: str, found: Array, like: str, n: int) -> None:
    """Say so if `found` is not of shape (n,), as `like` is."""
    if found.shape != (n,):
        msg = f"`{name}` must have shape {(n,)} to match `{like}`, got {found.shape}"
        raise ValueError(msg)


def check_row(name: str, values: ArrayLike) -> Array:
    """Return finite numbers, shape (n,), at least one."""
    found = check_real(name, values)
    if found.ndim != 1:
        msg = f"`{name}` must have shape (n,), got {found.shape}"
        raise ValueError(msg)
    return found


def check_right(right: ArrayLike) -> Array:
    """Return whether the teacher was right, shape (n,), as 0.0 and 1.0."""
    given = as_array("right", right)
    if given.dtype == np.bool_:
        given = given.astype(np.float64)
    found = check_row("right", given)
    bad = (found != 0) & (found != 1)
    if bad.any():
        at = int(np.argmax(bad))
        msg = f"`right` must contain only 0 and 1, got {found[at]} at index ({at},)"
        raise ValueError(msg)
    return found


def check_weight(weight: ArrayLike | None, n: int) -> Array:
    """Return weights, shape (n,), not negative and not all 0; 1 if None."""
    if weight is None:
        return np.ones(n)
    found = check_range("sample_weight", weight, 0, np.inf, "[)")
    check_length("sample_weight", found, "scores", n)
    if not found.any():
        msg = f"`sample_weight` must have a positive entry, got {n} zeros"
        raise ValueError(msg)
    return found
