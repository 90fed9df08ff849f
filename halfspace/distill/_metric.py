"""Coordinates in which the loss of a linear student bends about alike everywhere."""

from typing import Any

import numpy as np
from scipy import linalg, sparse

from halfspace._check import Array
from halfspace.distill._kernels import Rows, total

#: How much the loss of a row bends in its score, about.
BEND = 0.1
#: With more columns than this, the matrix would take longer than it saves.
WIDE = 1000


def root(rows: Rows, ridge: Array, weights: int) -> Any:
    """Return R, shape (m, m), where R'R is the inverse of a rough curvature H.

    H = BEND M + diag(ridge), where M is E[x x'], for x with a 1 at its end if m is
    d + 1, shrunk to the mean of its diagonal: by the number of `weights` of the student
    over that of rows. Few rows say little of M, and where they hardly spread labels are
    learnt by heart: steps there must not be made longer. With no more rows than
    weights, or if m or the numbers are too large or small, R is the identity.

    >>> r = root(Rows(np.array([[3.0, 0.0], [0.0, 1.0]]), np.zeros(2)), np.zeros(2), 1)
    >>> (1 / r.diagonal() ** 2).round(6).tolist()
    [0.35, 0.15]
    """
    m, share = len(ridge), weights / rows.x.shape[0]
    if m > WIDE or share >= 1:
        return plain(m)
    with np.errstate(over="ignore", invalid="ignore"):
        moments = _second_moments(rows, m)
    level = np.trace(moments) / m
    if not 0 < level < np.inf:
        return plain(m)
    moments = (1 - share) * moments + share * level * np.eye(m)
    factor = np.linalg.cholesky(BEND * moments + np.diag(ridge))
    return linalg.solve_triangular(factor, np.eye(m), lower=True)


def plain(m: int) -> Any:
    """Return the identity, shape (m, m)."""
    return sparse.eye_array(m, format="csr")


def _second_moments(rows: Rows, m: int) -> Array:
    """Return the (weighted) mean of x x', shape (m, m)."""
    x, xt, d = rows.x, rows.x.T, rows.x.shape[1]
    if rows.weight is not None:
        xt = xt @ sparse.diags_array(rows.weight)
    products = xt @ x
    found = np.ones((m, m))
    found[:d, :d] = products.toarray() if sparse.issparse(products) else products
    found[:d, d:] = np.asarray(xt.sum(axis=1)).reshape(d, 1)
    found[d:, :d] = found[:d, d:].T
    found /= total(rows)
    found[d:, d:] = 1.0
    return found
