"""What the learners for Massart noise share.

Both see the sample through the LeakyReLU loss (1[sign(t) != y] - leak) |t| of t = w.x.
"""

import numpy as np
from numpy.typing import NDArray

from halfspace._check import ROUNDING, Array, check_rate, check_scalar


def check_leak(rate: object, accuracy: object) -> float:
    """Return the leak, a little above the noise rate and at most 1/2."""
    return min(check_rate(rate) + check_scalar("accuracy", accuracy, 0, 0.5, "()"), 0.5)


def scale_of(x: Array) -> float:
    """Return what to multiply points (n, d) by, so that the longest has norm 1.

    >>> scale_of(np.array([[3.0, 4.0], [1.0, 1.0]])), scale_of(np.zeros((3, 2)))
    (0.2, 1.0)
    """
    longest = float(np.sqrt(np.max(np.vecdot(x, x))))
    return 1 / longest if longest > 0 else 1.0


def ends(size: Array) -> NDArray[np.bool_]:
    """Say where a run of sorted values ends that are equal but for rounding.

    >>> ends(np.array([0.1, 0.1, 0.1 + 1e-15, 0.3])).tolist()
    [False, False, True, True]
    """
    gap = np.abs(np.diff(size)) > ROUNDING * max(size[0], size[-1])
    return np.append(gap, True)
