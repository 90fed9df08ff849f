"""The loop of active distillation: ask for labels, learn from all so far, ask again.

What is learnt and how points are chosen are functions; those of
`halfspace.distill.queries` choose from what a student says.
"""

from collections.abc import Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints, as_array, check_count, shown

__all__ = ["Round", "rounds", "unasked"]

S = TypeVar("S")


class Round(NamedTuple, Generic[S]):
    """What was asked for, and who learned from it.

    Attributes
    ----------
    asked : int array, shape (..., c)
        Points that have labels, in the order in which they got them.
    student
        What `learn` made of them.
    """

    asked: Ints
    student: S


def rounds(
    first: ArrayLike,
    learn: Callable[[Ints], S],
    choose: Callable[[S, Ints, Ints], ArrayLike],
    *,
    points: int,
    budget: int,
    count: int,
) -> Iterator[Round[S]]:
    """Yield students of ever more labels, `budget` more a round.

    Parameters
    ----------
    first : int array, shape (..., s)
        Points that have labels before the first round, different in each row.
    learn : function
        From the points that have labels, shape (..., c), to a student.
    choose : function
        From the student, these points, and those without a label in the order of the
        pool, shape (..., points - c), to `budget` places among the latter,
        (..., budget), different in each row.
    points : int
        How many there are.
    budget : int
        Labels a round, at least 1.
    count : int
        Rounds, at least 1; all labels are at most `points`.

    Yields
    ------
    Round
        One before the first round and one after each: `count` + 1 in all.

    Raises
    ------
    TypeError
        If a number or a point is not an int.
    ValueError
        If a number is out of range, a point is none of the pool or has a label twice,
        or `choose` returns other than `budget` different places.

    Notes
    -----
    Claim F5 of ``paper_repro.md``; the loop of [1]_.

    References
    ----------
    .. [1] C. Baykal, K. Trinh, F. Iliopoulos, G. Menghani, E. Vee, "Robust active
       distillation", ICLR 2023, arXiv:2210.01213.

    Examples
    --------
    >>> found = rounds(
    ...     [2], list, lambda student, asked, left: [0], points=4, budget=1, count=2
    ... )
    >>> [it.asked.tolist() for it in found]
    [[2], [2, 0], [2, 0, 1]]
    """
    n, b = check_count("points", points), check_count("budget", budget)
    asked = _places("first", first, n)
    total = asked.shape[-1] + b * check_count("count", count)
    if total > n:
        msg = f"`count` rounds must ask for at most the {n} points, got {total}"
        raise ValueError(msg)
    return _rounds(asked, learn, choose, n, b, count)


def unasked(asked: ArrayLike, points: int) -> Ints:
    """Return the points that are not among these, in the order of the pool.

    Parameters
    ----------
    asked : int array, shape (..., c)
        Different in each row.
    points : int
        How many there are.

    Returns
    -------
    int array, shape (..., points - c)

    Raises
    ------
    TypeError
        If a number is not an int.
    ValueError
        If a point is not in 0..points-1, or twice in a row.

    Examples
    --------
    >>> unasked([[3, 0], [1, 2]], 4).tolist()
    [[1, 2], [0, 3]]
    """
    n = check_count("points", points)
    found = _places("asked", asked, n)
    inside = np.zeros((*found.shape[:-1], n), dtype=bool)
    np.put_along_axis(inside, found, True, axis=-1)
    last: Ints = np.argsort(inside, axis=-1, kind="stable")
    return last[..., : n - found.shape[-1]]


def _rounds(
    asked: Ints,
    learn: Callable[[Ints], S],
    choose: Callable[[S, Ints, Ints], ArrayLike],
    n: int,
    b: int,
    count: int,
) -> Iterator[Round[S]]:
    """Yield the rounds: apart, so that arguments are checked where it is called."""
    student = learn(asked)
    yield Round(asked, student)
    for _ in range(count):
        left = unasked(asked, n)
        places = _places("choose", choose(student, asked, left), left.shape[-1])
        if places.shape != (*asked.shape[:-1], b):
            rule = f"return shape {(*asked.shape[:-1], b)}"
            msg = f"`choose` must {rule}, got {places.shape}"
            raise ValueError(msg)
        new = np.take_along_axis(left, places, axis=-1)
        asked = np.concatenate((asked, new), axis=-1)
        student = learn(asked)
        yield Round(asked, student)


def _places(name: str, values: ArrayLike, n: int) -> Ints:
    """Return ints in 0..n-1, different in each row."""
    found = as_array(name, values)
    if found.dtype.kind not in "iu":
        msg = f"`{name}` must be ints, got dtype {found.dtype}"
        raise TypeError(msg)
    if found.ndim == 0:
        msg = f"`{name}` must have shape (..., c), got {found.shape}"
        raise ValueError(msg)
    if found.size and not ((found >= 0) & (found < n)).all():
        msg = f"`{name}` must be in [0, {n - 1}], got {found.min()} to {found.max()}"
        raise ValueError(msg)
    row = np.sort(found, axis=-1)
    if (row[..., 1:] == row[..., :-1]).any():
        msg = f"`{name}` must be different in each row, got {shown(found)}"
        raise ValueError(msg)
    return found.astype(np.int64)
