"""Do the exact statements hold on random finite laws?

Claims A0 and I1, by enumeration: SLaM's mean update is the gradient of the LeakyReLU
loss, and the direction of Perspectron-type rules points to the truth.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace import theory
from halfspace._check import Array
from halfspace._random import stream
from halfspace.batch import sq_perceptron
from halfspace.law import signs
from halfspace.learner import Learner
from halfspace.noise import noisy
from halfspace.online import fit
from halfspace.rules import RULES, sign


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    A law has `atoms` points with random weights, each with its own rate, and a random w
    of norm up to `norm`.
    """

    rules: tuple[str, ...] = ("perspectron", "diakonikolas_zarifis")
    laws: int = 10_000
    atoms: int = 8
    dims: tuple[int, ...] = (2, 3, 5, 20)
    norm: float = 3.0
    seed: int = 0


SCALES = {"test": Spec(laws=50), "quick": Spec(laws=2000), "paper": Spec()}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the dimensions."""
    for dim in spec.dims:
        yield {"dim": dim}


def measure(spec: Spec, *, dim: int) -> dict[str, Any]:
    """Return the least slack of I1's inequality, and the largest difference of A0."""
    rng = stream(spec.seed, "lemmas", dim)
    points, weights, rates = random_laws(spec, dim, rng)
    w = rng.standard_normal((spec.laws, dim))
    w[:, 0] += dim * rng.random(spec.laws)
    w *= spec.norm * rng.random((spec.laws, 1)) / np.linalg.norm(w, axis=-1)[:, None]
    return {
        "laws": spec.laws,
        "slack": {
            rule: float(slack(rule, points, weights, rates, w).min())
            for rule in spec.rules
        },
        "difference": leaky_difference(points, rates, rng),
    }


def random_laws(
    spec: Spec, dim: int, rng: np.random.Generator
) -> tuple[Array, Array, Array]:
    """Return points (laws, m, d) with positive first axis, weights, and rates."""
    shape = (spec.laws, spec.atoms)
    points = rng.standard_normal((*shape, dim))
    height = rng.random(shape) ** 2
    points[..., 0] = 0
    across = np.sqrt(1 - height**2) * rng.random(shape) ** 0.5
    points *= (across / np.linalg.norm(points, axis=-1))[..., None]
    points[..., 0] = height
    rates = 0.5 * rng.random((spec.laws, 1)) * rng.random(shape)
    return points, rng.dirichlet(np.ones(spec.atoms), spec.laws), rates


def slack(rule: str, points: Array, weights: Array, rates: Array, w: Array) -> Array:
    """Return E[g].(w - w*) less its lower bound; w* is the first axis."""
    margin, most = points[..., :1].min(axis=1), rates.max(axis=1)
    coefficient, t = RULES[rule].coefficient, np.einsum("lmd,ld->lm", points, w)
    right, wrong = (
        coefficient(t, y, most[:, None], margin) for y in (np.ones(()), -np.ones(()))
    )
    mean = (1 - rates) * right + rates * wrong
    progress: Array = np.sum(weights * mean * (t - points[..., 0]), axis=-1)
    error: Array = np.sum(weights * np.where(sign(t) > 0, rates, 1 - rates), axis=-1)
    return progress - theory.perspectron_progress(error, most)


def leaky_difference(points: Array, rates: Array, rng: np.random.Generator) -> float:
    """Return how far SLaM's three forms end from each other, relative.

    Those are SLaM, descent on the LeakyReLU loss and the SQ-Perceptron, the last two
    also in batches of 3, on labels of random finite laws and for ten rates.
    """
    s = signs(rates.shape, rng)
    x, y = s[..., None] * points, noisy(s, rates, rng)
    worst = 0.0
    for rate in rng.random(10) / 2:
        one = fit(Learner(rule="slam", rate=float(rate)), x, y).last[..., 0, :]
        forms = [(one, leaky_descent(x, y, rate, 1))]
        for batch in (1, 3):
            asked = sq_perceptron(x, y, rate=float(rate), batch=batch).last
            forms.append((asked, leaky_descent(x, y, rate, batch)))
        strays = (np.abs(a - b).max() / np.abs(b).max() for a, b in forms)
        worst = max(worst, *map(float, strays))
    return worst


def leaky_descent(x: Array, y: Array, rate: float, batch: int) -> Array:
    """Descend on the mean of 2 ((1-eta) max(-yt, 0) - eta max(yt, 0)) over batches."""
    w = np.zeros((len(x), x.shape[-1]))
    for start in range(0, x.shape[1], batch):
        some, labels = x[:, start : start + batch], y[:, start : start + batch]
        right = sign(np.einsum("lnd,ld->ln", some, w)) == labels
        push = 2 * np.where(right, rate, 1 - rate) * labels
        w += np.einsum("ln,lnd->ld", push, some) / labels.shape[-1]
    return w
