"""Does the fluid limit predict every rule, with and without a ball?

Claim A11 beyond SLaM: measured over predicted for each rule of (t, y) on the shell.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from halfspace._random import stream
from halfspace.fluid import curve
from halfspace.learner import Learner, default_learner
from halfspace.noise import RCN
from halfspace.problems import Shell
from halfspace.rules import RULES
from simulations.curves import checkpoints, mistake_counts


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    With a ball: radius 1 and the step for `settled` samples, so that it binds on all.
    Without one: the step that makes the largest update 1.
    """

    margin: float = 0.1
    dim: int = 100
    rate: float = 0.1
    rules: tuple[str, ...] = tuple(RULES)
    settled: int = 30
    steps: int = 10_000
    trials: int = 2000
    groups: int = 40
    seed: int = 0


SCALES = {
    "test": Spec(steps=300, trials=200),
    "quick": Spec(steps=3000, trials=800),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rules without a ball and in one; "sigmoidal" has a sphere."""
    for rule in spec.rules:
        for ball in (False, True):
            if ball or not RULES[rule].sphere:
                yield {"rule": rule, "ball": ball}


def measure(spec: Spec, *, rule: str, ball: bool) -> dict[str, Any]:
    """Return mistake counts, with the fluid curve."""
    law, channel = Shell(dim=spec.dim, margin=spec.margin), RCN(rate=spec.rate)
    margin, rate = spec.margin, spec.rate
    if ball:
        learner = default_learner(
            rule, margin=margin, rate=rate, steps=spec.settled, radius=1.0
        )
    else:
        step = 1 / RULES[rule].largest(rate, margin)
        learner = Learner(rule=rule, margin=margin, rate=rate, step=step)
    # The rule is not in the stream's name: all rules see the same data.
    row = mistake_counts(
        learner,
        law,
        channel,
        at=checkpoints(spec.steps, first=10, per_decade=3),
        trials=spec.trials,
        groups=spec.groups,
        rng=stream(spec.seed, "fluid_rules"),
    )
    fluid = curve(learner, law, channel, at=row["steps"]).average_error
    return row | {"fluid_average_error": fluid.tolist()}
