"""Starting a narrow student from its teacher's weights; claims G1 and G2.

The teacher's table of tokens and its first layer are compressed together; other axes
are thinned out evenly [1]_.

.. [1] K. Trinh et al., "GUIDE", 2025, arXiv:2510.06502.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, Ints, check_count, check_real

__all__ = ["Start", "compress", "evenly"]


class Start(NamedTuple):
    """The student's table and first layer, and the basis that made them.

    `table` is (..., V, d_S), `first` (..., d_S, h), `basis` (..., d_T, d_S) with
    orthonormal columns.
    """

    table: Array
    first: Array
    basis: Array


def compress(table: ArrayLike, first: ArrayLike, size: int) -> Start:
    r"""Compress a table and the layer that reads it to fewer dimensions.

    With M the d_S first right singular vectors of the table, :math:`E_S = E_T M` and
    :math:`W_S = M^T W_T`.

    Parameters
    ----------
    table : array, shape (..., V, d_T)
        E_T: a row for each token.
    first : array, shape (..., d_T, h)
        W_T: what is multiplied by these rows. Its outputs stay; thin them out with
        `evenly`, and the next layer's inputs likewise.
    size : int
        d_S, from 1 to V and d_T.

    Returns
    -------
    Start
        Each column of the basis, and what belongs to it, up to its sign. Between equal
        singular values the basis is not unique.

    Raises
    ------
    TypeError
        If an array is not numeric, or `size` is not an int.
    ValueError
        If an argument is outside its range or shape.

    Notes
    -----
    Claim G1 of ``paper_repro.md``: the student's pre-activations are the teacher's on
    the compressed table, :math:`E_S W_S = (E_T M M^T) W_T`. That takes the singular
    vectors of the table as it is. A table that is first centred would lose the mean of
    its rows from all pre-activations, and a bias cannot give that back to a bag of
    tokens, whose size varies.

    Examples
    --------
    >>> start = compress([[3.0, 4.0], [6.0, 8.0]], [[1.0], [2.0]], 1)
    >>> (start.table @ start.first).round(9).tolist()
    [[11.0], [22.0]]
    """
    e, w = check_real("table", table), check_real("first", first)
    if e.ndim < 2:
        msg = f"`table` must have shape (..., V, d), got {e.shape}"
        raise ValueError(msg)
    if w.ndim != e.ndim or w.shape[:-1] != (*e.shape[:-2], e.shape[-1]):
        want = "(" + ", ".join(map(str, (*e.shape[:-2], e.shape[-1], "h"))) + ")"
        msg = f"`first` must have shape {want} to match `table`, got {w.shape}"
        raise ValueError(msg)
    kept, most = check_count("size", size), min(e.shape[-2:])
    if kept > most:
        msg = f"`size` must be at most {most}, as `table` is {e.shape}, got {kept}"
        raise ValueError(msg)
    _, _, rows = np.linalg.svd(e, full_matrices=False)
    across = rows[..., :kept, :]
    basis = across.swapaxes(-1, -2)
    return Start(e @ basis, across @ w, basis)


def evenly(teacher: int, student: int) -> Ints:
    r"""Return which of the teacher's units the student keeps, evenly spaced.

    :math:`\mathrm{round}(\mathrm{linspace}(0, n_T - 1, n_S))`, halves to even.

    Parameters
    ----------
    teacher : int
        n_T, at least 1.
    student : int
        n_S, from 1 to n_T.

    Returns
    -------
    int array, shape (n_S,)
        Increasing, so all different; the first unit and, if n_S > 1, the last.

    Raises
    ------
    TypeError
        If a number is not an int.
    ValueError
        If a number is outside its range.

    Notes
    -----
    Claims G2 and G3 of ``paper_repro.md``.

    Examples
    --------
    >>> evenly(10, 4).tolist()
    [0, 3, 6, 9]
    """
    n = check_count("teacher", teacher)
    kept = check_count("student", student)
    if kept > n:
        msg = f"`student` must be at most the {n} units of the teacher, got {kept}"
        raise ValueError(msg)
    return np.rint(np.linspace(0, n - 1, kept)).astype(np.int64)
