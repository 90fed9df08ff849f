"""The quadratic that ends the proofs of A1 and A6: gamma^2 M^2 = M + V T."""

import numpy as np

from halfspace._check import Array


def average(steps: Array, margin: Array, variance: Array) -> Array:
    """Return M / T, the positive root over the steps."""
    square = margin**2 * steps
    return (1 + np.sqrt(1 + 4 * variance * square)) / (2 * square)


def size(average: Array, margin: Array, variance: Array) -> Array:
    """Return the T at which M / T is this average; infinity where it overflows."""
    with np.errstate(over="ignore"):
        return (1 + variance / average) / (margin**2 * average)
