"""The exact reference: the halfspace that errs least on a sample, with a certificate.

Points are told apart by which sets of them no halfspace gets right together: a minimal
such set, a conflict, has at most d + 1 points, and every halfspace errs on one of them.
To err least is to pick the fewest points that meet every conflict, an integer program.
"""

from dataclasses import dataclass
from time import monotonic

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from halfspace._check import Array, check_labels, check_points, check_scalar
from halfspace._descent import count, descend, kick, off_boundary, unit
from halfspace.rules import sign

#: A conflict has a point of its hull so near 0, in the 1-norm, for points of norm 1.
TOLERANCE = 1e-6
#: The sizes that are not refused.
LARGEST_SAMPLE, LARGEST_DIM = 200, 10
_AT_ONCE = 20  # conflicts that are sought between two programs


@dataclass(frozen=True, slots=True)
class ZeroOne:
    """A halfspace, its mistakes and how few any halfspace can make.

    Attributes
    ----------
    w : array, shape (d,)
        Of norm 1; no point other than 0 lies on its boundary.
    mistakes : int
        How many samples have sign(w.x) != y, counted with this w.
    bound : int
        Certified: no halfspace errs on fewer. At most `mistakes`.
    status : str
        "optimal", or "time limit" when the two are still apart.
    """

    w: Array
    mistakes: int
    bound: int
    status: str

    @property
    def gap(self) -> int:
        """Return how many mistakes fewer may be possible."""
        return self.mistakes - self.bound

    @property
    def optimal(self) -> bool:
        """Return whether no halfspace errs on fewer."""
        return self.gap == 0


def zero_one(x: ArrayLike, y: ArrayLike, *, seconds: float = 60.0) -> ZeroOne:
    r"""Return a halfspace with the fewest mistakes on a small sample.

    Minimises :math:`\sum_i 1[\operatorname{sign}(w \cdot x_i) \ne y_i]` over the w with
    no point on their boundary.

    Parameters
    ----------
    x : array, shape (n, d)
        Points in the unit ball, n at most 200, d in 2..10. Their lengths do not matter.
    y : array, shape (n,)
        Labels in {-1, +1}.
    seconds : float
        When to stop and return the best that was found; positive, wall time. It is
        overrun by one linear program at most. An answer that is not optimal depends on
        it, and so on the machine.

    Returns
    -------
    ZeroOne

    Raises
    ------
    TypeError
        If an array is not numeric, or `seconds` not a number.
    ValueError
        If a shape is wrong, the sample too large, a point outside the unit ball, a
        label not -1 or +1, or `seconds` not positive.

    Notes
    -----
    A relaxation of the set-covering program is tightened with violated conflicts, each
    a vertex of a linear program, then the integer program is solved until its answer
    leaves points that a halfspace gets right. `bound` is the dual bound of the last
    program, rounded up. It holds for all w with |w.x| > 1e-6 ||x|| max_j |w_j| at every
    x but 0, where sign(0) = +1 settles the answer. Equal samples are merged, and a pair
    (x, y), (x, -y) costs every halfspace one mistake [1]_.

    References
    ----------
    .. [1] J. Gleeson and J. Ryan, "Identifying minimally infeasible subsystems of
       inequalities", ORSA Journal on Computing 2(1), 1990.

    Examples
    --------
    >>> x = np.array([[0.9, 0.1], [0.6, -0.6], [0.2, 0.9], [0.7, -0.2]])
    >>> found = zero_one(x, [1, 1, 1, -1])
    >>> found.mistakes, found.bound, found.optimal
    (1, 1, True)
    """
    deadline = monotonic() + check_scalar("seconds", seconds, 0, np.inf, "()")
    x = check_points("x", x)
    size = f"have shape (n, d) with n <= {LARGEST_SAMPLE} and d <= {LARGEST_DIM}"
    if x.ndim != 2 or len(x) > LARGEST_SAMPLE or x.shape[1] > LARGEST_DIM:
        msg = f"`x` must {size}, got {x.shape}"
        raise ValueError(msg)
    y = check_labels("y", y, x.shape[:-1])
    a, weight, lost = _merge(x, y)
    w, bound = _cover(a, weight, deadline) if len(a) else (np.ones(x.shape[1]), 0)
    w = off_boundary(w, x, a, weight)
    mistakes = int(np.count_nonzero(sign(x @ w) != y))
    bound = min(lost + bound, mistakes)
    return ZeroOne(w, mistakes, bound, "optimal" if bound == mistakes else "time limit")


def _merge(x: Array, y: Array) -> tuple[Array, Array, int]:
    """Return distinct points y x of norm 1, their weights, and mistakes of every w."""
    a = np.round(unit(x) * y[:, None], 12) + 0.0
    inside = np.any(a != 0, axis=1)
    lost = int(np.count_nonzero(y[~inside] < 0))
    a = a[inside]
    first = np.take_along_axis(a, np.argmax(a != 0, axis=1)[:, None], axis=1)
    axes, which = np.unique(a * np.sign(first), axis=0, return_inverse=True)
    net = np.bincount(which.ravel(), np.sign(first).ravel(), len(axes))
    lost += int(len(a) - np.abs(net).sum()) // 2
    kept = net != 0
    return (axes * np.sign(net)[:, None])[kept], np.abs(net)[kept], lost


def _cover(a: Array, weight: Array, deadline: float) -> tuple[Array, int]:
    """Return a good w and how much weight every w gets wrong."""
    w = descend(a, weight, weight @ a)
    bound, whole = 0, False
    sets, z = np.empty((0, len(a))), np.zeros(len(a))
    while bound < count(a, weight, w) and monotonic() < deadline:
        found = _conflicts(a, z)
        if len(found) == 0 and whole:
            break  # rounding: the rest is separable, but by too little
        if len(found) == 0:
            whole, w = True, kick(a, weight, w, deadline)
        sets = np.concatenate([sets, found])
        z, value = _program(weight, sets, whole, deadline - monotonic())
        bound = max(bound, int(np.ceil(value - TOLERANCE)))
        other = descend(a, weight, _hinge(a, weight * (1 - z)))
        w = min(w, other, key=lambda v: count(a, weight, v))
    return w, bound


def _conflicts(a: Array, z: Array) -> Array:
    """Return indicators of sets that no w gets right, of which `z` picks less than 1.

    There is none for a whole z only if some w gets right all points that z leaves.
    """
    sides = np.concatenate([a.T, np.ones((1, len(a)))])
    target = np.append(np.zeros(a.shape[1]), 1.0)
    found, cost = np.empty((0, len(a))), z
    for _ in range(_AT_ONCE):
        program = optimize.linprog(cost, A_eq=sides, b_eq=target, method="highs-ds")
        if program.status != 0:  # 0 is outside the hull: a halfspace gets all right
            break
        mass = np.where(program.x > TOLERANCE**2, program.x, 0.0)
        if z[mass > 0].sum() > 1 - 1e-4 or np.abs(mass @ a).sum() > TOLERANCE:
            break
        found = np.concatenate([found, [mass > 0]])
        cost = cost + (mass > 0)
    return found


def _program(
    weight: Array, sets: Array, whole: bool, seconds: float
) -> tuple[Array, float]:
    """Return the lightest z in [0, 1] that meets all `sets`, and a bound on its weight.

    Without an answer in time, z picks all points and the bound is 0.
    """
    meets = [optimize.LinearConstraint(sets, 1, np.inf)] if len(sets) else []
    found = optimize.milp(
        weight,
        integrality=np.full(len(weight), int(whole)),
        bounds=optimize.Bounds(0, 1),
        constraints=meets,
        options={"time_limit": max(seconds, 0.01)},
    )
    if found.x is None:
        return np.ones(len(weight)), 0.0
    bound = found.mip_dual_bound if whole else found.fun if found.status == 0 else 0.0
    return np.clip(found.x, 0, 1), float(bound)


def _hinge(a: Array, weight: Array) -> Array:
    """Return a w of least hinge loss: it gets all right, if one does, that weigh."""
    n, d = a.shape
    program = optimize.linprog(
        np.append(np.zeros(d), weight),
        A_ub=np.concatenate([-a, -np.eye(n)], axis=1),
        b_ub=-np.ones(n),
        bounds=[(None, None)] * d + [(0, None)] * n,
        method="highs",
    )
    found: Array = program.x[:d] if program.status == 0 else weight @ a
    return found
