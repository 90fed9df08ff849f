"""The ranges of what the claims speak of, elementwise over arrays."""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_range


def check_rate(rate: ArrayLike) -> Array:
    """Return eta in [0, 1/2)."""
    return check_range("rate", rate, 0, 0.5, "[)")


def check_margin(margin: ArrayLike) -> Array:
    """Return gamma in (0, 1]."""
    return check_range("margin", margin, 0, 1, "(]")


def check_error(error: ArrayLike) -> Array:
    """Return eps in (0, 1]."""
    return check_range("error", error, 0, 1, "(]")


def check_steps(steps: ArrayLike) -> Array:
    """Return T, at least 1."""
    return check_range("steps", steps, 1, np.inf, "[)")
