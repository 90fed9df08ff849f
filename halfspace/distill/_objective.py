"""The mean loss of a linear student over blocks of rows, and its minimiser."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from halfspace._check import Array
from halfspace.distill._kernels import Loss, Rows, blocks


class Minimum(NamedTuple):
    """Where L-BFGS ends: w, its iterations, and whether it stopped by itself."""

    w: Array
    steps: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Objective:
    """The (weighted) mean loss of w plus sum_j ridge_j/2 ||w_j||^2.

    Attributes
    ----------
    loss : function of scores (m, n) and rows
    parts : tuple of Rows
    weight : float
        Of all rows.
    ridge : array, shape (d,) or (d + 1,)
        Penalty of each column of w (m, d) or (m, d + 1); the last is the intercept.
    """

    loss: Loss
    parts: tuple[Rows, ...]
    weight: float
    ridge: Array

    def __call__(self, w: Array) -> tuple[float, Array]:
        """Return the value at w and the gradient, shape of w."""
        d = self.parts[0].x.shape[1]
        total, gradient = 0.0, np.zeros_like(w)
        for part in self.parts:
            z = np.asarray(w[:, :d] @ part.x.T)
            z += w[:, d:].sum(axis=1, keepdims=True)
            value, slope = self.loss(z, part)
            if part.weight is not None:
                value *= part.weight
                slope *= part.weight
            total += float(value.sum())
            gradient[:, :d] += slope @ part.x
            gradient[:, d:] += slope.sum(axis=1, keepdims=True)
        gradient /= self.weight
        gradient += self.ridge * w
        return total / self.weight + float(np.vdot(self.ridge * w, w)) / 2, gradient

    def minimise(
        self, w: Array, here: tuple[float, Array], *, tol: float, max_iter: int
    ) -> Minimum:
        """Run L-BFGS from w, until no entry of the gradient is above `tol`.

        `here` is the value and gradient at w, which L-BFGS asks for first.
        """
        known = [here]

        def flat(at: Array) -> tuple[float, Array]:
            value, gradient = known.pop() if known else self(at.reshape(w.shape))
            return value, gradient.ravel()

        options = {
            "gtol": tol,
            "ftol": 64 * float(np.finfo(float).eps),
            "maxiter": max_iter,
            "maxls": 50,
        }
        found = optimize.minimize(
            flat, w.ravel(), jac=True, method="L-BFGS-B", options=options
        )
        return Minimum(found.x.reshape(w.shape), found.nit, bool(found.success))


def objective(loss: Loss, rows: Rows, penalty: ArrayLike) -> Objective:
    """Return the objective of rows that were checked; the penalty is of their sum.

    >>> from halfspace.distill._kernels import convex
    >>> rows = Rows(np.ones((2, 1)), np.ones((2, 1)))
    >>> round(objective(convex, rows, [1.0])(np.ones((1, 1)))[0], 6)
    0.563262
    """
    n = rows.x.shape[0]
    weight = float(n if rows.weight is None else rows.weight.sum())
    ridge = np.asarray(penalty, float) / max(weight, np.finfo(float).tiny)
    return Objective(loss, tuple(blocks(rows)), weight, ridge)
