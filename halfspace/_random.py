"""The only place where a random generator is made."""

import hashlib

import numpy as np

from halfspace._check import shown


def stream(seed: int, *key: str | int) -> np.random.Generator:
    """Return the generator that belongs to `key` under `seed`.

    Equal keys give equal streams; different keys give independent ones. A key names
    what the draw depends on: leave the learner out and all learners see the same data.

    Parameters
    ----------
    seed : int
        Non-negative.
    *key : str or int
        What the draw is for, in order.

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    TypeError
        If `seed` is not an int, or a part of `key` is neither str nor int.
    ValueError
        If `seed` is negative.

    Examples
    --------
    >>> first, again = stream(0, "flip", 7), stream(0, "flip", 7)
    >>> bool(first.random() == again.random())
    True
    >>> bool(stream(0, "flip", 7).random() == stream(0, 7, "flip").random())
    False
    """
    if type(seed) is not int:
        msg = f"`seed` must be an int, got {shown(seed)}"
        raise TypeError(msg)
    if seed < 0:
        msg = f"`seed` must be at least 0, got {seed}"
        raise ValueError(msg)
    for part in key:
        if type(part) not in (str, int):
            msg = f"`key` must hold only str and int, got {shown(part)}"
            raise TypeError(msg)
    words = np.frombuffer(hashlib.sha256(repr(key).encode()).digest(), dtype="<u4")
    return np.random.default_rng(
        np.random.SeedSequence(seed, spawn_key=tuple(words.tolist()))
    )
