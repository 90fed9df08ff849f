"""What is it worth to know where the teacher is wrong?

Claim A6: noise that varies with x, told at each sample or only its largest rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace import theory
from halfspace._random import stream
from halfspace.finite import trap
from halfspace.law import Law
from halfspace.learner import Learner, default_learner
from halfspace.noise import ByMargin, ByRegion, Channel
from halfspace.online import run
from halfspace.problems import Sphere
from halfspace.samples import blocks
from simulations.curves import checkpoints, summed


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    The noise is on a quarter of the trap, or fades with the height on the sphere.
    """

    margin: float = 0.1
    noises: tuple[str, ...] = ("trap", "fading")
    rates: tuple[float, ...] = (0.2, 0.4)
    learners: tuple[str, ...] = (
        "slam, told",
        "slam",
        "slam_sigmoid, told",
        "slam_sigmoid",
        "forward",
        "perspectron",
        "perceptron",
    )
    dim: int = 25
    steps: int = 100_000
    trials: int = 200
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.2,), steps=300, trials=10, groups=5),
    "quick": Spec(steps=20_000, trials=60),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield noises, rates and learners."""
    for noise in spec.noises:
        for rate in spec.rates:
            for learner in spec.learners:
                yield {"noise": noise, "rate": rate, "learner": learner}


def setting(spec: Spec, noise: str, rate: float) -> tuple[Law, Channel, float]:
    """Return the law, the channel and the exact E[eta (1 - eta)]."""
    if noise == "trap":
        region = ByRegion(normal=(0.0, 1.0), inside=rate)
        return trap(spec.margin), region, 0.25 * rate * (1 - rate)
    law, fading = (
        Sphere(dim=spec.dim, margin=spec.margin),
        ByMargin(most=rate, scale=spec.margin),
    )
    heights, weights = law.nodes(1.0)
    eta = fading.flip_probability(heights[:, None], np.ones(heights.shape))
    return law, fading, float(weights @ (eta * (1 - eta)))


def measure(spec: Spec, *, noise: str, rate: float, learner: str) -> dict[str, Any]:
    """Return mistakes, excess noisy mistakes and errors, with the bound A6."""
    law, channel, variance = setting(spec, noise, rate)
    rule, _, told = learner.partition(", ")
    one = default_learner(rule, margin=spec.margin, rate=rate, steps=spec.steps)
    if told:
        one = Learner(rule=rule, rate=None)
    at = checkpoints(spec.steps, per_decade=5)
    # The learner is not in the stream's name: all learners see the same data.
    rng = stream(spec.seed, "knowing_alpha", noise, str(rate))
    path = run(one, blocks(law, channel, trials=spec.trials, rng=rng), at=at)
    bound = theory.average_excess_risk(at, spec.margin, variance)

    return {
        "steps": at.tolist(),
        "group_trials": spec.trials // spec.groups,
        "mistakes": summed(path.mistakes, spec.groups),
        "excess": summed(path.excess, spec.groups),
        "last_errors": summed(law.error(path.last), spec.groups),
        "averaged_errors": summed(law.error(path.averaged), spec.groups),
        "noise_variance": variance,
        "predicted_excess_risk": bound.tolist(),
    }
