"""Corrected losses over plain cross-entropy: both give value and gradient."""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np

from benchmarks.timing import Row, ratio
from halfspace.mixing import mixing, top_k
from halfspace.transition import backward, cross_entropy, forward

SIZE, CLASSES = 100_000, 10
LIMIT = 2.5


def over_cross_entropy(precision: str, labels: str) -> Iterator[Row]:
    """Mixing and the two corrections by a matrix, on hard or soft labels."""
    rng = np.random.default_rng(0)
    z = (3 * rng.standard_normal((SIZE, CLASSES))).astype(precision)
    scores = rng.dirichlet(np.ones(CLASSES), SIZE).astype(precision)
    y = scores.argmax(axis=-1) if labels == "hard" else scores
    alpha = rng.uniform(0.6, 1, SIZE).astype(precision)
    top = top_k(scores, rng.integers(2, CLASSES + 1, SIZE))
    t = 0.7 * np.eye(CLASSES) + 0.3 / CLASSES
    corrected = {
        "mixing": partial(mixing, z, y, alpha, top),
        "unnormalised mixing": partial(mixing, z, y, alpha, top, normalised=False),
        "backward": partial(backward, z, y, t),
    }
    if labels == "hard":  # of soft ones it is a sum over classes
        corrected["forward"] = partial(forward, z, y, t)
    plain = partial(cross_entropy, z, y)
    for name, work in corrected.items():
        what = f"{name}, {labels} labels, {precision}, n = {SIZE}, {CLASSES} classes"
        yield Row(what, "cross-entropy", ratio(work, plain), LIMIT)


ALL: tuple[Callable[[], Iterator[Row]], ...] = tuple(
    partial(over_cross_entropy, precision, labels)
    for precision in ("float32", "float64")
    for labels in ("hard", "soft")
)
