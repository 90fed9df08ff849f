"""Has the mean forward descent on two atoms a trap at infinity, where it is said to?

Claim B9: random laws of two atoms, started far out along the first. Nothing that is
judged is sampled but the laws.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.finite import Atoms
from halfspace.theory.landscape import STALL_RATIO, stall_ratio
from simulations.flow import end_of_flow


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Laws whose ratio is within `gap` of its threshold are not drawn: there the start
    would have to be farther out, and the horizon too.
    """

    rates: tuple[float, ...] = (0.05, 0.2, 0.4)
    laws: int = 60
    gap: float = 0.2
    depth: float = 60.0
    horizon: float = 1e120
    seed: int = 0


SCALES = {"test": Spec(rates=(0.2,), laws=2), "quick": Spec(laws=15), "paper": Spec()}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates."""
    for rate in spec.rates:
        yield {"rate": rate}


def measure(spec: Spec, *, rate: float) -> dict[str, Any]:
    """Return each law's ratio, and whether the flow errs on the second atom."""
    rng = stream(spec.seed, "traps", str(rate))
    ratios, trapped = [], []
    for aim in aims(spec, rng):
        first, other = two_points(float(rng.uniform(0.02, 0.08)), float(aim))
        mass = float(rng.uniform(0.02, 0.5))
        law = Atoms(points=(first, other), weights=(1 - mass, mass))
        start = np.array(first) * spec.depth / np.vecdot(first, first)
        end = end_of_flow(law, rate, start, horizon=spec.horizon)
        ratios.append(float(stall_ratio(first, other)))
        trapped.append(bool(end[1] < 0))
    return {"ratios": ratios, "trapped": trapped}


def aims(spec: Spec, rng: np.random.Generator) -> Array:
    """Return as many ratios above the threshold as below it, up to 5."""
    half = spec.laws // 2
    below = rng.uniform(1.1, STALL_RATIO - spec.gap, half)
    return np.concatenate([below, rng.uniform(STALL_RATIO + spec.gap, 5, half)])


def two_points(margin: float, ratio: float) -> tuple[tuple[float, float], ...]:
    """Return (g, h) and (g, -sqrt(1-g^2)) with this stall ratio, above 1.

    >>> first, other = two_points(0.05, 3.0)
    >>> float(stall_ratio(first, other).round(12))
    3.0
    """
    deep = float(np.sqrt(1 - margin**2))
    root = np.sqrt(deep**2 - 4 * ratio * (1 + ratio) * margin**2)
    return (margin, float(deep + root) / (2 * ratio)), (margin, -deep)
