"""Weighted distillation: weights that make a noisy teacher's loss unbiased; claim E1.

The teacher is wrong at x with probability p(x); the student's loss there is l on the
true label and l' on the wrong one. With the weight 1/(1 + p (l'/l - 1)) its loss on the
teacher's label is l in the mean [1]_.

.. [1] F. Iliopoulos, V. Kontonis, C. Baykal, G. Menghani, K. Trinh, E. Vee, "Weighted
   distillation with unlabeled examples", NeurIPS 2022, arXiv:2210.06711.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import KDTree

from halfspace._check import Array, check_count, check_range, check_real

__all__ = ["neighbour_weights", "weights"]


def weights(wrong: ArrayLike, loss_true: ArrayLike, loss_wrong: ArrayLike) -> Array:
    r"""Return the weights with which the teacher's labels give the clean loss.

    .. math:: w = \frac{1}{1 + p (l'/l - 1)} = \frac{l}{(1 - p)\, l + p\, l'}

    Parameters
    ----------
    wrong : array
        p in [0, 1]: how likely the teacher is wrong.
    loss_true : array
        l, at least 0: the student's loss on the true label.
    loss_wrong : array
        l', at least 0: its loss on the teacher's wrong label.

    Returns
    -------
    array
        At least 0, at most 1/(1 - p); 1 where p = 0, and where both losses are 0.

    Raises
    ------
    ValueError
        If an argument is outside its range; or where p = 1, l' = 0 and l > 0, for then
        the loss on the teacher's label is 0 whatever its weight.

    Notes
    -----
    Claim E1 of ``paper_repro.md``.

    Examples
    --------
    >>> weights(0.25, [1.0, 3.0, 2.0], [3.0, 1.0, 2.0]).round(4).tolist()
    [0.6667, 1.2, 1.0]
    """
    p = check_range("wrong", wrong, 0, 1)
    true = check_range("loss_true", loss_true, 0, np.inf, "[)")
    other = check_range("loss_wrong", loss_wrong, 0, np.inf, "[)")
    return _ratio(true, (1 - p) * true + p * other, "loss_wrong")


def neighbour_weights(
    x: ArrayLike,
    validation: ArrayLike,
    loss_true: ArrayLike,
    loss_teacher: ArrayLike,
    *,
    neighbours: int = 10,
) -> Array:
    r"""Estimate the weights of rows from the nearest rows whose truth is known.

    .. math:: \hat w(x) = \sum_j l_j \Big/ \sum_j \ell(\hat y_j, f)

    over the nearest validation rows. That is the weight of `weights` with all its parts
    estimated from them: l by the mean true loss, p by the share of rows on which the
    teacher is wrong, and l' - l by the mean of the difference on those.

    Parameters
    ----------
    x : array, shape (n, d)
        Rows to weight, in the space in which near rows are alike: an embedding.
    validation : array, shape (v, d)
        Rows with both labels, in the same space.
    loss_true, loss_teacher : array, shape (v,)
        The student's losses on their true labels and on the teacher's, at least 0.
    neighbours : int
        How many rows are averaged, from 1 to v.

    Returns
    -------
    array, shape (n,)

    Raises
    ------
    TypeError
        If `neighbours` is not an int.
    ValueError
        If an argument is outside its range or shape; or if somewhere all losses on the
        teacher's labels are 0 but those on the true ones are not.

    Notes
    -----
    Claim E1 of ``paper_repro.md``. The student changes, and with it the losses: to be
    called anew in each epoch. What is reconstructed: the paper's estimator was not at
    hand. Neighbours, their number and the ratio of means are ours.

    Examples
    --------
    >>> truth, teacher = [1.0, 1.0, 2.0], [1.0, 3.0, 2.0]
    >>> near = {"neighbours": 2}
    >>> neighbour_weights([[0.1], [9.0]], [[0], [1], [8]], truth, teacher, **near)
    array([0.5, 0.6])
    """
    rows, known = check_real("x", x), check_real("validation", validation)
    if rows.ndim != 2:
        msg = f"`x` must have shape (n, d), got {rows.shape}"
        raise ValueError(msg)
    if known.ndim != 2 or known.shape[1] != rows.shape[1]:
        msg = f"`validation` must have shape (v, {rows.shape[1]}), got {known.shape}"
        raise ValueError(msg)
    true = _losses("loss_true", loss_true, len(known))
    teacher = _losses("loss_teacher", loss_teacher, len(known))
    k = check_count("neighbours", neighbours)
    if k > len(known):
        msg = f"`neighbours` must be at most the {len(known)} known rows, got {k}"
        raise ValueError(msg)
    nearest = KDTree(known).query(rows, np.arange(1, k + 1))[1]
    clean, noisy = (part[nearest].mean(axis=-1) for part in (true, teacher))
    return _ratio(clean, noisy, "loss_teacher")


def _losses(name: str, losses: ArrayLike, size: int) -> Array:
    found = check_range(name, losses, 0, np.inf, "[)")
    if found.shape != (size,):
        msg = f"`{name}` must have shape ({size},), got {found.shape}"
        raise ValueError(msg)
    return found


def _ratio(true: Array, expected: Array, name: str) -> Array:
    """Return the true loss over the expected one, and 1 where both are 0."""
    true = np.broadcast_to(true, expected.shape)
    if ((expected == 0) & (true > 0)).any():
        msg = f"`{name}` must leave a loss to weight where the true loss is, got 0"
        raise ValueError(msg)
    ratio: Array = np.divide(
        true, expected, out=np.ones(expected.shape), where=expected > 0
    )
    return ratio
