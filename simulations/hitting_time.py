"""After how many samples is some iterate good?

Claim A7: within C N(eps) samples some iterate has error at most eps, with probability
at least 99%. Markov's inequality proves it for C = 10^4; here C = 1.
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
from halfspace.problems import Shell
from halfspace.reduced import hitting_times


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    margin: float = 0.1
    dim: int = 100
    rates: tuple[float, ...] = (0.3, 0.1, 0.0)
    errors: tuple[float, ...] = (0.2, 0.1, 0.05, 0.02, 0.01)
    trials: int = 4000
    fractions: int = 400
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1,), errors=(0.2, 0.1), trials=50),
    "quick": Spec(errors=(0.2, 0.1, 0.05, 0.02), trials=1000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates, the noisiest (longest) first."""
    for rate in spec.rates:
        yield {"rate": rate}


def cost(spec: Spec, *, rate: float) -> float:
    """Return about how many seconds a cell takes, at 10^7 steps of trials a second."""
    return (
        1e-7
        * spec.trials
        * float(theory.sample_size(min(spec.errors), spec.margin, rate))
    )


def measure(spec: Spec, *, rate: float) -> dict[str, Any]:
    """Return how many trials hit each error within each fraction of N(error)."""
    sizes = theory.sample_size(spec.errors, spec.margin, rate)
    horizon = ceil(float(sizes.max()))
    times = hitting_times(
        Learner(rate=rate),
        Shell(dim=spec.dim, margin=spec.margin),
        RCN(rate=rate),
        targets=spec.errors,
        horizon=horizon,
        trials=spec.trials,
        rng=stream(spec.seed, "hitting_time", str(rate)),
    )
    times = np.where(times < 0, horizon + 1, times)
    fractions = np.geomspace(1e-3, 1, spec.fractions)
    within = times[:, :, None] <= sizes[:, None] * fractions
    return {
        "trials": spec.trials,
        "fractions": fractions.tolist(),
        "hits": within.sum(axis=0).tolist(),
        "predicted_sample_size": sizes.tolist(),
    }
