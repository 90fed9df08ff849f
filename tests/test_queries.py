"""Query strategies: by hand, over stacks, and against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from halfspace import stream
from halfspace.distill import queries
from halfspace.distill.capped import inclusion
from tests.refusals import FINITE, GENERATOR
from tests.statistics import assert_rate, detectable_rate

POOL = np.array([[0.7, 0.2, 0.1], [0.4, 0.4, 0.2], [0.5, 0.0, 0.5], [0.4, 0.3, 0.3]])
SCORED = (queries.margin, queries.entropy)


def pool(seed, shape=(2, 3, 8), classes=4):
    """Return random predictions (..., n, k)."""
    return np.random.default_rng(seed).dirichlet(np.ones(classes), shape)


def test_the_least_sure_points_by_hand():
    assert queries.margins(POOL).round(9).tolist() == [0.5, 0.0, 0.0, 0.1]
    assert queries.margin(POOL, 3).tolist() == [1, 2, 3]  # of ties the first
    assert queries.entropy(POOL, 3).tolist() == [3, 1, 0]


@given(seed=st.integers(0, 1000), budget=st.integers(1, 8))
def test_scores_are_those_of_a_loop(seed, budget):
    f = pool(seed)
    by_margin, by_entropy = (rule(f, budget) for rule in SCORED)
    for i in np.ndindex(f.shape[:-2]):
        top = np.sort(f[i], axis=-1)
        expected = np.argsort(top[:, -1] - top[:, -2], kind="stable")[:budget]
        np.testing.assert_array_equal(by_margin[i], expected)
        expected = np.argsort(-stats.entropy(f[i], axis=-1), kind="stable")[:budget]
        np.testing.assert_array_equal(by_entropy[i], expected)


@given(seed=st.integers(0, 1000), budget=st.integers(1, 8))
def test_random_strategies_draw_different_points(seed, budget):
    f = pool(seed)
    for found in (
        queries.uniform(f, budget, rng=stream(seed, "uniform")),
        queries.robust(f, 6, budget, rng=stream(seed, "robust")),
    ):
        assert found.shape == (2, 3, budget)
        assert (np.diff(np.sort(found, axis=-1), axis=-1) > 0).all()
        assert ((found >= 0) & (found < 8)).all()


def test_random_strategies_have_their_probabilities(seed):
    """Sampled: false-fail 4e-5 in all; sees a rate of .375 that is .42."""
    trials, n, b = 5000, 8, 3
    assert detectable_rate(trials, b / n) < 0.43
    f = np.broadcast_to(pool(seed, (n,)), (trials, n, 4))
    pi = inclusion(1 - queries.margins(f[0]), 6, b)
    even = queries.uniform(f, b, rng=stream(seed, "uniform"))
    best = queries.robust(f, 6, b, rng=stream(seed, "robust"))
    for found, rates in ((even, np.full(n, b / n)), (best, pi)):
        hits = np.bincount(found.ravel(), minlength=n).tolist()
        for count, rate in zip(hits, rates, strict=True):
            assert_rate(count, trials, float(rate))
    assert np.ptp(pi) > 0.1  # not vacuous: the two strategies differ


@given(seed=st.integers(0, 1000), budget=st.integers(1, 8))
def test_each_centre_is_the_farthest_from_all_before_it(seed, budget):
    """On a coarse grid, where points lie on each other."""
    rng = np.random.default_rng(seed)
    x, labelled = rng.integers(0, 3, (2, 8, 2)), rng.integers(0, 3, (2, 3, 2))
    found = queries.k_center(x, labelled, budget)
    for i in range(2):
        centres, rest = list(labelled[i]), list(range(8))
        for it in found[i]:
            away = [min(np.linalg.norm(x[i, j] - c) for c in centres) for j in rest]
            assert rest[int(np.argmax(away))] == it
            centres.append(x[i, it])
            rest.remove(it)


@given(seed=st.integers(0, 1000))
def test_the_farthest_first_cover_is_at_most_twice_the_best(seed):
    """What the greedy rule is known for, against all choices of 2 of 7 points."""
    rng = np.random.default_rng(seed)
    x, start = rng.random((7, 2)), rng.random((1, 2))

    def radius(chosen):
        centres = np.concatenate([x[list(chosen)], start])
        return np.linalg.norm(x[:, None] - centres, axis=-1).min(axis=-1).max()

    best = min(radius((i, j)) for i in range(7) for j in range(i))
    assert radius(queries.k_center(x, start, 2)) <= 2 * best + 1e-12


def test_all_are_asked_for_with_the_largest_budget():
    f, x = pool(0), np.zeros((2, 3, 8, 2))
    for found in (
        *(rule(f, 8) for rule in SCORED),
        queries.uniform(f, 8, rng=stream(0, "all")),
        queries.robust(f, 5, 8, rng=stream(0, "all")),
        queries.k_center(x, x[..., :1, :], 8),
    ):
        np.testing.assert_array_equal(
            np.sort(found), np.broadcast_to(range(8), (2, 3, 8))
        )


BAD = [POOL[0], [[1.0], [1.0]], 2 * POOL, -POOL, *FINITE]
BUDGETS = [0, 5, 1.5, None, True]
RNG = np.random.default_rng(0)
X = np.arange(8.0).reshape(4, 2)


@pytest.mark.parametrize(
    ("name", "call", "bad"),
    [
        *(("probabilities", lambda f, rule=rule: rule(f, 1), BAD) for rule in SCORED),
        ("probabilities", queries.margins, BAD),
        ("probabilities", lambda f: queries.uniform(f, 1, rng=RNG), BAD),
        ("probabilities", lambda f: queries.robust(f, 1, 1, rng=RNG), BAD),
        *(("budget", lambda b, rule=rule: rule(POOL, b), BUDGETS) for rule in SCORED),
        ("budget", lambda b: queries.uniform(POOL, b, rng=RNG), BUDGETS),
        ("budget", lambda b: queries.robust(POOL, 1, b, rng=RNG), BUDGETS),
        ("budget", lambda b: queries.k_center(X, X, b), BUDGETS),
        ("correct", lambda m: queries.robust(POOL, m, 1, rng=RNG), [-1, 5, 0.5, None]),
        ("rng", lambda rng: queries.uniform(POOL, 1, rng=rng), GENERATOR),
        ("rng", lambda rng: queries.robust(POOL, 1, 1, rng=rng), GENERATOR),
        ("features", lambda x: queries.k_center(x, X, 1), [X[0], *FINITE]),
        ("labelled", lambda x: queries.k_center(X, x, 1), [X[0], X[:, :1], *FINITE]),
    ],
)
def test_bad_input_is_refused(name, call, bad):
    for value in bad:
        with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
            call(value)
