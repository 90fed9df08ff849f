"""Where does the fluid limit predict the learning curve?

Claim A11: an approximation, for small margins. It is poor for few steps, for few
dimensions, and for dimensions far above 1/gamma^2.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from halfspace._random import stream
from halfspace.fluid import curve
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from simulations.curves import checkpoints, mistake_counts


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    A case is a rule, a margin, a rate and a dimension.
    """

    cases: tuple[tuple[str, float, float, int], ...] = (
        ("slam", 0.1, 0.1, 3),
        ("slam", 0.1, 0.1, 5),
        ("slam", 0.1, 0.1, 10),
        ("slam", 0.1, 0.1, 25),
        ("slam", 0.1, 0.0, 100),
        ("slam", 0.1, 0.1, 100),
        ("slam", 0.1, 0.3, 100),
        ("slam", 0.1, 0.3, 400),
        ("slam", 0.05, 0.1, 400),
        ("slam", 0.3, 0.1, 44),
        ("slam", 0.5, 0.1, 16),
        ("slam", 0.1, 0.1, 10**6),
        ("slam_sigmoid", 0.1, 0.1, 100),
    )
    steps: int = 100_000
    trials: int = 4000
    groups: int = 40
    seed: int = 0


SCALES = {
    "test": Spec(
        cases=(("slam", 0.1, 0.1, 100), ("slam_sigmoid", 0.1, 0.1, 100)),
        steps=300,
        trials=200,
    ),
    "quick": Spec(steps=10_000, trials=1000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the cases."""
    for rule, margin, rate, dim in spec.cases:
        yield {"rule": rule, "margin": margin, "rate": rate, "dim": dim}


def measure(
    spec: Spec, *, rule: str, margin: float, rate: float, dim: int
) -> dict[str, Any]:
    """Return mistake counts, with the fluid curve."""
    law, channel = Shell(dim=dim, margin=margin), RCN(rate=rate)
    learner = Learner(rule=rule, rate=rate)
    row = mistake_counts(
        learner,
        law,
        channel,
        at=checkpoints(spec.steps, first=1, per_decade=5),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "fluid", rule, str(margin), str(rate), dim),
    )
    fluid = curve(learner, law, channel, at=row["steps"]).average_error
    return row | {"fluid_average_error": fluid.tolist()}
