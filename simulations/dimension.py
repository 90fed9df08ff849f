"""Does the error depend on the dimension?

Claim A5: A1 has no d in it. The error falls slowly with d up to the order of 1/gamma^2,
faster beyond it, and levels off at a limit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

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
    rate: float = 0.1
    dims: tuple[int, ...] = (
        *(3, 4, 6, 10, 16, 25, 50, 100, 200, 400, 1000),
        *(10**4, 10**5, 10**6, 10**7, 10**8, 10**9),
    )
    steps: int = 100_000
    trials: int = 1000
    groups: int = 40
    seed: int = 0


SCALES = {
    "test": Spec(dims=(3, 25, 10**9), steps=300, trials=40),
    "quick": Spec(steps=20_000, trials=320),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the dimensions."""
    for dim in spec.dims:
        yield {"dim": dim}


def measure(spec: Spec, *, dim: int) -> dict[str, Any]:
    """Return mistake counts, with A1's bound, the fluid curve, and the limit of d."""
    law, learner = Shell(dim=dim, margin=spec.margin), Learner(rate=spec.rate)
    channel = RCN(rate=spec.rate)
    row = mistake_counts(
        learner,
        law,
        channel,
        at=checkpoints(spec.steps, per_decade=5),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "dimension", dim),
    )
    bound = theory.average_error(row["steps"], spec.margin, spec.rate)
    fluid = curve(learner, law, channel, at=row["steps"]).average_error
    return row | {
        "predicted_average_error": bound.tolist(),
        "fluid_average_error": fluid.tolist(),
        "limit_average_error": theory.high_dimension_error(
            row["steps"], spec.rate
        ).tolist(),
    }
