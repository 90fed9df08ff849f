"""Sign or sigmoid link; last, averaged or selected iterate?

Claims A9 and A10, in the full space: both links learn, and noisy labels suffice to
select an iterate close to the best.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from halfspace import theory
from halfspace._random import stream
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.online import run
from halfspace.problems import Shell
from halfspace.samples import blocks
from halfspace.selection import select
from simulations.curves import checkpoints, summed


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    margin: float = 0.1
    dim: int = 25
    rates: tuple[float, ...] = (0.3, 0.1)
    rules: tuple[str, ...] = ("slam", "slam_sigmoid")
    steps: int = 100_000
    blocks: int = 4
    trials: int = 50
    groups: int = 10
    error: float = 0.02
    confidence: float = 0.9
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1,), steps=300, blocks=1, trials=10, groups=5, error=0.2),
    "quick": Spec(steps=10_000, blocks=2, groups=25, error=0.05),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield rules and rates in blocks of trials."""
    for rate in spec.rates:
        for rule in spec.rules:
            for block in range(spec.blocks):
                yield {"rate": rate, "rule": rule, "block": block}


def measure(spec: Spec, *, rate: float, rule: str, block: int) -> dict[str, Any]:
    """Return summed errors of each output, and how often selection did its job."""
    law, channel = Shell(dim=spec.dim, margin=spec.margin), RCN(rate=rate)
    # The rule is not in the stream's name: both links see the same data.
    rng = stream(spec.seed, "link", str(rate), block)
    train, held_out = (
        blocks(law, channel, trials=spec.trials, rng=child) for child in rng.spawn(2)
    )
    at = checkpoints(spec.steps, per_decade=5)
    path = run(Learner(rule=rule, rate=rate), train, at=at)
    size = ceil(float(theory.holdout_size(spec.error, rate, len(at), spec.confidence)))
    errors = law.error(path.last)
    picked = select(path.last, held_out, size=size)
    selected = np.take_along_axis(errors, picked[:, None], axis=1)[:, 0]
    average = theory.average_error if rule == "slam" else theory.sigmoid_average_error

    return {
        "steps": at.tolist(),
        "group_trials": spec.trials // spec.groups,
        "mistakes": summed(path.mistakes, spec.groups),
        "last_errors": summed(errors, spec.groups),
        "averaged_errors": summed(law.error(path.averaged), spec.groups),
        "selected_errors": summed(selected[:, None], spec.groups),
        "holdout": size,
        "close_to_best": int((selected <= errors.min(axis=1) + spec.error).sum()),
        "predicted_average_error": average(at, spec.margin, rate).tolist(),
    }
