"""Channels that flip labels, each with its exact flip probability."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import (
    Array,
    check_generator,
    check_instance,
    check_labels,
    check_points,
    check_range,
    check_rate,
)


@runtime_checkable
class Channel(Protocol):
    """Anything that can say how likely each label is to flip."""

    def flip_probability(self, x: Array, s: Array) -> Array:
        """Return P[y = -s | x] for points x (..., n, d), labels s (..., n)."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RCN:
    """Random classification noise: every label flips with the same probability.

    Attributes
    ----------
    rate : float
        eta = P[flip], in [0, 1/2).

    Examples
    --------
    >>> RCN(rate=0.2).flip_probability(np.zeros((2, 3, 5)), np.ones((2, 3))).tolist()
    [[0.2, 0.2, 0.2], [0.2, 0.2, 0.2]]
    """

    rate: float

    def __post_init__(self) -> None:
        check_rate(self.rate)

    def flip_probability(self, x: Array, s: Array) -> Array:
        """Return the rate for every label, shape (..., n)."""
        return np.full(s.shape, self.rate)


def flip(
    channel: Channel, x: ArrayLike, s: ArrayLike, *, rng: np.random.Generator
) -> Array:
    """Return labels (..., n) after one pass of the true ones through `channel`.

    Parameters
    ----------
    channel : Channel
        Its `flip_probability` is P[flip]: 0.2 flips a fifth of the labels.
    x : array, shape (..., n, d)
        Points in the unit ball.
    s : array, shape (..., n)
        True labels in {-1, +1}.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If a point is outside the unit ball or a label is not -1 or +1.
    TypeError
        If an array is not numeric or `rng` is not a Generator.

    Examples
    --------
    >>> x = np.eye(4)[None]
    >>> flip(RCN(rate=0.0), x, np.ones((1, 4)), rng=np.random.default_rng(0)).tolist()
    [[1.0, 1.0, 1.0, 1.0]]
    """
    check_instance("channel", channel, Channel)
    x = check_points("x", x)
    s = check_labels("s", s, x.shape[:-1])
    return pass_through(channel, x, s, check_generator(rng))


def pass_through(
    channel: Channel, x: Array, s: Array, rng: np.random.Generator
) -> Array:
    """Flip as `flip` does, without its checks of points and labels."""
    odds = check_range("flip_probability", channel.flip_probability(x, s), 0, 1)
    return np.where(rng.random(s.shape) < odds, -s, s)
