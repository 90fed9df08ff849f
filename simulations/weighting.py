"""From how many labels on does a weighted risk estimate beat the plain one?

Claims E2 and E3, sampled: the mean loss of a student on a teacher's labels, plain and
weighted, on finite laws that are known; both see the same labels.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.weighting import weights
from halfspace.losses import LOSSES
from halfspace.theory.weighting import crossing_size, mean_squared_error, moments


class Law(NamedTuple):
    """Atoms: probabilities, how likely the teacher is wrong, the student's margin.

    The student is right where its margin is positive; its losses are logistic.
    """

    mass: tuple[float, ...]
    wrong: tuple[float, ...]
    margin: tuple[float, ...]


#: In the first the student errs where the teacher often does; in the second, more so;
#: in the third it does not go along with the teacher.
LAWS: Mapping[str, Law] = MappingProxyType(
    {
        "shared errors": Law((0.7, 0.3), (0.1, 0.4), (2.0, -2.0)),
        "more shared errors": Law((0.6, 0.4), (0.1, 0.4), (2.0, -2.0)),
        "own errors": Law((0.8, 0.2), (0.2, 0.2), (2.0, -1.0)),
    }
)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    laws: tuple[str, ...] = tuple(LAWS)
    sizes: tuple[int, ...] = (
        *(1, 2, 3, 5, 7, 10, 14, 20, 28, 40, 57, 80, 113),
        *(160, 226, 320, 453, 640, 905, 1280),
    )
    trials: int = 1_000_000
    groups: int = 40
    seed: int = 0


SCALES = {
    "test": Spec(sizes=(1, 10, 100), trials=100, groups=5),
    "quick": Spec(trials=40_000),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the laws."""
    for law in spec.laws:
        yield {"law": law}


def measure(spec: Spec, *, law: str) -> dict[str, Any]:
    """Return sums of squared errors by group and size, beside what is predicted."""
    mass, wrong, margin = (np.array(part) for part in LAWS[law])
    loss = LOSSES["logistic"]
    true, other = loss(margin).value, loss(-margin).value
    weight = weights(wrong, true, other)
    found = moments(mass, wrong, true, other)
    chance = np.concatenate([mass * (1 - wrong), mass * wrong])
    both = np.stack([np.concatenate([true, other])] * 2, axis=-1)
    both[:, 1] *= np.tile(weight, 2)
    rng = stream(spec.seed, "weighting", law)
    errors = [
        squares(seen @ both / n - found.risk, spec.groups)
        for n, seen in counts(chance, spec.sizes, spec.trials, rng)
    ]
    plain, weighted = np.moveaxis(np.array(errors), -1, 0)
    sizes = np.array(spec.sizes)
    return {
        "sizes": list(spec.sizes),
        "group_trials": spec.trials // spec.groups,
        "plain": plain.T.tolist(),
        "weighted": weighted.T.tolist(),
        "predicted_plain": mean_squared_error(
            sizes, found.bias, found.plain_variance
        ).tolist(),
        "predicted_weighted": mean_squared_error(
            sizes, 0, found.weighted_variance
        ).tolist(),
        "predicted_crossing": float(crossing_size(*found[1:])),
        "bias": float(found.bias),
    }


def counts(
    chance: Array, sizes: tuple[int, ...], trials: int, rng: np.random.Generator
) -> Iterator[tuple[int, Array]]:
    """Yield n and how often each outcome is among the first n labels, (trials, k)."""
    seen, before = np.zeros((trials, len(chance))), 0
    for n in sizes:
        seen += rng.multinomial(n - before, chance, trials)
        before = n
        yield n, seen


def squares(errors: Array, groups: int) -> Array:
    """Return the squares of errors (trials, 2), summed in each group: (groups, 2)."""
    found: Array = (errors**2).reshape(groups, -1, 2).sum(axis=1)
    return found
