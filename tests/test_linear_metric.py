"""The coordinates in which the linear student is fitted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from halfspace import stream
from halfspace.distill import _metric
from halfspace.distill._kernels import Rows, mixed_two
from halfspace.distill._metric import BEND, root
from halfspace.distill._objective import objective
from halfspace.distill._told import as_rows
from halfspace.distill.linear import fit_linear

entries = st.floats(-3, 3)


@given(data=st.data(), n=st.integers(2, 9), d=st.integers(1, 4), thin=st.booleans())
def test_the_root_undoes_the_curvature(data, n, d, thin):
    """R H R' = I, for second moments shrunk by weights over rows."""
    x = data.draw(npst.arrays(float, (n, d), elements=entries))
    x[0, 0] = 1.0
    weight = data.draw(st.none() | npst.arrays(float, n, elements=st.floats(0.1, 2)))
    m, weights = d + data.draw(st.booleans()), data.draw(st.integers(1, n - 1))
    ridge = data.draw(npst.arrays(float, m, elements=st.floats(0.01, 1)))
    rows = Rows(sparse.csr_array(x) if thin else x, np.zeros(n), weight=weight)
    longer = np.column_stack([x, np.ones(n)])[:, :m]
    share = np.full(n, 1 / n) if weight is None else weight / weight.sum()
    moments, shrunk = (longer.T * share) @ longer, weights / n
    target = np.trace(moments) / m * np.eye(m)
    h = BEND * ((1 - shrunk) * moments + shrunk * target) + np.diag(ridge)
    r = root(rows, ridge, weights)
    np.testing.assert_allclose(r @ h @ r.T, np.eye(m), atol=1e-9)


@pytest.mark.parametrize("weights", [3, 4])
def test_with_no_more_rows_than_weights_all_is_left_as_it_is(weights):
    r = root(Rows(np.eye(3), np.zeros(3)), np.ones(3), weights)
    assert abs(r - sparse.eye_array(3)).max() == 0


LARGE, SMALL = np.full((3, 2), 1e200), np.full((3, 2), 1e-200)


@pytest.mark.parametrize(
    "x", [LARGE, SMALL, np.zeros((3, 2)), np.ones((3, _metric.WIDE + 1))]
)
def test_where_it_cannot_be_computed_all_is_left_as_it_is(x):
    m = x.shape[1]
    r = root(Rows(x, np.zeros(3)), np.ones(m), 1)
    assert abs(r - sparse.eye_array(m)).max() == 0


def alike_columns(seed):
    """Return points whose columns are much alike, and noisy labels."""
    rng = stream(seed, "alike columns")
    x = rng.standard_normal((400, 5)) @ (np.eye(5) + 5)
    y = rng.logistic(size=400) < x @ [1, -1, 0.5, -0.5, 0.1]
    return x, np.where(rng.random(400) < 0.2, ~y, y).astype(int)


def test_mixtures_of_columns_change_nothing(seed):
    """Without a penalty, scores of x A are those of x."""
    x, y = alike_columns(seed)
    told = {"classes": 2, "accuracy": 0.8, "penalty": 0.0, "tol": 1e-9}
    whole = np.linalg.cholesky(np.cov(x.T))
    free = np.linalg.solve(whole, x.T).T
    one, other = fit_linear(x, y, **told), fit_linear(free, y, **told)
    np.testing.assert_allclose(x @ one.coef.T, free @ other.coef.T, atol=1e-4)


@pytest.mark.parametrize("tol", [1e-2, 1e-4])
def test_the_gradient_that_ends_it_is_that_in_the_columns_as_they_come(tol, seed):
    x, y = alike_columns(seed)
    told = {"classes": 2, "accuracy": 0.8, "penalty": 0.0}
    found = fit_linear(x, y, tol=tol, **told)
    assert found.converged
    rows = as_rows(x, y, 2, 0.8, None, True, None)
    goal = objective(mixed_two, rows, np.zeros(6))
    w = np.column_stack([found.coef, found.intercept])
    assert goal(w).slope <= tol
    assert goal.minimise(goal(w), _metric.plain(6), tol=tol, max_iter=9).steps == 0


def test_as_they_come_columns_of_unequal_size_take_longer(monkeypatch, seed):
    """The negative control: what the coordinates are for."""
    rng = stream(seed, "unequal columns")
    x = rng.standard_normal((3000, 30)) / np.arange(1, 31)
    y = rng.logistic(size=3000) < 3 * x @ np.arange(1, 31) / 30**0.5
    y = np.where(rng.random(3000) < 0.2, ~y, y).astype(int)
    told = {"classes": 2, "accuracy": 0.8, "penalty": 0.1, "tol": 1e-6}
    fast = fit_linear(x, y, **told)
    monkeypatch.setattr(
        "halfspace.distill.linear.root",
        lambda rows, ridge, weights: _metric.plain(len(ridge)),
    )
    slow = fit_linear(x, y, **told)
    np.testing.assert_allclose(fast.coef, slow.coef, atol=0.01)
    assert slow.n_iter > 1.5 * fast.n_iter
