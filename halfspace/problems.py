"""The laws: each says how the height a = |w*.x| is distributed, on [margin, 1].

Points and labels follow from it, as in `halfspace.symmetric`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array, check_range
from halfspace.symmetric import Symmetric


@dataclass(frozen=True, slots=True, kw_only=True)
class Shell(Symmetric):
    """All heights equal the margin: a = gamma. The law on which A1 is tight (A4).

    Examples
    --------
    >>> Shell(dim=101, margin=0.1)
    Shell(dim=101, margin=0.1)
    """

    def heights(self, shape: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Return the margin; nothing is random."""
        return np.full((1,) * len(shape), self.margin)

    def nodes(self, cut: ArrayLike) -> tuple[Array, Array]:
        """Return the one height, with weight 1."""
        shape = (*np.shape(cut), 1)
        return np.full(shape, self.margin), np.ones(shape)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shells(Symmetric):
    """A finite mixture of shells: a = heights[j] with probability weights[j].

    Attributes
    ----------
    values : tuple of float
        The heights, each in [margin, 1].
    weights : tuple of float
        Their probabilities, summing to one.

    Examples
    --------
    >>> law = Shells(dim=4, margin=0.1, values=(0.1, 0.5), weights=(0.25, 0.75))
    >>> float(law.nodes(0.3)[1].sum())
    1.0
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]

    def __post_init__(self) -> None:
        super(Shells, self).__post_init__()
        values = check_range("values", self.values, self.margin, 1)
        weights = check_range("weights", self.weights, 0, 1)
        if values.ndim != 1 or values.shape != weights.shape:
            msg = f"`weights` must match `values` {values.shape}, got {weights.shape}"
            raise ValueError(msg)
        if not abs(weights.sum() - 1) <= 1e-12:
            msg = f"`weights` must sum to 1, got {weights.sum()}"
            raise ValueError(msg)

    def heights(self, shape: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Draw each height independently."""
        edges = np.cumsum(self.weights)[:-1]
        return np.asarray(self.values)[
            np.searchsorted(edges, rng.random(shape), "right")
        ]

    def nodes(self, cut: ArrayLike) -> tuple[Array, Array]:
        """Return the heights and their probabilities."""
        shape = (*np.shape(cut), len(self.values))
        return np.broadcast_to(self.values, shape), np.broadcast_to(self.weights, shape)


# Tanh-sinh quadrature on (0, 1): it does not mind singularities at the ends.
_GRID = np.linspace(-3.4, 3.4, 69)
_NODES = special.expit(np.pi * np.sinh(_GRID))
_WEIGHTS = 0.1 * np.pi * np.cosh(_GRID) * _NODES * _NODES[::-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sphere(Symmetric):
    """Uniform on the unit sphere given |w*.x| >= margin.

    The height has density proportional to (1 - a^2)^((d-3)/2) on [gamma, 1]. With
    a^2 = gamma^2 + (1 - gamma^2) t that of t is (1 - t)^((d-3)/2) / a: a Beta(1, m) law
    tilted by gamma/a, and also a Beta(1/2, m) law tilted by sqrt(a^2 - gamma^2)/a, with
    m = (d-1)/2. One of the two tilts keeps at least half of the draws, so sampling
    is exact at the same cost for every margin and dimension.

    Examples
    --------
    >>> x, s = Sphere(dim=1000, margin=0.3).sample((50,), rng=np.random.default_rng(0))
    >>> bool((s * x[:, 0]).min() >= 0.3)
    True
    """

    def heights(self, shape: tuple[int, ...], *, rng: np.random.Generator) -> Array:
        """Draw exactly, keeping at least half of what is proposed, at any margin."""
        floor, span = self.margin**2, 1 - self.margin**2
        far = self.dim * floor > 0.5  # is the margin out in the tail?
        size = int(np.prod(shape))
        found = np.empty(0)
        while found.size < size:
            t = rng.beta(1.0 if far else 0.5, (self.dim - 1) / 2, 2 * size + 8)
            square = floor + span * t
            kept = rng.random(t.size) ** 2 * square < (floor if far else span * t)
            found = np.append(found, np.sqrt(square[kept]))
        return np.clip(found[:size], self.margin, 1.0).reshape(shape)

    def nodes(self, cut: ArrayLike) -> tuple[Array, Array]:
        """Return a tanh-sinh quadrature on either side of `cut`."""
        floor, span = self.margin**2, 1 - self.margin**2
        power = (self.dim - 3) / 2
        top = -np.expm1(-80 / power) if power > 0 else 1.0  # beyond it: below e^-80
        square = np.square(np.asarray(cut, dtype=float))[..., None]
        split = np.clip((square - floor) / span, 0, top) if span > 0 else 0 * square
        below, above = split, top - split
        t = np.concatenate([below * _NODES, split + above * _NODES], axis=-1)
        rest = np.concatenate(  # 1 - t, without cancellation
            [1 - below + below * _NODES[::-1], 1 - top + above * _NODES[::-1]], axis=-1
        )
        width = np.concatenate([below * _WEIGHTS, above * _WEIGHTS], axis=-1)
        a = np.sqrt(floor + span * t)
        weight = width * np.maximum(rest, 1e-300) ** power / a
        return np.minimum(a, 1.0), weight / weight.sum(axis=-1, keepdims=True)
