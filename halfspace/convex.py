"""Convex references: the minimiser of a surrogate loss, with its own certificate."""

from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any
from warnings import catch_warnings, simplefilter

import cvxpy
import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, special

from halfspace._check import (
    Array,
    check_choice,
    check_labels,
    check_points,
    check_range,
    check_real,
    check_scalar,
)

cp: Any = cvxpy  # most of it is untyped

#: Losses of the margin t = y w.x that `erm` minimises.
CONVEX_LOSSES = ("hinge", "logistic", "unhinged")
#: How near a kink, or the boundary of the ball, counts as on it.
NEAR = 1e-6
_LOCK = Lock()  # the compiled programs are shared


@dataclass(frozen=True, slots=True)
class Minimiser:
    """A minimiser of a surrogate loss, and how near it is to being one.

    Attributes
    ----------
    w : array, shape (d,)
    value : float
        The objective at w: weighted mean loss and penalty.
    stationarity : float
        Norm of the least (sub)gradient of the objective at w, less what the ball takes
        up; 0 at a minimiser. No w' in the ball has a value below
        value - stationarity |w' - w| - r, where the rounding r is 0 for smooth losses
        without a ball, else at most 1e-6 (1 + |w|) times the size of a gradient.
    status : str
        What the solver said: "optimal".
    """

    w: Array
    value: float
    stationarity: float
    status: str


def erm(
    loss: str,
    x: ArrayLike,
    y: ArrayLike,
    *,
    penalty: float = 0.0,
    radius: float | None = None,
    sample_weight: ArrayLike | None = None,
) -> Minimiser:
    r"""Return the minimiser of a convex surrogate loss over a sample or finite law.

    Minimises :math:`\sum_i q_i \ell(y_i \, w \cdot x_i) + \frac\lambda2 \|w\|^2` over
    :math:`\|w\| \le R`, the weights q normalised to sum 1.

    Parameters
    ----------
    loss : str
        "logistic": log(1 + exp(-t)); "hinge": max(0, 1 - t); "unhinged": 1 - t.
    x : array, shape (n, d)
        Points in the unit ball, d at least 2.
    y : array, shape (n,)
        Labels in {-1, +1}.
    penalty : float
        lambda, at least 0.
    radius : float, optional
        R, positive; by default there is no ball.
    sample_weight : array, shape (n,), optional
        At least 0 with a positive sum; by default all equal. Atoms p of weight q under
        RCN of rate eta are the samples (p, +1) of weight (1 - eta) q and (p, -1) of
        weight eta q: the answer is then the minimiser of the population.

    Returns
    -------
    Minimiser

    Raises
    ------
    TypeError
        If an array is not numeric, or a number is not one.
    ValueError
        If an argument is outside its range or shape; or if neither penalty nor ball
        keeps the objective from having no minimiser: the unhinged loss is then
        unbounded, and so is the w of the logistic loss on separable data.
    RuntimeError
        If the solver does not end with status "optimal".

    Notes
    -----
    Claim B8: without correction the logistic and the hinge loss may err on half of a
    law that has a margin, at any positive rate of noise [1]_.

    References
    ----------
    .. [1] P. Long and R. Servedio, "Random classification noise defeats all convex
       potential boosters", Machine Learning 78, 2010.

    Examples
    --------
    >>> x = [[0.6, 0.8], [0.6, -0.8]]
    >>> found = erm("unhinged", x, [1, 1], penalty=0.5)
    >>> np.abs(found.w).round(6), found.stationarity < 1e-6
    (array([1.2, 0. ]), True)
    """
    check_choice("loss", loss, CONVEX_LOSSES)
    x = check_points("x", x)
    if x.ndim != 2:
        msg = f"`x` must have shape (n, d), got {x.shape}"
        raise ValueError(msg)
    y = check_labels("y", y, x.shape[:-1])
    penalty = check_scalar("penalty", penalty, 0, np.inf, "[)")
    ball = np.inf if radius is None else check_scalar("radius", radius, 0, np.inf, "()")
    weight = _weights(sample_weight, len(x))
    a = y[:, None] * x
    if loss == "logistic" and penalty == 0 and radius is None:
        _check_overlap(a[weight > 0])
    w, status = _solve(loss, a, weight, penalty, ball)
    size = float(np.linalg.norm(w))
    if size > ball * (1 - NEAR):
        w = w * (ball / size)
    value = float(weight @ _loss(loss, a @ w) + penalty / 2 * (w @ w))
    return Minimiser(w, value, _stationarity(loss, a, weight, penalty, ball, w), status)


def _weights(given: ArrayLike | None, size: int) -> Array:
    """Return weights that sum to 1."""
    if given is None:
        return np.full(size, 1 / size)
    check_real("sample_weight", given)
    weight = check_range("sample_weight", given, 0, np.inf, "[)")
    if weight.shape != (size,):
        msg = f"`sample_weight` must have shape ({size},), got {weight.shape}"
        raise ValueError(msg)
    largest = weight.max()
    if largest == 0:
        msg = "`sample_weight` must have a positive sum, got 0.0"
        raise ValueError(msg)
    weight = weight / largest
    shares: Array = weight / weight.sum()
    return shares


def _no_minimiser(why: str) -> ValueError:
    rule = f"be positive, or `radius` given, where {why}"
    return ValueError(f"`penalty` must {rule}, got 0.0 without `radius`")


def _check_overlap(a: Array) -> None:
    """Say so if some w has a.w >= 0 for all points a = y x, and > 0 for one."""
    found = optimize.linprog(
        -a.sum(axis=0), A_ub=-a, b_ub=np.zeros(len(a)), bounds=(-1, 1), method="highs"
    )
    if found.status == 0 and -found.fun > NEAR * len(a):
        why = "the logistic loss has no minimiser (separable data)"
        raise _no_minimiser(why)


@lru_cache(maxsize=64)
def _compiled(loss: str, n: int, d: int, ball: bool) -> tuple[Any, dict[str, Any]]:
    """Return a cvxpy program, and its parameters and its variable `w` by name."""
    w, t = cp.Variable(d), cp.Variable(n)
    a, weight = cp.Parameter((n, d)), cp.Parameter(n, nonneg=True)
    penalty, radius = cp.Parameter(nonneg=True), cp.Parameter(nonneg=True)
    losses = {"hinge": cp.pos(1 - t), "logistic": cp.logistic(-t), "unhinged": 1 - t}
    objective = weight @ losses[loss] + penalty / 2 * cp.sum_squares(w)
    limits = [t == a @ w, *([cp.norm(w) <= radius] if ball else [])]
    names = {"w": w, "a": a, "weight": weight, "penalty": penalty, "radius": radius}
    return cp.Problem(cp.Minimize(objective), limits), names


def _solve(
    loss: str, a: Array, weight: Array, penalty: float, ball: float
) -> tuple[Array, str]:
    """Return the solver's answer and status, or say what the status means."""
    finite = bool(ball < np.inf)
    with _LOCK, catch_warnings():
        simplefilter("ignore")  # what they say is in the status
        problem, names = _compiled(loss, *a.shape, finite)
        names["a"].value, names["weight"].value = a, weight
        names["penalty"].value = penalty
        names["radius"].value = ball if finite else 1.0
        try:
            problem.solve(solver=cp.CLARABEL, warm_start=False, max_step_fraction=0.95)
        except cp.SolverError:
            status, w = "solver_error", None
        else:
            status, w = str(problem.status), names["w"].value
    if status == cp.UNBOUNDED:
        why = f"the {loss} loss is {status}"
        raise _no_minimiser(why)
    if status != cp.OPTIMAL or w is None:
        msg = f"the solver must end with status optimal, got {status}. Rescale the data"
        raise RuntimeError(msg)
    return np.array(w, dtype=float), status


def _loss(loss: str, t: Array) -> Array:
    if loss == "logistic":
        return np.logaddexp(0, -t)
    return 1 - t if loss == "unhinged" else np.maximum(1 - t, 0)


def _stationarity(
    loss: str, a: Array, weight: Array, penalty: float, ball: float, w: Array
) -> float:
    """Return the distance from 0 to the subgradients and normals of the ball at w."""
    t = a @ w
    slopes = {"logistic": -special.expit(-t), "unhinged": -np.ones_like(t)}
    slope = slopes.get(loss, -(t < 1).astype(float))
    kink = (np.abs(1 - t) <= NEAR) & (loss == "hinge")
    slope = np.where(kink, 0, slope)
    gradient = (weight * slope) @ a + penalty * w
    columns = [-weight[kink, None] * a[kink]]
    size = float(np.linalg.norm(w))
    if size >= ball * (1 - NEAR):
        columns.append(w[None] / size)
    free = np.concatenate(columns)
    if len(free) == 0:
        return float(np.linalg.norm(gradient))
    highest = np.where(np.arange(len(free)) < kink.sum(), 1.0, np.inf)
    found = optimize.lsq_linear(free.T, -gradient, (0, highest), method="bvls")
    return float(np.linalg.norm(free.T @ found.x + gradient))
