"""The arithmetic of mixed predictions: one class against all others, in logarithms."""

from typing import Any

import numpy as np
from scipy import special

from halfspace._check import Array
from halfspace._logits import (
    Bools,
    Floats,
    ValueAndGradient,
    ValueAndSlope,
    highest,
    logarithm,
)


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
    """Return the logit of class `index` (...) and the softmax of the others (..., k).

    The logit is log(f / (1 - f)), f the softmax of the class.
    """
    at = index[..., None]
    own = np.take_along_axis(z, at, axis=-1)
    rest = z.copy()
    np.put_along_axis(rest, at, -np.inf, axis=-1)
    top = highest(rest)
    rest -= top
    np.exp(rest, out=rest)
    total = np.einsum("...k->...", rest)[..., None]
    rest /= total
    return ((own - top) - np.log(total))[..., 0], rest


def pick(values: Any, index: Any) -> Any:
    """Return the entries of (..., k) at the class `index` (...)."""
    return np.take_along_axis(values, index[..., None], axis=-1)[..., 0]


def put(values: Any, index: Any, entries: Any) -> None:
    """Set the entries of (..., k) at the class `index` (...)."""
    np.put_along_axis(values, index[..., None], np.asarray(entries)[..., None], axis=-1)


def of_hard(
    z: Floats, y: Any, alpha: Array, c: Array, marked: Bools
) -> ValueAndGradient:
    """Return the loss of hard labels: two classes, the label's and all others."""
    u, gradient = one_against_rest(z, y)
    value, slope = mixed(u, alpha, pick(marked, y) * c)
    gradient *= -slope[..., None]
    put(gradient, y, slope)
    return ValueAndGradient(value, gradient)


def of_soft(
    z: Floats, y: Floats, alpha: Array, c: Array, marked: Bools
) -> ValueAndGradient:
    """Return the loss of soft labels: the likeliest class apart, then all others.

    The others have f <= 1/2, so that the mixture alpha f + c (1 - f) keeps its digits.
    """
    best = z.argmax(axis=-1)
    u, gradient = one_against_rest(z, best)
    wrong = np.where(pick(marked, best), c, alpha == 0)
    value, slope = mixed(u, alpha, wrong)
    own, y = pick(y, best).astype(z.dtype), y.astype(z.dtype)
    put(y, best, 0)
    odds = np.exp(-u)  # of all others: at most k - 1
    inside, outside = 1 / (1 + odds), odds / (1 + odds)
    share, mixture = _shares(gradient, outside, alpha, c, marked)
    share *= y
    total = np.einsum("...k->...", share)
    gradient *= (outside * total - own * slope)[..., None]
    gradient -= share
    put(gradient, best, own * slope + inside * total)
    seen = np.multiply(y, marked, out=share)
    seen *= (c > 0).astype(z.dtype)[..., None]
    value *= own
    value -= np.einsum("...k,...k->...", seen, np.log(mixture, out=mixture))
    y -= seen  # of what is left, log mix = log alpha + log f
    level = logarithm(np.where(alpha > 0, alpha, 1)).astype(z.dtype) - np.log1p(odds)
    below = np.subtract(z, pick(z, best)[..., None], out=mixture)
    value -= np.einsum("...k,...k->...", y, below) + level * np.einsum("...k->...", y)
    return ValueAndGradient(value, gradient)


def _shares(
    rest: Floats, outside: Floats, alpha: Array, c: Array, marked: Bools
) -> tuple[Floats, Floats]:
    """Return (alpha - c) f / mixture and the mixture, c = 0 where not marked.

    The share is 1 where c = 0, even if f has underflowed.
    """
    tiny = np.finfo(rest.dtype).tiny
    wrong = marked * c.astype(rest.dtype)[..., None]
    share = alpha.astype(rest.dtype)[..., None] - wrong
    share *= outside[..., None]
    share *= rest
    share += tiny
    wrong += share
    share /= wrong
    return share, wrong
