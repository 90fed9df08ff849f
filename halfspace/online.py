"""The one loop of every online learner, over stacks of trials, in the full space."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import (
    ROUNDING,
    Array,
    Ints,
    check_counts,
    check_instance,
    check_labels,
    check_margin,
    check_points,
    check_range,
    check_real,
    shown,
)
from halfspace.learner import Learner
from halfspace.rules import sign
from halfspace.samples import Block, check_block, pieces, told


@dataclass(frozen=True, slots=True)
class Trajectory:
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
    excess : array, shape (..., k)
        The sum of abs(1 - 2 rate) over these mistakes: over the steps, the average
        excess noisy risk of claim A6. NaN if the samples tell no rates or no truth.
    """

    steps: Ints
    mistakes: Ints
    last: Array
    averaged: Array
    excess: Array


def run(learner: Learner, samples: Iterable[Block], *, at: ArrayLike) -> Trajectory:
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
    Trajectory

    Raises
    ------
    ValueError
        If `at` is not increasing, shapes differ, or samples end before `at[-1]`.

    Notes
    -----
    Memory does not grow with the number of steps. Claims A1 and A10 bound
    `mistakes / steps`; `law.error(path.last)` is the exact error along the way.

    Examples
    --------
    >>> from halfspace import RCN, Shell, blocks
    >>> law, rng = Shell(dim=20, margin=0.2), np.random.default_rng(0)
    >>> data = blocks(law, RCN(rate=0.1), trials=10, rng=rng)
    >>> path = run(Learner(rule="slam", rate=0.1), data, at=[100, 10_000])
    >>> law.error(path.averaged).mean(axis=0).round(3)
    array([0.07, 0.  ])
    """
    check_instance("learner", learner, Learner)
    check_instance("samples", samples, Iterable)
    at = check_counts("at", at)
    records: list[tuple[Ints, Array, Array, Array]] = []
    done, shape = 0, None
    for block in samples:
        shape = check_block(block, shape)
        if done == 0:
            w, total = np.zeros((2, *shape))
            mistakes: Ints = np.zeros(shape[:-1], dtype=np.int64)
            excess = np.zeros(shape[:-1])
        x = np.moveaxis(block.x, -2, 0)
        y, s, rate, weight = _labels(learner, block)
        for part, ends in pieces(done, len(x), at):
            given = None if rate is None else rate[part]
            predicted = _advance(learner, w, total, x[part], y[part], given)
            wrong = predicted != s[part]
            mistakes = mistakes + np.count_nonzero(wrong, axis=0)
            excess = excess + np.sum(weight[part] * wrong, axis=0)
            done += part.stop - part.start
            if ends:
                check_real("samples", w)  # a NaN in a point has spread by now
                records.append((mistakes, w.copy(), total / done, excess))
        if done == at[-1]:
            counts, last, averaged, sums = zip(*records, strict=True)
            return Trajectory(
                at,
                np.stack(counts, -1),
                np.stack(last, -2),
                np.stack(averaged, -2),
                np.stack(sums, -1),
            )
    msg = f"`samples` must last for {at[-1]} steps, got {done}"
    raise ValueError(msg)


def _labels(learner: Learner, block: Block) -> tuple[Array, Array, Array | None, Array]:
    """Return labels, truths, rates if the learner takes them, and weights of mistakes.

    All with time in front.
    """
    y, rate = (block.y, None) if learner.rate is not None else told(block)
    given = np.full(y.shape, np.nan) if block.rate is None else block.rate
    y, s, weight = (
        np.moveaxis(part, -1, 0) for part in (y, block.s, np.abs(1 - 2 * given))
    )
    return y, s, rate if rate is None else np.moveaxis(rate, -1, 0), weight


def _advance(
    learner: Learner, w: Array, total: Array, x: Array, y: Array, rate: Array | None
) -> Array:
    """Move `w` and the sum `total` in place through x (n, ..., d); return its signs."""
    t, update = np.empty(y.shape), np.empty_like(w)
    for i in range(len(x)):
        np.vecdot(w, x[i], out=t[i, ...])
        c = learner.coefficient(t[i], y[i], None if rate is None else rate[i])
        if learner.step != 1:
            c = learner.step * c
        np.multiply(c[..., None], x[i], out=update)
        np.subtract(w, update, out=w)
        if learner.radius != np.inf:
            w *= learner.shrink(np.vecdot(w, w))[..., None]
        np.add(total, w, out=total)
    return sign(t)


def fit(
    learner: Learner,
    x: ArrayLike,
    y: ArrayLike,
    *,
    at: ArrayLike | None = None,
    truth: ArrayLike | None = None,
    margin: float | None = None,
    rate: ArrayLike | None = None,
) -> Trajectory:
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
    rate : array, shape (..., n) or broadcast to it, optional
        P[flip] at each point, in [0, 1], for a learner whose rate is None.

    Returns
    -------
    Trajectory

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
        msg = f"`margin` must come with `truth`, got {shown(margin)} alone"
        raise TypeError(msg)
    size = x.shape[-2]
    at = check_counts("at", [size] if at is None else at)
    if at[-1] > size:
        msg = f"`at` must be at most {size}, the number of samples, got {at[-1]}"
        raise ValueError(msg)
    if rate is not None:
        rate = _told_rates(rate, y.shape)
    path = run(learner, [Block(x, y, s, rate)], at=at)
    return path if truth is not None else replace(path, excess=path.excess * np.nan)


def _told_rates(rate: ArrayLike, shape: tuple[int, ...]) -> Array:
    found = check_range("rate", rate, 0, 1)
    try:
        return np.broadcast_to(found, shape)
    except ValueError:
        msg = f"`rate` must be broadcast to {shape} to match `y`, got {found.shape}"
        raise ValueError(msg) from None


def _true_labels(x: Array, truth: Array, margin: float | None) -> Array:
    norm = float(np.linalg.norm(truth))
    if truth.shape != x.shape[-1:] or norm == 0:
        rule = f"be a non-zero vector of shape {x.shape[-1:]}"
        msg = f"`truth` must {rule}, got {shown(truth)}"
        raise ValueError(msg)
    heights = x @ (truth / norm)
    low = float(np.abs(heights).min())
    if margin is not None and low < check_margin(margin) - ROUNDING:
        msg = f"`margin` must be at most the data's, {low:.6g}, got {margin}"
        raise ValueError(msg)
    return sign(heights)
