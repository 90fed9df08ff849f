"""Does SLaM beat what people would use, on real data with few clean rows?

Claim H2: three data sets of scikit-learn; noise of three known laws, and three weak
teachers; every method on the same rows. Stored are test errors, one count a split.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import clone

from halfspace._check import Array, Ints
from halfspace._random import stream
from halfspace.distill.teacher import fit_accuracy, top_margin
from simulations import peers
from simulations.contenders import OWN, Method, Task
from simulations.real_noise import SIZES, TEACHERS, Rows, Split, draw, law_of, split

METHODS: Mapping[str, Method] = MappingProxyType({**OWN, **peers.PEERS})
#: Methods that use no noisy label: measured once for all noise.
WITHOUT = ("clean rows", "self-training", "label spreading")
#: The noise of their cells.
ANY = ("any", "any")
LAWS = ("uniform", "by class", "by margin")


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    `noises` are pairs of a law and its rate, or "teacher" and its name.
    """

    data: tuple[str, ...] = tuple(SIZES)
    noises: tuple[tuple[str, Any], ...] = (
        *(("uniform", 0.2), ("uniform", 0.4)),
        *(("by class", 0.3), ("by class", 0.45)),
        *(("by margin", 0.25), ("by margin", 0.5)),
        *(("teacher", name) for name in TEACHERS),
    )
    methods: tuple[str, ...] = tuple(METHODS)
    splits: int = 20
    seed: int = 0


FEW = (("uniform", 0.4), ("by class", 0.45), ("by margin", 0.5), ("teacher", "tree"))
SCALES = {
    "test": Spec(
        data=("wine",),
        noises=(("by margin", 0.5), ("teacher", "tree")),
        methods=("plain", "SLaM, one rate", "SLaM, by margin", "self-training"),
        splits=2,
    ),
    "quick": Spec(data=("breast cancer",), noises=FEW, splits=6),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield data, noise and methods."""
    for data in spec.data:
        for method in spec.methods:
            for noise, level in (ANY,) if method in WITHOUT else spec.noises:
                cell = {"data": data, "noise": noise, "level": level}
                yield cell | {"method": method}


def measure(
    spec: Spec, *, data: str, noise: str, level: Any, method: str
) -> dict[str, Any]:
    """Return how many rows of the test are wrong in each split, or why none."""
    reason = peers.lacking(method)
    if reason:
        return {"skipped": reason}
    # The method is not in the streams' names: all methods see the same data.
    posed = [pose(spec, data, noise, level, index) for index in range(spec.splits)]
    try:
        answers = [METHODS[method](it.task) for it in posed]
    except (ValueError, IndexError, np.linalg.LinAlgError) as error:
        if method not in peers.NEEDS:
            raise
        return {"skipped": f"{type(error).__name__}: {error}"}
    wrong = [
        int(np.count_nonzero(answer != it.truth))
        for answer, it in zip(answers, posed, strict=True)
    ]
    row = {
        "wrong": wrong,
        "test": len(posed[0].truth),
        "versions": peers.versions(method),
    }
    if method in WITHOUT:
        return row
    return row | {
        "flipped": [it.flipped for it in posed],
        "predicted_flipped": [it.predicted_flipped for it in posed],
        "train": len(posed[0].task.said),
    }


class Posed(NamedTuple):
    """A task with what no method sees: the truth of the test, and flips in training.

    `predicted_flipped` is the mean by the law; of a teacher, who draws nothing, the
    count itself.
    """

    task: Task
    truth: Ints
    flipped: int
    predicted_flipped: float


def pose(spec: Spec, data: str, noise: str, level: Any, index: int) -> Posed:
    """Return the task of one split."""
    it = split(data, stream(spec.seed, "real_data", data, index))
    n = len(it.train.y)
    both = it.train, it.clean
    rows = Rows(
        np.concatenate([part.x for part in both]),
        np.concatenate([part.y for part in both]),
    )
    said, scores, accuracy = np.full(len(rows.y), -1), None, np.ones(len(rows.y))
    if noise in LAWS:
        law = law_of(noise, level, rows, it.k)
        rng = stream(spec.seed, "real_data", data, index, noise, str(level))
        said, accuracy = draw(law, rng), law[np.arange(len(law)), rows.y]
    elif noise == "teacher":
        scores, said, accuracy = taught(it, level, rows)
    flipped = int(np.count_nonzero(said[:n] != it.train.y))
    mean = float(np.sum(1 - accuracy[:n])) if noise in LAWS else float(flipped)
    task = Task(
        k=it.k,
        x=it.train.x,
        said=said[:n],
        clean_x=it.clean.x,
        clean_y=it.clean.y,
        clean_said=said[n:],
        scores=None if scores is None else scores[:n],
        clean_scores=None if scores is None else scores[n:],
        accuracy=accuracy[:n],
        test_x=it.test.x,
        seed=int(stream(spec.seed, "real_data", data, index, "in").integers(2**31)),
    )
    return Posed(task, it.test.y, flipped, mean)


def taught(it: Split, teacher: str, rows: Rows) -> tuple[Array, Ints, Array]:
    """Return a teacher's probabilities, labels, and true accuracy by its margin."""
    model = clone(TEACHERS[teacher]).fit(*it.teacher)
    scores = np.asarray(model.predict_proba(rows.x))
    scores /= scores.sum(axis=1, keepdims=True)
    said = np.asarray(scores.argmax(axis=1))
    margin = top_margin(scores)
    alpha = fit_accuracy(margin, said == rows.y, lower=1 / it.k)
    return scores, said, alpha.step(margin)
