"""How many labels: the plan agrees with the theory and the curve it is read from."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RCN, Learner, Shell, fluid, plan, reduced, stream, theory
from tests.statistics import assert_mean_in, detectable_shift

dims = st.integers(4, 300)
margins = st.floats(0.03, 0.5)
rates = st.floats(0, 0.4)
targets = st.floats(0.005, 0.3)


@given(margin=margins, rate=rates, dim=dims, error=targets)
def test_a_plan_is_the_bound_and_two_points_of_the_curve(margin, rate, dim, error):
    found = plan(margin=margin, rate=rate, dim=dim, error=error)
    assert found.bound == np.ceil(theory.sample_size(error, margin, rate))
    assert 1 <= found.last <= found.average <= found.bound
    at = np.unique([found.last, found.average]).astype(float)
    curve = fluid.curve(
        Learner(rate=rate), Shell(dim=dim, margin=margin), RCN(rate=rate), at=at
    )
    for size, errors in (
        (found.average, curve.average_error),
        (found.last, curve.last_error),
    ):
        if size > 100:  # below it, rounding up to a whole label is seen
            met = errors[list(at).index(size)]
            np.testing.assert_allclose(met, error, rtol=0.02)
    few = found.average * error < 10
    assert found.rough == (margin > 0.2 or not 10 <= dim <= 0.5 / margin**4 or few)


@given(rate=rates, dim=dims)
def test_a_harder_task_takes_more_labels(rate, dim):
    sizes = [
        plan(margin=margin, rate=rate, dim=dim, error=error)
        for margin, error in ((0.2, 0.1), (0.1, 0.1), (0.1, 0.05))
    ]
    for easy, hard in pairwise(sizes):
        assert easy.bound < hard.bound
        assert easy.average < hard.average
        assert easy.last <= hard.last


@pytest.mark.parametrize("dim", [3, 10**9])
def test_a_plan_is_made_in_any_dimension(dim):
    found = plan(margin=0.1, rate=0.1, dim=dim, error=0.05)
    assert found.bound == 7625
    assert 1 <= found.last <= found.average <= found.bound
    assert found.rough


@pytest.mark.parametrize(
    ("margin", "rate", "dim", "error"),
    [
        (0.2, 0.1, 10, 0.1),
        (0.2, 0.3, 250, 0.1),
        (0.1, 0.0, 10, 0.03),
        (0.1, 0.1, 99, 0.1),
        (0.1, 0.1, 1000, 0.03),
        (0.05, 0.0, 4000, 0.03),
    ],
)
def test_where_it_is_not_rough_the_plan_is_kept(margin, rate, dim, error, seed):
    """Claim A11: at the planned size the measured average error is within a tenth."""
    found = plan(margin=margin, rate=rate, dim=dim, error=error)
    assert not found.rough
    average = _simulated(margin, rate, dim, found.average, seed)
    assert detectable_shift(average) < 0.15 * error
    assert_mean_in(average, 0.9 * error, 1.1 * error)


def test_the_test_of_the_plan_can_fail(seed):
    """Negative control: where the plan says that it is rough, it is off by a fifth."""
    found = plan(margin=0.2, rate=0.3, dim=2500, error=0.03)
    assert found.rough
    average = _simulated(0.2, 0.3, 2500, found.average, seed)
    with pytest.raises(AssertionError):
        assert_mean_in(average, 0.9 * 0.03, 1.1 * 0.03)


def _simulated(margin, rate, dim, steps, seed):
    """Return mistakes per step of every trial."""
    path = reduced.run(
        *(Learner(rate=rate), Shell(dim=dim, margin=margin), RCN(rate=rate)),
        at=[steps],
        trials=1000,
        rng=stream(seed, "plan", str(margin), str(rate), dim),
    )
    return path.mistakes[:, 0] / steps
