"""Is the fitted accuracy of a teacher the bounded least-squares optimum?

Claims D1 and D3, on random instances with ties, weights and bounds: a quadratic program
beside the fit, a certificate in exact arithmetic, and the order of top-k accuracies.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import cvxpy
import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.teacher import fit_accuracy
from halfspace.distill.top_k import fit_top_k

cp: Any = cvxpy  # most of it is untyped

#: How near a value must be to the exact one that it stands for.
ROUNDED = 1e-14
#: Where k-hat is asked for.
MARGINS = np.linspace(0, 1, 21)
THRESHOLDS = (0.5, 0.75, 0.9, 1.0)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    An instance has up to `rows` rows, scores of up to `levels` values, weights 1 to 5
    and bounds that are multiples of 1/8.
    """

    blocks: int = 5
    instances: int = 200
    rows: int = 60
    levels: int = 20
    classes: int = 5
    seed: int = 0


SCALES = {
    "test": Spec(blocks=1, instances=3),
    "quick": Spec(blocks=2, instances=50),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield blocks of instances."""
    for block in range(spec.blocks):
        yield {"block": block}


def measure(spec: Spec, *, block: int) -> dict[str, Any]:
    """Return the largest differences, and how many instances break what is claimed."""
    rows, classes = stream(spec.seed, "isotonic", block).spawn(2)
    found = [compared(*instance(spec, rows)) for _ in range(spec.instances)]
    away, ascents, exact = zip(*found, strict=True)
    return {
        "instances": spec.instances,
        "from_program": max(away),
        "ascent": max(ascents),
        "not_certified": exact.count(False),
        "out_of_order": sum(disordered(spec, classes) for _ in range(spec.instances)),
    }


def instance(
    spec: Spec, rng: np.random.Generator
) -> tuple[Array, Array, Array, float, float]:
    """Return scores, answers, weights and bounds."""
    n = int(rng.integers(1, spec.rows + 1))
    scores = rng.integers(0, rng.integers(1, spec.levels + 1), n).astype(float)
    right = (rng.random(n) < rng.random()).astype(float)
    lower, upper = np.sort(rng.integers(0, 9, 2)) / 8
    weight = rng.integers(1, 6, n).astype(float)
    return scores, right, weight, float(lower), float(upper)


def compared(
    scores: Array, right: Array, weight: Array, lower: float, upper: float
) -> tuple[float, float, bool]:
    """Return the distance to the program, the ascent, and if the fit is certified."""
    alpha = fit_accuracy(scores, right, lower=lower, upper=upper, sample_weight=weight)
    levels, where = np.unique(scores, return_inverse=True)
    mass, hits = (
        np.bincount(where, it).astype(np.float64) for it in (weight, weight * right)
    )
    fitted = alpha.step(levels)
    away = float(np.abs(fitted - program(hits / mass, mass, lower, upper)).max())
    exact = rational(fitted, hits, mass, lower, upper)
    near = all(abs(float(f) - v) <= ROUNDED for f, v in zip(exact, fitted, strict=True))
    worst = ascent(exact, hits, mass, lower, upper)
    floats = ascent(list(map(Fraction, fitted)), hits, mass, lower, upper)
    increasing = all(one <= two for one, two in pairwise(exact))
    return away, float(floats), near and increasing and worst == 0


def program(mean: Array, mass: Array, lower: float, upper: float) -> Array:
    """Return the solution of the bounded least-squares program."""
    f = cp.Variable(mean.size)
    loss = cp.sum(cp.multiply(mass, cp.square(f - mean)))
    bounds = [f >= lower, f <= upper, *([cp.diff(f) >= 0] if mean.size > 1 else [])]
    problem = cp.Problem(cp.Minimize(loss), bounds)
    gaps = dict.fromkeys(("tol_gap_abs", "tol_gap_rel", "tol_feas"), 1e-10)
    problem.solve(solver=cp.CLARABEL, **gaps)
    if problem.status != "optimal":
        msg = f"`mean` must have a solution, got {problem.status}"
        raise RuntimeError(msg)
    found: Array = np.asarray(f.value, dtype=float)
    return found


def rational(
    fitted: Array, hits: Array, mass: Array, lower: float, upper: float
) -> list[Fraction]:
    """Return what the values of the fit stand for: a bound, or the mean of their run.

    Values closer than `ROUNDED` are one run.
    """
    run = np.cumsum(np.append(0, np.diff(fitted) > ROUNDED))
    found = []
    for value, at in zip(fitted, run, strict=True):
        those = run == at
        mean = Fraction(int(hits[those].sum()), int(mass[those].sum()))
        bound = {lower: Fraction(lower), upper: Fraction(upper)}
        found.append(bound.get(float(value), mean))
    return found


def ascent(
    fitted: list[Fraction], hits: Array, mass: Array, lower: float, upper: float
) -> Fraction:
    """Return the largest sum of w (y - f)(g - f) over nondecreasing g within bounds.

    It is at an extreme point: no value but the bounds. The optimum is where it is 0.
    """
    low, high = Fraction(lower), Fraction(upper)
    pull = [
        int(h) - int(m) * f for h, m, f in zip(hits, mass, fitted, strict=True)
    ]  # w (y - f) at each level
    below = Fraction(0)
    above = sum((p * (high - f) for p, f in zip(pull, fitted, strict=True)), below)
    worst = above
    for p, f in zip(pull, fitted, strict=True):
        below, above = below + p * (low - f), above - p * (high - f)
        worst = max(worst, below + above)
    return worst


def disordered(spec: Spec, rng: np.random.Generator) -> bool:
    """Return if top-k accuracies fall in k, or k-hat is out of order; D3."""
    n, classes = int(rng.integers(1, spec.rows + 1)), spec.classes
    p = rng.dirichlet(np.ones(classes), n)
    labels = np.where(
        rng.random(n) < 0.7, p.argmax(axis=1), rng.integers(0, classes, n)
    )
    found = fit_top_k(p, labels)
    curves = np.array([it.step(MARGINS) for it in found.accuracies])
    sizes = np.array([found.size(MARGINS, threshold) for threshold in THRESHOLDS])
    return bool(
        (np.diff(curves, axis=0) < -ROUNDED).any()
        or (np.diff(sizes, axis=1) > 0).any()
        or (np.diff(sizes, axis=0) < 0).any()
    )
