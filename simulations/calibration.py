"""How fast does the fitted accuracy of a teacher come near the true one?

Claims D2 and D3: on evenly spaced scores, for an accuracy that is smooth, has a step or
is flat; and for top-k accuracies, how often the k that reaches a threshold is wrong.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.teacher import fit_accuracy
from halfspace.distill.top_k import fit_top_k
from halfspace.theory import estimation as theory
from simulations.curves import summed

#: The accuracy at scores in [0, 1].
SHAPES: Mapping[str, Callable[[Array], Array]] = MappingProxyType(
    {
        "smooth": lambda u: 0.55 + 0.4 * u,
        "step": lambda u: np.where(u < 0.5, 0.6, 0.9),
        "flat": lambda u: np.full_like(u, 0.75),
    }
)
#: The slope of the smooth one.
SLOPE = 0.4
#: How much more often the truth is outside the first k of 4 classes at margin 0; it
#: shrinks to 0 at margin 1.
MISSED = (0.6, 0.3, 0.1)
THRESHOLD = 0.8
#: Where the picture is taken.
GRID = np.linspace(0, 1, 101)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    The smooth accuracy is seen on `largest` rows too. There are `trials`, or what
    `most` rows allow, a multiple of `groups`. The picture is of one sample of `shown`
    rows, its band of `draws` bootstrap samples.
    """

    shapes: tuple[str, ...] = ("smooth", "step", "flat", "classes")
    sizes: tuple[int, ...] = (100, 316, 1000, 3162, 10_000, 31_623, 100_000)
    largest: int = 1_000_000
    trials: int = 2000
    most: int = 80_000_000
    groups: int = 20
    shown: int = 1000
    draws: int = 1000
    seed: int = 0


SCALES = {
    "test": Spec(sizes=(30, 100), largest=300, trials=20, shown=100, draws=20),
    "quick": Spec(
        sizes=(100, 1000, 10_000),
        largest=100_000,
        trials=200,
        most=1_000_000,
        draws=200,
    ),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield shapes and numbers of rows."""
    for shape in spec.shapes:
        for size in spec.sizes:
            yield {"shape": shape, "size": size}
    yield {"shape": "smooth", "size": spec.largest}


def measure(spec: Spec, *, shape: str, size: int) -> dict[str, Any]:
    """Return sums over groups of the error at the rows, with what is predicted."""
    trials = spec.groups * max(1, min(spec.trials, spec.most // size) // spec.groups)
    rng = stream(spec.seed, "calibration", shape, size)
    u = (np.arange(size) + 0.5) / size
    error = mismatch if shape == "classes" else squared
    found = [error(shape, u, rng) for _ in range(trials)]
    row = {
        "trials": trials,
        "group_trials": trials // spec.groups,
        "errors": summed(found, spec.groups),
        "predicted_error": predicted(shape, size),
    }
    if (shape, size) == ("smooth", spec.shown):
        row["picture"] = picture(spec)
    return row


def squared(shape: str, u: Array, rng: np.random.Generator) -> float:
    """Return the mean squared error at the rows of one trial; no bounds help."""
    truth = SHAPES[shape](u)
    right = rng.random(u.size) < truth
    fitted = fit_accuracy(u, right, lower=0.0).step(u)
    return float(np.mean((fitted - truth) ** 2))


def top_k_accuracies(u: Array) -> Array:
    """Return those of k = 1, 2, 3 at margins u, shape (n, 3)."""
    accuracies: Array = 1 - (1 - u[:, None]) * np.array(MISSED)
    return accuracies


def mismatch(_: str, u: Array, rng: np.random.Generator) -> float:
    """Return the share of rows of one trial whose k-hat is not k.

    The teacher's margin is u; it gives the other classes equal probabilities, in order.
    """
    accuracy = top_k_accuracies(u)
    rank = np.sum(rng.random((u.size, 1)) >= accuracy, axis=1)
    p = np.repeat((1 - u[:, None]) / 4, 4, axis=1)
    p[:, 0] += u
    sizes = fit_top_k(p, rank).size(u, THRESHOLD)
    return float(np.mean(sizes != 1 + np.sum(accuracy < THRESHOLD, axis=1)))


def predicted(shape: str, size: int) -> float:
    """Return what theory says of the error."""
    if shape == "classes":  # the third accuracy is above the threshold everywhere
        slopes = MISSED[:2]
        return float(theory.size_mismatch(size, THRESHOLD, slopes))
    if shape == "smooth":
        truth = SHAPES[shape]((np.arange(1000) + 0.5) / 1000)
        return float(theory.smooth_error(size, truth, np.full(1000, SLOPE)))
    pieces = (size // 2, size - size // 2) if shape == "step" else (size,)
    middle = np.array([0.25, 0.75]) if shape == "step" else np.array([0.5])
    return theory.step_error(pieces, SHAPES[shape](middle))


def picture(spec: Spec) -> dict[str, Any]:
    """Return one sample by tenths, the fit on a grid, its bootstrap band, the truth."""
    labels, again = stream(spec.seed, "calibration", "picture").spawn(2)
    u, truth = labels.random(spec.shown), SHAPES["smooth"]
    right = labels.random(spec.shown) < truth(u)
    fit = fit_accuracy(u, right, lower=0.5).step(GRID)
    drawn = []
    for _ in range(spec.draws):
        rows = again.integers(0, spec.shown, spec.shown)
        drawn.append(fit_accuracy(u[rows], right[rows], lower=0.5).step(GRID))
    low, high = np.quantile(drawn, [0.05, 0.95], axis=0, method="inverted_cdf")
    tenth = np.minimum((10 * u).astype(int), 9)
    return {
        "rows": np.bincount(tenth, minlength=10).tolist(),
        "right": np.bincount(tenth[right], minlength=10).tolist(),
        "grid": GRID.tolist(),
        "truth": truth(GRID).tolist(),
        "fit": fit.tolist(),
        "low": low.tolist(),
        "high": high.tolist(),
    }
