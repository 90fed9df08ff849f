"""Does the mean forward loss push every w towards the truth, as much as is claimed?

Claim B5, by enumeration of the points and labels of random finite laws. Nothing that
is judged is sampled but laws and directions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.learner import Learner
from halfspace.theory.landscape import least_progress


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Norms of w are drawn evenly in the logarithm between `norms`: beyond 10 the
    difference of the two labels' slopes has lost more digits than is tolerated.
    """

    rates: tuple[float, ...] = (0.0, 0.01, 0.1, 0.2, 0.3, 0.4, 0.49)
    dims: tuple[int, ...] = (2, 3, 5, 20)
    atoms: int = 4
    norms: tuple[float, float] = (0.01, 10.0)
    laws: int = 20_000
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.1, 0.4), dims=(2, 5), laws=200),
    "quick": Spec(laws=2000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield dimensions and rates."""
    for dim in spec.dims:
        for rate in spec.rates:
            yield {"dim": dim, "rate": rate}


def measure(spec: Spec, *, dim: int, rate: float) -> dict[str, Any]:
    """Return the least -grad.w* over its bound, of the rule's coefficient.

    `told_none` is the least -grad.w* of a learner that is told no noise: the plain
    logistic loss, whose minimisers are stationary.
    """
    rng = stream(spec.seed, "landscape", dim, str(rate))
    points, weights, w = draws(spec, dim, rng)
    norm, margin = np.linalg.norm(w, axis=-1), points[..., 0].min(axis=-1)
    found = progress(Learner(rule="forward", rate=rate), rate, points, weights, w)
    plain = progress(Learner(rule="forward", rate=0.0), rate, points, weights, w)
    return {
        "laws": spec.laws,
        "least_ratio": float((found / least_progress(norm, margin, rate)).min()),
        "least_progress": float(found.min()),
        "told_none": float(plain.min()),
    }


def draws(spec: Spec, dim: int, rng: np.random.Generator) -> tuple[Array, Array, Array]:
    """Return points s x (laws, m, d), their weights (laws, m) and w (laws, d).

    In each law one point is as long as the ball is wide; half of the w point along it.
    """
    shape = (spec.laws, spec.atoms)
    parts = rng.spawn(4)
    points = parts[0].standard_normal((*shape, dim))
    points[..., 0] = np.abs(points[..., 0])
    points /= np.linalg.norm(points, axis=-1, keepdims=True)
    length = parts[1].uniform(0.1, 1, shape)
    length[:, 0] = 1
    points *= length[..., None]
    weights = parts[2].dirichlet(np.full(spec.atoms, 0.3), spec.laws)
    w = parts[3].standard_normal((spec.laws, dim))
    w[::2] = points[::2, 0]
    least, most = spec.norms
    size = least * (most / least) ** parts[3].random(spec.laws)
    w *= (size / np.linalg.norm(w, axis=-1))[:, None]
    return points, weights, w


def progress(
    learner: Learner, rate: float, points: Array, weights: Array, w: Array
) -> Array:
    """Return -grad.w*, shape (laws,): the mean of -c(t, y) x.w* over y and points."""
    t = np.einsum("lmd,ld->lm", points, w)
    right, wrong = (learner.coefficient(t, np.full_like(t, y)) for y in (1.0, -1.0))
    mean = (1 - rate) * right + rate * wrong
    found: Array = -np.einsum("lm,lm,lm->l", weights, mean, points[..., 0])
    return found
