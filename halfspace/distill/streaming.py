"""The linear student of a stream: one pass over blocks of rows, in constant memory."""

from dataclasses import dataclass

import numpy as np

from halfspace._check import Array
from halfspace.distill._kernels import Rows, convex, subtracted

#: Rows per step.
BATCH = 64

#: The step suits students whose scores are about this large.
REACH = 8.0


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """What dual averaging keeps of the rows that it has seen.

    Attributes
    ----------
    gradient : array, shape (m, d + 1)
        The sum of all gradients.
    total : array, shape (m, d + 1)
        The sum over rows of the iterate that met them.
    weight : float
        Of these rows.
    squares : float
        The sum of squared norms of the gradients of the steps.
    largest : float
        No gradient of a step so far could be longer.
    scale : float
        REACH over the norm of the longest row of the first block.
    """

    gradient: Array
    total: Array
    weight: float
    squares: float
    largest: float
    scale: float

    @property
    def mean(self) -> Array:
        """The student: the mean of the iterates, shape (m, d + 1)."""
        return self.total / max(self.weight, np.finfo(float).tiny)

    def bound(self, norm: float) -> float:
        """Return how much the iterates may lose to any fixed student of this norm.

        That is the sum over rows of the losses of the iterate that met each, less the
        sum of those of the fixed student.
        """
        root = np.sqrt(self.squares + self.largest**2)
        return float((norm**2 / (2 * self.scale) + self.scale) * root)


def advance(stream: Stream | None, rows: Rows, k: int, intercept: bool) -> Stream:
    r"""Go on through rows, in their order.

    After gradients :math:`g_1, ..., g_{t-1}` the student is

    .. math:: w_t = -\frac{s}{\sqrt{L_t^2 + \sum_{i<t} \lVert g_i \rVert^2}}
              \sum_{i<t} g_i,

    where :math:`L_t` bounds every gradient up to the t-th by the norms of its rows.

    Parameters
    ----------
    stream : Stream or None
        None at the beginning.
    rows : Rows
        As by `as_rows`. A step takes `BATCH` of them.
    k : int
        Classes.
    intercept : bool
        Without one the last column stays 0.

    Returns
    -------
    Stream

    Notes
    -----
    Dual averaging [1]_ on the convex loss of claim B7, whose mean under the noise is
    abs(beta) times the clean cross-entropy. For every sequence of rows and every u, the
    losses of the iterates exceed those of u by at most (|u|^2/(2 s) + s) sqrt(S), S the
    square under the last root, with the last gradient: that is `Stream.bound`. So on
    rows drawn from one law the clean cross-entropy of the mean iterate, weighted by
    abs(beta), is on average at most bound(|u|)/n above that of u, like 1/sqrt(n).

    References
    ----------
    .. [1] Y. Nesterov, "Primal-dual subgradient methods for convex problems",
       Mathematical Programming 120, 2009.

    Examples
    --------
    >>> rows = Rows(np.array([[1.0], [-1.0]]), np.array([1, 0]))
    >>> advance(None, rows, 2, False).squares  # (1/2 + 1/2)^2
    1.0
    """
    lengths = _lengths(rows, intercept)
    if stream is None:
        zero = np.zeros((1 if k == 2 else k, rows.x.shape[1] + 1))
        longest = float(lengths.max()) or 1.0
        stream = Stream(zero, zero, 0.0, 0.0, 0.0, REACH / longest)
    told = subtracted(rows, k)
    for start in range(0, len(lengths), BATCH):
        part = slice(start, start + BATCH)
        some = Rows(*(field if field is None else field[part] for field in told))
        stream = _step(stream, some, lengths[part], intercept)
    return stream


def _lengths(rows: Rows, intercept: bool) -> Array:
    """Return the norms of the rows, with 1 for the intercept."""
    squares = np.asarray((rows.x * rows.x).sum(axis=1)).ravel()
    return np.asarray(np.sqrt(squares + intercept))


def _step(stream: Stream, rows: Rows, lengths: Array, intercept: bool) -> Stream:
    """Take one step: slopes in the scores are never longer than 2."""
    weight = np.ones(len(lengths)) if rows.weight is None else rows.weight
    largest = max(stream.largest, 2 * float(weight @ lengths))
    if largest == 0:
        return stream
    w = -stream.scale / np.sqrt(stream.squares + largest**2) * stream.gradient
    slope = convex(np.asarray(w[:, :-1] @ rows.x.T) + w[:, -1:], rows).slope * weight
    free = intercept * slope.sum(axis=1, keepdims=True)
    gradient = np.hstack([slope @ rows.x, free])
    mass = float(weight.sum())
    return Stream(
        stream.gradient + gradient,
        stream.total + mass * w,
        stream.weight + mass,
        stream.squares + float(np.vdot(gradient, gradient)),
        largest,
        stream.scale,
    )
