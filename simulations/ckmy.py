"""Do we find what was published for a planar mixture of Gaussians?

Claim I3: accuracy on noisy test labels under random classification noise, by the
protocol of Chen, Koehler, Moitra and Yau (2020): 1000 points to train, 250 to test.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.gaussian import ckmy_mixture
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.online import run
from halfspace.regression import logistic_regression
from halfspace.rules import sign
from halfspace.samples import Block, blocks, take
from halfspace.selection import select
from halfspace.slabs import filtertron

#: Read off the published figure, at the rates .05, .10, ..., .45.
PUBLISHED: Mapping[str, tuple[float, ...]] = MappingProxyType(
    {
        "FilterTron": (
            *(0.877, 0.839, 0.786, 0.746, 0.722, 0.670, 0.617, 0.580, 0.530),
        ),
        "LeakyReLU": (
            *(0.929, 0.878, 0.826, 0.769, 0.713, 0.664, 0.607, 0.566, 0.517),
        ),
        "logistic": (*(0.813, 0.782, 0.750, 0.710, 0.679, 0.639, 0.605, 0.569, 0.524),),
    }
)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code."""

    rates: tuple[float, ...] = (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45)
    train: int = 1000
    test: int = 250
    passes: int = 10
    trials: int = 50
    seed: int = 0


SCALES = {
    "test": Spec(rates=(0.2, 0.4), train=200, trials=5),
    "quick": Spec(rates=(0.05, 0.25, 0.45)),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the rates."""
    for rate in spec.rates:
        yield {"rate": rate}


def measure(spec: Spec, *, rate: float) -> dict[str, Any]:
    """Return right noisy test labels of each trial, and exact clean errors."""
    law, rng = ckmy_mixture(), stream(spec.seed, "ckmy", str(rate))
    data, test = (
        take(blocks(law, RCN(rate=rate), trials=spec.trials, rng=child), size)
        for child, size in zip(rng.spawn(2), (spec.train, spec.test), strict=True)
    )
    found = learned(data, rate, spec.passes)
    return {
        "test": spec.test,
        "right": {name: right(w, test) for name, w in found.items()},
        "errors": {name: law.error(w).tolist() for name, w in found.items()},
    }


def learned(data: Block, rate: float, passes: int) -> dict[str, Array]:
    """Return what each learner makes of the sample, w (trials, d).

    LeakyReLU descent is SLaM with the sign link, several times through the sample: its
    mean iterate, and that of its iterates after 1/20 of a pass that fits best.
    """
    every = np.arange(1, 20 * passes + 1) * (data.y.shape[-1] // 20)
    path = run(Learner(rule="slam", rate=rate), [data] * passes, at=every)
    best = select(path.last, [data], size=data.y.shape[-1])
    fitted = np.take_along_axis(path.last, best[:, None, None], axis=1)[:, 0]
    return {
        "FilterTron": filtertron(data.x, data.y, rate=rate).w,
        "LeakyReLU": path.averaged[:, -1],
        "LeakyReLU, fitting best": fitted,
        "logistic": logistic_regression(data.x, data.y).w,
    }


def right(w: Array, test: Block) -> list[int]:
    """Return how many noisy test labels each trial's w predicts."""
    agrees = sign(np.einsum("td,tnd->tn", w, test.x)) == test.y
    found: list[int] = np.count_nonzero(agrees, axis=-1).tolist()
    return found
