"""Points whose classes a random network gives, without noise.

Coordinate j of a point has deviation j^-`DECAY`, up to a factor that makes the mean
square of the length 1. The network has `UNITS` rectified units in each of `LAYERS`
layers, and is centred: over all points of a trial the inputs of every layer have mean
0, and so have the scores of each class, with deviation 1, so no class takes all.
`DECAY` was chosen among 1, 1.5, 2 and 3 in a pilot of few trials that looked at the
teachers, at clean labels alone and at label spreading, at no other student. With 1 no
teacher learns much, even of 500 labels; with 3 the network learns most of it of 30.
With 2 the network is weak of 30 and 100 labels, and of 500 a support vector machine is
better than it. Label spreading is better than the network with 3 alone, of 500.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from halfspace._random import stream
from simulations.digits import CLASSES, Split

#: Coordinates of points, and how fast they shrink.
DIM, DECAY = 50, 2.0
#: The network that is the truth.
LAYERS, UNITS = 2, 20


@lru_cache(maxsize=64)
def points(count: int, *, trial: int, seed: int) -> tuple[Any, Any]:
    """Return points of a trial and their classes, made once and not to be written to.

    Parameters
    ----------
    count : int
        How many; others are drawn, and another network, if it is another number.
    trial : int
    seed : int

    Returns
    -------
    x : float32 array, shape (count, DIM)
    y : int array, shape (count,)
        From 0 to CLASSES - 1, without noise. Claim H1.

    Examples
    --------
    >>> x, y = points(1000, trial=0, seed=0)
    >>> x.shape, bool(np.bincount(y, minlength=CLASSES).max() < 500)
    ((1000, 50), True)
    """
    rngs = stream(seed, "random_network", count, trial).spawn(2 + LAYERS)
    x = rngs[0].standard_normal((count, DIM), dtype=np.float32)
    x *= deviations()
    z = x.astype(np.float64)
    for rng in rngs[1:-1]:
        z = z @ rng.standard_normal((z.shape[1], UNITS))
        z = np.maximum(z - z.mean(axis=0), 0)
    z = (z - z.mean(axis=0)) @ rngs[-1].standard_normal((UNITS, CLASSES))
    y = (z / z.std(axis=0)).argmax(axis=-1)
    for array in (x, y):
        array.flags.writeable = False
    return x, y


def deviations() -> Any:
    """Return the standard deviation of each coordinate, as float32."""
    each = np.arange(1.0, DIM + 1) ** -DECAY
    return (each / np.linalg.norm(each)).astype(np.float32)


def draw(
    labels: int, held: int, *, count: int, tests: int, trials: int, seed: int
) -> Split:
    """Return as many points a trial, the last of which judge students.

    Of more labels the first are the same, and so are the tests; of more trials too.

    Examples
    --------
    >>> split = draw(30, 50, count=200, tests=20, trials=2, seed=0)
    >>> [part.shape for part in split[1::2]]
    [(2, 30), (2, 50), (2, 100), (2, 20)]
    """
    found = [points(count, trial=i, seed=seed) for i in range(trials)]
    ends = (labels, labels + held, count - tests)
    x, y = (np.stack(values) for values in zip(*found, strict=True))
    parts = zip(np.split(x, ends, axis=1), np.split(y, ends, axis=1), strict=True)
    return Split(*(part for pair in parts for part in pair))
