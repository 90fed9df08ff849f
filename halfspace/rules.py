"""Online learners: each is a scalar c(t, y) in w <- proj(w - step c(t, y) x), t = w.x.

A new learner is one short function and one line in `RULES`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_choice, check_rate, check_scalar

Rule = Callable[[Array, Array, float], Array]


def sign(t: ArrayLike) -> Array:
    """Return the sign of `t` with sign(0) = sign(-0) = +1.

    >>> sign([-2.0, -0.0, 0.0]).tolist()
    [-1.0, 1.0, 1.0]
    """
    return np.copysign(1.0, np.add(t, 0.0))  # -0.0 + 0.0 is 0.0


def slam(t: Array, y: Array, rate: float) -> Array:
    """SLaM with the sign link: mixed prediction minus label, beta sign(t) - y. A1."""
    return (1 - 2 * rate) * sign(t) - y


def slam_sigmoid(t: Array, y: Array, rate: float) -> Array:
    """SLaM with the sigmoid link: beta sigma(t) + eta - (y + 1)/2. A10."""
    link: Array = special.expit(t)
    return (1 - 2 * rate) * link + (rate - 0.5 - y / 2)


def perceptron(t: Array, y: Array, rate: float) -> Array:
    """Perceptron: -y where y t <= 0, else 0; blind to the rate. A2."""
    return np.where(y * t <= 0, -y, 0.0)


RULES: Mapping[str, Rule] = MappingProxyType(
    {"slam": slam, "slam_sigmoid": slam_sigmoid, "perceptron": perceptron}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """An online learner: a rule, the noise rate it is told, a step and a ball.

    Attributes
    ----------
    rule : str
        A name in `RULES`: "slam" (sign link), "slam_sigmoid" or "perceptron".
    rate : float
        eta = P[flip] that the learner is told, in [0, 1/2).
    step : float
        Multiplies every update; positive, no units.
    radius : float
        w is projected to the ball of this radius after each update; inf for none.

    Raises
    ------
    ValueError
        If the rule is unknown or a number is outside its range.

    Notes
    -----
    "slam" is stochastic gradient descent on the LeakyReLU loss with leak eta, and at
    rate 0 the Perceptron with doubled steps. Its step does not matter without a ball.

    Examples
    --------
    >>> learner = Learner(rule="slam", rate=0.1)
    >>> learner.coefficient(np.array([0.5, 0.5]), np.array([1.0, -1.0])).tolist()
    [-0.19999999999999996, 1.8]
    """

    rule: str = "slam"
    rate: float = 0.0
    step: float = 1.0
    radius: float = np.inf

    def __post_init__(self) -> None:
        check_choice("rule", self.rule, tuple(RULES))
        check_rate(self.rate)
        check_scalar("step", self.step, 0, np.inf, "()")
        if not (isinstance(self.radius, float) and self.radius == np.inf):
            check_scalar("radius", self.radius, 0, np.inf, "()")

    def coefficient(self, t: Array, y: Array) -> Array:
        """Return c(t, y), elementwise, for t = w.x and labels y in {-1, +1}."""
        return RULES[self.rule](t, y, self.rate)

    def shrink(self, square: Array) -> Array:
        """Return the factor that projects vectors of squared norm `square`."""
        shrunk: Array = self.radius / np.maximum(np.sqrt(square), self.radius)
        return shrunk
