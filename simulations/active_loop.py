"""Does it pay on data to ask as robust active distillation does?

A student starts with few clean labels and asks a teacher, round by round, for more. The
teacher is wrong about some rows. All strategies of a trial have the same rows, labels,
first parameters and order; the student is trained anew in each round. Distances of
`k_center` are between a student's scores.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from halfspace._random import stream
from halfspace.distill import queries
from halfspace.distill.active import gains
from halfspace.distill.lesson import Lesson, learn
from halfspace.distill.mlp import scores
from halfspace.distill.network import Network, initial
from halfspace.distill.optimisers import Adam
from halfspace.distill.querying import rounds
from halfspace.distill.training import Fit, Training
from halfspace.transition import cross_entropy
from simulations import digits
from simulations.digits import CLASSES, Split
from simulations.labellers import said
from simulations.teachers import softmax


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Teachers are a kind and the share of their labels that are right (`labellers`). A
    real one saw `labels`; the first `start` of these are the student's clean ones, and
    `held` more say how often it is right. All other rows but those that judge the
    student can be asked for, `budget` in each of `rounds`.
    """

    teachers: tuple[tuple[str, float | None], ...] = (
        ("random", 1.0),
        *(("random", 0.6), ("random", 0.8), ("random", 0.95)),
        *(("near", 0.6), ("near", 0.8), ("near", 0.95)),
        ("svm", None),
    )
    strategies: tuple[str, ...] = (
        *("uniform", "margin", "entropy", "k_center", "robust"),
    )
    labels: int = 100
    start: int = 30
    held: int = 50
    budget: int = 80
    rounds: int = 5
    hidden: int = 64
    updates: int = 1200
    batch: int = 64
    step: float = 2e-3
    trials: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(
        teachers=(("near", 0.6), ("svm", None)),
        budget=5,
        rounds=1,
        hidden=8,
        updates=4,
        trials=2,
    ),
    "quick": Spec(
        teachers=(("random", 0.6), ("near", 0.6)),
        strategies=("uniform", "margin", "robust"),
        rounds=3,
        updates=400,
        trials=8,
    ),
    "paper": Spec(),
}

#: What a strategy is counted by.
KEYS = ("right", "asked_right", "worth")


class Pool(NamedTuple):
    """All rows that have or may get a label: the clean ones of the student come first.

    Shapes are (trials, n, d), (trials, n), and (trials) of the share told to be right.
    """

    x: Any
    labels: Any
    truth: Any
    share: Any


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield teachers."""
    for teacher, right in spec.teachers:
        yield {"teacher": teacher, "right": right}


def measure(spec: Spec, *, teacher: str, right: float | None) -> dict[str, Any]:
    """Return counts of each strategy, by trial and round.

    These are the test rows that the student has right, the right labels among those
    that were asked for in the round, and the sum of the gains of these. `everything`
    is the student of all the teacher's labels.
    """
    split = digits.draw(spec.labels, spec.held, trials=spec.trials, seed=spec.seed)
    pool = _pool(spec, split, *said(split, teacher, right, seed=spec.seed))
    found = {name: _run(spec, pool, split, name) for name in spec.strategies}
    n = pool.truth.shape[1]
    everything = np.broadcast_to(np.arange(n), pool.truth.shape)
    student = _taught(spec, pool, everything)
    return {
        "tests": split.test_y.shape[1],
        "pool": n - spec.start,
        "asked": spec.budget * spec.rounds,
        "pool_right": _count(pool.labels == pool.truth, spec.start),
        "told": pool.share.tolist(),
        "everything": _tested(spec, student, split),
        **{key: {name: it[key] for name, it in found.items()} for key in KEYS},
        "diverged": sum(it["diverged"] for it in found.values()) + _failed(student),
    }


def _pool(spec: Spec, split: Split, labels: Any, share: Any) -> Pool:
    clean = split.y[:, : spec.start]
    return Pool(
        np.concatenate((split.x[:, : spec.start], split.rest_x), axis=1),
        np.concatenate((clean, labels), axis=1),
        np.concatenate((clean, split.rest_y), axis=1),
        share,
    )


def _run(spec: Spec, pool: Pool, split: Split, name: str) -> dict[str, Any]:
    """Let one strategy ask, in all trials."""
    first = np.broadcast_to(np.arange(spec.start), (spec.trials, spec.start))
    found: dict[str, Any] = {key: [] for key in KEYS}
    before, diverged = None, 0
    for asked, student in rounds(
        first,
        partial(_taught, spec, pool),
        partial(_chosen, spec, pool, name),
        points=pool.truth.shape[1],
        budget=spec.budget,
        count=spec.rounds,
    ):
        found["right"].append(_tested(spec, student, split))
        diverged += _failed(student)
        if before is not None:
            new = asked[:, -spec.budget :]
            lead = queries.margins(_said(spec, before, _rows(pool.x, new)))
            right = _rows(pool.labels, new) == _rows(pool.truth, new)
            found["asked_right"].append(_count(right))
            found["worth"].append((gains(lead) * right).sum(axis=-1).tolist())
        before = student
    return found | {"diverged": diverged}


def _taught(spec: Spec, pool: Pool, asked: Any) -> Fit:
    """Train a student on the rows that have labels, in every trial."""
    # The strategy is in no stream's name: all start and shuffle alike. In the order of
    # the pool, of the same rows all make the same student.
    start = stream(spec.seed, "active_loop", "start")
    network, rows = _network(spec), np.sort(asked, axis=-1)
    return learn(
        network,
        initial(network, rng=start, trials=(spec.trials,)),
        Lesson(_rows(pool.x, rows), (_rows(pool.labels, rows),), cross_entropy),
        rng=stream(spec.seed, "active_loop", "order"),
        updates=spec.updates,
        training=Training(
            batch=spec.batch, optimiser=Adam(step=spec.step, schedule="cosine")
        ),
    )


def _chosen(
    spec: Spec, pool: Pool, name: str, student: Fit, asked: Any, left: Any
) -> Any:
    """Return the places of the rows to ask for next."""
    rng = stream(spec.seed, "active_loop", "draw", asked.shape[1])
    rows = _rows(pool.x, left)
    if name == "k_center":
        here, there = (
            scores(_network(spec), student.parameters, x)
            for x in (rows, _rows(pool.x, asked))
        )
        return queries.k_center(here, there, spec.budget)
    p = _said(spec, student, rows)
    correct = [round(share * left.shape[1]) for share in pool.share.tolist()]
    return CHOICES[name](p, correct, spec.budget, rng)


def _robust(p: Any, correct: list[int], budget: int, rng: np.random.Generator) -> Any:
    """Draw with as many right labels as each trial is told."""
    each = zip(p, correct, rng.spawn(len(p)), strict=True)
    return np.stack([queries.robust(q, m, budget, rng=own) for q, m, own in each])


#: From what the student says, the labels told to be right, and the budget.
CHOICES: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "uniform": lambda p, _, budget, rng: queries.uniform(p, budget, rng=rng),
        "margin": lambda p, _, budget, __: queries.margin(p, budget),
        "entropy": lambda p, _, budget, __: queries.entropy(p, budget),
        "robust": _robust,
    }
)


def _network(spec: Spec) -> Network:
    return Network(inputs=64, hidden=(spec.hidden,), classes=CLASSES)


def _said(spec: Spec, student: Fit, x: Any) -> Any:
    return softmax(scores(_network(spec), student.parameters, x))


def _tested(spec: Spec, student: Fit, split: Split) -> list[int]:
    answer = scores(_network(spec), student.parameters, split.test_x).argmax(axis=-1)
    return _count(answer == split.test_y)


def _rows(values: Any, places: Any) -> Any:
    """Return rows of a table (trials, n, ...) at places (trials, c)."""
    return values[np.arange(len(places))[:, None], places]


def _count(hits: Any, first: int = 0) -> list[int]:
    return [int(it) for it in np.count_nonzero(hits[:, first:], axis=-1)]


def _failed(student: Fit) -> int:
    return int(np.count_nonzero(student.diverged_at))
