"""The limit of large dimension, claim A5: a walk reflected at 0."""

import numpy as np
import pytest

from halfspace import RCN, Learner, Shell, reduced, stream, theory
from tests.statistics import assert_mean_in, detectable_shift

TRIALS, STEPS = 4000, 4000


def average_errors(rate, margin, seed, dim=10**9):
    """Return mistakes per step of every trial."""
    path = reduced.run(
        Learner(rate=rate),
        Shell(dim=dim, margin=margin),
        RCN(rate=rate),
        at=[STEPS],
        trials=TRIALS,
        rng=stream(seed, "high dimension", str(rate), str(margin), dim),
    )
    return path.mistakes[:, 0] / STEPS


def free_walk_errors(rate, seed):
    """Return the same from a free walk: its depth below 0, over a mistake's push."""
    rng = stream(seed, "free walk", str(rate))
    beta = 1 - 2 * rate
    steps = np.where(rng.random((TRIALS // 4, STEPS)) < rate, -1.0, 1.0) - beta
    depth = -np.minimum(np.cumsum(steps, axis=1).min(axis=1), 0)
    return depth / (2 * beta * STEPS)


@pytest.mark.parametrize("rate", [0.1, 0.3])
@pytest.mark.parametrize("margin", [0.1, 0.3])
def test_the_error_has_a_limit_without_dimension_and_margin(rate, margin, seed):
    """Claim A5, equality in the limit: to 15%, of which 4000 steps take a part."""
    found = average_errors(rate, margin, seed)
    limit = float(theory.high_dimension_error(STEPS, rate))
    assert detectable_shift(found) < 0.15 * limit
    assert_mean_in(found, 0.9 * limit, 1.15 * limit)


def test_the_limit_is_that_of_a_reflected_walk(seed):
    """The formula is the mean depth of the free walk, in which no learner runs."""
    found = free_walk_errors(0.2, seed)
    limit = float(theory.high_dimension_error(STEPS, 0.2))
    assert_mean_in(found, 0.95 * limit, 1.05 * limit)


def test_a_lower_dimension_is_not_at_the_limit(seed):
    """Negative control: near 1/gamma^2 the error is several times as large."""
    found = average_errors(0.1, 0.1, seed, dim=100)
    limit = float(theory.high_dimension_error(STEPS, 0.1))
    with pytest.raises(AssertionError):
        assert_mean_in(found, 0.9 * limit, 1.15 * limit)
