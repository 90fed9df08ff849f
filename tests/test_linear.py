"""The linear student: its gradient, its optimum, its start, its clean special case."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from halfspace import correction, mixing, stream
from halfspace._mixing import of_hard, of_soft
from halfspace.distill import _kernels
from halfspace.distill._kernels import (
    Rows,
    convex,
    mixed_many,
    mixed_two,
    subtracted,
)
from halfspace.distill._objective import objective
from halfspace.distill._told import as_rows
from halfspace.distill.linear import fit_linear
from halfspace.theory.mixing import mixed_optimum
from tests.strategies import frozen

scores = st.floats(-6, 6)
weights = st.floats(0.1, 3)


@st.composite
def problems(draw, max_classes=4):
    """Draw rows of two classes or more with hard or soft labels, told or clean."""
    n, d, k = (draw(st.integers(*ends)) for ends in ((2, 8), (1, 3), (2, max_classes)))
    x = frozen(draw(npst.arrays(float, (n, d), elements=st.floats(-2, 2))))
    mass = draw(npst.arrays(float, (n, k), elements=st.floats(0.05, 1)))
    p = mass / mass.sum(axis=1, keepdims=True)
    hard = draw(npst.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    alpha = draw(npst.arrays(float, n, elements=st.floats(0.05, 1) | st.just(1.0)))
    alpha[0] = 0.9
    size = draw(st.integers(2, k))
    return as_rows(
        x,
        hard if draw(st.booleans()) else p,
        k,
        alpha if draw(st.booleans()) else None,
        mixing.top_k(p, size),
        draw(st.booleans()),
        draw(st.none() | npst.arrays(float, n, elements=weights)),
    ), k


def losses(rows, k):
    """Return the losses that the student minimises, with their rows."""
    found = [(convex, subtracted(rows, k))]
    if rows.alpha is not None:
        found.append((mixed_two if k == 2 else mixed_many, rows))
    return found


@given(problem=problems(), data=st.data())
def test_the_gradient_is_the_slope_of_the_objective(problem, data):
    rows, k = problem
    m = 1 if k == 2 else k
    for intercept in (False, True):
        shape = (m, rows.x.shape[1] + intercept)
        w = data.draw(npst.arrays(float, shape, elements=st.floats(-2, 2)))
        v = data.draw(npst.arrays(float, shape, elements=st.floats(-1, 1)))
        for loss, told in losses(rows, k):
            goal = objective(loss, told, np.linspace(0.3, 0.7, shape[1]))
            step = 1e-5
            high, low = (goal(w + side * step * v).value for side in (1, -1))
            expected = (high - low) / (2 * step)
            np.testing.assert_allclose(
                np.vdot(goal(w).gradient, v), expected, atol=1e-7
            )


@given(problem=problems(), data=st.data())
def test_the_kernels_are_the_librarys_losses(problem, data):
    """Claim C1: cross-entropy of the mixed prediction, by two ways of computing it."""
    rows, k = problem
    n = len(rows.x)
    far = st.floats(-6, 6) | st.sampled_from([-900.0, 900.0])
    z = data.draw(npst.arrays(float, (k, n), elements=far))
    for loss, told in losses(rows, k)[1:]:
        logits = z if k > 2 else np.stack([np.zeros(n), z[1]])
        found = loss(z if k > 2 else z[1:], told)
        kernel = _kernels_of_the_library(rows)
        np.testing.assert_allclose(found.value, kernel(logits.T).value, rtol=1e-9)
        slope = kernel(logits.T).gradient.T[-len(found.slope) :]
        np.testing.assert_allclose(found.slope, slope, atol=1e-12)


def _kernels_of_the_library(rows):
    hard = rows.y.ndim == 1
    kernel = of_hard if hard else of_soft
    return lambda z: kernel(z, rows.y, rows.alpha, rows.c, rows.top)


@given(alpha=st.floats(0.05, 1), k=st.integers(2, 5), data=st.data())
def test_the_noisy_mean_of_the_convex_loss_is_the_clean_one(alpha, k, data):
    """Claim B3, equality: exactly, over the labels a uniform teacher may give."""
    z = data.draw(npst.arrays(float, (k, 1), elements=scores))
    z = z - z[0] if k == 2 else z
    z = z[1:] if k == 2 else z
    top = np.ones((1, k), bool)
    share = (1 - alpha) / (k - 1)
    law = np.where(np.arange(k) == 1, alpha, share)
    told, clean = np.array([alpha]), subtracted(Rows(None, np.array([1])), k)
    noisy = [
        convex(z, subtracted(Rows(None, np.array([i]), told, top=top), k))
        for i in range(k)
    ]
    for field in ("value", "slope"):
        mean = sum(p * getattr(each, field) for p, each in zip(law, noisy, strict=True))
        expected = abs(alpha - share) * getattr(convex(z, clean), field)
        np.testing.assert_allclose(mean, expected, atol=1e-12)


@settings(max_examples=15)
@given(problem=problems())
def test_the_answer_is_stationary(problem):
    """Every penalised direction, and the intercept where the loss leaves it finite."""
    rows, k = problem
    told = {"top": rows.top, "sample_weight": rows.weight, "accuracy": rows.alpha}
    solver = {"penalty": len(rows.x) * 0.1, "tol": 1e-6, "max_iter": 200}
    found = fit_linear(rows.x, rows.y, classes=k, intercept=False, **told, **solver)
    assert found.converged
    again = as_rows(rows.x, rows.y, k, rows.alpha, rows.top, True, rows.weight)
    loss, told = losses(again, k)[-1]
    weight = len(rows.x) if rows.weight is None else rows.weight.sum()
    ridge = np.full(rows.x.shape[1], len(rows.x) * 0.1 / weight)
    assert objective(loss, told, ridge)(found.coef).slope < 1e-5


def test_an_answer_is_not_stationary_before_it_has_converged(seed):
    """Negative control: one iteration is not enough, and the result says so."""
    x = stream(seed, "x").standard_normal((50, 3))
    found = fit_linear(x, (x[:, 0] > 0).astype(int), classes=2, max_iter=1)
    assert not found.converged
    assert found.n_iter == 1


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("weighted", [False, True])
def test_clean_labels_give_scikit_learns_logistic_regression(k, weighted, seed):
    rng = stream(seed, "clean", k)
    x, y = rng.standard_normal((200, 4)), rng.integers(0, k, 200)
    weight = rng.integers(0, 3, 200).astype(float) if weighted else None
    theirs = LogisticRegression(C=0.5, tol=1e-8).fit(x, y, sample_weight=weight)
    told = {"classes": k, "sample_weight": weight, "penalty": 2.0, "tol": 1e-8}
    for points in (x, sparse.csr_array(x)):
        ours = fit_linear(points, y, **told)
        np.testing.assert_allclose(ours.coef, theirs.coef_, atol=1e-6)
        np.testing.assert_allclose(ours.intercept, theirs.intercept_, atol=1e-6)


def test_accuracy_one_is_no_accuracy(seed):
    """Claim C1, equality: the mix at alpha = 1 is the prediction itself."""
    rng = stream(seed, "one")
    x, y = rng.standard_normal((100, 3)), rng.integers(0, 3, 100)
    for k, labels in ((3, y), (2, y // 2)):
        told, clean = (
            fit_linear(x, labels, classes=k, accuracy=a, tol=1e-8) for a in (1.0, None)
        )
        np.testing.assert_allclose(told.coef, clean.coef, atol=1e-6)


def test_a_label_mostly_wrong_is_read_the_other_way(seed):
    """Two classes: accuracy 1 - alpha on -y is accuracy alpha on y."""
    rng = stream(seed, "wrong")
    x, y = rng.standard_normal((100, 3)), rng.integers(0, 2, 100)
    alpha = rng.uniform(0.6, 0.9, 100)
    one = fit_linear(x, y, classes=2, accuracy=alpha, tol=1e-8)
    other = fit_linear(x, 1 - y, classes=2, accuracy=1 - alpha, tol=1e-8)
    np.testing.assert_allclose(one.coef, other.coef, atol=1e-6)


def test_rows_that_say_nothing_change_nothing(seed):
    rng = stream(seed, "nothing")
    x, y = rng.standard_normal((60, 2)), rng.integers(0, 2, 60)
    alpha = np.where(np.arange(60) < 40, 0.8, 0.5)
    # Their share of the mean is a constant, so the gradient is that of the others.
    told = fit_linear(x, y, classes=2, accuracy=alpha, tol=1e-9)
    kept = fit_linear(x[:40], y[:40], classes=2, accuracy=0.8, tol=1e-9)
    np.testing.assert_allclose(told.coef, kept.coef, atol=1e-6)


def test_told_too_low_an_accuracy_the_optimum_is_one_sided():
    """Claim C3: one point, teacher right with .8, told .75, and told .9."""
    x, y, share = np.ones((2, 1)), np.array([1, 0]), np.array([0.8, 0.2])
    told = {"sample_weight": share, "penalty": 0.0, "intercept": False, "tol": 1e-10}
    high = fit_linear(x, y, classes=2, accuracy=0.9, **told).coef[0, 0]
    expected = mixed_optimum(0.8, 0.9)
    np.testing.assert_allclose(1 / (1 + np.exp(-high)), expected, atol=1e-6)
    low = fit_linear(x, y, classes=2, accuracy=0.75, **told).coef[0, 0]
    assert low > 8  # f = 1 is at infinity


def test_more_rows_than_a_block_are_summed_over_blocks(monkeypatch, seed):
    rng = stream(seed, "blocks")
    x, y = rng.standard_normal((50, 2)), rng.integers(0, 3, 50)
    rows = as_rows(x, y, 3, rng.uniform(0.5, 1, 50), None, True, rng.random(50))
    w = rng.standard_normal((3, 3))
    whole = objective(mixed_many, rows, np.ones(3))(w)
    monkeypatch.setattr(_kernels, "ROWS", 7)
    goal = objective(mixed_many, rows, np.ones(3))
    assert len(goal.parts) == 8
    np.testing.assert_allclose(goal(w).value, whole.value)
    np.testing.assert_allclose(goal(w).gradient, whole.gradient, atol=1e-15)


def test_the_binary_kernel_is_that_of_the_correction():
    u = np.linspace(-30, 30, 13)
    rows = Rows(None, np.ones(13, int), np.full(13, 0.8))
    expected = correction.binary_mixing(u, 0.8)
    np.testing.assert_allclose(mixed_two(u[None], rows).value, expected.value)
    np.testing.assert_allclose(mixed_two(u[None], rows).slope[0], expected.slope)


@pytest.mark.parametrize("accuracy", [None, 0.8])
def test_weights_that_are_hardly_there_leave_the_penalty_alone(accuracy):
    x, y = np.array([[1.0, 2.0], [-1.0, -1.0]]), [1, 0]
    told = {"accuracy": accuracy, "sample_weight": [1e-320, 1e-320]}
    found = fit_linear(x, y, classes=2, **told)
    np.testing.assert_allclose(found.coef, 0, atol=1e-290)


X, Y = np.array([[0.5], [1.0], [-1.0]]), np.array([1, 1, 0])
NAN, INF = float("nan"), float("inf")
REFUSED = {
    "x": [X[:, 0], X * NAN, X.astype(str), np.ones((0, 1)), sparse.csr_array(X * INF)],
    "labels": [[0, 1], [0, 1, 2], [-1, 0, 1], [0.0, 1.0, 0.0], np.ones((3, 2)), ["a"]],
    "classes": [1, 2.0, True, None],
    "accuracy": [0.0, 1.1, NAN, "a", [0.9, 0.9], 0.5, True],
    "top": [[[True, False]] * 3, [[1, 1]] * 3, [[True, True]] * 2],
    "normalised": [None, 1],
    "sample_weight": [[-1, 1, 1], [0, 0, 0], [1, 1], NAN, 1.0],
    "penalty": [-1, NAN, INF, None],
    "intercept": [None, 1],
    "tol": [0, NAN, None],
    "max_iter": [0, 1.5],
}


@pytest.mark.parametrize(
    ("name", "value"), [(name, bad) for name, row in REFUSED.items() for bad in row]
)
def test_bad_input_is_refused_in_one_line_that_names_it(name, value):
    good = {"x": X, "labels": Y, "classes": 2} | {name: value}
    with pytest.raises(
        (ValueError, TypeError), match=rf"^`{name}` must .*, got [^\n]+$"
    ):
        fit_linear(good.pop("x"), good.pop("labels"), **good)
