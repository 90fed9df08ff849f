"""Every learner over scikit-learn's SGDClassifier: time of a fit, and clean error."""

from collections.abc import Callable, Iterator
from itertools import repeat

import numpy as np
from sklearn.linear_model import SGDClassifier
from threadpoolctl import threadpool_limits

from benchmarks.timing import Row, ratio
from halfspace import (
    RCN,
    RULES,
    Block,
    Learner,
    Sphere,
    blocks,
    class_mean,
    decision_list,
    default_learner,
    filtertron,
    logistic_regression,
    run,
    take,
    three_atoms,
)
from halfspace._check import Array
from halfspace.law import Law

SIZE, MARGIN, RATE = 100_000, 0.1, 0.2
TRIALS = 64


def data(law: Law, size: int = SIZE, trials: int = 1) -> Block:
    """Return samples of a law under random classification noise."""
    rng = np.random.default_rng(0)
    return take(blocks(law, RCN(rate=RATE), trials=trials, rng=rng), size)


def descent(x: Array, y: Array) -> Array:
    """Return what scikit-learn finds by averaged SGD on the logistic loss."""
    model = SGDClassifier(loss="log_loss", average=True, random_state=0).fit(x, y)
    w: Array = np.asarray(model.coef_[0], dtype=float)
    return w


def over_descent() -> Iterator[Row]:
    """Time of one fit on 100,000 points of the sphere, d = 50, on one thread each."""
    with threadpool_limits(1):
        yield from _over_descent()


def _over_descent() -> Iterator[Row]:
    sample = data(Sphere(dim=50, margin=MARGIN))
    x, y = sample.x[0], sample.y[0]
    what = "one fit, n = 100,000, d = 50: "
    fits: dict[str, tuple[Callable[[], object], float]] = {
        "FilterTron": (lambda: filtertron(x, y, rate=RATE), 5.0),
        "decision list": (lambda: decision_list(x, y, rate=RATE, margin=MARGIN), 5.0),
        "logistic ERM": (lambda: logistic_regression(x, y), 0.5),
        "class mean": (lambda: class_mean(x, y), 0.02),
    }
    for name, (fit, limit) in fits.items():
        took = ratio(fit, lambda: descent(x, y), rounds=3)
        yield Row(what + name, "SGDClassifier", took, limit)
    law, rng = Sphere(dim=50, margin=MARGIN), np.random.default_rng(0)
    block = next(blocks(law, RCN(rate=RATE), trials=TRIALS, rng=rng))
    for rule in RULES:
        learner = default_learner(rule, margin=MARGIN, rate=RATE, steps=SIZE)

        def online(learner: Learner = learner) -> None:
            run(learner, repeat(block), at=[SIZE])

        took = ratio(online, lambda: descent(x, y), rounds=1) / TRIALS
        yield Row(f"{what}{rule}, a trial of {TRIALS}", "SGDClassifier", took, 0.5)


def errors() -> Iterator[Row]:
    """Clean error less that of SGDClassifier, on the sphere and on three atoms."""
    for name, law in (
        ("sphere", Sphere(dim=50, margin=MARGIN)),
        ("three atoms", three_atoms(MARGIN)),
    ):
        sample = data(law)
        x, y = sample.x[0], sample.y[0]
        theirs = float(law.error(descent(x, y)))
        listed = decision_list(x, y, rate=RATE, margin=MARGIN)
        points, truth = law.sample((20_000,), rng=np.random.default_rng(1))
        learner = default_learner("slam", margin=MARGIN, rate=RATE, steps=SIZE)
        mean = run(learner, [sample], at=[SIZE]).averaged[0, 0]
        ours = {
            "FilterTron": float(law.error(filtertron(x, y, rate=RATE).w)),
            "decision list": float(np.mean(listed.predict(points) != truth)),
            "SLaM, mean iterate": float(law.error(mean)),
        }
        for learned, error in ours.items():
            what = f"clean error on {name}: {learned}, less"
            yield Row(what, "SGDClassifier's", error - theirs, 1e-4)


ALL = (over_descent, errors)
