"""What happens when the assumed accuracy of the teacher is off?

Random classification noise of one rate, learners that are told another: from none to
nearly half.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from halfspace._random import stream
from halfspace.learner import Learner
from halfspace.online import run
from halfspace.samples import blocks
from simulations.curves import summed
from simulations.tasks import TASKS


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code; tasks have the true rate."""

    tasks: tuple[str, ...] = ("three atoms", "shell")
    rules: tuple[str, ...] = ("slam", "slam_sigmoid", "forward")
    told: tuple[float, ...] = (
        *(0.0, 0.05, 0.1, 0.15, 0.18, 0.2),
        *(0.22, 0.25, 0.3, 0.35, 0.4, 0.45),
    )
    steps: int = 100_000
    trials: int = 100
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(told=(0.0, 0.2, 0.4), steps=300, trials=10, groups=5),
    "quick": Spec(steps=20_000, trials=40),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield tasks, rules and assumed rates."""
    for task in spec.tasks:
        for rule in spec.rules:
            for told in spec.told:
                yield {"task": task, "rule": rule, "told": told}


def measure(spec: Spec, *, task: str, rule: str, told: float) -> dict[str, Any]:
    """Return mistakes, and summed errors of the last and of the mean iterate."""
    law, channel = TASKS[task].law, TASKS[task].channel
    # Neither rule nor told rate is in the stream's name: all see the same data.
    rng = stream(spec.seed, "wrong_alpha", task)
    data = blocks(law, channel, trials=spec.trials, rng=rng)
    path = run(Learner(rule=rule, rate=told), data, at=[spec.steps])

    return {
        "steps": path.steps.tolist(),
        "group_trials": spec.trials // spec.groups,
        "mistakes": summed(path.mistakes, spec.groups),
        "last_errors": summed(law.error(path.last), spec.groups),
        "averaged_errors": summed(law.error(path.averaged), spec.groups),
        "true_rate": TASKS[task].rate,
    }
