"""How do the samples needed grow as the margin shrinks?

Claims A1 and A3: as gamma^-2, here in the dimension 1/gamma^2 where A1 is nearly tight.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
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

    margins: tuple[float, ...] = (0.0125, 0.025, 0.05, 0.1, 0.2, 0.4)
    rates: tuple[float, ...] = (0.3, 0.1, 0.0)
    error: float = 0.05
    blocks: int = 2
    trials: int = 240
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(margins=(0.2, 0.4), rates=(0.1,), error=0.1, trials=20),
    "quick": Spec(rates=(0.1, 0.0), error=0.1),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield margins and rates in blocks of trials, the longest runs first."""
    for rate in spec.rates:
        for margin in spec.margins:
            for block in range(spec.blocks):
                yield {"rate": rate, "margin": margin, "block": block}


def cost(spec: Spec, *, rate: float, margin: float, block: int) -> float:
    """Return about how many seconds a cell takes, at 10^7 steps of trials a second."""
    return 1e-7 * spec.trials * float(theory.sample_size(spec.error, margin, rate))


def measure(spec: Spec, *, rate: float, margin: float, block: int) -> dict[str, Any]:
    """Return mistake counts up to N(error), with A1's N."""
    horizon = float(theory.sample_size(spec.error, margin, rate))
    dim = ceil(round(margin**-2, 9))
    row = mistake_counts(
        Learner(rate=rate),
        Shell(dim=dim, margin=margin),
        RCN(rate=rate),
        at=checkpoints(horizon),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "rate_in_margin", str(rate), str(margin), block),
    )
    bound = theory.average_error(row["steps"], margin, rate)
    return row | {
        "dim": dim,
        "predicted_sample_size": horizon,
        "predicted_average_error": bound.tolist(),
    }
