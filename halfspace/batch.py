"""Learners that need only means over the sample: class mean, SQ-Perceptron."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import (
    Array,
    as_array,
    check_count,
    check_labels,
    check_range,
    check_rate,
    check_real,
)
from halfspace.rules import sign

#: Of the entries of points, so that sums of their squares are finite.
LARGEST = 1e100


def check_samples(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    """Return points (..., n, d) and labels (..., n) in {-1, +1}."""
    points = check_range("x", _points(x), -LARGEST, LARGEST)
    return points, check_labels("y", y, points.shape[:-1])


def _points(x: ArrayLike) -> Array:
    """Return floats of shape (..., n, d), of which only the first row is checked."""
    found = as_array("x", x)
    if found.ndim < 2:
        msg = f"`x` must have shape (..., n, d), got {found.shape}"
        raise ValueError(msg)
    check_real("x", found[..., :1, :])
    return found.astype(np.float64, copy=False)


def class_mean(x: ArrayLike, y: ArrayLike) -> Array:
    """Return the mean of y x, shape (..., d): one pass, no noise rate, no step.

    Parameters
    ----------
    x : array, shape (..., n, d)
        Points of any length, n and d at least 1.
    y : array, shape (..., n)
        Noisy labels in {-1, +1}; one class alone is allowed.

    Raises
    ------
    TypeError
        If an array is not numeric.
    ValueError
        If there is a NaN or infinity, a shape is wrong, or a label is not -1 or +1.

    Notes
    -----
    Claim I3: where w* is the direction of E[s x], as on `Sphere`, it is found at the
    rate of a mean; where it is not, as on the three atoms, it is missed for ever.

    Examples
    --------
    >>> class_mean([[0.6, 0.8], [-0.6, 0.0]], [1, -1])
    array([0.6, 0.4])
    """
    points = _points(x)
    labels = check_labels("y", y, points.shape[:-1])
    with np.errstate(invalid="ignore"):
        mean = _combine(labels / labels.shape[-1], points)
    if not np.isfinite(mean).all():  # what is not finite in a point has spread by now
        check_real("x", points)
    return mean


def _combine(c: Array, x: Array) -> Array:
    """Return the sum of c x over the samples, shape (..., d), as one product."""
    combined: Array = np.matmul(c[..., None, :], x)[..., 0, :]
    return combined


class Iterates(NamedTuple):
    """The last and the averaged iterate of a run, each of shape (..., d)."""

    last: Array
    averaged: Array


def sq_perceptron(x: ArrayLike, y: ArrayLike, *, rate: float, batch: int) -> Iterates:
    """Run SLaM's mean update over consecutive batches of the sample, from w = 0.

    Each batch moves w by minus its mean of ((1 - 2 eta) sign(w.x) - y) x.

    Parameters
    ----------
    x : array, shape (..., n, d)
        Points of any length; the length of w scales with them, its direction not.
    y : array, shape (..., n)
        Noisy labels in {-1, +1}; one class alone is allowed.
    rate : float
        eta = P[flip] that the learner is told, in [0, 1/2).
    batch : int
        Samples per update, at least 1; what is left at the end is a smaller batch.

    Returns
    -------
    Iterates
        The averaged one is the mean of the iterates after each batch.

    Raises
    ------
    TypeError
        If an array is not numeric, or `rate` or `batch` is not a number.
    ValueError
        If there is a NaN or infinity, a shape is wrong, a label is not -1 or +1, or
        a number is out of range.

    Notes
    -----
    It needs only means E[g(x, y)], so it is a statistical-query learner: hence the
    name, which is the field's [1]_. The batches are a reconstruction: the paper was not
    read. With `batch=1` this is `fit(Learner(rule="slam"))`, claim A1; for any batch
    the step is minus the slope of twice the LeakyReLU loss with leak eta, claim A0.

    References
    ----------
    .. [1] I. Diakonikolas, J. Diakonikolas, D. Kane, P. Wang, N. Zarifis,
       "Information-computation tradeoffs for learning margin halfspaces with random
       classification noise", COLT 2023, arXiv:2306.16352.

    Examples
    --------
    >>> x = np.array([[0.8, 0.6], [0.8, -0.6], [-0.8, 0.6]])
    >>> sq_perceptron(x, [1, 1, -1], rate=0.1, batch=2).last.round(3)
    array([ 0.32, -0.12])
    """
    points, labels = check_samples(x, y)
    beta, batch = 1 - 2 * check_rate(rate), check_count("batch", batch)
    starts = range(0, labels.shape[-1], batch)
    w, total = np.zeros((2, *points.shape[:-2], points.shape[-1]))
    for start in starts:
        some = points[..., start : start + batch, :]
        t = np.matmul(some, w[..., None])[..., 0]
        c = beta * sign(t) - labels[..., start : start + batch]
        w = w - _combine(c, some) / c.shape[-1]
        total += w
    return Iterates(w, total / len(starts))
