"""How many samples does each learner need, against the margin?

Claim A1 beside its rivals: samples until the average error is at a target, on the shell
and on three atoms, where convex losses fail. A learner whose step depends on the number
of samples runs anew for each number.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, log2
from typing import Any

import numpy as np

from halfspace import reduced, theory
from halfspace._check import Array, Ints
from halfspace._random import stream
from halfspace.finite import three_atoms
from halfspace.learner import Learner, default_learner
from halfspace.noise import RCN
from halfspace.online import run
from halfspace.problems import Shell
from halfspace.rules import RULES
from halfspace.samples import blocks
from simulations.curves import summed


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Runs double in length from 2^first to the first power of 2 above `reach` times the
    bound A1 at the smallest error.
    """

    laws: tuple[str, ...] = ("shell", "three atoms")
    margins: tuple[float, ...] = (0.05, 0.1, 0.2, 0.4)
    rules: tuple[str, ...] = tuple(RULES)
    rate: float = 0.1
    errors: tuple[float, ...] = (0.05, 0.02)
    reach: float = 2.0
    first: int = 4
    trials: int = 100
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(margins=(0.4,), errors=(0.2, 0.1), trials=10, groups=5),
    "quick": Spec(margins=(0.1, 0.2, 0.4), errors=(0.1, 0.05), reach=1.0, trials=60),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield margins, laws and rules, the costly ones first."""
    for margin in spec.margins:
        for law in spec.laws:
            for rule in spec.rules:
                yield {"margin": margin, "law": law, "rule": rule}


def cost(spec: Spec, *, margin: float, law: str, rule: str) -> float:
    """Return about how many seconds a cell takes, at 10^7 steps of trials a second."""
    return (
        1e-7
        * spec.trials
        * spec.reach
        * float(theory.sample_size(min(spec.errors), margin, spec.rate))
    )


def measure(spec: Spec, *, margin: float, law: str, rule: str) -> dict[str, Any]:
    """Return mistakes and errors after 2^k steps, each told how many there will be."""
    bound = float(theory.sample_size(min(spec.errors), margin, spec.rate))
    last = max(spec.first, ceil(log2(spec.reach * bound)))
    at = 2 ** np.arange(spec.first, last + 1)
    horizons = [at] if RULES[rule].ball == "none" else at[:, None]
    parts = [
        outputs(
            default_learner(rule, margin=margin, rate=spec.rate, steps=int(some[-1])),
            law,
            margin,
            RCN(rate=spec.rate),
            at=some,
            trials=spec.trials,
            # The rule is not in the stream's name: all rules see the same data.
            rng=stream(spec.seed, "sample_complexity", law, str(margin)),
        )
        for some in horizons
    ]
    mistakes, ended, averaged = (
        summed(np.concatenate(found, axis=-1), spec.groups)
        for found in zip(*parts, strict=True)
    )
    return {
        "steps": at.tolist(),
        "group_trials": spec.trials // spec.groups,
        "mistakes": mistakes,
        "last_errors": ended,
        "averaged_errors": averaged,
        "predicted_slam_error": theory.average_error(at, margin, spec.rate).tolist(),
    }


def outputs(
    learner: Learner,
    law: str,
    margin: float,
    channel: RCN,
    *,
    at: Ints,
    trials: int,
    rng: np.random.Generator,
) -> tuple[Ints, Array, Array]:
    """Return mistakes so far, and errors of last and mean iterate, (trials, k)."""
    if law == "shell":
        shell = Shell(dim=round(margin**-2), margin=margin)
        short = reduced.run(
            learner, shell, channel, at=at, trials=trials, rng=rng, averaged=True
        )
        assert short.averaged is not None
        ends = (shell.error_at(*short.last), shell.error_at(*short.averaged))
        return short.mistakes, *ends
    atoms = three_atoms(margin)
    path = run(learner, blocks(atoms, channel, trials=trials, rng=rng), at=at)
    return path.mistakes, atoms.error(path.last), atoms.error(path.averaged)
