"""Claims F1 and F4 with a budget: the best draw of b different points."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace.distill.active import sampling_weights, worst_case
from halfspace.distill.capped import inclusion
from halfspace.theory.active import greedy_value, robust_value, uniform_value
from simulations import active
from tests.test_active import CORRECT, GAINS, pools


@given(pool=pools(), share=st.floats(0, 1))
def test_the_draw_with_a_budget_is_the_best_of_a_linear_program(pool, share):
    """Claim F1 with weights up to 1/b, and F4: no less than uniform and greedy."""
    g, m = pool
    b = max(1, round(share * len(g)))
    pi = inclusion(g, m, b)
    np.testing.assert_allclose(pi.sum(), b, rtol=1e-12)
    assert (pi >= 0).all()
    assert (pi <= 1).all()
    worth = worst_case(pi / b, g, m)
    best = active.program(g, m, 1 / b)
    np.testing.assert_allclose(worth, best, rtol=0, atol=1e-8)
    assert worth >= max(uniform_value(g, m), greedy_value(g, m, b)) - 1e-12


@given(pool=pools())
def test_one_point_is_drawn_as_without_a_budget_and_all_are_drawn_surely(pool):
    g, m = pool
    np.testing.assert_allclose(inclusion(g, m, 1), sampling_weights(g, m), atol=1e-12)
    np.testing.assert_array_equal(inclusion(g, m, len(g)), 1)


@given(pool=pools(), budget=st.integers(1, 9))
def test_the_bound_costs_nothing_where_it_does_not_bind(pool, budget):
    g, m = pool
    b = min(budget, len(g))
    free = b * sampling_weights(g, m)
    worth = worst_case(inclusion(g, m, b) / b, g, m)
    if free.max() <= 1:
        np.testing.assert_allclose(inclusion(g, m, b), free, atol=1e-12)
    assert worth <= robust_value(g, m) + 1e-12


@pytest.mark.parametrize(
    ("g", "m", "b", "expected"),
    [
        ([1.0, 0.5, 0.25], 2, 2, [0.5, 1, 0.5]),  # the last with what is left
        ([1.0, 0.5, 0.25], 3, 2, [1, 1, 0]),  # all right: the largest gains
        ([1.0, 1.0, 0.5, 0.4], 3, 2, [0.5, 0.5, 1, 0]),
        ([1.0, 0.0, 0.0, 0.0], 2, 3, [1, 1, 1, 0]),  # worth nothing
        ([1.0, 0.25, 0.0], 0, 1, [0.2, 0.8, 0]),
        ([0.5, 0.5, 0.5], 2, 2, [2 / 3, 2 / 3, 2 / 3]),
    ],
)
def test_the_draw_with_a_budget_by_hand(g, m, b, expected):
    np.testing.assert_allclose(inclusion(g, m, b), expected, rtol=1e-12, atol=1e-15)


@given(seed=st.integers(0, 1000))
def test_a_stack_of_pools_is_a_loop_over_pools(seed):
    rng = np.random.default_rng(seed)
    g = rng.integers(0, 6, (2, 3, 7)) / 5
    m, b = (int(it) for it in rng.integers(1, 8, 2))
    stacked = inclusion(g, m, b)
    for i in np.ndindex(g.shape[:-1]):
        np.testing.assert_array_equal(stacked[i], inclusion(g[i], m, b))


BUDGET = [0, 4, 1.5, None, True, "2"]


@pytest.mark.parametrize(
    ("name", "call", "bad"),
    [
        ("gains", lambda g: inclusion(g, 1, 1), GAINS),
        ("correct", lambda m: inclusion([0.1, 0.2, 0.3], m, 1), CORRECT),
        ("budget", lambda b: inclusion([0.1, 0.2, 0.3], 1, b), BUDGET),
    ],
)
def test_bad_input_is_refused(name, call, bad):
    for value in bad:
        with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
            call(value)


def test_cutting_off_at_one_is_not_the_best():
    """Negative control: what is above 1, shared by all others, is worth less."""
    g, m, b = np.array([1.0, 0.5, 0.4, 0.1, 0.1]), 4, 3
    free = np.minimum(b * sampling_weights(g, m), 1)
    naive = free + (b - free.sum()) * (1 - free) / (1 - free).sum()
    best = active.program(g, m, 1 / b)
    assert worst_case(naive / b, g, m) < best - 1e-3
    np.testing.assert_allclose(worst_case(inclusion(g, m, b) / b, g, m), best)
