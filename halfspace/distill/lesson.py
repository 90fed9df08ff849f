"""What a student is taught, and how it learns that."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import check_count, check_instance
from halfspace._logits import Floats
from halfspace.distill.mlp import Loss, scores
from halfspace.distill.network import Network, Parameters
from halfspace.distill.training import Fit, Progress, Training, fit

#: From rows to the student's scores of them.
Student = Callable[[ArrayLike], Floats]


class Lesson(NamedTuple):
    """What a student is trained on.

    Attributes
    ----------
    x : array, shape (..., n, d)
    targets : tuple of arrays, shape (..., n) or (..., n, k)
        What the loss takes after the scores.
    loss : function
        As for `fit`.
    weight : array, broadcast to shape (..., n), or a function
        Of the rows; a function is given the student before each epoch.
    """

    x: Floats
    targets: tuple[Any, ...]
    loss: Loss
    weight: ArrayLike | Callable[[Student], ArrayLike] = 1.0


def learn(
    network: Network,
    start: Parameters,
    lesson: Lesson,
    *,
    rng: np.random.Generator,
    updates: int,
    training: Training | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Train a student by a number of updates, whatever the number of its rows.

    Students with few rows so go through them more often, and not less far.

    Parameters
    ----------
    network : Network
    start : tuple of Layer
        As from `initial`, with the trials of the lesson.
    lesson : Lesson
    rng : numpy.random.Generator
        For the order of the rows; every trial has a child of it.
    updates : int
        At least 1; rounded up to whole epochs.
    training : Training, optional
        Of which `epochs` is replaced, and `batch` is at most the number of rows.
    progress : function, optional
        As for `fit`.

    Returns
    -------
    Fit

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        As for `fit`.

    Examples
    --------
    >>> from halfspace.distill.network import initial
    >>> from halfspace.transition import cross_entropy
    >>> lesson = Lesson(np.array([[-1.0], [1.0]]), (np.array([0, 1]),), cross_entropy)
    >>> network, rng = Network(inputs=1, classes=2), np.random.default_rng(0)
    >>> found = learn(network, initial(network, rng=rng), lesson, rng=rng, updates=50)
    >>> int(found.epochs), bool(found.losses[-1] < found.losses[0])
    (50, True)
    """
    check_instance("lesson", lesson, Lesson)
    check_count("updates", updates)
    plan = Training() if training is None else training
    check_instance("training", plan, Training)
    rows = np.shape(lesson.x)[-2]
    batch = min(plan.batch, rows)
    epochs = -(-updates // -(-rows // batch))
    weight = lesson.weight

    def reweight(parameters: Parameters) -> ArrayLike:
        def student(x: ArrayLike) -> Floats:
            return scores(network, parameters, x)

        return weight(student) if callable(weight) else weight

    return fit(
        network,
        start,
        lesson.x,
        lesson.targets,
        rng=rng,
        loss=lesson.loss,
        weight=reweight if callable(weight) else weight,
        training=replace(plan, batch=batch, epochs=epochs),
        progress=progress,
    )
