"""Student-label mixing: the student predicts f, and expects the teacher to say mix(f).

For each example: alpha is the probability that the teacher is right, and `top` marks
the k classes that the teacher holds most likely. With c = (1 - alpha)/(k - 1), or in
the unnormalised mix c = 1 - alpha, class i is mixed to

    alpha f_i + c (1 - f_i) top_i.

The loss is cross-entropy against the teacher's labels, in logarithms.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, as_array, check_instance
from halfspace._logits import (
    Bools,
    Floats,
    ValueAndGradient,
    check_logits,
    check_probabilities,
    check_targets,
    first,
    spread,
)
from halfspace._mixing import of_hard, of_soft, pick
from halfspace.correction import check_accuracy, check_identifiable

#: Rows that are worked on at once.
ROWS = 8192


def top_k(scores: ArrayLike, k: ArrayLike) -> Bools:
    """Mark the k most likely classes of each example; of equals, the first.

    Parameters
    ----------
    scores : array, shape (..., L)
        The teacher's probabilities, float32 or float64.
    k : int, or ints broadcast to shape (...)
        In 2..L.

    Returns
    -------
    bool array, shape (..., L)
        With k true entries in each row.

    Raises
    ------
    TypeError
        If scores are not floats, or k not ints.
    ValueError
        If scores are not probabilities, or a k is outside 2..L or of another shape.

    Examples
    --------
    >>> top_k([0.1, 0.2, 0.2, 0.5], 2).tolist()
    [False, True, False, True]
    """
    p = check_probabilities("scores", scores)
    sizes = as_array("k", k)
    if sizes.dtype.kind not in "iu":
        msg = f"`k` must be ints, got dtype {sizes.dtype}"
        raise TypeError(msg)
    bad = np.asarray((sizes < 2) | (sizes > p.shape[-1]))
    if bad.any():
        msg = f"`k` must be in 2..{p.shape[-1]}, got {first(bad, sizes)}"
        raise ValueError(msg)
    rank = np.argsort(np.argsort(-p, axis=-1, kind="stable"), axis=-1)
    chosen: Bools = rank < spread("k", sizes, p.shape[:-1])[..., None]
    return chosen


def mix(
    p: ArrayLike, accuracy: ArrayLike, top: ArrayLike, *, normalised: bool = True
) -> Floats:
    """Return the mixed prediction.

    Parameters
    ----------
    p : array, shape (..., L)
        The student's probabilities, float32 or float64.
    accuracy : array, broadcast to shape (...)
        alpha = P[the teacher is right], in [0, 1].
    top : bool array, broadcast to shape (..., L)
        At least 2 classes marked in each row, as by `top_k`.
    normalised : bool
        Whether the other classes share 1 - alpha or each have it.

    Returns
    -------
    array, shape (..., L)
        Normalised and with p on the marked classes alone, it is the law of the label of
        a teacher that errs uniformly among them.

    Raises
    ------
    TypeError
        If an array has the wrong kind of numbers.
    ValueError
        If p is not probabilities, alpha is outside [0, 1], a shape is wrong, fewer than
        2 classes are marked, or the mix does not depend on p (alpha k = 1).

    Notes
    -----
    Claim C1; [1]_, the unnormalised mix is their Remark B.1.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> mix([0.5, 0.5, 0.0], 0.8, [True, True, False]).round(3).tolist()
    [0.5, 0.5, 0.0]
    >>> mix([1.0, 0.0, 0.0], 0.8, [True] * 3).round(3).tolist()
    [0.8, 0.1, 0.1]
    """
    p = check_probabilities("p", p)
    alpha, c, marked = _weights(p.shape, accuracy, top, normalised)
    right, wrong = alpha.astype(p.dtype)[..., None], c.astype(p.dtype)[..., None]
    expected: Floats = right * p + wrong * (1 - p) * marked
    return expected


def mixing(
    logits: ArrayLike,
    labels: ArrayLike,
    accuracy: ArrayLike,
    top: ArrayLike,
    *,
    normalised: bool = True,
) -> ValueAndGradient:
    """Return cross-entropy of the mixed prediction, -sum_i y_i log mix_i.

    Parameters
    ----------
    logits : array, shape (..., L)
        The student's, float32 or float64; f is their softmax.
    labels : array, shape (...) or (..., L)
        The teacher's: ints in 0..L-1; or soft ones, probabilities as floats.
    accuracy : array, broadcast to shape (...)
        alpha = P[the teacher is right], in [0, 1]; at 1 this is `cross_entropy`.
    top : bool array, broadcast to shape (..., L)
        At least 2 classes marked in each row, as by `top_k`.
    normalised : bool
        Whether the other classes share 1 - alpha or each have it.

    Returns
    -------
    ValueAndGradient
        Loss and gradient in the logits: finite, at logits of +-1000 too.

    Raises
    ------
    TypeError
        If an array has the wrong kind of numbers.
    ValueError
        If a logit is not finite, labels are not classes or probabilities, alpha is
        outside [0, 1], a shape is wrong, fewer than 2 classes are marked, the mix does
        not depend on f (alpha k = 1), or alpha is 0 where the label is not marked.

    Notes
    -----
    Claims C1, C2 and C3; [1]_.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> found = mixing([[0.0, 1000.0, -1000.0]], [0], 0.8, [True] * 3)
    >>> found.value.round(6).tolist(), found.gradient.tolist()
    ([2.302585], [[-0.0, 0.0, 0.0]])
    """
    z = check_logits(logits)
    y, hard = check_targets(labels, z.shape)
    alpha, c, marked = _weights(z.shape, accuracy, top, normalised)
    _check_possible(y, hard, alpha, marked)
    told = (alpha.ravel(), c.ravel(), marked.reshape(-1, z.shape[-1]))
    return _in_blocks(z, y, hard, told)


def _in_blocks(
    z: Floats, y: Any, hard: bool, told: tuple[Any, ...]
) -> ValueAndGradient:
    """Return the loss, a few rows at a time: what is between stays in the cache."""
    kernel = of_hard if hard else of_soft
    rows = z.reshape(-1, z.shape[-1])
    y = y.reshape(rows.shape[:1] if hard else rows.shape)
    value, gradient = np.empty_like(rows[:, 0]), np.empty_like(rows)
    for start in range(0, len(rows), ROWS):
        part = slice(start, start + ROWS)
        value[part], gradient[part] = kernel(
            rows[part], y[part], *(each[part] for each in told)
        )
    return ValueAndGradient(value.reshape(z.shape[:-1]), gradient.reshape(z.shape))


def _weights(
    shape: tuple[int, ...], accuracy: ArrayLike, top: ArrayLike, normalised: bool
) -> tuple[Array, Array, Bools]:
    """Return alpha and c, shape (...), and the marked classes, shape (..., L)."""
    check_instance("normalised", normalised, bool)
    alpha = check_accuracy(accuracy, shape[:-1])
    found = as_array("top", top)
    if found.dtype != np.bool_:
        msg = f"`top` must be bool, got dtype {found.dtype}"
        raise TypeError(msg)
    marked = spread("top", found, shape)
    k = np.einsum("...k->...", np.atleast_1d(found), dtype=np.intp)
    bad = np.asarray(k < 2)
    if bad.any():
        msg = f"`top` must mark at least 2 classes in each row, got {first(bad, k)}"
        raise ValueError(msg)
    others = k - 1 if normalised else np.ones_like(k)
    check_identifiable(alpha, others + 1)
    return alpha, np.broadcast_to((1 - alpha) / others, alpha.shape), marked


def _check_possible(y: Any, hard: bool, alpha: Array, marked: Bools) -> None:
    """Say so if the mix gives a label probability 0, whatever the student says."""
    if alpha.all():
        return
    outside = ~pick(marked, y) if hard else ((y > 0) & ~marked).any(axis=-1)
    bad = (alpha == 0) & outside
    if bad.any():
        rule = "be positive where `top` lacks a label"
        msg = f"`accuracy` must {rule}, got {first(bad, alpha)}"
        raise ValueError(msg)
