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
from halfspace.distill._metric import BEND, LEAST, root
from halfspace.distill._objective import objective
from halfspace.distill._told import as_rows
from halfspace.distill.linear import fit_linear
from tests.strategies import frozen

entries = st.floats(-3, 3)


@given(data=st.data(), n=st.integers(1, 9), d=st.integers(1, 4), thin=st.booleans())
def test_the_root_undoes_the_curvature(data, n, d, thin):
    """R H R' = I, where H is scaled to a diagonal of 1 and `LEAST` is added."""
    x = frozen(data.draw(npst.arrays(float, (n, d), elements=entries)))
    weight = data.draw(st.none() | npst.arrays(float, n, elements=st.floats(0.1, 2)))
    m = d + data.draw(st.booleans())
    ridge = data.draw(npst.arrays(float, m, elements=st.floats(0.01, 1)))
    rows = Rows(sparse.csr_array(x) if thin else x, np.zeros(n), weight=weight)
    longer = np.column_stack([x, np.ones(n)])[:, :m]
    share = np.full(n, 1 / n) if weight is None else weight / weight.sum()
    h = BEND * (longer.T * share) @ longer + np.diag(ridge)
    h += LEAST * np.diag(np.diag(h))
    r = root(rows, ridge)
    np.testing.assert_allclose(r @ h @ r.T, np.eye(m), atol=1e-7)


def test_columns_of_zeros_and_no_penalty_make_no_trouble():
    r = root(Rows(np.zeros((3, 2)), np.zeros(3)), np.zeros(3))
    assert np.isfinite(r).all()
    assert np.linalg.matrix_rank(r) == 3


@pytest.mark.parametrize("x", [np.full((3, 2), 1e200), np.ones((3, _metric.WIDE + 1))])
def test_what_is_too_large_is_left_as_it_is(x):
    m = x.shape[1]
    r = root(Rows(x, np.zeros(3)), np.ones(m))
    assert abs(r - sparse.eye_array(m)).max() == 0


def mixed_columns(seed):
    """Return points with columns that are much alike, and of unequal size."""
    rng = stream(seed, "mixed columns")
    x = rng.standard_normal((400, 5)) @ rng.standard_normal((5, 5))
    x = x * np.array([1e-2, 1, 1, 1, 1e2])
    y = rng.logistic(size=400) < (x / x.std(axis=0)).sum(axis=1)
    return x, np.where(rng.random(400) < 0.2, ~y, y).astype(int)


def test_units_and_mixtures_of_columns_change_nothing(seed):
    """Without a penalty: scores of x A are those of x, after as many iterations."""
    x, y = mixed_columns(seed)
    told = {"classes": 2, "accuracy": 0.8, "penalty": 0.0, "tol": 1e-9}
    whole = np.linalg.cholesky(np.cov(x.T))
    free = np.linalg.solve(whole, x.T).T
    one, other = fit_linear(x, y, **told), fit_linear(free, y, **told)
    np.testing.assert_allclose(x @ one.coef.T, free @ other.coef.T, atol=1e-4)
    assert abs(one.n_iter - other.n_iter) <= 5


@pytest.mark.parametrize("tol", [1e-2, 1e-4])
def test_the_gradient_that_ends_it_is_that_in_the_columns_as_they_come(tol, seed):
    x, y = mixed_columns(seed)
    told = {"classes": 2, "accuracy": 0.8, "penalty": 0.0}
    found = fit_linear(x, y, tol=tol, **told)
    assert found.converged
    rows = as_rows(x, y, 2, 0.8, None, True, None)
    goal = objective(mixed_two, rows, np.zeros(6))
    w = np.column_stack([found.coef, found.intercept])
    assert goal(w).slope <= tol
    assert goal.minimise(goal(w), _metric.plain(6), tol=tol, max_iter=9).steps == 0


def test_as_they_come_such_columns_take_longer(monkeypatch, seed):
    """The negative control."""
    x, y = mixed_columns(seed)
    told = {"classes": 2, "accuracy": 0.8, "penalty": 0.0, "tol": 1e-6}
    fast = fit_linear(x, y, **told).n_iter
    monkeypatch.setattr(
        "halfspace.distill.linear.root", lambda _, ridge: _metric.plain(len(ridge))
    )
    assert fit_linear(x, y, **told).n_iter > 2 * fast
