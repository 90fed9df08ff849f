"""How do plain, backward and forward logistic descent converge, step by step?

Claim B10: from zero, on the shell, in two coordinates; every step of a declared grid,
and the step of projected descent, R / (G sqrt T) in the ball of radius R =
log(T) / (2 gamma), with the largest slope G of each loss.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace import theory
from halfspace._check import Array
from halfspace._drift import quadrature_drift
from halfspace._random import stream
from halfspace.learner import Learner, default_learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from halfspace.reduced import Pair, run
from halfspace.theory.adjustment import largest_forward_slope
from halfspace.theory.convergence import backward_average_error
from simulations.curves import checkpoints, summed

#: The step that goes with a ball, where others are numbers.
PROJECTED = "theory"
Step = float | str


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    margin: float = 0.1
    dims: tuple[int, ...] = (100, 10**6)
    rates: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.45)
    rules: tuple[str, ...] = ("logistic", "backward", "forward")
    sizes: tuple[Step, ...] = (0.1, 1.0, 10.0, PROJECTED)
    steps: int = 50_000
    trials: int = 100
    groups: int = 10
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1, 0.3, 0.45), sizes=(1.0, PROJECTED), steps=100, trials=10),
    "quick": Spec(
        rates=(0.1, 0.3, 0.45), sizes=(1.0, PROJECTED), steps=10_000, trials=40
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield dimensions, rates, steps and rules."""
    for dim in spec.dims:
        for rate in spec.rates:
            for size in spec.sizes:
                for rule in spec.rules:
                    yield {"dim": dim, "rate": rate, "size": size, "rule": rule}


def measure(
    spec: Spec, *, dim: int, rate: float, size: Step, rule: str
) -> dict[str, Any]:
    """Return mistakes, and of w: errors, distances to w*, second moments of the slope.

    The second moment of a state is exact; the least and the largest are of all trials
    and checkpoints.
    """
    law, channel = Shell(dim=dim, margin=spec.margin), RCN(rate=rate)
    learner = learner_of(spec, rule, rate, size)
    at = checkpoints(spec.steps, per_decade=3)
    # Rule and step are not in the stream's name: all see the same data.
    rng = stream(spec.seed, "convergence", str(rate), dim)
    path = run(learner, law, channel, at=at, trials=spec.trials, rng=rng)
    moments = second_moments(learner, law, channel, path.last)
    row = {
        "steps": at.tolist(),
        "group_trials": spec.trials // spec.groups,
        "step": learner.step,
        "mistakes": summed(path.mistakes, spec.groups),
        "last_errors": summed(law.error_at(*path.last), spec.groups),
        "distances": summed(distances(path.last), spec.groups),
        "second_moments": summed(moments, spec.groups),
        "least_second_moment": float(moments.min()),
        "most_second_moment": float(moments.max()),
    }
    return row | predictions(spec, rule, rate, size, row)


def learner_of(spec: Spec, rule: str, rate: float, size: Step) -> Learner:
    """Return the learner with a step of the grid, or with the ball and its step."""
    if not isinstance(size, str):
        return Learner(rule=rule, rate=rate, step=size)
    radius = float(np.log(spec.steps) / (2 * spec.margin))
    return default_learner(
        rule, margin=spec.margin, rate=rate, steps=spec.steps, radius=radius
    )


def second_moments(learner: Learner, law: Shell, channel: RCN, last: Pair) -> Array:
    """Return E[c(w.x, y)^2] at each state, from E[h^2 b^2] with h = -step s c.

    >>> law, learner = Shell(dim=9, margin=0.6), Learner(rule="unhinged", step=3.0)
    >>> last = Pair(np.ones((1, 1)), np.ones((1, 1)))
    >>> second_moments(learner, law, RCN(rate=0.2), last).round(9)
    array([[1.]])
    """
    found = [
        quadrature_drift(learner, law, channel, float(u), float(rho)).spread
        for u, rho in zip(last.along.ravel(), last.across.ravel(), strict=True)
    ]
    whole = learner.step**2 * (1 - law.margin) * (1 + law.margin)
    return np.reshape(found, last.along.shape) / whole


def distances(last: Pair) -> Array:
    """Return the distance of w / |w| to w*.

    >>> distances(Pair(np.array([2.0, 0.0, -1.0]), np.array([0.0, 3.0, 0.0]))).round(6)
    array([0.      , 1.414214, 2.      ])
    """
    norm = np.hypot(last.along, last.across)
    found: Array = np.hypot(1 - last.along / norm, last.across / norm)
    return found


def predictions(
    spec: Spec, rule: str, rate: float, size: Step, row: dict[str, Any]
) -> dict[str, Any]:
    """Return what B2, B4 and A10 say of this rule, and nothing of plain descent."""
    if rule == "forward":
        most = float(largest_forward_slope(rate)) ** 2
        return {"predicted_most_second_moment": most}
    if rule != "backward":
        return {}
    found: dict[str, Any] = {
        "predicted_least_second_moment": float(theory.noise_factor(rate))
    }
    if not isinstance(size, str):
        bound = backward_average_error(row["steps"], spec.margin, rate, size)
        found["predicted_backward_error"] = bound.tolist()
    return found
