"""How close is the measured average error to A1's bound on the shell?

Claim A4: measured over bound climbs towards a constant near 1; its fluid limit tends
to 1 - gamma^2, slowly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace import theory
from halfspace._random import stream
from halfspace.fluid import curve
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from simulations.curves import checkpoints, mistake_counts


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    margin: float = 0.1
    rates: tuple[float, ...] = (0.1, 0.3)
    dims: tuple[int, ...] = (25, 100, 400)
    steps: int = 1_000_000
    horizon: float = 1e14
    blocks: int = 2
    trials: int = 240
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(dims=(25,), steps=1000, trials=20),
    "quick": Spec(dims=(25, 100), steps=100_000, trials=100),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield rates and dimensions in blocks of trials."""
    for rate in spec.rates:
        for dim in spec.dims:
            for block in range(spec.blocks):
                yield {"rate": rate, "dim": dim, "block": block}


def measure(spec: Spec, *, rate: float, dim: int, block: int) -> dict[str, Any]:
    """Return mistake counts with A1's bound, and the fluid curve to the horizon."""
    law, learner = Shell(dim=dim, margin=spec.margin), Learner(rate=rate)
    channel = RCN(rate=rate)
    row = mistake_counts(
        learner,
        law,
        channel,
        at=checkpoints(spec.steps, per_decade=5),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "tightness", str(rate), dim, block),
    )
    far = np.geomspace(10, spec.horizon, 80)
    return row | {
        "predicted_average_error": theory.average_error(
            row["steps"], spec.margin, rate
        ).tolist(),
        "fluid_steps": far.tolist(),
        "fluid_average_error": curve(
            learner, law, channel, at=far
        ).average_error.tolist(),
        "fluid_bound": theory.average_error(far, spec.margin, rate).tolist(),
    }
