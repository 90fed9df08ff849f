"""Which learner survives which law, and by which of its iterates?

Claim I2: every learner on every task of `simulations.tasks`, from the same samples; the
last iterate, the mean of all, and one selected by noisy held-out labels, apart.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.batch import class_mean, sq_perceptron
from halfspace.finite import Atoms
from halfspace.law import Law
from halfspace.learner import Learner, default_learner
from halfspace.lists import decision_list
from halfspace.online import run
from halfspace.regression import logistic_regression
from halfspace.rules import RULES
from halfspace.samples import Block, blocks, take
from halfspace.selection import select
from halfspace.slabs import filtertron
from simulations.curves import checkpoints, summed
from simulations.tasks import TASKS, Task

TOLD = "slam, told"
WHOLE = ("class mean", "logistic ERM", "SQ-Perceptron", "FilterTron", "decision list")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Online learners see each of `steps` samples once; candidates for selection are their
    iterates at geometric checkpoints. Others are given the same samples at once.
    """

    tasks: tuple[str, ...] = tuple(TASKS)
    learners: tuple[str, ...] = (*RULES, TOLD, *WHOLE)
    steps: int = 20_000
    held_out: int = 2000
    batch: int = 100
    test: int = 20_000
    trials: int = 40
    groups: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(
        tasks=("trap", "shell"), steps=300, held_out=100, trials=5, groups=5, test=1000
    ),
    "quick": Spec(steps=5000, held_out=500, trials=20, test=5000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield learners and tasks, the costly learners first."""
    for learner in reversed(spec.learners):
        for task in spec.tasks:
            yield {"task": task, "learner": learner}


def measure(spec: Spec, *, task: str, learner: str) -> dict[str, Any]:
    """Return summed errors of each output of the learner."""
    it = TASKS[task]
    # The learner is not in the stream's name: all learners see the same data.
    rngs = stream(spec.seed, "learners", task).spawn(3)
    train, held_out = (
        blocks(it.law, it.channel, trials=spec.trials, rng=rng) for rng in rngs[:2]
    )
    if learner in WHOLE:
        errors = whole(learner, it, take(train, spec.steps), spec, rngs[2])
    else:
        errors = online(learner, it, train, held_out, spec)

    return {
        "group_trials": spec.trials // spec.groups,
        "errors": {
            output: summed(found, spec.groups) for output, found in errors.items()
        },
    }


def online(
    learner: str,
    task: Task,
    train: Iterator[Block],
    held_out: Iterator[Block],
    spec: Spec,
) -> dict[str, Array]:
    """Return the errors (trials,) of the three outputs of an online learner."""
    one = Learner(rule="slam", rate=None)
    if learner != TOLD:
        one = default_learner(
            learner, margin=task.margin, rate=task.rate, steps=spec.steps
        )
    path = run(one, train, at=checkpoints(spec.steps, per_decade=5))
    last = task.law.error(path.last)
    best = select(path.last, held_out, size=spec.held_out)
    return {
        "last": last[:, -1],
        "averaged": task.law.error(path.averaged[:, -1]),
        "selected": np.take_along_axis(last, best[:, None], axis=1)[:, 0],
    }


def whole(
    learner: str, task: Task, data: Block, spec: Spec, rng: np.random.Generator
) -> dict[str, Array]:
    """Return the errors (trials,) of a learner that is given the whole sample."""
    x, y, law = data.x, data.y, task.law
    if learner == "class mean":
        return {"only": law.error(class_mean(x, y))}
    if learner == "logistic ERM":
        return {"only": law.error(logistic_regression(x, y).w)}
    if learner == "SQ-Perceptron":
        found = sq_perceptron(x, y, rate=task.rate, batch=spec.batch)
        return {"last": law.error(found.last), "averaged": law.error(found.averaged)}
    if learner == "FilterTron":
        return {"only": law.error(filtertron(x, y, rate=task.rate).w)}
    return {"only": list_errors(task, data, spec, rng)}


def list_errors(task: Task, data: Block, spec: Spec, rng: np.random.Generator) -> Array:
    """Return the errors of decision lists: exact on atoms, else on fresh points."""
    points, weights, s = test_points(task.law, spec.test, rng)
    found = decision_list(data.x, data.y, rate=task.rate, margin=task.margin)
    points = np.broadcast_to(points, (spec.trials, *points.shape))
    wrong: Array = np.asarray(found.predict(points) != s, dtype=float) @ weights
    return wrong


def test_points(
    law: Law, size: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return points, their probabilities and their labels."""
    if isinstance(law, Atoms):
        one, half = np.array(law.points), np.array(law.weights) / 2
        s = np.repeat([1.0, -1.0], len(one))
        return np.concatenate([one, -one]), np.concatenate([half, half]), s
    x, s = law.sample((size,), rng=rng)
    return x, np.full(size, 1 / size), s
