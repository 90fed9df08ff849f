"""Estimators over scikit-learn's logistic regression, and the memory of a stream.

Both have one thread: with two, small products take longer.
"""

from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from benchmarks.memory import peak
from benchmarks.timing import Row, ratio
from halfspace import stream, three_atoms
from halfspace._check import Array
from halfspace.estimators import SLaMClassifier

Sample = tuple[Array, Array, Array]


def two_classes(n: int = 100_000, d: int = 50, rate: float = 0.2) -> Sample:
    """Return the three atoms with faint noise in the other coordinates: x, y, truth."""
    law, rng = three_atoms(0.1), stream(0, "two classes")
    x, s = law.sample((n,), rng=rng)
    x = np.hstack([x, 0.1 * rng.standard_normal((n, d - 2))])
    return x, np.where(rng.random(n) < rate, -s, s), s


def gaussian(k: int, n: int, d: int, rate: float = 0.2) -> Sample:
    """Return Gaussian points, classes by random linear scores, and noisy ones."""
    rng = stream(0, "gaussian", k)
    x = rng.standard_normal((n, d))
    s = (x @ rng.standard_normal((d, k))).argmax(axis=1)
    y = (s + (rng.random(n) < rate) * rng.integers(1, k, n)) % k
    return x, y, s


def over_logistic_regression(name: str, sample: Sample, limit: float) -> Iterator[Row]:
    """Clean labels, and labels told right with .8: time over that of scikit-learn.

    Told an accuracy, the student is more confident, so farther from 0; most of the way
    it looks at a fifth of the rows.
    """
    x, y, s = sample
    theirs = LogisticRegression(max_iter=1000)
    what = f"{name}, n = {len(y)}, d = {x.shape[1]}"
    for accuracy in (None, 0.8):
        ours = SLaMClassifier()
        with threadpool_limits(1):
            found = ratio(
                partial(ours.fit, x, y, accuracy), partial(theirs.fit, x, y), rounds=9
            )
        told = "" if accuracy is None else f", accuracy {accuracy}"
        yield Row(f"SLaMClassifier{told}, {what}", "LogisticRegression", found, limit)
    own, other = (float(np.mean(m.predict(x) != s)) for m in (ours, theirs))
    yield Row(f"its clean error, {what}", "LogisticRegression's", own / other, 0.5)


_STREAM = """
import numpy as np
from halfspace.estimators import SLaMClassifier
rng, model = np.random.default_rng(0), SLaMClassifier()
for _ in range({blocks}):
    x = rng.standard_normal((10_000, 10))
    model.partial_fit(x, (x[:, 0] > 0).astype(int), classes=[0, 1], accuracy=0.8)
"""


def streaming() -> Iterator[Row]:
    """10^7 rows in blocks of 10^4, against 10^5 rows."""
    short, long = (peak(_STREAM.format(blocks=blocks)) for blocks in (10, 1000))
    yield Row("peak memory, partial_fit, 10^7 rows", "10^5 rows", long / short, 1.1)


ALL: tuple[Callable[[], Iterator[Row]], ...] = (
    lambda: over_logistic_regression("three atoms", two_classes(), 1.2),
    lambda: over_logistic_regression("2 classes", gaussian(2, 100_000, 50), 1.2),
    lambda: over_logistic_regression("10 classes", gaussian(10, 20_000, 64), 1.5),
    streaming,
)
