"""Has the mixed loss its optimum at the truth, told the accuracy or another one?

Claims C1 to C3: the law of labels by enumeration, optima by convex programs and by
bisection, over accuracies, marked and all classes. Nothing is sampled.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, combinations_with_replacement
from typing import Any

import cvxpy
import numpy as np
from scipy import special

from halfspace._check import Array
from halfspace._logits import Floats
from halfspace.mixing import mix, mixing
from halfspace.theory.mixing import mixed_optimum, truth_is_optimal

cp: Any = cvxpy  # most of it is untyped

#: The mixes and what they are compared with: normalised or not, and the target.
VARIANTS = {
    "normalised": (True, "labels"),
    "unnormalised": (False, "labels"),
    "unnormalised, mixed truth": (False, "mix"),
}
#: An objective this near the least is it, and a minimiser this near the truth.
SAME_VALUE, SAME_POINT = 1e-6, 0.05
#: Logits of the truth between which the optimum is sought.
FAR = 60.0


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code; `seed` is not used.

    `sizes` are pairs of k marked of L classes; `accuracies` avoid alpha = c, where the
    loss is constant; `told` and `true` are of C3, `parts` of the grid of C1.
    """

    sizes: tuple[tuple[int, int], ...] = (
        *((2, 2), (2, 3), (3, 3), (2, 5), (3, 5), (5, 5)),
        *((2, 10), (5, 10), (10, 10)),
    )
    accuracies: tuple[float, ...] = (
        0.0,
        *(round(0.03 + 0.04 * i, 2) for i in range(25)),
        1.0,
    )
    points: int = 61
    parts: int = 4
    seed: int = 0


SCALES = {
    "test": Spec(sizes=((2, 2), (3, 5), (5, 5)), accuracies=(0.3, 0.7), points=11),
    "quick": Spec(accuracies=tuple(round(0.07 + 0.08 * i, 2) for i in range(12))),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield how many classes are marked, and of how many."""
    for k, classes in spec.sizes:
        yield {"k": k, "classes": classes}


def measure(spec: Spec, *, k: int, classes: int) -> dict[str, Any]:
    """Return what is certified beside what is predicted, for each accuracy."""
    true = np.linspace(0, 1, spec.points)
    told = true[np.abs(k * true - 1) > 1e-3]
    told = told[told * k > 1] if k < classes else told
    optimum = optima(true, told, k, classes)
    predicted = mixed_optimum(true, told[:, None], k)
    return {
        "law": furthest_from_law(spec, k, classes),
        "accuracies": list(spec.accuracies),
        "truth": {
            name: certified(spec.accuracies, k, classes, *variant)
            for name, variant in VARIANTS.items()
        },
        "told": told.tolist(),
        "true": true.tolist(),
        "optimum": optimum.tolist() if k == classes == 2 else [],
        "deviation": float(np.abs(optimum - predicted).max()),
    }


def furthest_from_law(spec: Spec, k: int, classes: int) -> float:
    """Return how far the mix is from the law of the label; C1.

    Over all sets of marked classes (at most 20), and truths on a grid of each face.
    """
    shares = list(combinations_with_replacement(range(k), spec.parts))
    face = np.array([np.bincount(part, minlength=k) for part in shares]) / spec.parts
    worst = 0.0
    for marked in list(combinations(range(classes), k))[:20]:
        f = np.zeros((len(face), classes))
        f[:, marked] = face
        top = np.isin(np.arange(classes), marked)
        for alpha in spec.accuracies:
            law = np.zeros_like(f)
            for truth in marked:  # the teacher says this, or one of the others
                for said in marked:
                    chance = alpha if said == truth else (1 - alpha) / (k - 1)
                    law[:, said] += chance * f[:, truth]
            found = mix(f, alpha, top)
            worst = max(worst, float(np.abs(found - law).max()))
            worst = max(worst, float(np.abs(found.sum(axis=-1) - 1).max()))
    return worst


def certified(
    accuracies: tuple[float, ...], k: int, classes: int, normalised: bool, target: str
) -> dict[str, list[Any]]:
    """Return whether the truth is the one optimum, with gap and distance; C2."""
    top = np.arange(classes) < k
    found: dict[str, list[Any]] = {"gap": [], "distance": []}
    for alpha in accuracies:
        rows = mix(np.eye(classes), alpha, top, normalised=normalised)
        pi = mix(np.eye(classes)[0], alpha, top) if target == "labels" else rows[0]
        gap, distance = from_truth(rows, pi)
        found["gap"].append(gap)
        found["distance"].append(distance)
    found["holds"] = [
        gap <= SAME_VALUE and distance <= SAME_POINT
        for gap, distance in zip(found["gap"], found["distance"], strict=True)
    ]
    predicted = truth_is_optimal(
        accuracies, k, classes, normalised=normalised, target=target
    )
    return found | {"predicted": predicted.tolist()}


def from_truth(rows: Floats, pi: Floats) -> tuple[float, float]:
    """Return by how much the loss of class 0 is above the least, and its distance.

    Row j of `rows` is the mix of class j; the mix of f is f @ rows. Distances are the
    largest difference of an entry.
    """
    seen = pi > 0
    f = cp.Variable(len(rows), nonneg=True)
    loss = -(pi[seen] @ cp.log(rows[:, seen].T @ f))
    problem = cp.Problem(cp.Minimize(loss), [cp.sum(f) == 1])
    problem.solve(solver=cp.CLARABEL)
    if problem.status != "optimal":
        msg = f"`pi` must have a minimiser, got {problem.status}"
        raise RuntimeError(msg)
    truth = -float(pi[seen] @ np.log(rows[0, seen]))
    distance = float(np.abs(f.value - np.eye(len(rows))[0]).max())
    return truth - float(problem.value), distance


def optima(true: Array, told: Array, k: int, classes: int) -> Array:
    """Return what the optimum gives the truth, shape (told, true), by bisection; C3.

    Along logits (t, 0, ..., 0), and -1000 where not marked: by symmetry and convexity
    an optimum has equal shares of the others, and none of the unmarked if a k > 1.
    """
    top = np.arange(classes) < k
    shape = (len(told), len(true))
    pi = np.where(top, (1 - true[:, None]) / (k - 1), 0.0)
    pi[:, 0] = true
    low, high = np.full(shape, -FAR), np.full(shape, FAR)
    labels, z = np.broadcast_to(pi, (*shape, classes)), np.zeros((*shape, classes))
    z[..., ~top] = -1000.0
    for _ in range(64):
        z[..., 0] = (low + high) / 2
        slope = mixing(z, labels, told[:, None], top).gradient[..., 0]
        low = np.where(slope < 0, z[..., 0], low)
        high = np.where(slope < 0, high, z[..., 0])
    share: Array = special.expit((low + high) / 2 - np.log(k - 1))
    return share
