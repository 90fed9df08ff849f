"""Laws of a point x and its true label s = sign(w*.x) that are symmetric about w*.

With w* the first axis, x = s (a w* + sqrt(1 - a^2) v): the sign s is uniform on
{-1, +1}, the height a = |w*.x| has any law on [margin, 1], v is uniform on the unit
sphere orthogonal to w*, and all three are independent. Points have norm 1.
"""

from abc import abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize

from halfspace import _cap
from halfspace._check import (
    Array,
    check_count,
    check_margin,
    check_range,
    check_real,
    check_scalar,
)
from halfspace.law import Law, directions, signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Symmetric(Law):
    """A rotationally symmetric law: it is known once the law of the height a is.

    Attributes
    ----------
    dim : int
        Dimension d of x, at least 2.
    margin : float
        gamma in (0, 1]: no height is below it.
    """

    dim: int
    margin: float

    def __post_init__(self) -> None:
        check_count("dim", self.dim, 2)
        check_margin(self.margin)

    @abstractmethod
    def heights(self, shape: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Draw heights a = |w*.x|, shape `shape` or broadcast to it."""

    @abstractmethod
    def nodes(self, cut: ArrayLike) -> tuple[Array, Array]:
        """Return heights and weights, each (..., m), that give means over a.

        The means are exact for a finite law and else a quadrature for functions that
        are smooth on both sides of the height `cut`, shape (...).
        """

    def draw(
        self, shape: tuple[int, ...], rngs: list[np.random.Generator]
    ) -> tuple[Array, Array]:
        """Draw as `sample` does, from one generator each for v, a and s: no checks."""
        x = rngs[0].standard_normal((*shape, self.dim))
        x[..., 0] = 0
        height = self.heights(shape, rng=rngs[1])
        sign = signs(shape, rngs[2])
        across = np.sqrt((1 - height) * (1 + height) / np.vecdot(x, x))
        x *= (sign * across)[..., None]
        x[..., 0] = sign * height
        return x, sign

    def error(self, w: ArrayLike) -> Array:
        """Return the exact error P[sign(w.x) != s] of directions `w`, shape (..., d).

        Raises
        ------
        ValueError
            If the last axis of `w` is not of length d, or an entry is not finite.

        Notes
        -----
        Claim A8: a Beta tail, averaged over the height. The error of w = 0 is 1/2.

        Examples
        --------
        >>> from halfspace import Shell
        >>> float(Shell(dim=4, margin=0.6).error([0.2, 0.0, 0.3, 0.0]).round(12))
        0.25
        """
        unit = directions(w, self.dim)  # only the direction matters
        rest = unit[..., 1:]
        return self.error_at(unit[..., 0], np.sqrt(np.vecdot(rest, rest)))

    def error_at(self, along: ArrayLike, across: ArrayLike) -> Array:
        """Return the exact error of w from w.w* and the norm of the rest of w.

        Parameters
        ----------
        along, across : array, broadcast against each other
            w.w* and ||w - (w.w*) w*||, in the same units; `across` at least 0.

        Raises
        ------
        ValueError
            If an entry is not finite or `across` is negative.

        Examples
        --------
        >>> from halfspace import Shell
        >>> law = Shell(dim=10**9, margin=0.1)
        >>> law.error_at([0.0, 1.0, 1.0], [1.0, 2000.0, 500.0]).round(6)
        array([0.5     , 0.056018, 0.      ])
        """
        along = check_real("along", along)
        across = check_range("across", across, 0, np.inf)
        along, across = np.broadcast_arrays(along, across)
        norm = np.hypot(along, across)
        cut = np.divide(across, norm, out=np.ones_like(norm), where=norm > 0)
        a, weight = self.nodes(cut)
        r = quotient(a * along[..., None], np.sqrt(1 - a * a) * across[..., None])
        error: Array = np.sum(weight * _cap.tail(r, self.dim), axis=-1)
        return np.clip(error, 0.0, 1.0)  # the weights sum to 1 only to rounding

    def ratio(self, error: float) -> float:
        """Return the least ratio (w.w*) / ||rest of w|| whose error is at most `error`.

        Raises
        ------
        ValueError
            If `error` is not in [0, 1/2).

        Examples
        --------
        >>> from halfspace import Shell
        >>> law = Shell(dim=100, margin=0.1)
        >>> float(law.error_at(law.ratio(0.01), 1.0).round(12))
        0.01
        """
        check_scalar("error", error, 0, 0.5, "[)")
        r = float(_cap.height(np.asarray(error), self.dim))
        high = r * np.sqrt(1 - self.margin**2) / self.margin

        def excess(k: float) -> float:
            return float(self.error_at(k, 1.0)) - error

        if high == 0 or excess(high * (1 - 1e-12)) >= 0:  # all heights equal the margin
            return float(high)
        found = optimize.brentq(excess, 0.0, high, xtol=1e-15 * high, rtol=1e-14)
        return float(found)


def quotient(top: Array, bottom: Array) -> Array:
    """Return top / bottom for bottom >= 0, with 0/0 = 0 and no warnings."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        r = top / bottom
    return np.where(np.isnan(r), 0.0, r)
