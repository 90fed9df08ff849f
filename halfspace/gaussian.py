"""Mixtures of Gaussians with centre 0: no margin, and errors in closed form."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import ROUNDING, Array, check_range, check_real
from halfspace.law import Law, directions, signs

Matrix = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaussians(Law):
    """A mixture of N(0, covariances[j]) with weights[j]; s = sign of the first axis.

    Points are not in the unit ball and have no margin: theorems do not speak of them.

    Attributes
    ----------
    covariances : tuple of square matrices, each a tuple of rows
        Symmetric and positive definite, in d at least 2 dimensions.
    weights : tuple of float
        Their probabilities, summing to one.
    dim : int
        d.

    Raises
    ------
    TypeError
        If the covariances are not real numbers of one shape.
    ValueError
        If a covariance is not symmetric and positive definite, or the weights are not
        probabilities.

    Examples
    --------
    >>> law = Gaussians(covariances=(((1.0, 0.0), (0.0, 1.0)),), weights=(1.0,))
    >>> float(law.error([1.0, 1.0]).round(12))
    0.25
    """

    covariances: tuple[Matrix, ...]
    weights: tuple[float, ...]
    dim: int = field(init=False, repr=False)

    def __post_init__(self) -> None:
        parts = check_real("covariances", self.covariances)
        weights = check_range("weights", self.weights, 0, 1)
        square = parts.ndim == 3 and parts.shape[1] == parts.shape[2] >= 2
        good = square and np.array_equal(parts, parts.swapaxes(1, 2))
        if not good or np.linalg.eigvalsh(parts).min() <= 0:
            rule = "be symmetric positive definite matrices, shape (m, d, d), d >= 2"
            msg = f"`covariances` must {rule}, got {parts.tolist()}"
            raise ValueError(msg)
        if weights.shape != parts.shape[:1] or not abs(weights.sum() - 1) <= ROUNDING:
            rule = f"be {len(parts)} probabilities that sum to 1"
            msg = f"`weights` must {rule}, got {weights.tolist()}"
            raise ValueError(msg)
        matrices = tuple(tuple(map(tuple, part)) for part in parts.tolist())
        object.__setattr__(self, "covariances", matrices)
        object.__setattr__(self, "weights", tuple(weights.tolist()))
        object.__setattr__(self, "dim", parts.shape[1])

    def draw(
        self, shape: tuple[int, ...], rngs: list[np.random.Generator]
    ) -> tuple[Array, Array]:
        """Draw as `sample` does, from three generators, without checks."""
        edges = np.cumsum(self.weights)[:-1]
        which = np.searchsorted(edges, rngs[1].random(shape), "right")
        normal = rngs[0].standard_normal((*shape, self.dim))
        x = np.empty_like(normal)
        for j, root in enumerate(np.linalg.cholesky(np.asarray(self.covariances))):
            x[which == j] = normal[which == j] @ root.T
        s = signs(shape, rngs[2])
        x *= np.where(x[..., 0] * s < 0, -1.0, 1.0)[..., None]
        return x, s

    def error(self, w: ArrayLike) -> Array:
        """Return the exact error P[sign(w.x) != s] of directions `w`, shape (..., d).

        Raises
        ------
        ValueError
            If the last axis of `w` is not of length d, or an entry is not finite.

        Notes
        -----
        For each part the angle, over pi, of w and w* in the part's own metric.
        """
        w = directions(w, self.dim)
        roots = np.linalg.cholesky(np.asarray(self.covariances))
        turned = np.einsum("...i,jik->...jk", w, roots)  # each part is standard now
        truth = roots[:, 0]
        truth /= np.linalg.norm(truth, axis=-1, keepdims=True)
        along = np.vecdot(turned, truth)
        across = np.linalg.norm(turned - along[..., None] * truth, axis=-1)
        angle = np.where(turned.any(axis=-1), np.arctan2(across, along), np.pi / 2)
        wrong: Array = angle @ np.asarray(self.weights) / np.pi
        return wrong


def ckmy_mixture() -> Gaussians:
    """Return the planar mixture of Chen, Koehler, Moitra and Yau, claim I3.

    1/2 N(0, I) + 1/2 N(0, [[8, .1], [.1, .0024]]) with the label sign(x_2); here the
    axes are exchanged, since w* is always the first.

    References
    ----------
    .. [1] S. Chen, F. Koehler, A. Moitra, M. Yau, "Classification under
       misspecification: halfspaces, generalized linear models, and connections to
       evolvability",
       NeurIPS 2020, arXiv:2006.04787.

    Examples
    --------
    >>> float(ckmy_mixture().error([1.0, 0.1]).round(4))
    0.1206
    """
    round_, flat = ((1.0, 0.0), (0.0, 1.0)), ((0.0024, 0.1), (0.1, 8.0))
    return Gaussians(covariances=(round_, flat), weights=(0.5, 0.5))
