"""Choosing among iterates by their errors on noisy held-out labels."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints, check_count, check_instance, check_real
from halfspace.rules import sign
from halfspace.samples import Block, check_block


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
    Claim A9: the noisy error is eta + (1 - 2 eta) err, so noisy labels can choose. What
    that makes of each learner is claim I2.

    Examples
    --------
    >>> x = np.array([[0.6, 0.8], [0.6, -0.8]])
    >>> held_out = Block(x, np.ones(2), np.ones(2))
    >>> int(select([[0.0, 1.0], [1.0, 0.0]], [held_out], size=2))
    1
    """
    candidates = check_real("candidates", candidates)
    check_instance("samples", samples, Iterable)
    left = check_count("size", size)
    if candidates.ndim < 2:
        msg = f"`candidates` must have shape (..., m, d), got {candidates.shape}"
        raise ValueError(msg)
    wrong = np.zeros(candidates.shape[:-1], dtype=np.int64)
    shape = candidates.shape[:-2] + candidates.shape[-1:]
    for block in samples:
        check_block(block, shape)
        x, y = block.x[..., :left, :], block.y[..., None, :left]
        t = check_real("samples", candidates @ x.swapaxes(-1, -2))
        wrong += np.count_nonzero(sign(t) != y, axis=-1)
        left -= x.shape[-2]
        if left == 0:
            best: Ints = np.argmin(wrong, axis=-1)
            return best
    msg = f"`samples` must hold {size} samples, got {size - left}"
    raise ValueError(msg)
