"""How do the samples needed grow as the target error falls?

Claims A1 and A3: N(eps) = 1/(gamma^2 eps) + eta(1-eta)/((1-2 eta)^2 gamma^2 eps^2), so
the slope turns from -1 to -2 as noise takes over.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from halfspace import theory
from halfspace._random import stream
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from simulations.curves import checkpoints, mistake_counts


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    margin: float = 0.2
    dim: int = 25
    rates: tuple[float, ...] = (0.3, 0.1, 0.0)
    errors: tuple[float, ...] = (0.2, 0.1, 0.05, 0.02, 0.01, 0.005)
    blocks: int = 4
    trials: int = 240
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(errors=(0.2, 0.1, 0.05), blocks=2, trials=20),
    "quick": Spec(errors=(0.2, 0.1, 0.05, 0.02), blocks=2),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates in blocks of trials, the noisiest (longest) first."""
    for rate in spec.rates:
        for block in range(spec.blocks):
            yield {"rate": rate, "block": block}


def cost(spec: Spec, *, rate: float, block: int) -> float:
    """Return about how many seconds a cell takes, at 10^7 steps of trials a second."""
    return (
        1e-7
        * spec.trials
        * float(theory.sample_size(min(spec.errors), spec.margin, rate))
    )


def measure(spec: Spec, *, rate: float, block: int) -> dict[str, Any]:
    """Return mistake counts up to N(smallest error), with A1's N for every error."""
    horizon = theory.sample_size(min(spec.errors), spec.margin, rate)
    row = mistake_counts(
        Learner(rate=rate),
        Shell(dim=spec.dim, margin=spec.margin),
        RCN(rate=rate),
        at=checkpoints(float(horizon)),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "rate_in_error", str(rate), block),
    )
    predicted = theory.sample_size(spec.errors, spec.margin, rate)
    bound = theory.average_error(row["steps"], spec.margin, rate)
    return row | {
        "predicted_sample_size": predicted.tolist(),
        "predicted_average_error": bound.tolist(),
    }
