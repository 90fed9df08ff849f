"""Checks of inputs, and the grammar of errors: argument, rule, what was found."""

import reprlib
from collections.abc import Sequence
from difflib import get_close_matches
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

#: Slack of comparisons with data that were normalised in floating point.
ROUNDING = 1e-9


def shown(value: object) -> str:
    """Return a short text of any value, on one line.

    >>> shown(np.arange(3.0)), shown("law")
    ('array([0., 1., 2.])', "'law'")
    """
    return " ".join(reprlib.repr(value).split())


def _fail(name: str, rule: str, got: object) -> ValueError:
    return ValueError(f"`{name}` must {rule}, got {got}")


def _wrong(name: str, rule: str, value: object) -> TypeError:
    return TypeError(f"`{name}` must {rule}, got {shown(value)}")


def as_array(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return `value` as an array, or say that its rows are not of one length."""
    try:
        return np.asarray(value)
    except ValueError:
        raise _wrong(name, "be an array with rows of one length", value) from None


def check_real(name: str, value: ArrayLike) -> Array:
    """Return `value` as a float array, or say that it is not numeric or has a NaN."""
    found = as_array(name, value)
    if found.dtype.kind not in "iuf":
        msg = f"`{name}` must be real numbers, got dtype {found.dtype}"
        raise TypeError(msg)
    found = found.astype(np.float64, copy=False)
    if found.size == 0:
        raise _fail(name, "not be empty", f"shape {found.shape}")
    if not np.isfinite(found).all():
        where = np.unravel_index(np.argmin(np.isfinite(found)), found.shape)
        at = f" at index {tuple(map(int, where))}" if found.ndim else ""
        raise _fail(name, "be finite", f"{found[where]}{at}")
    return found


def check_range(
    name: str, value: ArrayLike, low: float, high: float, ends: str = "[]"
) -> Array:
    """Return `value` as floats inside the interval `low`, `high` with these `ends`."""
    found = check_real(name, value)
    above = found >= low if ends[0] == "[" else found > low
    below = found <= high if ends[1] == "]" else found < high
    if not (above & below).all():
        where = np.unravel_index(np.argmin(above & below), found.shape)
        raise _fail(name, f"be in {ends[0]}{low:g}, {high:g}{ends[1]}", found[where])
    return found


def check_scalar(
    name: str, value: object, low: float, high: float, ends: str = "[]"
) -> float:
    """Return `value` as one float inside the interval, or say what is wrong."""
    if isinstance(value, bool) or not isinstance(
        value, (int, float, np.integer, np.floating)
    ):
        raise _wrong(name, "be a real number", value)
    return float(check_range(name, value, low, high, ends))


def check_count(name: str, value: object, low: int = 1) -> int:
    """Return `value` as an int that is at least `low`."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise _wrong(name, "be an int", value)
    if value < low:
        raise _fail(name, f"be at least {low}", value)
    if value >= 2**63:
        raise _fail(name, "be below 2^63", value)
    return int(value)


def check_rate(value: object, name: str = "rate") -> float:
    """Return a noise rate, P[flip], in [0, 1/2)."""
    return check_scalar(name, value, 0, 0.5, "[)")


def check_margin(value: object, name: str = "margin") -> float:
    """Return a margin in (0, 1]."""
    return check_scalar(name, value, 0, 1, "(]")


def check_counts(name: str, values: ArrayLike) -> Ints:
    """Return strictly increasing positive ints, at least one."""
    given = np.atleast_1d(as_array(name, values)).ravel()
    found = [check_count(name, value) for value in given]
    if not found:
        raise _fail(name, "not be empty", "shape (0,)")
    if any(late <= early for early, late in pairwise(found)):
        raise _fail(name, "be strictly increasing", shown(found))
    return np.array(found, dtype=np.int64)


def check_choice(name: str, value: object, options: Sequence[str]) -> str:
    """Return `value` if it is one of `options`, else name them and the nearest."""
    if isinstance(value, str) and value in options:
        return value
    near = get_close_matches(str(value), options, n=1)
    hint = f". Did you mean {near[0]!r}?" if near else ""
    raise _fail(name, f"be one of {', '.join(sorted(options))}", shown(value) + hint)


def check_generator(rng: Any, name: str = "rng") -> np.random.Generator:
    """Return `rng` if it is a numpy Generator."""
    if not isinstance(rng, np.random.Generator):
        raise _wrong(name, "be a numpy.random.Generator", rng)
    return rng


def check_points(name: str, x: ArrayLike) -> Array:
    """Return points, shape (..., n, d) with d >= 2, all within the unit ball."""
    found = check_real(name, x)
    if found.ndim < 2 or found.shape[-1] < 2:
        raise _fail(name, "have shape (..., n, d) with d >= 2", found.shape)
    with np.errstate(over="ignore"):
        longest = float(np.sqrt(np.max(np.vecdot(found, found))))
    if not longest <= 1 + ROUNDING:
        raise _fail(name, "lie in the unit ball", f"a point of norm {longest:.6g}")
    return found


def check_labels(name: str, y: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return labels in {-1, +1} of the given shape."""
    found = check_real(name, y)
    if found.shape != shape:
        raise _fail(name, f"have shape {shape} to match `x`", found.shape)
    good = np.abs(found) == 1
    if not good.all():
        where = np.unravel_index(np.argmin(good), found.shape)
        at = tuple(map(int, where))
        raise _fail(name, "contain only -1 and +1", f"{found[where]} at index {at}")
    return found


def check_shape(name: str, shape: object) -> tuple[int, ...]:
    """Return a non-empty tuple of positive ints."""
    if not isinstance(shape, tuple) or not shape:
        raise _wrong(name, "be a non-empty tuple of ints", shape)
    return tuple(check_count(f"{name}[{i}]", size) for i, size in enumerate(shape))


def check_instance(name: str, value: object, kind: type) -> None:
    """Say so if `value` is not a `kind`."""
    if not isinstance(value, kind):
        raise _wrong(name, f"be a {kind.__name__}", value)
