"""Teachers of active distillation: the labels they would give, right or wrong.

Some are made from the truth with as many wrong labels as is said; one is real.
"""

from typing import Any

import numpy as np

from halfspace._random import stream
from simulations.digits import CLASSES, Split
from simulations.teachers import svm


def said(
    split: Split, teacher: str, right: float | None, *, seed: int
) -> tuple[Any, Any]:
    """Return labels of the rest, (trials, n), and the share told to be right, (trials).

    Parameters
    ----------
    split : Split
    teacher : str
        "random" is wrong on random rows, with a random other class; "near" where the
        true class leads by least, or trails, for a machine taught by all true labels,
        with its first other class; "svm" has learned from the labels of the split.
    right : float, optional
        The share of right labels; of "svm", what it has right of the held rows.
    seed : int
    """
    if right is None:
        guess, judged = svm(split.x, split.y, (split.rest_x, split.held_x))
        share = np.mean(judged.argmax(axis=-1) == split.held_y, axis=-1)
        return guess.argmax(axis=-1), share
    lead, other = {"random": _anywhere, "near": _near}[teacher](split, seed)
    wrong = round((1 - right) * lead.shape[-1])
    order = np.argsort(lead, axis=-1, kind="stable")[:, :wrong]
    labels = split.rest_y.copy()
    np.put_along_axis(labels, order, np.take_along_axis(other, order, axis=-1), axis=-1)
    return labels, np.full(len(labels), right)


def _anywhere(split: Split, seed: int) -> tuple[Any, Any]:
    """Return random scores, and random other classes."""
    rngs = stream(seed, "labellers").spawn(len(split.rest_y))
    lead = np.empty(split.rest_y.shape)
    other = np.empty_like(split.rest_y)
    for i, (rng, y) in enumerate(zip(rngs, split.rest_y, strict=True)):
        lead[i] = rng.random(len(y))
        other[i] = (y + rng.integers(1, CLASSES, len(y))) % CLASSES
    return lead, other


def _near(split: Split, _: int) -> tuple[Any, Any]:
    """Return by how much the true class leads, and the first of the others."""
    (p,) = svm(split.rest_x, split.rest_y, (split.rest_x,))
    true = split.rest_y[..., None]
    first = np.take_along_axis(p, true, axis=-1)[..., 0]
    np.put_along_axis(p, true, -1.0, axis=-1)
    return first - p.max(axis=-1), p.argmax(axis=-1)
