"""Where does forward adjustment stall, started from zero?

Claim B9, on laws of two atoms `(g, h)`, right first, and `(g, -sqrt(1-g^2))`, rare; and
on one of three atoms of equal norms, whose third axis hides the norm of the first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._logits import Bools
from halfspace._random import stream
from halfspace.finite import Atoms
from halfspace.learner import Learner, default_learner
from halfspace.noise import RCN
from halfspace.online import run
from halfspace.samples import blocks
from halfspace.theory.landscape import stall_ratio
from simulations.curves import checkpoints, summed
from simulations.flow import end_of_flow

#: The laws: the second has points of equal norms.
LAWS = ("two", "three")
#: How many paths are kept, of forward on two atoms at one mass.
SHOWN = 6


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    `heights` are h. A run is stuck if it errs on the rare atom, and on it alone, at
    every checkpoint of the last decade of steps. Forward runs with each of `steps` on
    every law; other rules with the ball and step of `default_learner`, on some.
    """

    margin: float = 0.1
    rate: float = 0.2
    heights: tuple[float, ...] = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.7, 0.9)
    masses: tuple[float, ...] = (0.02, 0.05, 0.1, 0.2, 0.3)
    steps: tuple[float, ...] = (0.1, 1.0, 10.0)
    rules: tuple[str, ...] = (
        "slam",
        "slam_sigmoid",
        "backward",
        "perspectron",
        "sigmoid_loss",
    )
    others: tuple[float, ...] = (0.2, 0.3)
    mass: float = 0.1
    samples: int = 100_000
    trials: int = 50
    groups: int = 10
    seed: int = 0


SCALES = {
    "test": Spec(
        heights=(0.3,), masses=(0.1,), others=(0.3,), samples=2000, trials=10, groups=5
    ),
    "quick": Spec(
        heights=(0.15, 0.3, 0.5, 0.9),
        masses=(0.05, 0.1, 0.3),
        others=(0.3,),
        samples=20_000,
        trials=20,
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the map of forward, its equal-norm twin at one mass, then other rules."""
    for law in LAWS:
        for height in spec.heights:
            for mass in spec.masses if law == "two" else (spec.mass,):
                for step in spec.steps:
                    yield _cell(law, "forward", step, height, mass)
        for height in spec.others:
            for rule in spec.rules:
                yield _cell(law, rule, None, height, spec.mass)


def _cell(
    law: str, rule: str, step: float | None, height: float, mass: float
) -> dict[str, Any]:
    return {"law": law, "rule": rule, "step": step, "height": height, "mass": mass}


def the_law(name: str, margin: float, height: float, mass: float) -> Atoms:
    """Return the law: the rare atom is the last."""
    deep = -float(np.sqrt(1 - margin**2))
    if name == "two":
        points: tuple[tuple[float, ...], ...] = ((margin, height), (margin, deep))
        return Atoms(points=points, weights=(1 - mass, mass))
    side = float(np.sqrt(1 - margin**2 - height**2))
    points = (margin, height, side), (margin, height, -side), (margin, deep, 0.0)
    return Atoms(points=points, weights=((1 - mass) / 2, (1 - mass) / 2, mass))


def measure(
    spec: Spec,
    *,
    law: str,
    rule: str,
    step: float | None,
    height: float,
    mass: float,
) -> dict[str, Any]:
    """Return how many runs are stuck, summed errors, and where the flow ends."""
    it = the_law(law, spec.margin, height, mass)
    if step is None:
        learner = default_learner(
            rule, margin=spec.margin, rate=spec.rate, steps=spec.samples
        )
    else:
        learner = Learner(rule=rule, rate=spec.rate, step=step)
    # Neither rule nor step is in the stream's name: all see the same data.
    rng = stream(spec.seed, "stall", law, str(height), str(mass))
    data = blocks(it, RCN(rate=spec.rate), trials=spec.trials, rng=rng)
    path = run(learner, data, at=checkpoints(spec.samples, per_decade=5))
    plane = the_law("two", spec.margin, height, mass)
    right, rare = np.array(plane.points)
    flow = end_of_flow(plane, spec.rate, np.zeros(2), horizon=1e30)
    shown = rule == "forward" and law == "two" and mass == spec.mass
    return {
        "paths": path.last[: SHOWN if shown else 0].round(4).tolist(),
        "group_trials": spec.trials // spec.groups,
        "trials": spec.trials,
        "stuck": int(stuck(path.last, it, path.steps >= spec.samples / 10).sum()),
        "last_errors": summed(it.error(path.last), spec.groups),
        "steps": path.steps.tolist(),
        "stall_ratio": float(stall_ratio(right, rare)),
        "flow_errs_on_rare": bool(flow[1] < 0),
    }


def stuck(w: Array, law: Atoms, late: Bools) -> Array:
    """Return which trials err on the last atom, and on it alone, at all late steps."""
    z = w[..., late, :] @ np.array(law.points).T
    found: Array = ((z[..., -1] < 0) & (z[..., :-1] > 0).all(axis=-1)).all(axis=-1)
    return found
