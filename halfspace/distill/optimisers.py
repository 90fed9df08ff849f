"""Optimisers: one step in place, over all parameters at once, trials in front.

A new optimiser is one frozen dataclass with these two methods.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import cos, pi, sqrt
from types import MappingProxyType
from typing import Protocol, runtime_checkable

import numpy as np

from halfspace._check import check_choice, check_scalar
from halfspace._logits import Floats

#: What an optimiser remembers: arrays shaped as the parameters.
Memory = tuple[Floats, ...]


@runtime_checkable
class Optimiser(Protocol):
    """Anything that knows its step and can go downhill."""

    @property
    def step(self) -> float:
        """The largest step."""
        ...

    @property
    def decay(self) -> float:
        """How fast weights shrink, per unit of step."""
        ...

    @property
    def schedule(self) -> str:
        """How the step changes from the first update to the last."""
        ...

    def memory(self, w: Floats) -> Memory:
        """Return what is remembered before the first update."""
        ...

    def descend(
        self, w: Floats, g: Floats, memory: Memory, update: int, step: float
    ) -> None:
        """Make update number `update`, from 1, on `w`; the gradient `g` is used up."""
        ...


def constant(share: float) -> float:
    """Return 1: the step stays."""
    return 1.0


def cosine(share: float) -> float:
    """Return (1 + cos(pi share))/2: from 1 to 0 as the share of updates made grows."""
    return (1 + cos(pi * share)) / 2


#: From the share of the updates that are made, in [0, 1), to the share of the step.
SCHEDULES: Mapping[str, Callable[[float], float]] = MappingProxyType(
    {"constant": constant, "cosine": cosine}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Adam:
    """Adam [1]_, with weight decay apart from the gradient [2]_.

    Attributes
    ----------
    step : float
        Above 0, in units of the parameters.
    momentum, persistence : float
        Of the gradient's mean and of its square's, in [0, 1).
    floor : float
        Above 0, added to the root of the mean square.
    decay : float
        At least 0: weights shrink by step times decay in each update.
    schedule : str
        "constant" or "cosine".

    Raises
    ------
    TypeError
        If a number is not one.
    ValueError
        If a number is out of range, or the schedule is unknown.

    References
    ----------
    .. [1] D. Kingma and J. Ba, "Adam: a method for stochastic optimization", ICLR
       2015, arXiv:1412.6980.
    .. [2] I. Loshchilov and F. Hutter, "Decoupled weight decay regularization", ICLR
       2019, arXiv:1711.05101.

    Examples
    --------
    >>> adam, w = Adam(step=0.1), np.array([1.0, 1.0])
    >>> adam.descend(w, np.array([5.0, -0.001]), adam.memory(w), 1, adam.step)
    >>> w.round(4)
    array([0.9, 1.1])
    """

    step: float = 1e-3
    momentum: float = 0.9
    persistence: float = 0.999
    floor: float = 1e-8
    decay: float = 0.0
    schedule: str = "constant"

    def __post_init__(self) -> None:
        check_scalar("step", self.step, 0, np.inf, "()")
        check_scalar("momentum", self.momentum, 0, 1, "[)")
        check_scalar("persistence", self.persistence, 0, 1, "[)")
        check_scalar("floor", self.floor, 0, np.inf, "()")
        check_scalar("decay", self.decay, 0, np.inf, "[)")
        check_choice("schedule", self.schedule, tuple(SCHEDULES))

    def memory(self, w: Floats) -> Memory:
        """Return sums of past gradients and of their squares, both 0."""
        return np.zeros_like(w), np.zeros_like(w)

    def descend(
        self, w: Floats, g: Floats, memory: Memory, update: int, step: float
    ) -> None:
        """Subtract step times mean / (root mean square + floor).

        The sums are geometric: the factors that make means of them go into the step.
        """
        total, squares = memory
        total *= self.momentum
        total += g
        g *= g
        squares *= self.persistence
        squares += g
        first = (1 - self.momentum) / (1 - self.momentum**update)
        second = sqrt((1 - self.persistence) / (1 - self.persistence**update))
        np.sqrt(squares, out=g)
        g += self.floor / second
        np.divide(total, g, out=g)
        g *= step * first / second
        w -= g


@dataclass(frozen=True, slots=True, kw_only=True)
class SGD:
    """Stochastic gradient descent with momentum: v <- momentum v + g, w <- w - step v.

    Attributes
    ----------
    step : float
        Above 0, in units of the parameters per unit of the gradient.
    momentum : float
        In [0, 1).
    decay : float
        At least 0: weights shrink by step times decay in each update.
    schedule : str
        "constant" or "cosine".

    Raises
    ------
    TypeError
        If a number is not one.
    ValueError
        If a number is out of range, or the schedule is unknown.

    Examples
    --------
    >>> sgd, w = SGD(step=0.1), np.array([1.0])
    >>> memory = sgd.memory(w)
    >>> for update in (1, 2):
    ...     sgd.descend(w, np.array([1.0]), memory, update, sgd.step)
    >>> w.round(4)
    array([0.71])
    """

    step: float = 0.1
    momentum: float = 0.9
    decay: float = 0.0
    schedule: str = "constant"

    def __post_init__(self) -> None:
        check_scalar("step", self.step, 0, np.inf, "()")
        check_scalar("momentum", self.momentum, 0, 1, "[)")
        check_scalar("decay", self.decay, 0, np.inf, "[)")
        check_choice("schedule", self.schedule, tuple(SCHEDULES))

    def memory(self, w: Floats) -> Memory:
        """Return the velocity, 0."""
        return (np.zeros_like(w),)

    def descend(
        self, w: Floats, g: Floats, memory: Memory, update: int, step: float
    ) -> None:
        """Add the gradient to the velocity, and go along it."""
        (velocity,) = memory
        velocity *= self.momentum
        velocity += g
        np.multiply(velocity, step, out=g)
        w -= g
