"""Students of a noisy teacher: from a task to a lesson, one function each.

All learn from the clean rows as they are. They differ in what they make of the rows
that the teacher has labelled. A new student is one function and one line in `STUDENTS`.

>>> told = {"scores": [[0.3, 0.7]], "accuracy": [0.9], "sizes": [2]}
>>> task = Task(x=[[0.0], [1.0]], y=[0, 1], taught=[[2.0]], **told, truth=[0])
>>> STUDENTS["soft"](task).targets[0].tolist()
[[1.0, 0.0], [0.0, 1.0], [0.3, 0.7]]
>>> STUDENTS["hard"](task).targets[0].tolist()
[0, 1, 1]
>>> STUDENTS["oracle_drop"](task).weight.tolist()
[1.0, 1.0, 0.0]
"""

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import Any

import numpy as np

from halfspace._check import Ints, check_choice, check_count, check_scalar
from halfspace._logits import Floats
from halfspace.distill import _teaching
from halfspace.distill._teaching import both
from halfspace.distill.lesson import Lesson, Student
from halfspace.distill.task import Held, Task
from halfspace.losses import TAYLOR_ORDER
from halfspace.mixing import mixing, top_k
from halfspace.transition import cross_entropy

Method = Callable[[Task], Lesson]


def labelled_only(task: Task) -> Lesson:
    """Learn from the clean rows alone: what a student is worth without a teacher."""
    return Lesson(task.x, (task.y,), cross_entropy)


def soft(task: Task) -> Lesson:
    """Learn the teacher's probabilities [1]_.

    References
    ----------
    .. [1] G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural
       network", 2015, arXiv:1503.02531.
    """
    return Lesson(_rows(task), (_soft_labels(task),), cross_entropy)


def hard(task: Task) -> Lesson:
    """Learn the teacher's first class as if it were true: pseudo-labels."""
    return Lesson(_rows(task), (_labels(task, task.likeliest),), cross_entropy)


def temperature(task: Task, *, temperature: float = 2.0) -> Lesson:
    """Learn the teacher's probabilities softened, with the student's softened alike.

    Both are raised to the power 1/T, T > 0, and normalised, on the taught rows; the
    loss is multiplied by T^2. At T = 1 this is `soft`. The paper is that of `soft`.
    """
    hot = check_scalar("temperature", temperature, 0, np.inf, "()")
    power = (task.scores / task.scores.max(axis=-1, keepdims=True)) ** (1 / hot)
    softer = power / power.sum(axis=-1, keepdims=True)
    label = both(_one_hot(task), softer, -2)
    degrees = both(np.ones(task.y.shape), np.full(task.sizes.shape, hot), -1)
    return Lesson(_rows(task), (label, degrees), _teaching.tempered)


def taylor(task: Task, *, order: int = TAYLOR_ORDER) -> Lesson:
    """Learn the teacher's first class by the first terms of cross-entropy [1]_.

    References
    ----------
    .. [1] L. Feng et al., "Can cross entropy loss be robust to label noise?", IJCAI
       2020.
    """
    loss = partial(_teaching.taylor, order=check_count("order", order))
    taught = both(np.zeros(task.y.shape, bool), np.ones(task.sizes.shape, bool), -1)
    return Lesson(_rows(task), (_labels(task, task.likeliest), taught), loss)


def confident(task: Task, *, threshold: float = 0.7) -> Lesson:
    """Learn the teacher's first class where its probability reaches a threshold.

    This is the first of three parts of UPS [1]_. The others are not here: a second
    threshold, on the spread of the teacher's answers under dropout, for which a teacher
    would have to be more than its scores; and negative labels, for classes that it
    thinks unlikely. There is one round, not ten.

    References
    ----------
    .. [1] M. Rizve, K. Duarte, Y. Rawat and M. Shah, "In defense of pseudo-labeling: an
       uncertainty-aware pseudo-label selection framework for semi-supervised learning",
       ICLR 2021, arXiv:2101.06329.
    """
    check_scalar("threshold", threshold, 0, 1)
    return hard(task)._replace(weight=_weight(task, task.scores.max(-1) >= threshold))


def accuracy_weighted(task: Task) -> Lesson:
    """Learn the teacher's first class, in each row by as much as it is accurate."""
    return hard(task)._replace(weight=_weight(task, task.accuracy))


def weighted(task: Task, *, neighbours: int = 10) -> Lesson:
    """Learn the teacher's first class with the weights that make its loss unbiased.

    Claim E1 [1]_: true loss over loss on the teacher's label, both of the student as it
    is before each epoch, as means over the nearest held rows. The estimator is that of
    `weighting.neighbour_weights`, reconstructed: the paper's was not at hand. Here rows
    are near in the inputs themselves.

    References
    ----------
    .. [1] F. Iliopoulos et al., "Weighted distillation with unlabeled examples",
       NeurIPS 2022, arXiv:2210.06711.
    """
    x, y, probabilities = _held(task)
    if check_count("neighbours", neighbours) > x.shape[-2]:
        msg = f"`neighbours` must be at most {x.shape[-2]} held rows, got {neighbours}"
        raise ValueError(msg)
    near = _teaching.nearest(task.taught, x, neighbours)
    labels = probabilities.argmax(axis=-1)

    def weight(student: Student) -> Floats:
        share = _teaching.relative_loss(student(x), y, labels, near)
        return _weight(task, share)

    return hard(task)._replace(weight=weight)


def slam(
    task: Task,
    *,
    labels: str = "soft",
    normalised: bool = False,
    k: int | str = "told",
) -> Lesson:
    """Learn to say, once mixed, what the teacher says.

    Claims C1 to C3 and H1; [1]_. The mix marks `k` classes: a number of them, "all", or
    in each row as many as the task has "told". The normalised mix needs alpha k other
    than 1, the other one alpha other than 1/2.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.
    """
    check_choice("labels", labels, ("soft", "hard"))
    said: Any = _soft_labels(task)
    if labels == "hard":
        said = _labels(task, task.likeliest)
    alpha = both(np.ones(task.y.shape), task.accuracy, -1)
    sizes: Any = k
    if isinstance(k, str):
        check_choice("k", k, ("all", "told"))
        sizes = task.sizes if k == "told" else task.scores.shape[-1]
    top = top_k(task.scores, sizes)
    marked = both(np.ones((*task.y.shape, top.shape[-1]), bool), top, -2)
    loss = partial(mixing, normalised=normalised)
    return Lesson(_rows(task), (said, alpha, marked), loss)


def oracle_drop(task: Task) -> Lesson:
    """Learn the teacher's first class where it is true: what no student can know."""
    return hard(task)._replace(weight=_weight(task, task.likeliest == _truth(task)))


def oracle_labels(task: Task) -> Lesson:
    """Learn the true classes of all rows: what the teacher's rows are worth at most."""
    return Lesson(_rows(task), (_labels(task, _truth(task)),), cross_entropy)


def _rows(task: Task) -> Floats:
    rows: Floats = both(task.x, task.taught, -2)
    return rows


def _labels(task: Task, taught: Ints) -> Ints:
    """Return classes of all rows, those given of the taught ones."""
    found: Ints = both(task.y, taught, -1)
    return found


def _one_hot(task: Task) -> Floats:
    """Return the classes of clean rows as probabilities."""
    found: Floats = np.eye(task.scores.shape[-1])[task.y]
    return found


def _soft_labels(task: Task) -> Floats:
    """Return probabilities of all rows, the teacher's on the taught ones."""
    found: Floats = both(_one_hot(task), task.scores, -2)
    return found


def _weight(task: Task, taught: Any) -> Floats:
    """Return weights of all rows, 1 on the clean ones."""
    found: Floats = both(np.ones(task.y.shape), taught, -1)
    return found


def _held(task: Task) -> Held:
    """Return the held rows, or say that the task has none."""
    if task.held is None:
        msg = "`held` must be in the task of a student that looks at it, got None"
        raise ValueError(msg)
    return task.held


def _truth(task: Task) -> Ints:
    """Return the true classes, or say that the task does not tell them."""
    if task.truth is None:
        msg = "`truth` must be in the task of an oracle, got None"
        raise ValueError(msg)
    found: Ints = task.truth
    return found


#: The paper's experiments use the unnormalised mix. "_all" marks all classes.
STUDENTS: Mapping[str, Method] = MappingProxyType(
    {
        "labelled_only": labelled_only,
        "soft": soft,
        "hard": hard,
        "temperature": temperature,
        "taylor": taylor,
        "confident": confident,
        "accuracy_weighted": accuracy_weighted,
        "weighted": weighted,
        "slam": slam,
        "slam_hard": partial(slam, labels="hard"),
        "slam_normalised": partial(slam, normalised=True),
        "slam_normalised_hard": partial(slam, normalised=True, labels="hard"),
        "slam_all": partial(slam, k="all"),
        "slam_hard_all": partial(slam, labels="hard", k="all"),
        "slam_normalised_all": partial(slam, normalised=True, k="all"),
        "slam_normalised_hard_all": partial(
            slam, normalised=True, labels="hard", k="all"
        ),
        "oracle_drop": oracle_drop,
        "oracle_labels": oracle_labels,
    }
)
