"""Where the mixed loss has its optimum: claims C2 and C3.

The truth is the class y, among the k marked of L classes; alpha is the accuracy, c =
(1 - alpha)/(k - 1), or 1 - alpha in the unnormalised mix. The loss is -sum_i pi_i log
mix_i(f) over predictions f in the simplex.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfspace._check import (
    Array,
    check_choice,
    check_count,
    check_instance,
    check_range,
)

__all__ = ["TARGETS", "mixed_optimum", "truth_is_optimal"]

#: What the mixed prediction is compared with: the law of the teacher's label, which is
#: right with probability alpha, else any other marked class; or the mix of the truth.
TARGETS = ("labels", "mix")
#: How near 1 counts as 1.
NEAR = 1e-7


def truth_is_optimal(
    accuracy: ArrayLike,
    k: int,
    classes: int,
    *,
    normalised: bool = True,
    target: str = "labels",
) -> NDArray[np.bool_]:
    r"""C2, equality: whether the truth is the one minimiser of the mixed loss.

    It is where :math:`\alpha > c`: normalised :math:`\alpha k > 1`, unnormalised
    :math:`\alpha > 1/2`. Below, it is where all classes are marked (k = L) and pi is
    the mix of the truth, or :math:`\alpha = 0`. Where :math:`\alpha = c` the mix is
    the same for all predictions on the marked classes, and it is not.

    Parameters
    ----------
    accuracy : array
        alpha in [0, 1].
    k : int
        Marked classes, at least 2; the truth is among them.
    classes : int
        L, at least k.
    normalised : bool
        Whether the other marked classes share 1 - alpha or each have it.
    target : str
        What pi is: "labels", the law of the teacher's label; or "mix", the mix of the
        truth. The same if normalised, or if k = 2.

    Returns
    -------
    bool array, shape of `accuracy`

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> truth_is_optimal([0.4, 0.6], 3, 10).tolist()
    [True, True]
    >>> truth_is_optimal([0.4, 0.6], 3, 10, normalised=False).tolist()
    [False, True]
    >>> truth_is_optimal(0.2, 3, 3).tolist(), truth_is_optimal(0.2, 3, 4).tolist()
    (True, False)
    """
    alpha = check_range("accuracy", accuracy, 0, 1)
    check_count("k", k, 2)
    check_count("classes", classes, k)
    check_instance("normalised", normalised, bool)
    check_choice("target", target, TARGETS)
    excess = alpha * (k if normalised else 2) - 1
    own = normalised or k == 2 or target == "mix"
    below = (k == classes) & (excess < -NEAR) & (own | (alpha == 0))
    found: NDArray[np.bool_] = (excess > NEAR) | below
    return found


def mixed_optimum(accuracy: ArrayLike, assumed: ArrayLike, k: int = 2) -> Array:
    r"""C3, equality: what the optimum gives the truth, told another accuracy a.

    .. math:: \min\left(1, \max\left(0,
              \frac{(k-1)\,\alpha + a - 1}{k a - 1}\right)\right)

    For two classes :math:`(\alpha + a - 1)/(2a - 1)`. The mix is normalised; the other
    marked classes share the rest. With unmarked classes (k < L) only where a k > 1.

    Parameters
    ----------
    accuracy : array
        alpha in [0, 1], that of the teacher.
    assumed : array
        a in [0, 1] and not 1/k.
    k : int
        Marked classes, at least 2.

    Returns
    -------
    array
        In [0, 1]; with a k > 1 it is 1 if and only if alpha >= a, and above 1/k, so
        that the truth leads, if and only if alpha k > 1.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If an argument is outside its range.

    Examples
    --------
    >>> mixed_optimum(0.75, [0.625, 0.75, 1.0]).tolist()
    [1.0, 1.0, 0.75]
    >>> mixed_optimum(0.5, 0.75, k=3).tolist()
    0.6
    """
    alpha = check_range("accuracy", accuracy, 0, 1)
    a = check_range("assumed", assumed, 0, 1)
    check_count("k", k, 2)
    gain = k * a - 1
    if (np.abs(gain) <= NEAR).any():
        msg = f"`assumed` must differ from 1/k, got {a.flat[np.abs(gain).argmin()]}"
        raise ValueError(msg)
    optimum: Array = np.clip(((k - 1) * alpha + a - 1) / gain, 0, 1)
    return optimum
