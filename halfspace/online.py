"""The one loop of every online learner, over stacks of trials, in the full space."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import (
    ROUNDING,
    Array,
    Ints,
    check_count,
    check_counts,
    check_generator,
    check_instance,
    check_labels,
    check_margin,
    check_points,
    check_real,
)
from halfspace.noise import Channel, pass_through
from halfspace.problems import Symmetric
from halfspace.rules import Learner, sign

#: Numbers drawn at a time: half a megabyte, whatever the number of steps.
BLOCK = 2**16


class Block(NamedTuple):
    """Samples in the order they are seen: x (..., n, d), labels y and s (..., n)."""

    x: Array
    y: Array
    s: Array


@dataclass(frozen=True, slots=True)
class Path:
    """What a run leaves behind, at k checkpoints, with the trials in front.

    Attributes
    ----------
    steps : int array, shape (k,)
        The checkpoints: numbers of samples used.
    mistakes : int array, shape (..., k)
        How often sign(w_t.x_t) differed from the truth so far: an unbiased count of
        the sum of err(w_t), the M of claim A1.
    last : array, shape (..., k, d)
        The iterate after so many samples.
    averaged : array, shape (..., k, d)
        The mean of the iterates after each of these samples.
    """

    steps: Ints
    mistakes: Ints
    last: Array
    averaged: Array


def blocks(
    law: Symmetric, channel: Channel, *, trials: int, rng: np.random.Generator
) -> Iterator[Block]:
    """Yield samples of `trials` independent runs without end, in constant memory.

    Parameters
    ----------
    law : Symmetric
        Draws x and s.
    channel : Channel
        Makes the noisy y of s.
    trials : int
        Leading axis of every block; at least 1.
    rng : numpy.random.Generator

    Yields
    ------
    Block
        x (trials, n, d), y (trials, n), s (trials, n); n depends on trials and d alone.

    Examples
    --------
    >>> from halfspace import RCN, Shell
    >>> law, rng = Shell(dim=64, margin=0.1), np.random.default_rng(0)
    >>> next(blocks(law, RCN(rate=0.1), trials=32, rng=rng)).x.shape
    (32, 32, 64)
    """
    trials = check_count("trials", trials)
    check_instance("law", law, Symmetric)
    *rngs, noise = check_generator(rng).spawn(4)
    shape = (max(1, BLOCK // (trials * law.dim)), trials)
    while True:  # drawn with time in front: then a step is contiguous in memory
        x, s = law.draw(shape, rngs)
        y = pass_through(channel, x, s, noise)
        yield Block(np.moveaxis(x, 0, 1), y.T, s.T)


def run(learner: Learner, samples: Iterable[Block], *, at: ArrayLike) -> Path:
    """Run `learner` from w = 0 through `samples`, all trials in step.

    Parameters
    ----------
    learner : Learner
    samples : iterable of Block
        For instance `blocks(...)`; the number of steps is `at[-1]`.
    at : int array, shape (k,)
        Checkpoints, strictly increasing, at least 1.

    Returns
    -------
    Path

    Raises
    ------
    ValueError
        If `at` is not increasing, or the samples end before `at[-1]`.

    Notes
    -----
    Memory does not grow with the number of steps. Claims A1 and A10 bound
    `mistakes / steps`; `law.error(path.last)` is the exact error along the way.

    Examples
    --------
    >>> from halfspace import RCN, Shell
    >>> law, rng = Shell(dim=20, margin=0.2), np.random.default_rng(0)
    >>> data = blocks(law, RCN(rate=0.1), trials=10, rng=rng)
    >>> path = run(Learner(rule="slam", rate=0.1), data, at=[100, 10_000])
    >>> law.error(path.averaged).mean(axis=0).round(3)
    array([0.07, 0.  ])
    """
    at = check_counts("at", at)
    records: list[tuple[Ints, Array, Array]] = []
    done = 0
    for x, y, s in samples:
        x, y, s = np.moveaxis(x, -2, 0), np.moveaxis(y, -1, 0), np.moveaxis(s, -1, 0)
        if done == 0:
            w, total = np.zeros(x.shape[1:]), np.zeros(x.shape[1:])
            mistakes: Ints = np.zeros(y.shape[1:], dtype=np.int64)
        seen = 0
        while seen < len(x) and len(records) < len(at):
            stop = min(len(x), seen + int(at[len(records)]) - done)
            part = slice(seen, stop)
            mistakes = mistakes + _advance(learner, w, total, x[part], y[part], s[part])
            done, seen = done + stop - seen, stop
            if done == at[len(records)]:
                records.append((mistakes, w.copy(), total / done))
        if len(records) == len(at):
            counts, last, averaged = zip(*records, strict=True)
            return Path(
                at, np.stack(counts, -1), np.stack(last, -2), np.stack(averaged, -2)
            )
    msg = f"`samples` must last for {at[-1]} steps, got {done}"
    raise ValueError(msg)


def _advance(
    learner: Learner, w: Array, total: Array, x: Array, y: Array, s: Array
) -> Ints:
    """Move `w` and the sum `total` in place through x (n, ..., d); count mistakes."""
    t, update = np.empty(y.shape), np.empty_like(w)
    for i in range(len(x)):
        np.vecdot(w, x[i], out=t[i, ...])
        c = learner.coefficient(t[i], y[i])
        if learner.step != 1:
            c = learner.step * c
        np.multiply(c[..., None], x[i], out=update)
        np.subtract(w, update, out=w)
        if learner.radius != np.inf:
            w *= learner.shrink(np.vecdot(w, w))[..., None]
        np.add(total, w, out=total)
    mistakes: Ints = np.count_nonzero(sign(t) != s, axis=0)
    return mistakes


def fit(
    learner: Learner,
    x: ArrayLike,
    y: ArrayLike,
    *,
    at: ArrayLike | None = None,
    truth: ArrayLike | None = None,
    margin: float | None = None,
) -> Path:
    """Run `learner` once through given samples, in their order.

    Parameters
    ----------
    learner : Learner
    x : array, shape (..., n, d)
        Points in the unit ball, d at least 2.
    y : array, shape (..., n)
        Noisy labels in {-1, +1}.
    at : int array, shape (k,), optional
        Checkpoints; by default the end, n.
    truth : array, shape (d,), optional
        w*: mistakes are then counted against sign(truth.x), else against `y`.
    margin : float, optional
        States that |truth.x| >= margin ||truth|| for all points; needs `truth`.

    Returns
    -------
    Path

    Raises
    ------
    TypeError
        If an array is not numeric, or `margin` comes without `truth`.
    ValueError
        If there is a NaN or infinity, a shape is wrong, a point is outside the unit
        ball, a label is not -1 or +1, or the data violate the stated margin.

    Notes
    -----
    Claim A2: on labels without noise the Perceptron errs at most 1/margin^2 times, and
    so does SLaM.

    Examples
    --------
    >>> x = np.array([[0.8, 0.6], [0.8, -0.6], [-0.8, 0.6]])
    >>> fit(Learner(rule="perceptron"), x, [1, 1, -1], margin=0.8, truth=[1, 0]).last
    array([[0.8, 0.6]])
    """
    x = check_points("x", x)
    y = s = check_labels("y", y, x.shape[:-1])
    if truth is not None:
        s = _true_labels(x, check_real("truth", truth), margin)
    elif margin is not None:
        msg = f"`margin` must come with `truth`, got {margin!r} alone"
        raise TypeError(msg)
    return run(learner, [Block(x, y, s)], at=[x.shape[-2]] if at is None else at)


def _true_labels(x: Array, truth: Array, margin: float | None) -> Array:
    norm = float(np.linalg.norm(truth))
    if truth.shape != x.shape[-1:] or norm == 0:
        msg = f"`truth` must be a non-zero vector of shape {x.shape[-1:]}, got {truth}"
        raise ValueError(msg)
    heights = x @ (truth / norm)
    low = float(np.abs(heights).min())
    if margin is not None and low < check_margin(margin) - ROUNDING:
        msg = f"`margin` must be at most the data's, {low:.6g}, got {margin}"
        raise ValueError(msg)
    return sign(heights)


def select(candidates: ArrayLike, samples: Iterable[Block], *, size: int) -> Ints:
    """Return, for each trial, which candidate errs least on noisy held-out labels.

    Parameters
    ----------
    candidates : array, shape (..., m, d)
        For instance `path.last`.
    samples : iterable of Block
        Held-out samples, the same trials in front.
    size : int
        How many of them to use per trial; `theory.holdout_size` says how many suffice.

    Returns
    -------
    int array, shape (...)
        Index in 0..m-1; the first of the best.

    Raises
    ------
    ValueError
        If shapes do not match, an entry is not finite, or the samples end too early.

    Notes
    -----
    Claim A9: the noisy error is eta + (1 - 2 eta) err, so noisy labels can choose.

    Examples
    --------
    >>> x = np.array([[0.6, 0.8], [0.6, -0.8]])
    >>> held_out = Block(x, np.ones(2), np.ones(2))
    >>> int(select([[0.0, 1.0], [1.0, 0.0]], [held_out], size=2))
    1
    """
    candidates = check_real("candidates", candidates)
    left = check_count("size", size)
    if candidates.ndim < 2:
        msg = f"`candidates` must have shape (..., m, d), got {candidates.shape}"
        raise ValueError(msg)
    wrong = np.zeros(candidates.shape[:-1], dtype=np.int64)
    for x, y, _ in samples:
        if x.shape[:-2] + x.shape[-1:] != candidates.shape[:-2] + candidates.shape[-1:]:
            msg = f"`samples` must match `candidates` {candidates.shape}, got {x.shape}"
            raise ValueError(msg)
        x, y = x[..., :left, :], y[..., None, :left]
        wrong += np.count_nonzero(sign(candidates @ x.swapaxes(-1, -2)) != y, axis=-1)
        left -= x.shape[-2]
        if left == 0:
            best: Ints = np.argmin(wrong, axis=-1)
            return best
    msg = f"`samples` must hold {size} samples, got {size - left}"
    raise ValueError(msg)
