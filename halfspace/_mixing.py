"""The arithmetic of mixed predictions: one class against all others.

Within, classes come first, (k, n): sums over them are then sums of rows, and fast.
"""

from typing import Any

import numpy as np
from scipy import special

from halfspace._check import Array
from halfspace._logits import Bools, Floats, ValueAndGradient, ValueAndSlope

#: Accuracies that are worked on in logarithms throughout, float32 or float64.
FAINT = 1e-20

#: Probabilities that float32 may have lost. No mixture with c > 0 is as small.
FAINTER = 1e-30


def mixed(u: Floats, right: Array, wrong: Array) -> ValueAndSlope:
    """Return -log(right sigma(u) + wrong sigma(-u)) and its slope in u.

    `right` and `wrong` are weights, shape as `u`, not both 0. The slope is a product,
    so that it has all its digits however confident the student is.
    """
    side = np.where(right < wrong, -1.0, 1.0)
    more, less = np.maximum(right, wrong), np.minimum(right, wrong)
    v = side * u
    own, other = special.expit(v), special.expit(-v)
    sure = less == 0  # else the mixture cannot underflow
    mixture = np.where(sure, more, more * own + less * other)
    slope = side * (less - more) * np.where(sure, 1.0, own) * other / mixture
    plain = np.maximum(-v, 0) - np.log1p(-np.minimum(own, other))
    value = np.where(sure, plain, 0.0) - np.log(mixture)
    return ValueAndSlope(value.astype(u.dtype), slope.astype(u.dtype))


def one_against_rest(z: Floats, index: Any) -> tuple[Floats, Floats]:
    """Return the logit of class `index` (n,) and the softmax of the others (k, n).

    The logit is log(f / (1 - f)), f the softmax of the class; z has shape (n, k).
    """
    rest = z.T.copy()
    own = np.take_along_axis(rest, index[None], axis=0)[0]
    np.put_along_axis(rest, index[None], -np.inf, axis=0)
    top = rest.max(axis=0)
    rest -= top
    np.exp(rest, out=rest)
    total = rest.sum(axis=0)
    rest /= total
    return (own - top) - np.log(total), rest


def pick(values: Any, index: Any) -> Any:
    """Return the entries of (..., k) at the class `index` (...)."""
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]


def of_hard(
    z: Floats, y: Any, alpha: Array, c: Array, marked: Bools
) -> ValueAndGradient:
    """Return the loss of hard labels: two classes, the label's and all others."""
    u, gradient = one_against_rest(z, y)
    value, slope = mixed(u, alpha, pick(marked, y) * c)
    gradient *= -slope
    np.put_along_axis(gradient, y[None], slope[None], axis=0)
    return ValueAndGradient(value, gradient.T)


def of_soft(
    z: Floats, y: Floats, alpha: Array, c: Array, marked: Bools
) -> ValueAndGradient:
    """Return the loss of soft labels, that of each class by its share."""
    value, gradient = _by_softmax(z, y, alpha, c, marked)
    lost = alpha < FAINT
    if lost.any():
        value[lost], gradient[lost] = _by_class(
            z[lost], y[lost], alpha[lost], c[lost], marked[lost]
        )
    return ValueAndGradient(value, gradient)


def _by_class(
    z: Floats, y: Floats, alpha: Array, c: Array, marked: Bools
) -> ValueAndGradient:
    """Return the loss as a sum of hard ones: slow, but for any accuracy."""
    possible = marked | (alpha == 0)[..., None]  # y = 0 where this adds a class
    value, gradient = np.zeros_like(z[..., 0]), np.zeros_like(z)
    for i in range(z.shape[-1]):
        own, index = y[..., i].astype(z.dtype), np.full(z.shape[:-1], i)
        hard = of_hard(z, index, alpha, c, possible)
        value += own * hard.value
        gradient += own[..., None] * hard.gradient
    return ValueAndGradient(value, gradient)


def _by_softmax(
    z: Floats, y: Floats, alpha: Array, c: Array, marked: Bools
) -> ValueAndGradient:
    """Return the loss from the mixture itself, for accuracies that are not faint."""
    z, y = (x.T.astype(z.dtype, order="C") for x in (z, y))
    wrong = marked.T.copy().astype(z.dtype)
    wrong *= c.astype(z.dtype)
    z -= z.max(axis=0)
    f, outside, lead = _sides(z)
    share = f * alpha.astype(z.dtype)
    share += np.finfo(z.dtype).tiny  # so that it is 1 below, where f underflows
    mixture = wrong * outside
    mixture += share
    wrong *= f
    share -= wrong
    share /= mixture
    share *= y
    y *= _logarithm(mixture, z, alpha)
    value = -y.sum(axis=0)
    return ValueAndGradient(value, _gradient(f, outside, lead, share).T)


def _sides(below: Floats) -> tuple[Floats, Floats, Floats]:
    """Return f, 1 - f and where the likeliest class is (1, else 0).

    No difference loses digits of 1 - f: it is a sum over the others.
    """
    f = np.exp(below)
    lead = np.floor(f)
    others = (f - lead).sum(axis=0) + (lead.sum(axis=0) - 1)
    outside = 1 - f
    outside += others
    others += 1
    f /= others
    outside /= others
    return f, outside, lead


def _logarithm(mixture: Floats, below: Floats, alpha: Array) -> Floats:
    """Return log mixture, in its place; where it underflows, log alpha + log f."""
    lost = mixture < FAINTER
    np.log(mixture, out=mixture)
    if lost.any():
        level = np.log(np.maximum(alpha, FAINT)) - np.log(np.exp(below).sum(axis=0))
        np.copyto(mixture, below + level.astype(below.dtype), where=lost)
    return mixture


def _gradient(f: Floats, outside: Floats, lead: Floats, share: Floats) -> Floats:
    """Return f_j sum_i share_i - share_j.

    The share of the likeliest class may be huge where 1 - f is tiny: it is kept apart,
    and in its own gradient multiplied by 1 - f.
    """
    lead *= share
    share -= lead
    gradient: Floats = lead.sum(axis=0) - lead
    gradient += share.sum(axis=0)
    gradient *= f
    gradient -= share
    outside *= lead
    gradient -= outside
    return gradient
