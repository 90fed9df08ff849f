"""Coordinates in which the loss of a linear student bends about alike everywhere."""

from typing import Any

import numpy as np
from scipy import linalg, sparse

from halfspace._check import Array
from halfspace.distill._kernels import Rows

#: How much the loss of a row bends in its score, about.
BEND = 0.1
#: No direction bends less, where each column by itself bends by 1.
LEAST = 1e-8
#: With more columns than this, the matrix would take longer than it saves.
WIDE = 1000


def root(rows: Rows, ridge: Array) -> Any:
    """Return R, shape (m, m), where R'R is the inverse of a rough curvature H.

    H = BEND E[x x'] + diag(ridge), for x with a 1 at its end if m is d + 1. Where it is
    too large to compute, or its numbers are, R is the identity.

    >>> r = root(Rows(np.array([[3.0], [4.0]]), np.zeros(2)), np.zeros(1))
    >>> round(float(1 / (r.T @ r)[0, 0]), 4)
    1.25
    """
    m = len(ridge)
    if m > WIDE:
        return plain(m)
    with np.errstate(over="ignore", invalid="ignore"):
        h = BEND * _second_moments(rows, m) + np.diag(ridge)
    if not np.isfinite(h).all():
        return plain(m)
    unit = np.sqrt(np.diag(h))
    unit[unit == 0] = 1.0
    factor = np.linalg.cholesky(h / unit / unit[:, None] + LEAST * np.eye(m))
    return linalg.solve_triangular(factor, np.diag(1 / unit), lower=True)


def plain(m: int) -> Any:
    """Return the identity, shape (m, m)."""
    return sparse.eye_array(m, format="csr")


def _second_moments(rows: Rows, m: int) -> Array:
    """Return the (weighted) mean of x x', shape (m, m)."""
    x, weight = rows.x, rows.weight
    (n, d), xt = x.shape, rows.x.T
    if weight is not None:
        n, xt = weight.sum(), xt @ sparse.diags_array(weight)
    products = xt @ x
    found = np.ones((m, m))
    found[:d, :d] = products.toarray() if sparse.issparse(products) else products
    found[:d, d:] = np.asarray(xt.sum(axis=1)).reshape(d, 1)
    found[d:, :d] = found[:d, d:].T
    found /= n
    found[d:, d:] = 1.0
    return found
