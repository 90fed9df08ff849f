"""Logistic regression on the sample: the field's convex baseline."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import optimize, special

from halfspace._check import Array, check_range, check_scalar
from halfspace.batch import check_samples


class LogisticFit(NamedTuple):
    """A fit of the logistic loss.

    Attributes
    ----------
    w : array, shape (..., d)
        Finite, whether there is a minimiser or not.
    converged : bool array, shape (...)
        Whether a minimiser is proved to exist, and `w` to be at it but for rounding.
    """

    w: Array
    converged: NDArray[np.bool_]


def logistic_regression(
    x: ArrayLike,
    y: ArrayLike,
    *,
    penalty: float = 0.0,
    sample_weight: ArrayLike | None = None,
) -> LogisticFit:
    r"""Minimise the mean of log(1 + exp(-y w.x)), plus penalty/2 ||w||^2, over w.

    Parameters
    ----------
    x : array, shape (..., n, d)
        Points of any length; there is no intercept.
    y : array, shape (..., n)
        Noisy labels in {-1, +1}; one class alone is allowed.
    penalty : float
        At least 0, per squared unit of w.
    sample_weight : array, shape (..., n), optional
        At least 0; the mean is weighted, so only the ratios of weights matter.

    Returns
    -------
    LogisticFit
        Without a penalty, labels that a halfspace separates have no minimiser.

    Raises
    ------
    TypeError
        If an array is not numeric, or `penalty` is not a number.
    ValueError
        If there is a NaN or infinity, a shape is wrong, a label is not -1 or +1, a
        number is out of range, or the weights of a trial are all 0.

    Notes
    -----
    Claims I3 and B8: the field's baseline, without a guarantee under label noise.
    L-BFGS in coordinates in which the curvature at w = 0 is the identity, one trial
    after another; directions that no point has stay 0. `converged` is Proposition 2 of
    [1]_: a slope that is small beside the curvature proves that a minimiser is near.

    References
    ----------
    .. [1] F. Bach, "Self-concordant analysis for logistic regression", Electronic
       Journal of Statistics 4, 2010, arXiv:0910.4627.

    Examples
    --------
    >>> x = [[1.0], [1.0], [1.0], [1.0]]
    >>> logistic_regression(x, [1, 1, 1, -1]).w.round(9) == np.log(3).round(9)
    array([ True])
    >>> logistic_regression(x, [1, 1, 1, 1]).converged
    array(False)
    """
    points, labels = check_samples(x, y)
    penalty = check_scalar("penalty", penalty, 0, np.inf, "[)")
    weight = None if sample_weight is None else _weights(sample_weight, labels.shape)
    w = np.zeros((*points.shape[:-2], points.shape[-1]))
    converged = np.zeros(points.shape[:-2], dtype=bool)
    for i in np.ndindex(converged.shape):
        own = None if weight is None else weight[i]
        w[i], converged[i] = _minimise(points[i], labels[i], own, penalty)
    return LogisticFit(w, converged)


def _weights(value: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return weights of the given shape that sum to 1 in every trial."""
    weight = check_range("sample_weight", value, 0, np.inf, "[)")
    if weight.shape != shape:
        rule = f"have shape {shape} to match `x`"
        msg = f"`sample_weight` must {rule}, got {weight.shape}"
        raise ValueError(msg)
    largest = weight.max(axis=-1, keepdims=True)
    if not (largest > 0).all():
        msg = "`sample_weight` must not be all 0 in a trial, got a largest weight of 0"
        raise ValueError(msg)
    weight = weight / largest
    return np.asarray(weight / weight.sum(axis=-1, keepdims=True))


def _minimise(
    x: Array, y: Array, weight: Array | None, penalty: float
) -> tuple[Array, bool]:
    """Minimise over one trial: the answer, and whether it is proved to be one."""
    share: Array | float = 1 / len(y) if weight is None else weight
    basis, reach = _coordinates(x, weight, penalty)
    if basis.shape[1] == 0:
        return np.zeros(x.shape[1]), not x.any()

    def value_and_slope(u: Array) -> tuple[float, Array]:
        w = basis @ u
        t = y * (x @ w)
        value = np.sum(-share * special.log_expit(t)) + penalty / 2 * (w @ w)
        slope = penalty * w - (share * y * special.expit(-t)) @ x
        return float(value), slope @ basis

    options = {"gtol": 1e-9, "ftol": 0.0, "maxiter": 1000, "maxfun": 2000}
    start = np.zeros(basis.shape[1])
    found = optimize.minimize(
        value_and_slope, start, jac=True, method="L-BFGS-B", options=options
    )
    p = special.expit(-np.abs(x @ (basis @ found.x)))
    least = 4 * float(np.min(p * (1 - p)))  # the curvature at 0 is 1
    steep = float(np.linalg.norm(found.jac))
    if 2 * reach * steep > least:  # too rough a bound
        curvature = _curvature(x, share, penalty, basis, found.x)
        least = float(np.linalg.eigvalsh(curvature)[0])
    return basis @ found.x, steep <= 1e-6 and 2 * reach * steep <= least


def _curvature(
    x: Array, share: Array | float, penalty: float, basis: Array, u: Array
) -> Array:
    """Return the second derivative in coordinates u of the basis, shape (r, r)."""
    z = x @ basis
    p = special.expit(z @ u)
    curvature: Array = z.T @ (z * (share * p * (1 - p))[:, None])
    return curvature + penalty * basis.T @ basis


def _coordinates(x: Array, weight: Array | None, penalty: float) -> tuple[Array, float]:
    """Return a basis (d, r) with curvature 1 at w = 0, and a bound on x in it."""
    gram = x.T @ x / len(x) if weight is None else x.T @ (x * weight[:, None])
    gram = gram / 4 + penalty * np.eye(len(gram))
    size, axes = np.linalg.eigh(gram)
    kept = size > 1e-13 * max(size[-1], np.finfo(float).tiny)
    basis = axes[:, kept] / np.sqrt(size[kept])
    longest = np.sqrt(np.max(np.vecdot(x, x)))
    return basis, float(longest / np.sqrt(np.min(size[kept], initial=np.inf)))
