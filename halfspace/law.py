"""What every law of a point x and its true label s = sign(w*.x) can do."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_generator, check_real, check_shape


class Law(ABC):
    """A law of (x, s), where w* is the first axis and (x, s) is as likely as (-x, -s).

    Attributes
    ----------
    dim : int
        Dimension d of x.
    """

    __slots__ = ()
    dim: int

    @abstractmethod
    def draw(
        self, shape: tuple[int, ...], rngs: list[np.random.Generator]
    ) -> tuple[Array, Array]:
        """Draw as `sample` does, from three generators, without checks."""

    @abstractmethod
    def error(self, w: ArrayLike) -> Array:
        """Return the exact error P[sign(w.x) != s] of directions `w` (..., d)."""

    def sample(
        self, shape: tuple[int, ...], *, rng: np.random.Generator
    ) -> tuple[Array, Array]:
        """Draw points (*shape, d) and their true labels (*shape); trials go in front.

        Raises
        ------
        TypeError
            If `shape` does not hold ints, or `rng` is not a Generator.
        ValueError
            If an entry of `shape` is not positive.

        Examples
        --------
        >>> from halfspace import Shell
        >>> rng = np.random.default_rng(0)
        >>> x, s = Shell(dim=5, margin=0.1).sample((20, 100), rng=rng)
        >>> x.shape, s.shape, float((s * x[..., 0]).min().round(12))
        ((20, 100, 5), (20, 100), 0.1)
        """
        return self.draw(check_shape("shape", shape), check_generator(rng).spawn(3))


def directions(w: ArrayLike, dim: int) -> Array:
    """Return `w`, shape (..., d), scaled by a power of 2 to a largest entry near 1."""
    w = check_real("w", w)
    if w.ndim == 0 or w.shape[-1] != dim:
        msg = f"`w` must have shape (..., {dim}), got {w.shape}"
        raise ValueError(msg)
    size = np.abs(w).max(axis=-1, keepdims=True)
    unit: Array = np.ldexp(w, -np.frexp(size)[1])
    return unit


def signs(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Draw -1 and +1, equally likely."""
    return np.where(rng.random(shape) < 0.5, -1.0, 1.0)
