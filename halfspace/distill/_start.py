"""Where the linear student starts, since its loss is not convex."""

from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill._kernels import Loss, Rows, convex, subtracted
from halfspace.distill._metric import plain
from halfspace.distill._objective import objective

#: The descent on the convex loss, and that on the loss itself, end where the gradient
#: is this part of that where it began.
CONVEX, MIXED = 0.01, 0.03

#: One row in so many is looked at,
SPARSE = 5

#: if that makes so many rows, and so many for each weight of the student.
LEAST = 1000
PER_WEIGHT = 5


def start(
    loss: Loss, rows: Rows, w: Array, ridge: Array, root: Any, max_iter: int
) -> tuple[Array, int]:
    """Descend from w on the convex loss of rows, then on their `loss`, a little.

    Returned are the end and the iterations. The convex loss is for the direction, which
    is not right early on its way; `loss` is for the length. Labels less noisy, by luck,
    than is told may leave the convex loss unbounded: so its descent ends below 0, where
    only luck leads. If `loss` is larger there than at w, it was for nothing.
    """
    near = objective(convex, subtracted(rows, max(2, len(w))), ridge)
    here = near(w)
    alike = plain(len(ridge))
    first = near.minimise(here, alike, tol=CONVEX * here.slope, max_iter=max_iter)
    goal = objective(loss, rows, ridge)
    here = min(goal(w), goal(first.w), key=lambda point: point.value)
    last = goal.minimise(here, root, tol=MIXED * here.slope, max_iter=max_iter)
    return last.w, first.steps + last.steps


def some(rows: Rows, weights: int) -> Rows:
    """Return one in `SPARSE` of the rows that count, always the same; or all.

    >>> len(some(Rows(np.zeros((9000, 2)), np.zeros(9000)), 3).y)
    1800
    """
    n = rows.x.shape[0]
    counts = np.arange(n) if rows.weight is None else np.flatnonzero(rows.weight)
    size = len(counts) // SPARSE
    if size < max(LEAST, PER_WEIGHT * weights):
        return rows
    rng = stream(0, "rows of the start", len(counts))
    kept = counts[np.sort(rng.choice(len(counts), size, replace=False))]
    return Rows(*(field if field is None else field[kept] for field in rows))
