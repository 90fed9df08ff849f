"""Scores worked by hand, gradients against differences, stacks against loops."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special

from halfspace import stream
from halfspace.distill.mlp import ROWS, scores, value_and_gradient
from halfspace.distill.network import Layer, Network
from halfspace.mixing import mixing
from halfspace.transition import cross_entropy
from tests.networks import drawn, equal, inner, like, plus, tasks, trial
from tests.strategies import seeds

#: What a loss is, and which of the things that a task tells it takes.
LOSSES = {
    "hard": (cross_entropy, ("hard",)),
    "soft": (cross_entropy, ("soft",)),
    "mixing": (mixing, ("soft", "accuracy", "top")),
    "unnormalised": (partial(mixing, normalised=False), ("hard", "accuracy", "top")),
}
each = pytest.mark.parametrize("kind", LOSSES)


def found(kind, network, parameters, x, told, **more):
    loss, names = LOSSES[kind]
    targets = tuple(told[name] for name in names)
    return value_and_gradient(network, parameters, x, targets, loss=loss, **more)


def test_scores_that_were_worked_by_hand():
    """x = (1, 2): z = (1 - 2 + 1, 1 + 4 - 1) = (0, 4), then 3 * 4 - 5 and 1."""
    network = Network(inputs=2, hidden=(2,), classes=2)
    first = Layer(np.array([[1.0, 1], [-1, 2]]), np.array([1.0, -1]), np.zeros(0))
    last = Layer(np.array([[7.0, 2], [3, 0]]), np.array([-5.0, 1]), np.zeros(0))
    assert scores(network, (first, last), [[1.0, 2.0]]).tolist() == [[7, 1]]


def test_gelu_and_layer_norm_that_were_worked_by_hand():
    """z = (1, 3) is normalised to (-1, 1); times 2 plus 1 that is (-1, 3)."""
    network = Network(
        inputs=1, hidden=(2,), classes=2, activation="gelu", layer_norm=True
    )
    first = Layer(np.array([[1.0, 3]]), np.array([1.0, 1]), np.array([2.0, 2]))
    last = Layer(np.eye(2), np.zeros(2), np.zeros(0))
    expected = [-1 * special.ndtr(-1), 3 * special.ndtr(3)]
    np.testing.assert_allclose(
        scores(network, (first, last), [[1.0]])[0], expected, rtol=1e-4
    )


@each
@given(task=tasks(trials=()), data=st.data())
def test_the_gradient_is_the_slope_along_any_direction(kind, task, data):
    network, parameters, x, told = task
    rng = stream(data.draw(seeds), "way")
    way, weight = like(parameters, rng), rng.uniform(0, 2, len(x))
    after, before = (
        found(kind, network, plus(parameters, way, h), x, told, weight=weight).value
        for h in (1e-6, -1e-6)
    )
    gradient = found(kind, network, parameters, x, told, weight=weight).gradient
    slope = inner(gradient, way)
    np.testing.assert_allclose(slope, (after - before) / 2e-6, rtol=1e-5, atol=1e-6)


@each
@given(task=tasks())
def test_a_stack_of_trials_is_a_loop_over_trials(kind, task):
    """To the bit."""
    network, parameters, x, told = task
    stack = found(kind, network, parameters, x, told)
    said = scores(network, parameters, x)
    for i in range(len(x)):
        alone = {name: array[i] for name, array in told.items()}
        one = found(kind, network, trial(parameters, i), x[i], alone)
        assert one.value == stack.value[i]
        assert equal(one.gradient, trial(stack.gradient, i))
        assert np.array_equal(scores(network, trial(parameters, i), x[i]), said[i])


@given(task=tasks())
def test_points_may_be_shared_by_all_trials(task):
    network, parameters, x, told = task
    shared = np.broadcast_to(x[0], x.shape)
    assert np.array_equal(
        scores(network, parameters, x[0]), scores(network, parameters, shared)
    )
    one = found("hard", network, parameters, x[0], told)
    assert equal(
        one.gradient, found("hard", network, parameters, shared, told).gradient
    )


@given(task=tasks(trials=()), data=st.data())
def test_weights_count_rows(task, data):
    """Whole weights are rows that come so often; only their ratios matter."""
    network, parameters, x, told = task
    weight = np.array(data.draw(st.permutations([0, 0, 1, 1, 2, 3])))
    rows = np.repeat(np.arange(len(x)), weight)
    again = {name: array[rows] for name, array in told.items()}
    one = found("soft", network, parameters, x, told, weight=7 * weight)
    other = found("soft", network, parameters, x[rows], again)
    np.testing.assert_allclose(one.value, other.value, rtol=1e-12)
    for p, q in zip(one.gradient, other.gradient, strict=True):
        for a, b in zip(p, q, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)


@given(seed=seeds)
def test_a_layer_norm_forgets_the_scale_and_mean_of_its_units(seed):
    network, rng = Network(inputs=3, classes=2, layer_norm=True), stream(seed, "norm")
    first, last = drawn(network, (), rng)
    x = rng.standard_normal((4, 3))
    moved = first._replace(w=1000 * (first.w + rng.standard_normal((3, 1))))
    sharp = first._replace(w=1000 * first.w)
    np.testing.assert_allclose(
        scores(network, (moved, last), x), scores(network, (sharp, last), x), rtol=1e-6
    )


def test_many_rows_are_scored_as_few():
    network, rng = Network(inputs=3, classes=2), stream(0, "rows")
    parameters, x = drawn(network, (2,), rng), rng.standard_normal((2 * ROWS + 1, 3))
    said = scores(network, parameters, x)
    for i in (0, ROWS - 1, ROWS, 2 * ROWS):
        alone = scores(network, parameters, x[i : i + 1])
        np.testing.assert_allclose(said[:, i], alone[:, 0], rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_precision_is_that_of_the_parameters(dtype):
    network = Network(inputs=2, classes=2, activation="gelu", layer_norm=True)
    drawn64 = drawn(network, (), stream(0, "precision"))
    parameters = tuple(Layer(*(a.astype(dtype) for a in p)) for p in drawn64)
    x = np.eye(2)
    value, gradient = value_and_gradient(network, parameters, x, ([0, 1],))
    kinds = {scores(network, parameters, x).dtype, value.dtype}
    kinds |= {a.dtype for layer in gradient for a in layer}
    assert kinds == {np.dtype(dtype)}


NETWORK = Network(inputs=2, hidden=(), classes=2)
ZERO = (Layer(np.zeros((3, 2, 2)), np.zeros((3, 2)), np.zeros((3, 0))),)
X, Y = np.eye(2), np.array([0, 1])


@pytest.mark.parametrize(
    "bad",
    [
        [1.0, 2.0],
        [[1.0], [2.0]],
        np.zeros((2, 2, 2)),
        [[np.nan, 0.0]],
        [[np.inf, 0.0]],
        [["a", "b"]],
        [[1.0, 0.0], [1.0]],
        None,
        np.zeros((0, 2)),
        [[1e300, 0.0]],
    ],
)
def test_bad_points_are_refused(bad):
    small = (Layer(*(a.astype(np.float32) for a in ZERO[0])),)
    with pytest.raises((ValueError, TypeError), match=r"^`x` must .*, got ."):
        scores(NETWORK, small, bad)


@pytest.mark.parametrize("bad", [-1.0, [1.0, -1.0], [np.nan, 1], [1.0] * 3, 0, "a"])
def test_bad_weights_are_refused(bad):
    targets = (np.tile(Y, (3, 1)),)
    with pytest.raises((ValueError, TypeError), match=r"^`weight` must .*, got ."):
        value_and_gradient(NETWORK, ZERO, X, targets, weight=bad)


@pytest.mark.parametrize("bad", [[0, 2], [-1, 0], [0], [0.5, 0.5], ["a", "b"]])
def test_the_loss_refuses_bad_labels(bad):
    one = trial(ZERO, 0)
    with pytest.raises((ValueError, TypeError), match=r"^`labels` must .*, got ."):
        value_and_gradient(NETWORK, one, X, (bad,))
