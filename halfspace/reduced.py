"""The online loop in two coordinates, w.w* and the norm of the rest: claim A8.

Write x = s (a w* + v) with |v|^2 = 1 - a^2. A rule c(t, y) sees t = s (a u + v.w), with
u = w.w*, and adds h a to u and h v to the rest of w, with h = -step s c(t, y). So all
that matters of v is its part along the rest of w and the squared length of what is
left. The mean iterate needs one axis more: its part orthogonal to w and w*. A step
costs the same for d = 3 and d = 10^9.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import (
    Array,
    Ints,
    check_count,
    check_counts,
    check_instance,
    check_range,
    check_real,
    shown,
)
from halfspace._walk import Draws, Walk, draws
from halfspace.learner import Learner, check_constant
from halfspace.noise import RCN
from halfspace.rules import sign
from halfspace.samples import pieces
from halfspace.symmetric import Symmetric

__all__ = ["Draws", "Pair", "Trajectory", "draws", "hitting_times", "replay", "run"]


class Pair(NamedTuple):
    """w.w* and ||w - (w.w*) w*||, each (..., k): the arguments of `law.error_at`."""

    along: Array
    across: Array


@dataclass(frozen=True, slots=True)
class Trajectory:
    """What a reduced run leaves behind, at k checkpoints, with the trials in front.

    Attributes
    ----------
    steps : int array, shape (k,)
        The checkpoints: numbers of samples used.
    mistakes : int array, shape (..., k)
        How often sign(w_t.x_t) differed from the truth so far.
    last : Pair
        The iterate after so many samples.
    averaged : Pair or None
        The mean of the iterates after each of these samples, if it was asked for.
    """

    steps: Ints
    mistakes: Ints
    last: Pair
    averaged: Pair | None


def run(
    learner: Learner,
    law: Symmetric,
    channel: RCN,
    *,
    at: ArrayLike,
    trials: int,
    rng: np.random.Generator,
    averaged: bool = False,
) -> Trajectory:
    """Run `learner` from w = 0 on fresh samples of `law`, exactly in law.

    Parameters
    ----------
    learner : Learner
    law : Symmetric
        Any law that is rotationally symmetric about w*, in any dimension from 2.
    channel : RCN
        Random classification noise; the learner may be told another rate.
    at : int array, shape (k,)
        Checkpoints, strictly increasing, at least 1; the run ends at the last.
    trials : int
        Number of independent runs, at least 1.
    rng : numpy.random.Generator
    averaged : bool
        Whether to follow the mean iterate too.

    Returns
    -------
    Trajectory

    Raises
    ------
    TypeError
        If `law` is not Symmetric, `channel` is not RCN, or a count is not an int.
    ValueError
        If a count is not positive or `at` not increasing.

    Notes
    -----
    Claim A8. Time per step does not depend on d, nor memory on the number of steps.

    Examples
    --------
    >>> from halfspace import Shell
    >>> law, channel = Shell(dim=10**9, margin=0.1), RCN(rate=0.1)
    >>> path = run(Learner(rate=0.1), law, channel, at=[100, 1000], trials=100,
    ...            rng=np.random.default_rng(0))
    >>> (path.mistakes.mean(axis=0) / path.steps).round(2)
    array([0.03, 0.01])
    """
    samples = draws(law, channel, trials=trials, axes=2 if averaged else 1, rng=rng)
    return replay(learner, samples, at=at)


def replay(learner: Learner, samples: Iterable[Draws], *, at: ArrayLike) -> Trajectory:
    """Run `learner` on given draws; `run` is this on fresh ones.

    Parameters
    ----------
    learner : Learner
    samples : iterable of Draws
        At least `at[-1]` of them, in order; two axes give `averaged`.
    at : int array, shape (k,)
        Checkpoints, strictly increasing, at least 1.

    Returns
    -------
    Trajectory

    Raises
    ------
    ValueError
        If `at` is not increasing, or the samples end before `at[-1]`.

    Examples
    --------
    >>> one, v = np.ones((1, 1)), np.zeros((1, 1, 1))
    >>> first = Draws(a=0.6 * one, v=v, left=0.64 * one, y=-one, s=-one)
    >>> path = replay(Learner(rate=0.0), [first], at=[1])
    >>> path.last.along.round(3), path.last.across.round(3), path.mistakes
    (array([[1.2]]), array([[1.6]]), array([[1]]))
    """
    check_constant(learner)
    check_instance("samples", samples, Iterable)
    at = check_counts("at", at)
    records: list[tuple[Ints | Array, ...]] = []
    done = 0
    for block in samples:
        check_instance("samples", block, Draws)
        if done == 0:
            walk = Walk(block.y.shape[1:])
            mistakes: Ints = np.zeros(block.y.shape[1:], dtype=np.int64)
        for cut, ends in pieces(done, len(block.y), at):
            part = Draws(*(field[cut] for field in block))
            t = np.empty(part.y.shape)
            for _ in walk.steps(learner, part, t):
                pass
            mistakes = mistakes + np.count_nonzero(sign(t) != part.s, axis=0)
            done += len(t)
            if ends:
                check_real("samples", walk.rho)  # a NaN in a draw has spread by now
                records.append((mistakes, *walk.pairs(done)))
        if done == at[-1]:
            counts, u, rho, mean_u, mean_rho = (
                np.stack(column, -1) for column in zip(*records, strict=True)
            )
            followed = block.v.shape[1] == 2
            return Trajectory(
                at,
                counts.astype(np.int64),
                Pair(u, rho),
                Pair(mean_u, mean_rho) if followed else None,
            )
    msg = f"`samples` must last for {at[-1]} steps, got {done}"
    raise ValueError(msg)


def hitting_times(
    learner: Learner,
    law: Symmetric,
    channel: RCN,
    *,
    targets: Sequence[float],
    horizon: int,
    trials: int,
    rng: np.random.Generator,
) -> Ints:
    """Return after how many samples the error of the iterate first met each target.

    Parameters
    ----------
    learner, law, channel, trials, rng
        As in `run`.
    targets : sequence of float
        Errors in [0, 1/2), strictly decreasing.
    horizon : int
        Steps after which a trial gives up, at least 1.

    Returns
    -------
    int array, shape (trials, len(targets))
        Samples used; -1 where the target was not met within the horizon.

    Raises
    ------
    TypeError
        As in `run`.
    ValueError
        If a count or a target is out of range, or the targets are out of order.

    Notes
    -----
    Claim A7. Each target becomes a value of u / rho once; a step only compares.

    Examples
    --------
    >>> from halfspace import Shell
    >>> hits = hitting_times(
    ...     Learner(rate=0.1), Shell(dim=100, margin=0.1), RCN(rate=0.1),
    ...     targets=[0.3, 0.1], horizon=5000, trials=50, rng=np.random.default_rng(0))
    >>> np.median(hits, axis=0).astype(int)
    array([ 52, 331])
    """
    check_constant(learner)
    samples = draws(law, channel, trials=trials, axes=1, rng=rng)
    horizon = check_count("horizon", horizon)
    errors = check_range("targets", targets, 0, 0.5, "[)")
    if errors.ndim != 1 or not (np.diff(errors) < 0).all():
        msg = f"`targets` must be a decreasing sequence, got {shown(targets)}"
        raise ValueError(msg)
    # Behind the last goal there is none: nothing is larger than NaN.
    goals = np.array([*(law.ratio(float(error)) for error in errors), np.nan])
    walk = Walk((trials,))
    met = np.zeros(trials, dtype=np.int64)  # how many targets each trial has met
    hits: Ints = np.full((trials, len(errors)), -1, dtype=np.int64)
    done = 0
    for block in samples:
        part = Draws(*(field[: horizon - done] for field in block))
        for i in walk.steps(learner, part, np.empty(part.y.shape)):
            while (new := walk.u > goals[met] * walk.rho).any():
                hits[new, met[new]] = done + i + 1
                met += new
        done += len(part.y)
        if done == horizon or (met == len(errors)).all():
            return hits
    raise AssertionError  # the draws do not end
