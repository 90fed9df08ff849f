"""An online learner: a rule, what it is told, its step and its ball."""

from dataclasses import dataclass

import numpy as np

from halfspace._check import (
    Array,
    check_choice,
    check_count,
    check_instance,
    check_margin,
    check_rate,
    check_scalar,
)
from halfspace.rules import RULES, Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """An online learner: a rule, the noise rate it is told, a step and a ball.

    Attributes
    ----------
    rule : str
        A name in `RULES`, for instance "slam", "perspectron" or "logistic".
    rate : float or None
        eta = P[flip] that the learner is told, in [0, 1/2). With None each sample tells
        the rate at its point.
    step : float
        Multiplies every update; positive, no units.
    radius : float
        w is projected to the ball of this radius after each update; inf for none. The
        rule "sigmoidal" puts w on the sphere of this radius instead.
    margin : float or None
        gamma that the learner is told, in (0, 1]; the rules "perspectron",
        "diakonikolas_zarifis" and "sigmoidal" need it.

    Raises
    ------
    ValueError
        If the rule is unknown, a number is outside its range, or the rule needs a
        margin or a radius that is not given.

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
    rate: float | None = 0.0
    step: float = 1.0
    radius: float = np.inf
    margin: float | None = None

    def __post_init__(self) -> None:
        rule = RULES[check_choice("rule", self.rule, tuple(RULES))]
        if self.rate is not None:
            check_rate(self.rate)
        check_scalar("step", self.step, 0, np.inf, "()")
        unbounded = isinstance(self.radius, float) and self.radius == np.inf
        if not unbounded:
            check_scalar("radius", self.radius, 0, np.inf, "()")
        if unbounded and rule.sphere:
            msg = f"`radius` must be finite for the rule {self.rule}, got inf"
            raise ValueError(msg)
        if self.margin is not None:
            check_margin(self.margin)
        elif rule.margin:
            msg = f"`margin` must be in (0, 1] for the rule {self.rule}, got None"
            raise ValueError(msg)

    def coefficient(self, t: Array, y: Array, rate: Rate | None = None) -> Array:
        """Return c(t, y), elementwise, for t = w.x and labels y in {-1, +1}.

        `rate` takes the place of the learner's own.
        """
        row, margin = RULES[self.rule], self.margin or np.nan
        told = self.rate if rate is None else rate
        if told is None:
            raise _untold()
        if not row.sphere:
            return row.coefficient(t, y, told, margin)
        return row.coefficient(t / self.radius, y, told, margin) / self.radius

    def shrink(self, square: Array) -> Array:
        """Return the factor that projects vectors of squared norm `square`."""
        norm = np.sqrt(square)
        if RULES[self.rule].sphere:
            norm = np.where(norm > 0, norm, self.radius)
        else:
            norm = np.maximum(norm, self.radius)
        shrunk: Array = self.radius / norm
        return shrunk


def check_constant(learner: Learner) -> float:
    """Return the learner's rate, or say that it must have one."""
    check_instance("learner", learner, Learner)
    if learner.rate is None:
        raise _untold()
    return learner.rate


def _untold() -> ValueError:
    return ValueError("`learner` must be told a rate, got None")


def default_learner(
    rule: str,
    *,
    margin: float,
    rate: float,
    steps: int,
    radius: float | None = None,
    told: bool = False,
) -> Learner:
    """Return a learner with the ball and step that go with its rule.

    Parameters
    ----------
    rule : str
        A name in `RULES`.
    margin : float
        gamma in (0, 1].
    rate : float
        eta = P[flip] that the learner is told, in [0, 1/2).
    steps : int
        The number of samples it will see, at least 1.
    radius : float, optional
        Of the ball, in place of the rule's own; inf for none.
    told : bool
        Whether it takes the rate of each sample; `rate` is then the largest of them.

    Returns
    -------
    Learner

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If the rule is unknown or a number is outside its range.

    Notes
    -----
    A rule with a ball of radius R has the step R / (G sqrt(steps)), G the largest
    abs(c): that of projected subgradient descent. A rule without one has step 1. The
    radius log(steps) / (2 gamma) of convex losses is ours: there w* costs the logistic
    loss at most 1/sqrt(steps).

    Examples
    --------
    >>> default_learner("perspectron", margin=0.1, rate=0.2, steps=100)
    Learner(rule='perspectron', rate=0.2, step=0.00625, radius=1.0, margin=0.1)
    """
    row = RULES[check_choice("rule", rule, tuple(RULES))]
    check_margin(margin)
    check_rate(rate)
    check_count("steps", steps)
    check_instance("told", told, bool)
    wide = max(1.0, np.log(steps)) / (2 * margin)
    ball = {"none": np.inf, "unit": 1.0, "wide": float(wide)}[row.ball]
    if radius is not None:
        ball = Learner(radius=radius).radius
    largest = max(row.largest(r, margin) for r in ((0.0, rate) if told else (rate,)))
    step = 1.0 if ball == np.inf else float(ball / largest / np.sqrt(steps))
    return Learner(
        rule=rule,
        rate=None if told else rate,
        step=step * ball if row.sphere and ball < np.inf else step,
        radius=ball,
        margin=margin,
    )
