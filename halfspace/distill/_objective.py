"""The mean loss of a linear student over blocks of rows, and its minimiser."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from halfspace._check import Array
from halfspace.distill._kernels import Loss, Rows, blocks, total


class Point(NamedTuple):
    """A student w with the value and the gradient there."""

    w: Array
    value: float
    gradient: Array

    @property
    def slope(self) -> float:
        """The largest entry of the gradient."""
        return float(np.abs(self.gradient).max())


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

    def __call__(self, w: Array) -> Point:
        """Return the value at w and the gradient, shape of w."""
        d = self.parts[0].x.shape[1]
        value, gradient = 0.0, np.zeros_like(w)
        for part in self.parts:
            z = np.asarray(w[:, :d] @ part.x.T)
            z += w[:, d:].sum(axis=1, keepdims=True)
            of_rows, slope = self.loss(z, part)
            if part.weight is not None:
                of_rows *= part.weight
                slope *= part.weight
            value += float(of_rows.sum())
            gradient[:, :d] += slope @ part.x
            gradient[:, d:] += slope.sum(axis=1, keepdims=True)
        gradient /= self.weight
        gradient += self.ridge * w
        value = value / self.weight + float(np.vdot(self.ridge * w, w)) / 2
        return Point(w, value, gradient)

    def minimise(
        self, start: Point, root: Any, *, tol: float, max_iter: int
    ) -> Minimum:
        """Run L-BFGS from a point, until no entry of the gradient is above `tol`.

        It looks at w + u root for its unknown u. A value below 0, which only luck gives
        a convex loss with the noise taken out, ends the run as well.
        """
        if start.slope <= tol:
            return Minimum(start.w, 0, True)
        here, known = start, True  # which L-BFGS asks for first

        def flat(u: Array) -> tuple[float, Array]:
            nonlocal here, known
            if not known:
                here = self(start.w + np.asarray(u.reshape(start.w.shape) @ root))
            known = False
            return here.value, np.asarray(here.gradient @ root.T).ravel()

        def end(_: Array) -> None:
            if here.slope <= tol or here.value < 0:
                raise StopIteration

        options = {
            "gtol": 0.0,  # which would be of the gradient in u
            "ftol": 64 * float(np.finfo(float).eps),
            "maxiter": max_iter,
            "maxls": 50,
        }
        found = optimize.minimize(
            flat,
            np.zeros(start.w.size),
            jac=True,
            method="L-BFGS-B",
            options=options,
            callback=end,
        )
        w = start.w + np.asarray(found.x.reshape(start.w.shape) @ root)
        return Minimum(w, found.nit, bool(found.success) or here.slope <= tol)


def objective(loss: Loss, rows: Rows, ridge: ArrayLike) -> Objective:
    """Return the objective of rows that were checked.

    >>> from halfspace.distill._kernels import convex
    >>> rows = Rows(np.ones((2, 1)), np.ones((2, 1)))
    >>> round(objective(convex, rows, [0.5])(np.ones((1, 1))).value, 6)
    0.563262
    """
    return Objective(loss, tuple(blocks(rows)), total(rows), np.asarray(ridge, float))
