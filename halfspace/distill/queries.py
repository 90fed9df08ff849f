"""Query strategies: which b points of a pool to have labelled.

Pure functions of what the student says, with trials in front. `robust` is the draw of
claim F, the others what it is compared with.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import entr

from halfspace._check import (
    Array,
    Ints,
    check_generator,
    check_range,
    check_real,
)
from halfspace.distill._gains import check_budget
from halfspace.distill.active import gains
from halfspace.distill.capped import inclusion
from halfspace.distill.rounding import round_dependently

__all__ = ["entropy", "k_center", "margin", "robust", "uniform"]


def margin(probabilities: ArrayLike, budget: int) -> Ints:
    """Return the b points whose first class leads its second by least.

    Parameters
    ----------
    probabilities : array, shape (..., n, k)
        The student's, in [0, 1], of k >= 2 classes.
    budget : int
        b, from 1 to n.

    Returns
    -------
    int array, shape (..., b)
        The least margin first; of ties the first point.

    Raises
    ------
    TypeError
        If `budget` is not an int.
    ValueError
        If an argument is outside its range or shape.

    Examples
    --------
    >>> margin([[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]], 2).tolist()
    [1, 2]
    """
    return _first(margins(_check(probabilities)), budget)


def entropy(probabilities: ArrayLike, budget: int) -> Ints:
    """Return the b points whose classes have the largest entropy.

    Parameters
    ----------
    probabilities : array, shape (..., n, k)
        The student's, in [0, 1], of k >= 2 classes.
    budget : int
        b, from 1 to n.

    Returns
    -------
    int array, shape (..., b)
        The largest entropy first; of ties the first point.

    Raises
    ------
    TypeError
        If `budget` is not an int.
    ValueError
        If an argument is outside its range or shape.

    Examples
    --------
    >>> entropy([[0.5, 0.5, 0.0], [0.4, 0.2, 0.4], [0.9, 0.1, 0.0]], 2).tolist()
    [1, 0]
    """
    return _first(-entr(_check(probabilities)).sum(axis=-1), budget)


def uniform(probabilities: ArrayLike, budget: int, *, rng: np.random.Generator) -> Ints:
    """Draw b different points, all as likely.

    Parameters
    ----------
    probabilities : array, shape (..., n, k)
        The student's; only the number of points matters.
    budget : int
        b, from 1 to n.
    rng : numpy.random.Generator

    Returns
    -------
    int array, shape (..., b)

    Raises
    ------
    TypeError
        If `budget` is not an int, or `rng` is not a Generator.
    ValueError
        If an argument is outside its range or shape.

    Examples
    --------
    >>> uniform(np.full((3, 2), 0.5), 3, rng=np.random.default_rng(0)).tolist()
    [2, 1, 0]
    """
    shape = _check(probabilities).shape[:-1]
    return _first(check_generator(rng).random(shape), budget)


def robust(
    probabilities: ArrayLike, correct: int, budget: int, *, rng: np.random.Generator
) -> Ints:
    """Draw b different points as robust active distillation does.

    Parameters
    ----------
    probabilities : array, shape (..., n, k)
        The student's, in [0, 1], of k >= 2 classes. The gain of a point is 1 less the
        lead of its first class over its second.
    correct : int
        m, from 0 to n: how many labels of the teacher are taken to be right.
    budget : int
        b, from 1 to n.
    rng : numpy.random.Generator

    Returns
    -------
    int array, shape (..., b)
        In the order of the pool.

    Raises
    ------
    TypeError
        If `correct` or `budget` is not an int, or `rng` is not a Generator.
    ValueError
        If an argument is outside its range or shape.

    Notes
    -----
    Claims F1 and F3 of ``paper_repro.md``.

    Examples
    --------
    >>> pool = [[0.9, 0.1], [0.5, 0.5], [0.3, 0.7]]
    >>> robust(pool, 3, 1, rng=np.random.default_rng(0)).tolist()
    [1]
    """
    lead = margins(_check(probabilities))
    pi = inclusion(gains(lead), correct, budget)
    drawn = round_dependently(pi, rng=rng)
    return np.argsort(~drawn, axis=-1, kind="stable")[..., :budget]


def k_center(features: ArrayLike, labelled: ArrayLike, budget: int) -> Ints:
    """Return b points, one after the other, each the farthest from all before it.

    Parameters
    ----------
    features : array, shape (..., n, d)
        Of the pool.
    labelled : array, shape (..., c, d)
        Of the points that have labels, c >= 1; the same leading axes.
    budget : int
        b, from 1 to n.

    Returns
    -------
    int array, shape (..., b)
        In this order; of ties the first. Points are different even where they lie on
        each other.

    Raises
    ------
    TypeError
        If `budget` is not an int.
    ValueError
        If an argument is outside its range or shape.

    References
    ----------
    .. [1] O. Sener, S. Savarese, "Active learning for convolutional neural networks: a
       core-set approach", ICLR 2018.

    Examples
    --------
    >>> k_center([[1.0], [4.0], [9.0], [10.0]], [[0.0]], 3).tolist()
    [3, 1, 0]
    """
    x, centres = check_real("features", features), check_real("labelled", labelled)
    if x.ndim < 2:
        msg = f"`features` must have shape (..., n, d), got {x.shape}"
        raise ValueError(msg)
    if centres.ndim != x.ndim or _but_rows(centres) != _but_rows(x):
        msg = f"`labelled` must match `features` {x.shape}, got {centres.shape}"
        raise ValueError(msg)
    b = check_budget(budget, x.shape[-2])
    away = np.full(x.shape[:-1], np.inf)
    for i in range(centres.shape[-2]):
        away = np.minimum(away, _distance(x, centres[..., i, None, :]))
    found = np.empty((*x.shape[:-2], b), dtype=np.int64)
    for i in range(b):
        it = away.argmax(axis=-1)[..., None]
        found[..., i] = it[..., 0]
        new = np.take_along_axis(x, it[..., None], axis=-2)
        away = np.minimum(away, _distance(x, new))
        np.put_along_axis(away, it, -1.0, axis=-1)
    return found


def margins(probabilities: ArrayLike) -> Array:
    """Return the lead of the first class over the second, (..., n, k) to (..., n).

    >>> margins([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]).tolist()
    [0.25, 1.0]
    """
    top = np.sort(_check(probabilities), axis=-1)
    lead: Array = top[..., -1] - top[..., -2]
    return lead


def _check(probabilities: ArrayLike) -> Array:
    f = check_range("probabilities", probabilities, 0, 1)
    if f.ndim < 2 or f.shape[-1] < 2:
        msg = f"`probabilities` must have shape (..., n, k), k >= 2, got {f.shape}"
        raise ValueError(msg)
    return f


def _first(score: Array, budget: int) -> Ints:
    b = check_budget(budget, score.shape[-1])
    return np.argsort(score, axis=-1, kind="stable")[..., :b]


def _but_rows(x: Array) -> tuple[int, ...]:
    return x.shape[:-2] + x.shape[-1:]


def _distance(x: Array, y: Array) -> Array:
    found: Array = np.linalg.norm(x - y, axis=-1)
    return found
