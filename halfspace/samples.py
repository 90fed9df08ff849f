"""Endless samples of a law through a channel, in blocks of constant memory."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from halfspace._check import (
    Array,
    Ints,
    check_count,
    check_generator,
    check_instance,
    check_labels,
)
from halfspace.noise import Channel, pass_through
from halfspace.symmetric import Symmetric

#: Numbers drawn at a time: half a megabyte, whatever the number of steps.
BLOCK = 2**16


class Block(NamedTuple):
    """Samples in the order they are seen: x (..., n, d), labels y and s (..., n)."""

    x: Array
    y: Array
    s: Array


def blocks(
    law: Symmetric, channel: Channel, *, trials: int, rng: np.random.Generator
) -> Iterator[Block]:
    """Return endless samples of `trials` independent runs, in constant memory.

    Parameters
    ----------
    law : Symmetric
        Draws x and s.
    channel : Channel
        Makes the noisy y of s.
    trials : int
        Leading axis of every block; at least 1.
    rng : numpy.random.Generator

    Returns
    -------
    iterator of Block
        x (trials, n, d), y (trials, n), s (trials, n); n depends on trials and d alone.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If `trials` is not positive.

    Examples
    --------
    >>> from halfspace import RCN, Shell
    >>> law, rng = Shell(dim=64, margin=0.1), np.random.default_rng(0)
    >>> next(blocks(law, RCN(rate=0.1), trials=32, rng=rng)).x.shape
    (32, 32, 64)
    """
    check_count("trials", trials)
    check_instance("law", law, Symmetric)
    check_instance("channel", channel, Channel)
    return _drawn(law, channel, trials, check_generator(rng).spawn(4))


def _drawn(
    law: Symmetric, channel: Channel, trials: int, rngs: list[np.random.Generator]
) -> Iterator[Block]:
    shape = (max(1, BLOCK // (trials * law.dim)), trials)
    while True:  # drawn with time in front: then a step is contiguous in memory
        x, s = law.draw(shape, rngs[:3])
        y = pass_through(channel, x, s, rngs[3])
        yield Block(np.moveaxis(x, 0, 1), y.T, s.T)


def check_block(block: Block, shape: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the trials and features of a block; they must be `shape`, unless None.

    Its points are taken as they are: to check all of them would take as long as a step.
    """
    check_instance("samples", block, Block)
    for field in block:
        check_instance("samples", field, np.ndarray)
    x, y, s = block
    if y.shape != x.shape[:-1] or s.shape != x.shape[:-1]:
        msg = f"`samples` must match `x` {x.shape}, got `y` {y.shape}, `s` {s.shape}"
        raise ValueError(msg)
    if y.size:
        check_labels("samples", y, y.shape)
    found = x.shape[:-2] + x.shape[-1:]
    if shape not in (None, found):
        msg = f"`samples` must have trials and features {shape}, got {found}"
        raise ValueError(msg)
    return found


def pieces(done: int, size: int, at: Ints) -> Iterator[tuple[slice, bool]]:
    """Cut `size` steps that follow `done` ones at the checkpoints `at`.

    Yields the part of the steps, and whether it ends at a checkpoint; nothing follows
    the last checkpoint.

    >>> list(pieces(10, 5, np.array([8, 12, 14])))
    [(slice(0, 2, None), True), (slice(2, 4, None), True)]
    >>> list(pieces(10, 5, np.array([20])))
    [(slice(0, 5, None), False)]
    """
    start = 0
    for stop in at[at > done] - done:
        yield slice(start, min(int(stop), size)), bool(stop <= size)
        if stop >= size:
            return
        start = int(stop)
