"""How long does it take to come back from the wrong side, at -c w*?

Claim B6, on shells, in two coordinates: forward's raw gradient against the sign link.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from halfspace._check import Ints
from halfspace._random import stream
from halfspace._walk import Draws, Walk, draws
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from halfspace.rules import sign
from halfspace.theory.landscape import escape_steps, far_average_error
from simulations.curves import summed


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    `depths` are c gamma: how deep on the wrong side of every point the start is. Runs
    end when all trials have come back (error 1/4 or less), and not before `horizon`
    steps, in which mistakes are counted.
    """

    rules: tuple[str, ...] = ("forward", "slam")
    depths: tuple[float, ...] = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0)
    rates: tuple[float, ...] = (0.1, 0.3)
    dims: tuple[int, ...] = (25, 10**6)
    margin: float = 0.2
    error: float = 0.25
    horizon: int = 10_000
    trials: int = 200
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(depths=(0.0, 1.0, 2.0), dims=(25,), trials=20, groups=5),
    "quick": Spec(depths=(0.0, 2.0, 4.0, 6.0, 8.0), trials=40),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the deepest first."""
    for depth in sorted(spec.depths, reverse=True):
        for rate in spec.rates:
            for dim in spec.dims:
                for rule in spec.rules:
                    yield {"rule": rule, "rate": rate, "dim": dim, "depth": depth}


def measure(
    spec: Spec, *, rule: str, rate: float, dim: int, depth: float
) -> dict[str, Any]:
    """Return summed steps until the error is met, and mistakes within the horizon."""
    law, distance = Shell(dim=dim, margin=spec.margin), depth / spec.margin
    # The rule is not in the stream's name: both see the same draws.
    rng = stream(spec.seed, "escape", str(rate), dim, str(depth))
    samples = draws(law, RCN(rate=rate), trials=spec.trials, axes=1, rng=rng)
    hits, mistakes = escape(
        Learner(rule=rule, rate=rate),
        samples,
        distance,
        goal=law.ratio(spec.error),
        horizon=spec.horizon,
    )
    return {
        "group_trials": spec.trials // spec.groups,
        "hits": summed(hits, spec.groups),
        "mistakes": summed(mistakes, spec.groups),
        "predicted_steps": float(escape_steps(distance, spec.margin, rate)),
        "predicted_far_error": float(
            far_average_error(spec.horizon, spec.margin, rate, distance)
        ),
    }


def escape(
    learner: Learner,
    samples: Iterator[Draws],
    distance: float,
    *,
    goal: float,
    horizon: int,
) -> tuple[Ints, Ints]:
    """Return when u first exceeds goal * rho, and the mistakes within the horizon."""
    first = next(samples)
    walk = Walk(first.y.shape[1:])
    walk.u -= distance
    hits, mistakes = np.full((2, *first.y.shape[1:]), -1, dtype=np.int64)
    mistakes += 1
    done = 0
    for part in chain([first], samples):
        t = np.empty(part.y.shape)
        for i in walk.steps(learner, part, t):
            hits[(hits < 0) & (walk.u > goal * walk.rho)] = done + i + 1
        wrong = sign(t) != part.s
        mistakes += np.count_nonzero(wrong[: max(horizon - done, 0)], axis=0)
        done += len(t)
        if done >= horizon and (hits >= 0).all():
            break
    return hits, mistakes
