"""The linear student: cross-entropy of its mixed prediction, plus an L2 penalty."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_count, check_instance, check_scalar
from halfspace.distill._kernels import (
    Rows,
    convex,
    mixed_many,
    mixed_two,
    subtracted,
    total,
)
from halfspace.distill._metric import plain, root
from halfspace.distill._objective import objective
from halfspace.distill._start import some, start
from halfspace.distill._told import as_points, as_rows, check_informative


class LinearFit(NamedTuple):
    """A linear student.

    Attributes
    ----------
    coef : array, shape (m, d)
        m = 1 for two classes: the log odds of class 1; else m = k.
    intercept : array, shape (m,)
    n_iter : int
        Iterations of L-BFGS, of the start and of the loss itself.
    converged : bool
        Whether the solver stopped by itself, and not for want of iterations.
    """

    coef: Array
    intercept: Array
    n_iter: int
    converged: bool


def fit_linear(
    x: Any,
    labels: ArrayLike,
    *,
    classes: int,
    accuracy: ArrayLike | None = None,
    top: ArrayLike | None = None,
    normalised: bool = True,
    sample_weight: ArrayLike | None = None,
    penalty: float = 1.0,
    intercept: bool = True,
    tol: float = 1e-4,
    max_iter: int = 1000,
) -> LinearFit:
    r"""Minimise the cross-entropy of the mixed prediction of a linear student.

    .. math:: \frac{1}{\sum_i v_i} \Big( \sum_i v_i\, \ell(w\cdot x_i; y_i, \alpha_i)
              + \frac{\lambda}{2} \lVert w \rVert^2 \Big)

    Parameters
    ----------
    x : array or sparse matrix, shape (n, d)
    labels : array, shape (n,) or (n, k)
        The teacher's: ints in 0..k-1, or probabilities as floats.
    classes : int
        k, at least 2.
    accuracy : array, broadcast to shape (n,), optional
        alpha = P[the teacher is right], in (0, 1]. Without it the labels are clean, and
        this is logistic regression. A row with alpha k = 1 says nothing.
    top : bool array, shape (n, k), optional
        At least 2 classes marked in each row, as by `halfspace.mixing.top_k`; by
        default all.
    normalised : bool
        Whether the other marked classes share 1 - alpha or each have it.
    sample_weight : array, shape (n,), optional
        v, at least 0, some of it positive; by default 1.
    penalty : float
        lambda, at least 0: 1/C of scikit-learn. The intercept is free of it.
    intercept : bool
        Whether there is one.
    tol : float
        The largest entry of the gradient at which the solver stops.
    max_iter : int
        Of each run of L-BFGS, at least 1.

    Returns
    -------
    LinearFit

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If a number is not finite or out of its range, a shape is wrong, labels are not
        classes or probabilities, or no row says anything.

    Notes
    -----
    Claims B3, B7 and C1 to C3; [1]_. The loss is not convex where alpha < 1, and from
    w = 0 descent may end on the wrong side of few large points, as in claim B9, or give
    a class between others up. So it starts near the minimiser of a convex loss, whose
    mean under the noise is abs(beta) times the clean cross-entropy. From there it moves
    in coordinates in which columns, if at most 1000 and with many rows for each weight,
    are nearly uncorrelated. That is no proof for the rest of the way: at rate .4 some
    laws of two atoms still end wrong, and a class of less than a hundredth of the rows
    may be given up.

    Without an accuracy the steps are those of scikit-learn's logistic regression.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> x, y, free = np.ones((4, 1)), [1, 1, 1, 0], {"penalty": 0.0, "intercept": False}
    >>> found = fit_linear(x, y, classes=2, accuracy=0.8, tol=1e-8, **free)
    >>> f = 1 / (1 + np.exp(-found.coef))
    >>> (0.8 * f + 0.2 * (1 - f)).round(6), found.converged
    (array([[0.75]]), True)
    """
    k = check_count("classes", classes, 2)
    rows = as_rows(as_points(x), labels, k, accuracy, top, normalised, sample_weight)
    return fit_rows(
        rows, k, penalty=penalty, intercept=intercept, tol=tol, max_iter=max_iter
    )


def fit_rows(
    rows: Rows, k: int, *, penalty: float, intercept: bool, tol: float, max_iter: int
) -> LinearFit:
    """Do what `fit_linear` does, with rows that were checked."""
    check_informative(rows)
    check_instance("intercept", intercept, bool)
    penalty = check_scalar("penalty", penalty, 0, np.inf, "[)")
    tol = check_scalar("tol", tol, 0, np.inf, "()")
    max_iter = check_count("max_iter", max_iter)
    d = rows.x.shape[1]
    w, steps, loss = np.zeros((1 if k == 2 else k, d + intercept)), 0, convex
    weight = max(total(rows), float(np.finfo(float).tiny))
    ridge = penalty / weight * (np.arange(d + intercept) < d)
    metric = plain(len(ridge))
    if rows.alpha is None:
        rows = subtracted(rows, k)
    else:
        seen, loss = some(rows, w.size), mixed_two if k == 2 else mixed_many
        metric = root(seen, ridge, w.size)
        w, steps = start(loss, seen, w, ridge, metric, max_iter)
    goal = objective(loss, rows, ridge)
    found = goal.minimise(goal(w), metric, tol=tol, max_iter=max_iter)
    free = found.w[:, d] if intercept else np.zeros(len(w))
    return LinearFit(found.w[:, :d], free, steps + found.steps, found.converged)
