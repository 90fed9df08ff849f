"""Losses of a linear student on a block of rows: values, and slopes in the scores.

Scores are (m, n), classes first: m = 1 for two classes, where the score is the log odds
of class 1, else m = k. The loss is cross-entropy of the mixed prediction; beside it is
the convex loss of claim B7, which is plain cross-entropy where there is no noise.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from halfspace._check import Array
from halfspace._mixing import of_soft, pick

#: Rows worked on at once: what is between stays in the cache.
ROWS = 4096


class Rows(NamedTuple):
    """Rows with what is said about them, n of them in front.

    Attributes
    ----------
    x : array or sparse matrix, shape (n, d)
    y : array, shape (n,) or (n, k)
        Ints in 0..k-1, or probabilities; for `convex` what `subtracted` makes of them.
    alpha, c : array, shape (n,), or None without noise
        P[the label is right], and what the mix gives to each other marked class.
    top : bool array, shape (n, k), or None
        The marked classes.
    weight : array, shape (n,), or None if all are 1
    """

    x: Any
    y: Any
    alpha: Any = None
    c: Any = None
    top: Any = None
    weight: Any = None


class Slopes(NamedTuple):
    """The loss of each row, shape (n,), and its slope in the scores, shape (m, n)."""

    value: Array
    slope: Array


Loss = Callable[[Array, Rows], Slopes]


def blocks(rows: Rows) -> Iterator[Rows]:
    """Cut rows into blocks.

    >>> [len(block.y) for block in blocks(Rows(np.eye(5000, 2), np.zeros(5000)))]
    [4096, 904]
    """
    for start in range(0, rows.x.shape[0], ROWS):
        part = slice(start, start + ROWS)
        yield Rows(*(field if field is None else field[part] for field in rows))


def total(rows: Rows) -> float:
    """Return the sum of the weights.

    >>> total(Rows(np.eye(3), np.zeros(3)))
    3.0
    """
    return float(rows.x.shape[0] if rows.weight is None else rows.weight.sum())


def mixed_two(z: Array, rows: Rows) -> Slopes:
    """Cross-entropy of the mixed prediction of two classes.

    >>> z, rows = np.array([[0.0, 2.0]]), Rows(None, np.array([1, 1]), np.ones(2))
    >>> mixed_two(z, rows).value.round(6).tolist()
    [0.693147, 0.126928]
    """
    if rows.y.ndim == 1:
        sign = 2.0 * rows.y - 1
        value, slope = _of_margin(sign * z[0], rows.alpha)
        return Slopes(value, (sign * slope)[None])
    (low, down), (high, up) = (_of_margin(t, rows.alpha) for t in (-z[0], z[0]))
    first, second = rows.y.T
    return Slopes(first * low + second * high, (second * up - first * down)[None])


def _of_margin(u: Array, alpha: Array) -> tuple[Array, Array]:
    """Return -log(alpha sigma(u) + (1 - alpha) sigma(-u)) and its slope.

    As `halfspace._mixing.mixed`, with one exponential and one logarithm.
    """
    size = np.abs(u)
    small = np.exp(-size)
    near = np.where(u >= 0, alpha, 1 - alpha)  # the weight of the larger sigma
    total = 1 + small
    mixture = near * (1 - small) + small  # times total
    lost = near == 0  # and then mixture = small, which may underflow
    if not lost.any():
        return np.log(total / mixture), (1 - 2 * alpha) * small / (total * mixture)
    mixture[lost] = 1.0
    small[lost] = 1.0
    slope = (1 - 2 * alpha) * small / (total * mixture)
    return np.log(total / mixture) + np.where(lost, size, 0.0), slope


def mixed_many(z: Array, rows: Rows) -> Slopes:
    """Cross-entropy of the mixed prediction of k classes.

    >>> rows = Rows(None, np.array([2]), np.array([0.8]), np.array([0.1]))
    >>> mixed_many(np.zeros((3, 1)), rows._replace(top=np.ones((1, 3), bool))).value
    array([1.09861229])
    """
    if rows.y.ndim == 2:
        found = of_soft(z.T, rows.y, rows.alpha, rows.c, rows.top)
        return Slopes(np.asarray(found.value, float), np.asarray(found.gradient.T))
    level, f = _softmax(z)
    at = rows.y, np.arange(len(rows.y))
    c = rows.c * pick(rows.top, rows.y)
    beta, own = rows.alpha - c, f[at]
    mixture = beta * own + c
    lost = c == 0  # and then mixture = alpha own, which may underflow
    pull = np.where(lost, 1.0, beta * own / np.where(lost, 1.0, mixture))
    f *= pull
    f[at] -= pull
    logarithm = np.log(np.where(lost, rows.alpha, mixture))
    return Slopes(np.where(lost, level - z[at], 0.0) - logarithm, f)


def subtracted(rows: Rows, k: int) -> Rows:
    """Take the noise out of labels: in place of y comes sgn(beta) (e_y - c top).

    Here c = (1 - alpha) / (marked - 1) and beta = alpha - c. The mean of e_y - c top
    under the noise is beta times the clean e_y. `alpha` becomes abs(beta), and y has
    shape (n, m).
    """
    target = rows.y
    if target.ndim == 1:
        target = np.zeros((k, len(rows.y)))
        target[rows.y, np.arange(len(rows.y))] = 1.0
        target = target.T
    if rows.alpha is None:
        return rows._replace(y=target[:, 1:] if k == 2 else target)
    share = (1 - rows.alpha) / (np.count_nonzero(rows.top, axis=1) - 1)
    beta = rows.alpha - share
    target = np.sign(beta)[:, None] * (target - share[:, None] * rows.top)
    return rows._replace(y=target[:, 1:] if k == 2 else target, alpha=np.abs(beta))


def convex(z: Array, rows: Rows) -> Slopes:
    """Cross-entropy with labels that `subtracted` has taken the noise out of.

    Its mean under the noise is abs(beta) times the clean cross-entropy, and it is
    convex in z. Claims B3 and B7.

    >>> convex(np.zeros((1, 2)), subtracted(Rows(None, np.array([1, 0])), 2)).slope
    array([[-0.5,  0.5]])
    """
    target = rows.y.T
    level, p = _odds(z) if len(z) == 1 else _softmax(z)
    if rows.alpha is not None:
        level *= rows.alpha
        p *= rows.alpha
    p -= target
    return Slopes(level - np.einsum("mn,mn->n", target, z), p)


def _odds(z: Array) -> tuple[Array, Array]:
    """Return log(1 + e^z), shape (n,), and sigma(z), shape (1, n)."""
    small = np.exp(-np.abs(z))
    total = 1 + small
    level = np.maximum(z, 0) + np.log(total)
    small[z >= 0] = 1.0
    small /= total
    return level[0], small


def _softmax(z: Array) -> tuple[Array, Array]:
    """Return log sum exp, shape (n,), and the softmax, shape (k, n)."""
    largest = z.max(axis=0)
    p = z - largest
    np.exp(p, out=p)
    total = p.sum(axis=0)
    p /= total
    return largest + np.log(total), p
