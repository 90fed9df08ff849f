"""What do noisy held-out labels say of the noise rate, without any clean label?

Claim D5: SLaM told each rate of a grid on one half of the noisy rows; the least error
on the other half estimates the rate, its binomial bound is one of the rate.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.rate import rate_from_holdout
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.online import run
from halfspace.problems import Shell
from halfspace.rules import sign
from halfspace.samples import blocks, take
from simulations.curves import summed


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    As many rows are learned from as are held out.
    """

    rates: tuple[float, ...] = (0.05, 0.1, 0.2, 0.3, 0.4)
    told: tuple[float, ...] = tuple(round(0.05 * i, 2) for i in range(10))
    dim: int = 10
    margin: float = 0.3
    rows: int = 2000
    confidence: float = 0.99
    blocks: int = 10
    trials: int = 400
    groups: int = 10
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1, 0.4), rows=200, blocks=1, trials=20),
    "quick": Spec(rates=(0.1, 0.3), blocks=2, trials=50),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the true rates and blocks of trials."""
    for rate in spec.rates:
        for block in range(spec.blocks):
            yield {"rate": rate, "block": block}


def measure(spec: Spec, *, rate: float, block: int) -> dict[str, Any]:
    """Return sums over groups of what is estimated, and how often the bound is missed.

    `missed` counts the trials whose upper bound is below the rate.
    """
    law = Shell(dim=spec.dim, margin=spec.margin)
    # All candidates learn from the same rows.
    data, held_out = (
        take(blocks(law, RCN(rate=rate), trials=spec.trials, rng=rng), spec.rows)
        for rng in stream(spec.seed, "noise_rate", str(rate), block).spawn(2)
    )
    w = np.stack(
        [
            run(Learner(rule="slam", rate=told), [data], at=[spec.rows]).averaged[:, -1]
            for told in spec.told
        ],
        axis=-2,
    )
    found = [
        rate_from_holdout(sign(candidates @ x.T), y, confidence=spec.confidence)
        for candidates, x, y in zip(w, held_out.x, held_out.y, strict=True)
    ]
    chosen = [it.chosen for it in found]
    errors: Array = law.error(w)[np.arange(spec.trials), chosen]
    return {
        "trials": spec.trials,
        "group_trials": spec.trials // spec.groups,
        "missed": sum(it.upper < rate for it in found),
        "estimates": summed([it.estimate for it in found], spec.groups),
        "uppers": summed([it.upper for it in found], spec.groups),
        "told": summed(np.array(spec.told)[chosen], spec.groups),
        "errors": summed(errors, spec.groups),
    }
