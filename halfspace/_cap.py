"""One coordinate `c` of a uniform point of the sphere S^(d-2): tail, inverse, moment.

Its density is proportional to (1 - c^2)^((d-4)/2), so c^2 ~ Beta(1/2, (d-2)/2): every
tail is a regularised incomplete beta function of c^2, exact from d = 2 to d = 10^9.
"""

import numpy as np
from scipy import special

from halfspace._check import Array


def tail(r: Array, dim: int) -> Array:
    """Return P[c < -r], elementwise in `r`; at d = 2, where c = +-1, ties count half.

    >>> tail(np.array([-2.0, 0.0, 0.5, 2.0]), 4).tolist()  # d = 4: c is uniform
    [1.0, 0.5, 0.25, 0.0]
    """
    square = np.minimum(np.square(r), 1.0)
    if dim == 2:
        half = np.where(square < 1, 0.5, np.where(np.abs(r) > 1, 0.0, 0.25))
    else:
        half = 0.5 * special.betaincc(0.5, dim / 2 - 1, square)
    return np.where(np.asarray(r) < 0, 1 - half, half)


def height(p: Array, dim: int) -> Array:
    """Return the r in [0, 1] with P[c < -r] = `p`, for `p` in [0, 1/2].

    >>> height(np.array([0.25]), 4).round(12).tolist()
    [0.5]
    """
    if dim == 2:
        return np.where(np.asarray(p) < 0.5, 1.0, 0.0)
    r: Array = np.sqrt(special.betainccinv(0.5, dim / 2 - 1, 2 * np.asarray(p)))
    return r


def moment(r: Array, dim: int) -> Array:
    """Return E[c 1{c < -r}] = -(1-r^2)^(n/2) / (n B(1/2, n/2)), n = d - 2, for any r.

    At d = 2 ties count half, as in `tail`.

    >>> moment(np.array([0.0, 0.5, 2.0]), 4).tolist()  # d = 4: -(1 - r^2) / 4
    [-0.25, -0.1875, -0.0]
    """
    if dim == 2:
        return -tail(np.abs(r), dim)
    half = dim / 2 - 1
    rest: Array = np.exp(special.xlog1py(half, -np.minimum(np.square(r), 1.0)))
    ratio = special.poch(half + 1, -0.5)  # Gamma(half + 1/2) / Gamma(half + 1)
    return -rest * float(ratio / (2 * np.sqrt(np.pi)))
