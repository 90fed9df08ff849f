"""Is the weighted loss unbiased, and are its errors as predicted, on random laws?

Claims E1 to E3 by enumeration of all labels of finite laws. Only the laws are random.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy import special

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.weighting import weights
from halfspace.losses import LOSSES
from halfspace.theory.weighting import crossing_size, mean_squared_error, moments

#: Errors as near as this, relative, are a tie.
TIE = 1e-9


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    A law has some atoms of random mass; the teacher is wrong there with a random
    probability up to `most_wrong`; the student's margin is uniform up to `reach`.
    """

    atoms: tuple[int, ...] = (1, 2, 3)
    laws: int = 1000
    sizes: tuple[int, ...] = (1, 2, 3, 5, 8, 12)
    most_wrong: tuple[float, ...] = (0.5, 1.0)
    reach: float = 3.0
    seed: int = 0


SCALES = {"test": Spec(laws=20), "quick": Spec(laws=200), "paper": Spec()}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield how many atoms, and how often the teacher is wrong."""
    for most in spec.most_wrong:
        for atoms in spec.atoms:
            yield {"atoms": atoms, "most_wrong": most}


def measure(spec: Spec, *, atoms: int, most_wrong: float) -> dict[str, Any]:
    """Return what is furthest from each claim, and which estimate is the better."""
    rng = stream(spec.seed, "weighted_laws", atoms, str(most_wrong))
    shape = (spec.laws, atoms)
    mass = rng.dirichlet(np.ones(atoms), spec.laws)
    wrong = most_wrong * rng.random(shape)
    margin = spec.reach * rng.uniform(-1, 1, shape)
    loss = LOSSES["logistic"]
    true, other = loss(margin).value, loss(-margin).value
    weight = weights(wrong, true, other)
    mean = weight * ((1 - wrong) * true + wrong * other)
    chance = np.concatenate([mass * (1 - wrong), mass * wrong], axis=-1)
    plain = np.concatenate([true, other], axis=-1)
    weighted = plain * np.tile(weight, 2)
    found = moments(mass, wrong, true, other)
    crossing = crossing_size(*found[1:])
    worst, better, disagree = 0.0, 0, 0
    for n in spec.sizes:
        errors = [squared(chance, it, n, found.risk) for it in (plain, weighted)]
        predicted = (
            mean_squared_error(n, found.bias, found.plain_variance),
            mean_squared_error(n, 0, found.weighted_variance),
        )
        for it, expected in zip(errors, predicted, strict=True):
            worst = max(worst, float(np.abs(it / expected - 1).max()))
        clear = np.abs(errors[0] - errors[1]) > TIE * errors[0]
        wins = errors[1] < errors[0]
        better += int((wins & clear).sum())
        disagree += int(((wins != (n > crossing)) & clear).sum())
    return {
        "laws": spec.laws,
        "comparisons": spec.laws * len(spec.sizes),
        "E1": float(np.abs(mean / true - 1).max()),
        "E2": worst,
        "E3": disagree,
        "weighted_is_better": better,
    }


def squared(chance: Array, values: Array, n: int, risk: Array) -> Array:
    """Return the mean squared error of a mean of n outcomes, over all ways to see them.

    `chance` and `values` are (laws, k), one entry an outcome.
    """
    seen = ways(n, chance.shape[-1])
    log = special.gammaln(n + 1) - special.gammaln(seen + 1).sum(axis=-1)
    log = log + special.xlogy(seen, chance[:, None]).sum(axis=-1)
    error = (values @ seen.T / n - risk[:, None]) ** 2
    found: Array = (np.exp(log) * error).sum(axis=-1)
    return found


def ways(n: int, k: int) -> Array:
    """Return all counts of k outcomes with sum n: where k - 1 bars stand among n stars.

    >>> ways(2, 2).tolist()
    [[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]]
    """
    bars = np.array(list(combinations(range(n + k - 1), k - 1)), dtype=float)
    ends = np.pad(bars, ((0, 0), (1, 1)), constant_values=(-1.0, n + k - 1.0))
    return np.diff(ends, axis=-1) - 1
