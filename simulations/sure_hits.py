"""How few trials show that some iterate is good in time?

Claim A7 with trials added in blocks until it is decided: until the interval of the
chance of a hit, valid after every block, has the stated chance outside it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from halfspace import sequential, theory
from halfspace._random import stream
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from halfspace.reduced import hitting_times
from halfspace.stats import Interval


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    margin: float = 0.1
    dim: int = 100
    rates: tuple[float, ...] = (0.3, 0.1, 0.0)
    error: float = 0.05
    chance: float = 0.99
    confidence: float = 0.99
    trials: int = 200
    budget: int = 50
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1, 0.0), error=0.2, trials=20, budget=3),
    "quick": Spec(error=0.1),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates, the noisiest (longest) first."""
    for rate in spec.rates:
        yield {"rate": rate}


def measure(spec: Spec, *, rate: float, block: int = 0) -> dict[str, Any]:
    """Return how many trials of a block hit the error within N(error)."""
    size = float(theory.sample_size(spec.error, spec.margin, rate))
    times = hitting_times(
        Learner(rate=rate),
        Shell(dim=spec.dim, margin=spec.margin),
        RCN(rate=rate),
        targets=(spec.error,),
        horizon=ceil(size),
        trials=spec.trials,
        rng=stream(spec.seed, "sure_hits", str(rate), block),
    )
    hit = times[times >= 0]
    return {
        "trials": spec.trials,
        "hits": len(hit),
        "steps_to_hits": int(hit.sum()),
        "predicted_sample_size": size,
    }


def interval(
    rows: Sequence[dict[str, Any]], *, confidence: float, cells: int
) -> Interval:
    """Return the chance of a hit, from all blocks of a cell so far.

    The intervals of all blocks of all cells hold together with this confidence.
    """
    hits, trials = (sum(row[key] for row in rows) for key in ("hits", "trials"))
    return sequential.binomial(hits, trials, confidence=1 - (1 - confidence) / cells)


def enough(spec: Spec, rows: Sequence[dict[str, Any]], *, rate: float) -> bool:
    """Whether it is known on which side of the stated chance a rate is, or too dear."""
    count = len(spec.rates)
    found = interval(rows, confidence=spec.confidence, cells=count)
    known = found.low >= spec.chance or found.high < spec.chance
    return known or len(rows) >= spec.budget


def cost(spec: Spec, *, rate: float) -> float:
    """Return about how many seconds a block takes, at 10^7 steps of trials a second."""
    size = float(theory.sample_size(spec.error, spec.margin, rate))
    return 1e-7 * spec.trials * size
