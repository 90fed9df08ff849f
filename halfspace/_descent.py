"""Local search for a halfspace that errs little: lines, kicks and ties.

Everywhere a (n, d) are points y x of norm 1 and weight (n,) is what a mistake costs.
"""

from time import monotonic

import numpy as np

from halfspace._check import Array

_SMALL = 1e-6


def unit(x: Array) -> Array:
    """Return the rows of `x` with norm 1, and 0 where they are 0."""
    size = np.abs(x).max(axis=-1, keepdims=True)
    x = np.divide(x, size, out=np.zeros_like(x), where=size > 0)
    unit: Array = x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 0.5)
    return unit


def count(a: Array, weight: Array, w: Array) -> float:
    """Return the weight of the points of `a` that w does not get right; ties count."""
    return float(weight[a @ w <= 0].sum())


def descend(a: Array, weight: Array, w: Array) -> Array:
    """Return `w` after the best steps along axes and points, till none helps."""
    ways = np.concatenate([np.eye(a.shape[1]), a])
    rates = ways @ a.T
    turns = np.abs(rates) > _SMALL
    while True:
        heights = np.where(turns, a @ w, 0)
        at = np.divide(-heights, rates, out=np.full_like(rates, np.inf), where=turns)
        order = np.argsort(at, axis=1)
        at = np.take_along_axis(at, order, axis=1)
        gain = np.take_along_axis(turns * np.sign(rates) * weight, order, axis=1)
        before = np.where(turns, rates < 0, a @ w > 0) @ weight
        right = before[:, None] + np.cumsum(gain, axis=1)
        steps = np.append(at[:, 1:], np.full((len(at), 1), np.inf), axis=1)
        steps = np.where(np.isfinite(steps), (at + steps) / 2, at + 1)
        way, cut = divmod(int(np.argmax(np.where(np.isfinite(at), right, -1))), len(a))
        other = unit(w + steps[way, cut] * ways[way])
        if not count(a, weight, other) < count(a, weight, w):
            return w
        w = other


def kick(a: Array, weight: Array, w: Array, deadline: float) -> Array:
    """Return the best of `w` and of descents from its mirror images."""
    best = count(a, weight, w)
    for i in np.argsort(np.abs(a @ w)):
        if monotonic() > deadline:
            break
        other = descend(a, weight, w - 2 * (a[i] @ w) * a[i])
        if count(a, weight, other) < best:
            return kick(a, weight, other, deadline)
    return w


def off_boundary(w: Array, x: Array, a: Array, weight: Array) -> Array:
    """Return `w` of norm 1, turned so little that only its ties are broken."""
    u, w = unit(x), unit(w)
    u = u[np.any(u != 0, axis=1)]
    heights = np.abs(u @ w)
    tied = heights <= _SMALL**1.5
    if not tied.any():
        return w
    n, d = u.shape  # on the moment curve a point ties at most d - 1 times
    curve = unit(np.linspace(-1, 1, n * d)[:, None] ** np.arange(d))
    way = curve[np.argmax(np.abs(curve @ u[tied].T).min(axis=1))]
    step = np.min(heights[~tied], initial=1.0) / 2
    turned = [unit(w + side * way) for side in (step, -step)]
    return min(turned, key=lambda v: count(a, weight, v))
