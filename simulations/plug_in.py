"""What does it cost a student to be told an estimated accuracy?

Claim D4: SLaM on the trap, a quarter of it noisy, told the accuracy as fitted on so
many clean rows, the true one, or one for all. Claim C3: the optimum of the mixed loss
on sampled labels, told another accuracy.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.teacher import Accuracy, fit_accuracy
from halfspace.finite import trap
from halfspace.learner import Learner
from halfspace.noise import ByRegion
from halfspace.online import run
from halfspace.samples import Block, blocks
from halfspace.theory.estimation import plug_in_excess
from halfspace.theory.mixing import mixed_optimum
from simulations.consistency import optima
from simulations.curves import checkpoints, summed

#: The share of the trap that is noisy: there the teacher's score is below it.
NOISY = 0.25
#: Scores on which the error of a fit is averaged.
GRID = (np.arange(4000) + 0.5) / 4000


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    `told` are the numbers of clean rows, and what else is told; the fit is at least
    `lower`. Of C3, `assumed` for the accuracy `accuracy`, on `labels` labels.
    """

    told: tuple[int | str, ...] = (
        *("alpha", "one rate"),
        *(10, 30, 100, 300, 1000, 3000, 10_000, 100_000),
    )
    margin: float = 0.1
    rate: float = 0.4
    lower: float = 0.55
    steps: int = 50_000
    assumed: tuple[float, ...] = (0.3, 0.4, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0)
    accuracy: float = 0.75
    labels: int = 10_000
    trials: int = 200
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(told=("alpha", "one rate", 10, 100), steps=300, trials=10, groups=5),
    "quick": Spec(
        told=("alpha", "one rate", 10, 100, 1000, 10_000), steps=10_000, trials=60
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield what students are told, and then what is assumed in C3."""
    for told in spec.told:
        yield {"part": "student", "told": told}
    for assumed in spec.assumed:
        yield {"part": "labels", "told": assumed}


def measure(spec: Spec, *, part: str, told: Any) -> dict[str, Any]:
    """Return mistakes of students, or optima, with what is predicted."""
    return students(spec, told) if part == "student" else optimum(spec, told)


def students(spec: Spec, told: int | str) -> dict[str, Any]:
    """Return mistakes, and the error of what is told, beside the bound D4."""
    fits = fitted(spec, told) if isinstance(told, int) else []
    path = run(
        Learner(rule="slam", rate=None),
        retold(spec, told, fits),
        at=checkpoints(spec.steps, first=100, per_decade=4),
    )
    row: dict[str, Any] = {
        "steps": path.steps.tolist(),
        "group_trials": spec.trials // spec.groups,
        "mistakes": summed(path.mistakes, spec.groups),
    }
    if told == "one rate":
        return row
    away = [np.abs(fit.step(GRID) - truth(spec, GRID)) for fit in fits] or [np.zeros(1)]
    absolute, square = float(np.mean(away)), float(np.mean(np.square(away)))
    variance = NOISY * spec.rate * (1 - spec.rate)
    bound = plug_in_excess(path.steps, spec.margin, variance, absolute, square)
    return row | {
        "absolute": absolute,
        "squared": square,
        "predicted_excess_risk": bound.tolist(),
    }


def truth(spec: Spec, scores: Array) -> Array:
    """Return the accuracy of the teacher at scores, uniform in [0, 1]."""
    return np.where(scores < NOISY, 1 - spec.rate, 1.0)


def fitted(spec: Spec, size: int) -> list[Accuracy]:
    """Return the fit of each trial; more rows are added to fewer."""
    fits = []
    for trial in stream(spec.seed, "plug_in", "validation").spawn(spec.trials):
        scores, answers = (each.random(size) for each in trial.spawn(2))
        right = answers < truth(spec, scores)
        fits.append(fit_accuracy(scores, right, lower=spec.lower))
    return fits


def retold(spec: Spec, told: int | str, fits: list[Accuracy]) -> Iterator[Block]:
    """Yield samples of the trap with the rates that are told.

    What is told is in no stream's name: all see the same samples and scores.
    """
    law, channel = trap(spec.margin), ByRegion(normal=(0.0, 1.0), inside=spec.rate)
    data, scored = stream(spec.seed, "plug_in", "samples").spawn(2)
    for block in blocks(law, channel, trials=spec.trials, rng=data):
        rate = np.asarray(block.rate)
        share = scored.random(rate.shape)
        scores = np.where(rate > 0, NOISY * share, NOISY + (1 - NOISY) * share)
        if told == "one rate":
            rate = np.full(rate.shape, NOISY * spec.rate)
        elif fits:
            pairs = zip(fits, scores, strict=True)
            rate = 1 - np.array([fit.step(score) for fit, score in pairs])
        yield block._replace(rate=rate)


def optimum(spec: Spec, assumed: float) -> dict[str, Any]:
    """Return what the optimum on sampled labels gives the truth, in every trial."""
    rng = stream(spec.seed, "plug_in", "labels")
    frequency = rng.binomial(spec.labels, spec.accuracy, spec.trials) / spec.labels
    (found,) = optima(frequency, np.array([assumed]), 2, 2)
    of_frequency = mixed_optimum(frequency, assumed)
    return {
        "group_trials": spec.trials // spec.groups,
        "optimum": summed(found, spec.groups),
        "deviation": float(np.abs(found - of_frequency).max()),
        "predicted_optimum": float(mixed_optimum(spec.accuracy, assumed)),
    }
