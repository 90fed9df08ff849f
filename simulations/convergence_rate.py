"""By which powers of eps, gamma and 1 - 2 eta do forward's samples needed grow?

Claim B10: conjectured are -1, -2 and -2 at step 1, beside the links whose rates are
proved. All axes meet in one centre: the largest margin, at the rate `rate`.
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
from halfspace.theory.convergence import forward_scale
from simulations.curves import checkpoints, mistake_counts


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    `errors` are the targets at the centre, `error` the one elsewhere. The dimension is
    1/gamma^2 or `far`; far out A1's bound is loose by the order of gamma (A5), and
    targets are smaller by the largest margin.
    """

    rules: tuple[str, ...] = ("forward", "slam", "slam_sigmoid")
    margins: tuple[float, ...] = (0.2, 0.1, 0.05)
    rate: float = 0.3
    rates: tuple[float, ...] = (0.1, 0.2, 0.3, 0.4, 0.45)
    errors: tuple[float, ...] = (0.2, 0.1, 0.05, 0.02, 0.01)
    error: float = 0.05
    far: int = 10**6
    trials: int = 200
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(
        margins=(0.5, 0.4), rates=(0.2, 0.3), errors=(0.3, 0.2), error=0.2, trials=20
    ),
    "quick": Spec(
        margins=(0.2, 0.1),
        rates=(0.1, 0.3, 0.4),
        errors=(0.2, 0.1, 0.05),
        error=0.1,
        trials=100,
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the noisiest rates (the longest) first, then the margins."""
    centre = max(spec.margins)
    rest = {(margin, spec.rate) for margin in spec.margins}
    both = rest | {(centre, rate) for rate in spec.rates}
    for margin, rate in sorted(both, key=lambda it: (-it[1], it[0])):
        for dim in (ceil(round(margin**-2, 9)), spec.far):
            for rule in spec.rules:
                yield {"margin": margin, "rate": rate, "dim": dim, "rule": rule}


def measure(
    spec: Spec, *, margin: float, rate: float, dim: int, rule: str
) -> dict[str, Any]:
    """Return mistake counts up to the sign link's N(smallest target), at step 1."""
    centre = (margin, rate) == (max(spec.margins), spec.rate)
    targets = spec.errors if centre else (spec.error,)
    last = theory.sample_size(min(targets), margin, rate)
    if dim == spec.far:
        targets = tuple(max(spec.margins) * error for error in targets)
    row = mistake_counts(
        Learner(rule=rule, rate=rate),
        Shell(dim=dim, margin=margin),
        RCN(rate=rate),
        at=checkpoints(float(last)),
        trials=spec.trials,
        groups=spec.groups,
        # The rule is not in the stream's name: all rules see the same data.
        rng=stream(spec.seed, "convergence_rate", str(margin), str(rate), dim),
    )
    row["targets"] = list(targets)
    if rule == "forward":
        scale = forward_scale(targets, margin, rate)
        return row | {"predicted_scale": scale.tolist()}
    average = theory.average_error if rule == "slam" else theory.sigmoid_average_error
    bound = average(row["steps"], margin, rate)
    return row | {"predicted_average_error": bound.tolist()}
