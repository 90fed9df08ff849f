"""Finite laws, with errors by enumeration: those that tell learners apart."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import ROUNDING, Array, check_margin, check_points, check_range
from halfspace.law import Law, directions, signs


@dataclass(frozen=True, slots=True, kw_only=True)
class Atoms(Law):
    """Finitely many points: x = s points[j] with probability weights[j], s uniform.

    Attributes
    ----------
    points : tuple of tuples of float
        m points of the unit ball in d dimensions, labelled +1: their first coordinates
        are positive, and the least of them is the margin.
    weights : tuple of float
        Their probabilities, summing to one.
    dim : int
        d.
    margin : float
        gamma.

    Raises
    ------
    TypeError
        If the points are not real numbers of one length.
    ValueError
        If a point is outside the unit ball or has no margin, or the weights are not
        probabilities.

    Examples
    --------
    >>> law = Atoms(points=((1.0, 0.0), (0.6, -0.8)), weights=(0.75, 0.25))
    >>> float(law.error([0.5, 0.5])), law.margin
    (0.25, 0.6)
    """

    points: tuple[tuple[float, ...], ...]
    weights: tuple[float, ...]
    dim: int = field(init=False, repr=False)
    margin: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        points = check_points("points", self.points)
        weights = check_range("weights", self.weights, 0, 1)
        if points.ndim != 2 or weights.shape != points.shape[:1]:
            msg = f"`weights` must match `points` {points.shape}, got {weights.shape}"
            raise ValueError(msg)
        if not abs(weights.sum() - 1) <= ROUNDING:
            msg = f"`weights` must sum to 1, got {weights.sum()}"
            raise ValueError(msg)
        check_range("points", points[:, 0], 0, 1 + ROUNDING, "(]")
        object.__setattr__(self, "points", tuple(map(tuple, points.tolist())))
        object.__setattr__(self, "weights", tuple(weights.tolist()))
        object.__setattr__(self, "dim", points.shape[1])
        object.__setattr__(self, "margin", min(1.0, float(points[:, 0].min())))

    def draw(
        self, shape: tuple[int, ...], rngs: list[np.random.Generator]
    ) -> tuple[Array, Array]:
        """Draw as `sample` does, from three generators, without checks."""
        edges = np.cumsum(self.weights)[:-1]
        which = np.searchsorted(edges, rngs[1].random(shape), "right")
        s = signs(shape, rngs[2])
        x = np.asarray(self.points)[which]
        x *= s[..., None]
        return x, s

    def error(self, w: ArrayLike) -> Array:
        """Return the exact error P[sign(w.x) != s] of directions `w`, shape (..., d).

        Raises
        ------
        ValueError
            If the last axis of `w` is not of length d, or an entry is not finite.

        Notes
        -----
        By enumeration. A point on the boundary is wrong for one of its two signs.
        """
        z = directions(w, self.dim) @ np.asarray(self.points).T
        wrong: Array = (0.5 - np.sign(z) / 2) @ np.asarray(self.weights)
        return wrong


def three_atoms(margin: float) -> Atoms:
    """Return a law on which convex losses, uncorrected, end at error 1/4.

    (1, 0) with weight .30, (g, s') with .45 and (g, -s') with .25, where g is the
    margin and s' = sqrt(1 - g^2).

    Raises
    ------
    ValueError
        If `margin` is not in (0, 1].

    Examples
    --------
    >>> law = three_atoms(0.1)
    >>> mean = np.asarray(law.weights) @ np.asarray(law.points)
    >>> float(law.error(mean))
    0.25
    """
    low, high = _pair(margin)
    return Atoms(points=((1.0, 0.0), high, low), weights=(0.30, 0.45, 0.25))


def trap(margin: float) -> Atoms:
    """Return a law that traps learners that are told one rate: claim A6.

    (g, s') with weight 3/4 and (g, -s') with 1/4, where g is the margin. With
    ``ByRegion(normal=(0, 1), inside=rate)`` only the second has noise, and a learner
    that is told this rate everywhere ends at error 1/4.

    Raises
    ------
    ValueError
        If `margin` is not in (0, 1].

    Examples
    --------
    >>> trap(0.6).points
    ((0.6, 0.8), (0.6, -0.8))
    """
    low, high = _pair(margin)
    return Atoms(points=(high, low), weights=(0.75, 0.25))


def long_servedio(margin: float) -> Atoms:
    """Return the law on which every convex loss fails under noise: claim B8.

    (1, 0) with weight 1/4, (g, -g) with 1/2, (g, 5g) with 1/4, where g is the margin.

    Raises
    ------
    ValueError
        If `margin` is not in (0, 1/sqrt(26)].

    References
    ----------
    .. [1] P. Long, R. Servedio, "Random classification noise defeats all convex
       potential boosters", Machine Learning 78, 2010.

    Examples
    --------
    >>> long_servedio(0.1).points
    ((1.0, 0.0), (0.1, -0.1), (0.1, 0.5))
    """
    check_range("margin", margin, 0, 26**-0.5, "(]")
    g = check_margin(margin)
    return Atoms(points=((1.0, 0.0), (g, -g), (g, 5 * g)), weights=(0.25, 0.5, 0.25))


def _pair(margin: float) -> tuple[tuple[float, float], tuple[float, float]]:
    g = check_margin(margin)
    side = float(np.sqrt((1 - g) * (1 + g)))
    return (g, -side), (g, side)
