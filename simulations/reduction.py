"""Do two coordinates have the law of the full dynamics?

Claim A8, an equality, in two ways: the full run's own draws, fed to the reduced
dynamics, give its trajectory to rounding; and independent runs of the two have the same
law, by two-sample Kolmogorov-Smirnov counts.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from halfspace import online, reduced, samples
from halfspace._check import Array, Ints
from halfspace._random import stream
from halfspace.learner import Learner, default_learner
from halfspace.noise import RCN
from halfspace.problems import Shell, Shells, Sphere
from halfspace.rules import RULES
from halfspace.symmetric import Symmetric


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Each rule runs where it does by default: free, in a ball or on a sphere. On the
    first law it also runs the other way: in a ball of radius 3, or without its ball but
    with the same step.
    """

    laws: tuple[str, ...] = ("shell", "shells", "sphere")
    rules: tuple[str, ...] = tuple(RULES)
    margin: float = 0.2
    dim: int = 20
    rate: float = 0.1
    steps: int = 100
    coupled: int = 20
    trials: int = 50_000
    seed: int = 0


SCALES = {
    "test": Spec(laws=("shell",), steps=30, coupled=5, trials=200),
    "quick": Spec(steps=20),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield laws, rules, and whether a rule runs where it does by default."""
    for law in spec.laws:
        for rule in spec.rules:
            yield {"law": law, "rule": rule, "default": True}
    for rule in spec.rules:
        if not RULES[rule].sphere:
            yield {"law": spec.laws[0], "rule": rule, "default": False}


def the_law(name: str, dim: int, margin: float) -> Symmetric:
    """Return the law of that name; the mixture has a third of its heights far out."""
    if name == "shells":
        values, weights = (margin, 3 * margin), (2 / 3, 1 / 3)
        return Shells(dim=dim, margin=margin, values=values, weights=weights)
    return {"shell": Shell, "sphere": Sphere}[name](dim=dim, margin=margin)


def measure(spec: Spec, *, law: str, rule: str, default: bool) -> dict[str, Any]:
    """Return the largest coupled difference, and the Kolmogorov-Smirnov counts."""
    it = the_law(law, spec.dim, spec.margin)
    learner = default_learner(
        rule,
        margin=spec.margin,
        rate=spec.rate,
        steps=spec.steps,
        radius=3.0 if not default and RULES[rule].ball == "none" else None,
    )
    if not default and RULES[rule].ball != "none":
        learner = replace(learner, radius=np.inf)
    key = ("reduction", law, rule, str(default))
    return {
        "largest_difference": coupled_difference(
            learner,
            it,
            RCN(rate=spec.rate),
            steps=spec.steps,
            trials=spec.coupled,
            rng=stream(spec.seed, *key, "coupled"),
        ),
        "trials": spec.trials,
        "largest_count_difference": count_differences(
            learner,
            it,
            RCN(rate=spec.rate),
            steps=spec.steps,
            trials=spec.trials,
            rng=stream(spec.seed, *key, "law"),
        ),
    }


def coupled_difference(
    learner: Learner,
    law: Symmetric,
    channel: RCN,
    *,
    steps: int,
    trials: int,
    rng: np.random.Generator,
) -> float:
    """Return how far the reduced run strays on the full run's draws, over max ||w||.

    Compared are along and across of the iterate and of the mean, at every step.
    """
    x, s = law.sample((trials, steps), rng=rng)
    flips = rng.random(s.shape) < channel.rate
    block = samples.Block(x, np.where(flips, -s, s), s)
    full = online.run(learner, [block], at=np.arange(1, steps + 1))
    last, mean = full.last, full.averaged
    draws = observed_draws(block, last, mean)
    replayed = reduced.replay(learner, [draws], at=full.steps)
    assert replayed.averaged is not None
    pairs = (*replayed.last, *replayed.averaged)
    wanted = (last[..., 0], _norm(last), mean[..., 0], _norm(mean))
    strays = [np.abs(a - b).max() for a, b in zip(pairs, wanted, strict=True)]
    return float(max(strays) / _norm(last).max())


def _norm(w: Array) -> Array:
    rest: Array = np.linalg.norm(w[..., 1:], axis=-1)
    return rest


def observed_draws(block: samples.Block, last: Array, mean: Array) -> reduced.Draws:
    """Return what the reduced dynamics would have drawn, read off a full run.

    Parameters
    ----------
    block : Block
        x (trials, n, d), and labels (trials, n).
    last, mean : array, shape (trials, n, d)
        The iterate and the mean of the iterates after every step.
    """
    v = (block.s[..., None] * block.x)[..., 1:]
    before = np.zeros_like(v)  # the rest of w, as each step finds it
    before[:, 1:] = last[:, :-1, 1:]
    other = np.zeros_like(v)
    other[:, 1:] = mean[:, :-1, 1:]
    first = _unit(before)
    across = other - np.vecdot(other, first)[..., None] * first
    seen = np.vecdot(across, across) > 1e-20 * np.vecdot(other, other)  # else rounding
    second = _unit(np.where(seen[..., None], across, 0.0))
    parts = np.stack([np.vecdot(v, first), np.vecdot(v, second)])
    left = np.maximum(np.vecdot(v, v) - np.sum(parts**2, axis=0), 0)
    return reduced.Draws(
        a=(block.s * block.x[..., 0]).T,
        v=np.moveaxis(parts, -1, 0),
        left=left.T,
        y=block.y.T,
        s=block.s.T,
    )


def _unit(w: Array) -> Array:
    norm = np.linalg.norm(w, axis=-1, keepdims=True)
    unit: Array = np.divide(w, norm, out=np.zeros_like(w), where=norm > 0)
    return unit


def count_differences(
    learner: Learner,
    law: Symmetric,
    channel: RCN,
    *,
    steps: int,
    trials: int,
    rng: np.random.Generator,
) -> dict[str, int]:
    """Return trials times the two-sample Kolmogorov-Smirnov statistics, exactly.

    Compared are u, rho, the same of the mean iterate, and the mistakes.
    """
    one, two = rng.spawn(2)
    data = samples.blocks(law, channel, trials=trials, rng=one)
    full = online.run(learner, data, at=[steps])
    path = reduced.run(
        learner, law, channel, at=[steps], trials=trials, rng=two, averaged=True
    )
    assert path.averaged is not None
    w, mean = full.last[:, 0], full.averaged[:, 0]
    pairs: dict[str, tuple[Array | Ints, Array | Ints]] = {
        "along": (w[:, 0], path.last.along),
        "across": (_norm(w), path.last.across),
        "averaged_along": (mean[:, 0], path.averaged.along),
        "averaged_across": (_norm(mean), path.averaged.across),
        "mistakes": (full.mistakes, path.mistakes),
    }
    return {name: _largest_gap(a, b) for name, (a, b) in pairs.items()}


def _largest_gap(a: Array | Ints, b: Array | Ints) -> int:
    """Return the largest difference between the two samples' counts below a value."""
    values = np.concatenate([a.ravel(), b.ravel()])
    below_a = np.searchsorted(np.sort(a.ravel()), values, side="right")
    below_b = np.searchsorted(np.sort(b.ravel()), values, side="right")
    return int(np.abs(below_a - below_b).max())
