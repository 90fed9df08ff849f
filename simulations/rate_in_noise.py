"""How do the samples needed grow with the noise rate?

Claims A1 and A3: noise enters through eta(1-eta)/(1-2 eta)^2 alone.
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
    rates: tuple[float, ...] = (0.45, 0.4, 0.3, 0.2, 0.1, 0.05, 0.0)
    error: float = 0.02
    blocks: int = 2
    trials: int = 240
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.2, 0.0), error=0.1, trials=20),
    "quick": Spec(error=0.05),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates in blocks of trials, the noisiest (longest) first."""
    for rate in spec.rates:
        for block in range(spec.blocks):
            yield {"rate": rate, "block": block}


def cost(spec: Spec, *, rate: float, block: int) -> float:
    """Return about how many seconds a cell takes, at 10^7 steps of trials a second."""
    return 1e-7 * spec.trials * float(theory.sample_size(spec.error, spec.margin, rate))


def measure(spec: Spec, *, rate: float, block: int) -> dict[str, Any]:
    """Return mistake counts up to N(error), with A1's N."""
    horizon = float(theory.sample_size(spec.error, spec.margin, rate))
    row = mistake_counts(
        Learner(rate=rate),
        Shell(dim=spec.dim, margin=spec.margin),
        RCN(rate=rate),
        at=checkpoints(horizon),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "rate_in_noise", str(rate), block),
    )
    bound = theory.average_error(row["steps"], spec.margin, rate)
    return row | {
        "noise_factor": float(theory.noise_factor(rate)),
        "predicted_sample_size": horizon,
        "predicted_average_error": bound.tolist(),
    }
