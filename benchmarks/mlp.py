"""Training of the small network over scikit-learn's MLPClassifier, one thread each.

Both see float32 rows, minibatches of 64 and Adam with its usual constants.
"""

import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from sklearn.datasets import load_digits, make_classification
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from benchmarks.timing import Row, ratio
from halfspace.distill.mlp import scores
from halfspace.distill.network import Network, initial
from halfspace.distill.training import Fit, Training, fit

SEEDS, JUDGES = 20, 4
SIZES = ((1347, 64, 64), (20_000, 64, 128), (20_000, 784, 128))


class Task(NamedTuple):
    """Rows to learn from, rows to be judged on, and hidden units."""

    x: Any
    y: Any
    test_x: Any
    test_y: Any
    hidden: int


def task(n: int, d: int, hidden: int) -> Task:
    """Return the digits of scikit-learn at their size, else Gaussian clusters."""
    if n == 1347:
        x, y = load_digits(return_X_y=True)
        x = x[np.random.default_rng(0).permutation(len(y))] / 16
        y = y[np.random.default_rng(0).permutation(len(y))]
    else:
        x, y = make_classification(
            n + 2000,
            d,
            n_informative=20,
            n_classes=10,
            class_sep=2.0,
            random_state=0,
        )
    x = x.astype(np.float32)
    return Task(x[:n], y[:n], x[n:], y[n:], hidden)


def ours(data: Task, epochs: int, trials: tuple[int, ...] = ()) -> tuple[Network, Fit]:
    """Train one network, or a stack."""
    network = Network(inputs=data.x.shape[1], classes=10, hidden=(data.hidden,))
    start = initial(network, rng=np.random.default_rng(0), trials=trials)
    rng, training = np.random.default_rng(1), Training(epochs=epochs)
    return network, fit(network, start, data.x, (data.y,), rng=rng, training=training)


def theirs(data: Task, epochs: int, seed: int = 0) -> MLPClassifier:
    """Train scikit-learn's network."""
    model = MLPClassifier(
        (data.hidden,),
        alpha=0.0,
        batch_size=64,
        max_iter=epochs,
        n_iter_no_change=epochs + 1,
        random_state=seed,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(data.x, data.y)


def over_scikit_learn(n: int, d: int, hidden: int) -> Iterator[Row]:
    """Time of training, and error on fresh rows after the same epochs."""
    data, epochs = task(n, d, hidden), 20 if n < 10_000 else 5
    with threadpool_limits(1):
        took = ratio(lambda: ours(data, epochs), lambda: theirs(data, epochs), rounds=3)
        network, found = ours(data, epochs, (JUDGES,))
        said = scores(network, found.parameters, data.test_x).argmax(axis=-1)
        models = [theirs(data, epochs, seed) for seed in range(JUDGES)]
    accuracy = float(np.mean(said == data.test_y))
    reached = float(np.mean([m.score(data.test_x, data.test_y) for m in models]))
    size = f"n = {n}, d = {d}, {hidden} units"
    yield Row(f"MLP, {epochs} epochs, {size}", "MLPClassifier", took, 0.5)
    what = f"its accuracy {accuracy:.4f} over {JUDGES} seeds, short of"
    yield Row(what, f"theirs, {reached:.4f}", reached - accuracy, 0.01)


def stacked() -> Iterator[Row]:
    """Twenty seeds as one stack over one seed."""
    data = task(*SIZES[0])
    with threadpool_limits(1):
        took = ratio(lambda: ours(data, 5, (SEEDS,)), lambda: ours(data, 5), rounds=5)
    what = "MLP, {} seeds in a stack, n = {}, d = {}, {} units"
    yield Row(what.format(SEEDS, *SIZES[0]), "one seed", took, 12.0)


def _of(n: int, d: int, hidden: int) -> Callable[[], Iterator[Row]]:
    return lambda: over_scikit_learn(n, d, hidden)


ALL = (*(_of(*size) for size in SIZES), stacked)
