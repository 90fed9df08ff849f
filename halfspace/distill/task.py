"""What a student may know: clean rows, a teacher's rows, how good the teacher is."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints, as_array, check_instance, check_range
from halfspace._logits import Floats, check_floats, check_probabilities


class Held(NamedTuple):
    """Rows with labels that neither teacher nor student is trained on.

    Attributes
    ----------
    x : array, shape (..., v, d)
    y : int array, shape (..., v)
        True classes.
    scores : array, shape (..., v, k)
        The teacher's probabilities.
    """

    x: Any
    y: Any
    scores: Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """Clean rows, rows that a teacher has labelled, and what is known of the teacher.

    All arrays have the same trials in front.

    Attributes
    ----------
    x : array, shape (..., n, d)
        Clean rows.
    y : int array, shape (..., n)
        Their classes, in 0..k-1.
    taught : array, shape (..., m, d)
        Rows that the teacher has labelled.
    scores : array, shape (..., m, k)
        Its probabilities there, k at least 2.
    accuracy : array, shape (..., m)
        alpha in [0, 1]: how likely its first class is the true one, as estimated.
    sizes : int array, shape (..., m)
        In 2..k: how many of its first classes are likely to hold the true one.
    held : Held, optional
        For the students that look at validation rows while they learn.
    truth : int array, shape (..., m), optional
        The true classes of the taught rows, for oracles.

    Raises
    ------
    TypeError
        If an array has the wrong kind of numbers.
    ValueError
        If there is a NaN or infinity, a shape is wrong, scores are not probabilities, a
        label is not a class, or an accuracy or a size is out of range.

    Examples
    --------
    >>> told = {"scores": [[0.3, 0.7]], "accuracy": [0.9], "sizes": [2]}
    >>> task = Task(x=[[0.0], [1.0]], y=[0, 1], taught=[[2.0]], **told)
    >>> task.likeliest.tolist(), task.truth is None
    ([1], True)
    """

    x: Any
    y: Any
    taught: Any
    scores: Any
    accuracy: Any
    sizes: Any
    held: Held | None = None
    truth: Any = None

    def __post_init__(self) -> None:
        p = check_probabilities("scores", self.scores)
        if p.ndim < 2:
            msg = f"`scores` must have shape (..., m, k), got {p.shape}"
            raise ValueError(msg)
        clean, taught = check_floats("x", self.x), check_floats("taught", self.taught)
        if clean.ndim < 2:
            msg = f"`x` must have shape (..., n, d), got {clean.shape}"
            raise ValueError(msg)
        _same("taught", taught, (*p.shape[:-1], clean.shape[-1]), "`scores` and `x`")
        rows = clean.shape[:-1]
        _same("x", clean, (*p.shape[:-2], *rows[-1:], clean.shape[-1]), "`scores`")
        alpha = check_range("accuracy", self.accuracy, 0, 1)
        _same("accuracy", alpha, p.shape[:-1], "`scores`")
        found: dict[str, Any] = {
            "x": clean,
            "taught": taught,
            "scores": p,
            "accuracy": alpha,
        }
        found["y"] = _classes("y", self.y, (*rows, p.shape[-1]))
        found["sizes"] = _sizes(self.sizes, p.shape)
        if self.truth is not None:
            found["truth"] = _classes("truth", self.truth, p.shape)
        if self.held is not None:
            check_instance("held", self.held, Held)
            found["held"] = _held(self.held, clean, p)
        for name, value in found.items():
            object.__setattr__(self, name, value)

    @property
    def likeliest(self) -> Ints:
        """The teacher's labels: its first class in each taught row."""
        return np.asarray(self.scores.argmax(axis=-1))


def _same(name: str, found: Any, shape: tuple[int, ...], like: str) -> None:
    if found.shape != shape or len(shape) < 1:
        msg = f"`{name}` must have shape {shape} to match {like}, got {found.shape}"
        raise ValueError(msg)


def _classes(name: str, labels: ArrayLike, shape: tuple[int, ...]) -> Ints:
    """Return ints in 0..k-1, for rows of probabilities of this shape."""
    found = as_array(name, labels)
    if found.dtype.kind not in "iu":
        msg = f"`{name}` must be ints, got dtype {found.dtype}"
        raise TypeError(msg)
    _same(name, found, shape[:-1], "its rows")
    check_range(name, found, 0, shape[-1] - 1)
    return found.astype(np.int64)


def _sizes(sizes: ArrayLike, shape: tuple[int, ...]) -> Ints:
    found = as_array("sizes", sizes)
    if found.dtype.kind not in "iu":
        msg = f"`sizes` must be ints, got dtype {found.dtype}"
        raise TypeError(msg)
    _same("sizes", found, shape[:-1], "`scores`")
    check_range("sizes", found, 2, shape[-1])
    return found


def _held(held: Held, clean: Floats, p: Floats) -> Held:
    x, q = (
        check_floats("held.x", held.x),
        check_probabilities("held.scores", held.scores),
    )
    _same("held.x", x, (*clean.shape[:-2], *x.shape[-2:-1], clean.shape[-1]), "`x`")
    _same("held.scores", q, (*x.shape[:-1], p.shape[-1]), "its rows")
    return Held(x, _classes("held.y", held.y, q.shape), q)
