"""Losses and weights of students that no other module has."""

from typing import Any

import numpy as np
from scipy.spatial import KDTree

from halfspace._check import Array, Ints
from halfspace._logits import Bools, Floats, ValueAndGradient
from halfspace._mixing import one_against_rest
from halfspace.distill._lean import lean_cross_entropy
from halfspace.losses import taylor_ce


def tempered(z: Floats, target: Floats, temperature: Floats) -> ValueAndGradient:
    """Return cross-entropy of the softmax of z / T, times T^2 so that slopes compare.

    Temperatures have the shape of the rows.
    """
    hot = temperature[..., None]
    value, gradient = lean_cross_entropy(z / hot, target)
    return ValueAndGradient(value * temperature**2, gradient * hot)


def taylor(z: Floats, labels: Ints, taught: Bools, *, order: int) -> ValueAndGradient:
    """Return the first terms of cross-entropy in 1 - f_y on taught rows, else all."""
    plain = lean_cross_entropy(z, labels)
    y = labels.ravel()
    margin, rest = one_against_rest(z.reshape(-1, z.shape[-1]), y)
    value, slope = taylor_ce(margin, order=order)
    gradient = -slope * rest
    np.put_along_axis(gradient, y[None], slope[None], axis=0)
    return ValueAndGradient(
        np.where(taught, value.reshape(labels.shape), plain.value),
        np.where(taught[..., None], gradient.T.reshape(z.shape), plain.gradient),
    )


def nearest(x: Floats, known: Floats, count: int) -> Ints:
    """Return the nearest known rows of each row, shape (..., m, count), by trial."""
    found = np.empty((*x.shape[:-1], count), np.int64)
    for i in np.ndindex(x.shape[:-2]):
        found[i] = KDTree(known[i]).query(x[i], np.arange(1, count + 1))[1]
    return found


def relative_loss(said: Floats, y: Ints, labels: Ints, near: Ints) -> Array:
    """Return true loss over loss on the teacher's labels, summed over near rows.

    The scores are of known rows (..., v, k), and so are both labels (..., v).
    """
    true, other = (
        lean_cross_entropy(said.astype(np.float64), each).value for each in (y, labels)
    )
    at = near.reshape(*near.shape[:-2], -1)
    clean, noisy = (
        np.take_along_axis(each, at, axis=-1).reshape(near.shape).sum(axis=-1)
        for each in (true, other)
    )
    tiny = np.finfo(np.float64).tiny
    return np.asarray((clean + tiny) / (noisy + tiny))


def both(clean: Any, taught: Any, axis: int) -> Any:
    """Put what is said of taught rows behind what is said of clean ones."""
    return np.concatenate((clean, taught), axis=axis)
