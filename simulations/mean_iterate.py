"""Does what is proved of the steps hold for their mean iterate?

Claim I1 bounds the mean over steps of the noisy error. On two atoms of nearly equal
weight, the lighter one noisy, the mean iterate may do worse than that.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace import theory
from halfspace._check import Array
from halfspace._random import stream
from halfspace.finite import Atoms
from halfspace.learner import default_learner
from halfspace.noise import ByRegion
from halfspace.online import run
from halfspace.samples import blocks
from simulations.curves import summed


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    rules: tuple[str, ...] = ("perspectron", "diakonikolas_zarifis", "slam_projected")
    margin: float = 0.1
    light: float = 0.45
    rate: float = 0.3
    steps: int = 1_000_000
    trials: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(steps=300, trials=5),
    "quick": Spec(steps=400_000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rules."""
    for rule in spec.rules:
        yield {"rule": rule}


def measure(spec: Spec, *, rule: str) -> dict[str, Any]:
    """Return noisy errors less the rate, summed over trials: of steps, and of means."""
    side = float(np.sqrt(1 - spec.margin**2))
    law = Atoms(
        points=((spec.margin, side), (spec.margin, -side)),
        weights=(1 - spec.light, spec.light),
    )
    channel = ByRegion(normal=(0.0, 1.0), inside=spec.rate)
    learner = default_learner(
        rule, margin=spec.margin, rate=spec.rate, steps=spec.steps
    )
    # The rule is not in the stream's name: all rules see the same data.
    rng = stream(spec.seed, "mean_iterate")
    data = blocks(law, channel, trials=spec.trials, rng=rng)
    path = run(learner, data, at=[spec.steps])
    ends = {"last": path.last, "averaged": path.averaged}
    least = spec.light * spec.rate  # the noisy error of w*
    risks = {"steps": least + path.excess[:, 0] / spec.steps}
    risks |= {output: noisy_error(w[:, 0], law, channel) for output, w in ends.items()}
    bound = theory.projected_excess_risk(spec.steps, spec.margin, spec.rate)
    return {
        "group_trials": 1,
        "predicted_excess_risk": float(bound),
        "excess": {
            output: summed(risk - spec.rate, spec.trials)
            for output, risk in risks.items()
        },
    }


def noisy_error(w: Array, law: Atoms, channel: ByRegion) -> Array:
    """Return P[sign(w.x) != y] exactly, for w (trials, d)."""
    points, weights = np.array(law.points), np.array(law.weights)
    eta = channel.flip_probability(points, np.ones(len(points)))
    wrong = 0.5 - np.sign(w @ points.T) / 2
    found: Array = (eta + (1 - 2 * eta) * wrong) @ weights
    return found
