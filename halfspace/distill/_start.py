"""Where the linear student starts, since its loss is not convex."""

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill._kernels import Loss, Rows, convex, subtracted
from halfspace.distill._objective import Objective, objective

#: The descent on the convex loss, and that on the loss itself, end where the gradient
#: is this part of that where it began,
CONVEX, MIXED = 0.01, 0.1

#: or after so many iterations.
FEW = 30

#: One row in so many is looked at,
SPARSE = 5

#: if that makes so many rows, and so many for each weight of the student.
LEAST = 1000
PER_WEIGHT = 5


def start(
    loss: Loss, rows: Rows, w: Array, ridge: Array, max_iter: int
) -> tuple[Array, int]:
    """Descend from w on the convex loss of some rows, then on their `loss`, a little.

    Returned are the end and the iterations. The convex loss is for the direction, which
    is not right early on its way; `loss` is for the length. Labels less noisy, by luck,
    than is told may leave the convex loss unbounded: so the iterations are few, and the
    intercept is penalised as well. An end that is worse than w is for the caller to
    notice.
    """
    part = some(rows, w.size)
    ridge = ridge * (_weight(part) / _weight(rows))
    k = max(2, len(w))
    all_alike = np.full_like(ridge, ridge.max())
    near = objective(convex, subtracted(part, k), all_alike)
    w, steps = _descend(near, w, CONVEX, max_iter)
    if part is rows:  # which the caller minimises next
        return w, steps
    w, more = _descend(objective(loss, part, ridge), w, MIXED, max_iter)
    return w, steps + more


def _descend(
    goal: Objective, w: Array, part: float, max_iter: int
) -> tuple[Array, int]:
    here = goal(w)
    coarse = part * float(np.abs(here[1]).max())
    if coarse == 0:
        return w, 0
    found = goal.minimise(w, here, tol=coarse, max_iter=min(FEW, max_iter))
    return found.w, found.steps


def _weight(rows: Rows) -> float:
    return float(rows.x.shape[0] if rows.weight is None else rows.weight.sum())


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
