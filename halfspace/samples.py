"""Endless samples of a law through a channel, in blocks of constant memory."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from halfspace._check import (
    Array,
    Ints,
    check_count,
    check_generator,
    check_instance,
    check_labels,
    check_range,
)
from halfspace.law import Law
from halfspace.noise import Channel, noisy, odds

#: Numbers drawn at a time: half a megabyte, whatever the number of steps.
BLOCK = 2**16


class Block(NamedTuple):
    """Samples in the order they are seen.

    Attributes
    ----------
    x : array, shape (..., n, d)
    y, s : array, shape (..., n)
        Noisy labels and truths in {-1, +1}.
    rate : array, shape (..., n), optional
        P[flip] at each point, in [0, 1], as it is told to a learner whose rate is None.
    """

    x: Array
    y: Array
    s: Array
    rate: Array | None = None


def blocks(
    law: Law, channel: Channel, *, trials: int, rng: np.random.Generator
) -> Iterator[Block]:
    """Return endless samples of `trials` independent runs, in constant memory.

    Parameters
    ----------
    law : Law
        Draws x and s.
    channel : Channel
        Makes the noisy y of s.
    trials : int
        Leading axis of every block; at least 1.
    rng : numpy.random.Generator

    Returns
    -------
    iterator of Block
        x (trials, n, d), y, s and the true rate (trials, n); n depends on trials and d
        alone.

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
    check_instance("law", law, Law)
    check_instance("channel", channel, Channel)
    return _drawn(law, channel, trials, check_generator(rng).spawn(4))


def _drawn(
    law: Law, channel: Channel, trials: int, rngs: list[np.random.Generator]
) -> Iterator[Block]:
    shape = (max(1, BLOCK // (trials * law.dim)), trials)
    while True:  # drawn with time in front: then a step is contiguous in memory
        x, s = law.draw(shape, rngs[:3])
        rate = odds(channel, x, s)
        y = noisy(s, rate, rngs[3])
        yield Block(np.moveaxis(x, 0, 1), y.T, s.T, rate.T)


def take(samples: Iterable[Block], size: int) -> Block:
    """Return the first `size` samples as one block.

    Raises
    ------
    TypeError
        If `samples` is not an iterable of blocks, or `size` not an int.
    ValueError
        If `size` is not positive, or the samples end before.

    Examples
    --------
    >>> from halfspace import RCN, Shell
    >>> law, rng = Shell(dim=64, margin=0.1), np.random.default_rng(0)
    >>> take(blocks(law, RCN(rate=0.1), trials=4, rng=rng), 1000).x.shape
    (4, 1000, 64)
    """
    check_instance("samples", samples, Iterable)
    parts: list[Block] = []
    left = check_count("size", size)
    shape: tuple[int, ...] | None = None
    for block in samples:
        shape = check_block(block, shape)
        x, y, s, rate = block
        some = slice(left)
        told = None if rate is None else rate[..., some]
        parts.append(Block(x[..., some, :], y[..., some], s[..., some], told))
        left -= parts[-1].y.shape[-1]
        if left == 0:
            return _joined(parts)
    msg = f"`samples` must hold {size} samples, got {size - left}"
    raise ValueError(msg)


def _joined(parts: list[Block]) -> Block:
    x, y, s, rates = zip(*parts, strict=True)
    known = [rate for rate in rates if rate is not None]
    return Block(
        np.concatenate(x, axis=-2),
        np.concatenate(y, axis=-1),
        np.concatenate(s, axis=-1),
        np.concatenate(known, axis=-1) if len(known) == len(parts) else None,
    )


def check_block(block: Block, shape: tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the trials and features of a block; they must be `shape`, unless None.

    Its points are taken as they are: to check all of them would take as long as a step.
    """
    check_instance("samples", block, Block)
    x, y, s, rate = block
    for field in (x, y, s) if rate is None else block:
        check_instance("samples", field, np.ndarray)
    if y.shape != x.shape[:-1] or s.shape != x.shape[:-1]:
        msg = f"`samples` must match `x` {x.shape}, got `y` {y.shape}, `s` {s.shape}"
        raise ValueError(msg)
    if y.size:
        check_labels("samples", y, y.shape)
    if rate is not None and rate.shape != y.shape:
        msg = f"`samples` must have rates of shape {y.shape}, got {rate.shape}"
        raise ValueError(msg)
    if rate is not None and y.size and not (rate.min() >= 0 and rate.max() <= 1):
        check_range("samples", rate, 0, 1)
    found = x.shape[:-2] + x.shape[-1:]
    if shape not in (None, found):
        msg = f"`samples` must have trials and features {shape}, got {found}"
        raise ValueError(msg)
    return found


def told(block: Block) -> tuple[Array, Array]:
    """Return labels and rates below 1/2: a label mostly wrong is read the other way.

    >>> y, rate = told(Block(np.eye(2), np.ones(2), np.ones(2), np.array([0.25, 0.75])))
    >>> y.tolist(), rate.tolist()
    ([1.0, -1.0], [0.25, 0.25])
    """
    if block.rate is None:
        msg = "`samples` must tell rates to a learner whose rate is None, got none"
        raise ValueError(msg)
    if (block.rate == 0.5).any():
        msg = "`samples` must not be told the rate 1/2, which says nothing, got 0.5"
        raise ValueError(msg)
    y = np.where(block.rate > 0.5, -block.y, block.y)
    return y, np.minimum(block.rate, 1 - block.rate)


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
