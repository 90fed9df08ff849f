"""Channels that flip labels, each with its exact flip probability."""

from collections.abc import Callable
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
    check_real,
    check_scalar,
    shown,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ByRegion:
    """Massart noise that differs on the two sides of a hyperplane.

    Attributes
    ----------
    normal : tuple of float
        Where s x is on its negative side, labels flip with the rate `inside`: like
        every channel here it treats (x, s) as (-x, -s).
    inside, outside : float
        eta = P[flip] there and elsewhere, each in [0, 1/2).

    Raises
    ------
    ValueError
        If a rate is outside [0, 1/2), or the normal is zero or not a vector.

    Examples
    --------
    >>> channel = ByRegion(normal=(0.0, 1.0), inside=0.4)
    >>> x, s = np.array([[0.6, -0.8], [0.6, 0.8], [-0.6, 0.8]]), np.array([1, 1, -1])
    >>> channel.flip_probability(x, s)
    array([0.4, 0. , 0.4])
    """

    normal: tuple[float, ...]
    inside: float
    outside: float = 0.0

    def __post_init__(self) -> None:
        normal = check_real("normal", self.normal)
        if normal.ndim != 1 or not normal.any():
            msg = f"`normal` must be a non-zero vector, got {shown(self.normal)}"
            raise ValueError(msg)
        object.__setattr__(self, "normal", tuple(normal.tolist()))
        check_rate(self.inside, "inside")
        check_rate(self.outside, "outside")

    def flip_probability(self, x: Array, s: Array) -> Array:
        """Return the rate at each point, shape (..., n)."""
        if x.shape[-1] != len(self.normal):
            msg = f"`normal` must have length {x.shape[-1]}, got {len(self.normal)}"
            raise ValueError(msg)
        return np.where(
            s * (x @ np.asarray(self.normal)) < 0, self.inside, self.outside
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ByMargin:
    """Massart noise that fades away from the boundary: eta(x) = most exp(-a/scale).

    Attributes
    ----------
    most : float
        The rate at the boundary, in [0, 1/2).
    scale : float
        The height a = |w*.x|, w* the first axis, at which it has fallen by a factor e;
        positive.

    Raises
    ------
    ValueError
        If a number is outside its range.

    Examples
    --------
    >>> x = np.array([[0.0, 1.0], [-0.5, 0.0]])
    >>> ByMargin(most=0.4, scale=0.5).flip_probability(x, np.array([1, -1])).round(4)
    array([0.4   , 0.1472])
    """

    most: float
    scale: float

    def __post_init__(self) -> None:
        check_rate(self.most, "most")
        check_scalar("scale", self.scale, 0, np.inf, "()")

    def flip_probability(self, x: Array, s: Array) -> Array:
        """Return the rate at each point, shape (..., n)."""
        rate: Array = self.most * np.exp(-np.abs(x[..., 0]) / self.scale)
        return rate


@dataclass(frozen=True, slots=True, kw_only=True)
class ByFunction:
    """Noise by a function of x: Massart noise, if `most` is below 1/2.

    Attributes
    ----------
    function : callable
        From points (..., n, d) to P[flip] (..., n).
    most : float
        The largest value that it may take, in [0, 1].

    Raises
    ------
    ValueError
        If `most` is outside [0, 1]; and when it is used, if a value of the function is
        outside [0, most] or it has another shape than the labels.

    Examples
    --------
    >>> channel = ByFunction(function=lambda x: 0.3 * x[..., 1] ** 2, most=0.3)
    >>> channel.flip_probability(np.array([[0.6, 0.8]]), np.ones(1)).round(3)
    array([0.192])
    """

    function: Callable[[Array], Array]
    most: float

    def __post_init__(self) -> None:
        check_instance("function", self.function, Callable)  # type: ignore[arg-type]
        check_scalar("most", self.most, 0, 1)

    def flip_probability(self, x: Array, s: Array) -> Array:
        """Return the function's values, shape (..., n)."""
        rate = check_range("function", self.function(x), 0, self.most)
        if rate.shape != s.shape:
            msg = f"`function` must return shape {s.shape}, got {rate.shape}"
            raise ValueError(msg)
        return rate


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
    return noisy(s, odds(channel, x, s), rng)


def odds(channel: Channel, x: Array, s: Array) -> Array:
    """Return P[flip] for each label, checked."""
    return check_range("flip_probability", channel.flip_probability(x, s), 0, 1)


def noisy(s: Array, rate: Array, rng: np.random.Generator) -> Array:
    """Return labels, each flipped with its own probability."""
    return np.where(rng.random(s.shape) < rate, -s, s)
