"""Is the draw of robust active distillation the best, with and without a budget?

Claims F1 to F4 on random instances: linear programs, sums in exact arithmetic, and the
law of the rounding by all of its coins.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, product
from typing import Any

import numpy as np
from scipy import optimize

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.active import sampling_weights, water_level, worst_case
from halfspace.distill.capped import inclusion
from halfspace.distill.rounding import settle
from halfspace.theory.active import (
    greedy_value,
    robust_value,
    uniform_is_best,
    uniform_value,
)

#: A coin that is below all odds, and one that is above all but certainty.
COINS = (0.0, 1 - 2.0**-53)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Gains are uniform; few values, 0 and 1 among them; or nearly all small. `laws` of
    the instances with at most `coins` points are rounded in all ways.
    """

    points: tuple[int, ...] = (2, 3, 5, 9, 20, 40)
    kinds: tuple[str, ...] = ("uniform", "few values", "skewed")
    instances: int = 300
    laws: int = 100
    coins: int = 9
    seed: int = 0


SCALES = {
    "test": Spec(points=(3, 9), instances=10, laws=3),
    "quick": Spec(instances=25, laws=10),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield sizes of pools, and kinds of gains."""
    for kind in spec.kinds:
        for points in spec.points:
            yield {"kind": kind, "points": points}


def measure(spec: Spec, *, kind: str, points: int) -> dict[str, Any]:
    """Return what is furthest from each claim, and one pool in full."""
    rngs = stream(spec.seed, "active", kind, points).spawn(3)
    all_gains = drawn(kind, (spec.instances, points), rngs[0])
    sizes = rngs[1].integers(0, points, (spec.instances, 2), endpoint=True)
    asked = [
        (gains, int(correct), max(1, int(budget)))
        for gains, (correct, budget) in zip(all_gains, sizes, strict=True)
    ]
    rows = [instance(*it) for it in asked]
    few = asked[: spec.laws] if points <= spec.coins else []
    law = [rounding(inclusion(*it)) for it in few]
    return {
        "instances": spec.instances,
        **{key: max(row[key] for row in rows) for key in rows[0]},
        **{key: max(it[key] for it in law) for key in (law[0] if law else ())},
        "pool": pool(drawn(kind, (points,), rngs[2])),
    }


def drawn(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return random gains of a kind."""
    if kind == "few values":
        return rng.integers(0, 4, shape, endpoint=True) / 4
    power = {"uniform": 1, "skewed": 6}[kind]
    found: Array = rng.random(shape) ** power
    return found


def instance(gains: Array, correct: int, budget: int) -> dict[str, float]:
    """Return how far one instance is from each claim."""
    weights = sampling_weights(gains, correct)
    value = float(worst_case(weights, gains, correct))
    best = program(gains, correct, 1.0)
    capped = worst_case(inclusion(gains, correct, budget) / budget, gains, correct)
    rivals = uniform_value(gains, correct), greedy_value(gains, correct)
    most = max(
        float(uniform_value(gains, correct)),
        float(greedy_value(gains, correct, budget)),
    )
    return {
        "formula": abs(float(robust_value(gains, correct)) - best),
        "draw": abs(value - best),
        "capped": abs(float(capped) - program(gains, correct, 1 / budget)),
        **exact(gains, correct, float(water_level(gains, correct))),
        "rival": max(map(float, rivals)) - value,
        "capped_rival": most - float(capped),
    }


def program(gains: Array, correct: int, most: float) -> float:
    """Return the worth of the best draw with weights up to `most`, by HiGHS.

    The m least of y = q g add up to the largest of m t - sum_i max(t - y_i, 0) over t.
    """
    n = len(gains)
    found = optimize.linprog(
        np.concatenate([np.zeros(n), np.ones(n), [-correct]]),
        A_ub=np.hstack([-np.diag(gains), -np.eye(n), np.ones((n, 1))]),
        b_ub=np.zeros(n),
        A_eq=np.concatenate([np.ones(n), np.zeros(n + 1)])[None],
        b_eq=[1],
        bounds=[(0, most)] * n + [(0, None)] * n + [(None, None)],
        options={"primal_feasibility_tolerance": 1e-10},
    )
    if found.status != 0:
        msg = f"`gains` must have a best draw, got {found.message}"
        raise RuntimeError(msg)
    return -float(found.fun)


def exact(gains: Array, correct: int, level: float) -> dict[str, float]:
    """Return what F2 and F4 say in exact arithmetic, and what is not so.

    The sizes k at which (k - r)/H_k is largest are those of max(1, #{g > v}) to #{g >=
    v}, where v is that value; all are, if it is 0 and r = n.
    """
    g = sorted((Fraction(it) for it in gains.tolist()), reverse=True)
    n = len(g)
    positive = [it for it in g if it > 0]
    total = list(accumulate(1 / it for it in positive))
    values = [(k + 1 - n + correct) / each for k, each in enumerate(total)]
    v = max([Fraction(0), *values])
    best = [k for k, it in enumerate(values, 1) if it == v]
    above, least = sum(it > v for it in g), sum(it >= v for it in positive)
    share = sum(
        (min(Fraction(1), v / it) for it in positive), Fraction(n - len(positive))
    )
    uniform = sum(g[n - correct :], Fraction(0)) / n
    greedy = g[0] if correct == n else Fraction(0)
    return {
        "level": abs(level - float(v)),
        "share": float(v > 0 and share != correct),
        "support": float(v > 0 and best != list(range(max(1, above), least + 1))),
        "uniform": float((uniform == v) != bool(uniform_is_best(gains, correct))),
        "greedy": float((greedy == v) != (correct == n or v == 0)),
    }


def rounding(probabilities: Array) -> dict[str, float]:
    """Return how far the exact law of the rounding is from what is claimed of it."""
    n = len(probabilities)
    coins = np.array(list(product(COINS, repeat=n - 1)))
    inside, odds = settle(np.broadcast_to(probabilities, (len(coins), n)), coins)
    chance = np.where(coins == COINS[0], odds, 1 - odds).prod(axis=-1)
    some = inside[chance > 0]
    both = (chance[:, None] * inside).T @ inside - np.outer(
        probabilities, probabilities
    )
    pairs = both[~np.eye(n, dtype=bool)]
    return {
        "marginal": float(np.abs(chance @ inside - probabilities).max()),
        "count": float(np.abs(some.sum(axis=-1) - np.rint(probabilities.sum())).max()),
        "covariance": float(pairs.max(initial=-1.0)),
    }


def pool(gains: Array) -> dict[str, Any]:
    """Return one pool's draws with four fifths of the labels right, and all values."""
    g, n = -np.sort(-gains), len(gains)
    correct, budget = round(0.8 * n), round(0.4 * n)
    counts = range(n + 1)
    return {
        "gains": g.tolist(),
        "correct": correct,
        "budget": budget,
        "level": float(water_level(g, correct)),
        "weights": sampling_weights(g, correct).tolist(),
        "inclusion": inclusion(g, correct, budget).tolist(),
        "values": {
            "robust": [float(robust_value(g, m)) for m in counts],
            "uniform": [float(uniform_value(g, m)) for m in counts],
            "greedy": [float(greedy_value(g, m)) for m in counts],
        },
    }
