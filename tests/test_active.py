"""Claims F1, F2 and F4: the best draw of one point, its worth, and its rivals."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace.distill.active import gains, sampling_weights, water_level, worst_case
from halfspace.theory import active as theory
from simulations import active, active_claims, intervals
from tests.refusals import FINITE
from tests.strategies import frozen

few = st.integers(0, 4).map(lambda k: k / 4)  # ties, 0 and 1
parts = st.floats(1e-30, 1)
any_gain = st.one_of(few, parts, parts.map(lambda g: g**6))


@st.composite
def pools(draw, most=9, least=0.0):
    """Draw gains (n,) and how many labels are right, the ends included."""
    n = draw(st.integers(1, most))
    values = any_gain.filter(lambda g: g >= least)
    g = draw(st.lists(values, min_size=n, max_size=n))
    return frozen(g), draw(st.integers(0, n))


@given(pool=pools())
def test_the_draw_is_the_best_of_a_linear_program(pool):
    """Claim F1: the closed form, the draw, and a program that knows neither."""
    g, m = pool
    best = active.program(g, m, 1.0)
    q = sampling_weights(g, m)
    np.testing.assert_allclose(q.sum(), 1, rtol=1e-12)
    assert (q >= 0).all()
    np.testing.assert_allclose(worst_case(q, g, m), best, rtol=0, atol=1e-8)
    np.testing.assert_allclose(theory.robust_value(g, m), best, rtol=0, atol=1e-8)


@given(pool=pools(least=1e-3))
def test_nobody_can_keep_the_best_draw_below_its_worth(pool):
    """A certificate for F1: an adversary who lets no draw have more."""
    g, m = pool
    v = water_level(g, m)
    right = np.minimum(1, v / g)  # how often the adversary has each right
    np.testing.assert_allclose(right.sum(), m, rtol=1e-9, atol=1e-9)
    assert (right * g).max() <= v * (1 + 1e-12)
    found = worst_case(sampling_weights(g, m), g, m)
    np.testing.assert_allclose(found, v, rtol=1e-9, atol=1e-15)


@given(pool=pools())
def test_the_water_level_and_the_sizes_in_exact_arithmetic(pool):
    """Claim F2: the sum at the level is m, and which k are best, ties included."""
    g, m = pool
    found = active.exact(g, m, float(water_level(g, m)))
    assert found["level"] < 1e-12
    assert found["share"] == found["support"] == 0


@pytest.mark.parametrize(
    ("g", "m", "level", "weights"),
    [
        ([1.0, 0.5, 0.25], 2, 1 / 3, [1 / 3, 2 / 3, 0]),
        ([1.0, 0.5, 1 / 3], 2, 1 / 3, [1 / 6, 1 / 3, 1 / 2]),  # in a tie, it is in
        ([0.25, 1.0, 0.5], 3, 1.0, [0, 1, 0]),  # all right: the largest gain
        ([0.5, 0.5, 0.25], 3, 0.5, [0.5, 0.5, 0]),
        ([1.0, 0.5, 0.25], 0, 0.0, [1 / 7, 2 / 7, 4 / 7]),
        ([1.0, 0.5, 0.25], 1, 1 / 7, [1 / 7, 2 / 7, 4 / 7]),
        ([1.0, 0.5, 0.0], 2, 1 / 3, [1 / 3, 2 / 3, 0]),
        ([1.0, 0.5, 0.0], 1, 0.0, [1 / 3, 2 / 3, 0]),  # worth nothing
        ([0.0, 0.0], 1, 0.0, [0.5, 0.5]),
        ([0.0, 0.0], 2, 0.0, [0.5, 0.5]),
        ([1.0, 1e-300], 1, 0.0, [1, 0]),  # as good as 0
    ],
)
def test_the_draw_by_hand(g, m, level, weights):
    np.testing.assert_allclose(water_level(g, m), level, rtol=1e-12)
    np.testing.assert_allclose(sampling_weights(g, m), weights, rtol=1e-12)
    np.testing.assert_allclose(theory.robust_value(g, m), level, atol=1e-15)


def test_a_gain_too_small_to_invert_is_a_gain_of_zero():
    for tiny in (1e-201, 5e-324):
        assert theory.robust_value([1.0, 0.5, tiny], 2) == pytest.approx(1 / 3)
        assert theory.robust_value([tiny, tiny], 2) == 0
        np.testing.assert_allclose(
            sampling_weights([1.0, 0.5, tiny], 2), [1 / 3, 2 / 3, 0]
        )


def test_a_gain_that_vanishes_is_a_gain_of_zero():
    """The limit: what is drawn, and the worth, go on to gain 0 without a step."""
    for m in (2, 3):
        near, at = ([1.0, 0.5, tiny] for tiny in (1e-9, 0.0))
        np.testing.assert_allclose(
            sampling_weights(near, m), sampling_weights(at, m), atol=1e-8
        )
        np.testing.assert_allclose(water_level(near, m), water_level(at, m))


@given(
    g=npst.arrays(float, st.sampled_from([(2, 3, 5), (4, 1), (1, 6)]), elements=few),
    share=st.floats(0, 1),
)
def test_a_stack_of_pools_is_a_loop_over_pools(g, share):
    m = round(share * g.shape[-1])
    q, v = sampling_weights(g, m), water_level(g, m)
    value = worst_case(q, g, m)
    predicted = [
        theory.robust_value(g, m),
        theory.uniform_value(g, m),
        theory.greedy_value(g, m, 1),
        theory.uniform_is_best(g, m),
    ]
    for i in np.ndindex(g.shape[:-1]):
        np.testing.assert_array_equal(q[i], sampling_weights(g[i], m))
        assert v[i] == water_level(g[i], m)
        assert value[i] == worst_case(q[i], g[i], m)
        alone = [
            theory.robust_value(g[i], m),
            theory.uniform_value(g[i], m),
            theory.greedy_value(g[i], m, 1),
            theory.uniform_is_best(g[i], m),
        ]
        assert [each[i] for each in predicted] == alone


@given(pool=pools(), seed=st.integers(0, 1000))
def test_the_order_of_the_points_does_not_matter(pool, seed):
    g, m = pool
    order = np.random.default_rng(seed).permutation(len(g))
    np.testing.assert_allclose(
        sampling_weights(g[order], m), sampling_weights(g, m)[order], atol=1e-12
    )
    np.testing.assert_allclose(water_level(g[order], m), water_level(g, m))


@given(pool=pools(), scale=st.sampled_from([0.5, 0.125]))
def test_the_unit_of_gain_does_not_matter(pool, scale):
    g, m = pool
    q = sampling_weights(g, m)
    np.testing.assert_allclose(sampling_weights(scale * g, m), q, atol=1e-12)
    np.testing.assert_allclose(water_level(scale * g, m), scale * water_level(g, m))


@given(pool=pools())
def test_uniform_and_greedy_are_worth_no_more_and_less_where_it_is_said(pool):
    """Claim F4: on every pool, and where they tie, in exact arithmetic."""
    g, m = pool
    found = active.exact(g, m, float(water_level(g, m)))
    assert found["uniform"] == found["greedy"] == 0
    best = theory.robust_value(g, m)
    assert theory.uniform_value(g, m) <= best + 1e-12
    assert theory.greedy_value(g, m) <= best + 1e-12


@given(pool=pools(), budget=st.integers(1, 9))
def test_the_worth_of_the_rivals_is_that_of_their_draws(pool, budget):
    g, m = pool
    n, b = len(g), min(budget, len(g))
    even, first = np.full(n, 1 / n), np.zeros(n)
    first[np.argsort(-g)[:b]] = 1 / b
    pairs = (even, theory.uniform_value(g, m)), (first, theory.greedy_value(g, m, b))
    for q, expected in pairs:
        np.testing.assert_allclose(worst_case(q, g, m), expected, atol=1e-15)


@pytest.mark.parametrize(
    ("g", "m", "expected"),
    [
        ([0.3, 0.3, 0.3], 1, True),
        ([1.0, 1.0, 0.5], 2, True),
        ([1.0, 1.0, 0.5], 3, False),  # with r = 0 the others must be equal
        ([1.0, 1.0, 0.6], 2, False),
        ([0.8, 0.4, 0.8], 2, True),
        ([1.0, 0.5, 0.25], 0, True),
        ([1.0, 0.0, 0.0], 2, True),
        ([1.0, 0.0], 1, True),
        ([1.0, 1e-15], 1, False),  # small is not 0
        ([1.0, 0.0, 0.0], 3, False),
        ([1.0, 1.0, 1.0, 2 / 3], 3, True),
    ],
)
def test_where_uniform_is_best_by_hand(g, m, expected):
    assert theory.uniform_is_best(g, m) == expected


@pytest.mark.parametrize(
    ("function", "arguments", "expected"),
    [
        (theory.robust_value, ([0.5, 0.125, 0.5, 0.5], 3), 1 / 3),
        (theory.robust_value, ([0.25, 0.25], 1), 1 / 8),
        (theory.uniform_value, ([0.5, 0.25, 1.0, 0.25], 2), 1 / 8),
        (theory.uniform_value, ([0.5, 0.25], 0), 0.0),
        (theory.greedy_value, ([0.5, 0.25, 1.0], 3), 1.0),
        (theory.greedy_value, ([0.5, 0.25, 1.0], 2, 3), 1 / 4),
        (theory.greedy_value, ([0.5, 0.25, 1.0], 1, 2), 0.0),
    ],
)
def test_what_a_draw_is_worth_by_hand(function, arguments, expected):
    np.testing.assert_allclose(function(*arguments), expected, rtol=1e-12)


def test_gains_are_one_less_the_margin():
    assert gains([0.0, 0.25, 1.0]).tolist() == [1.0, 0.75, 0.0]


@given(pool=pools(most=6))
def test_the_worst_case_is_the_least_over_all_choices(pool):
    g, m = pool
    q = sampling_weights(g, min(m + 1, len(g)))
    chosen = [i for i in np.ndindex((2,) * len(g)) if sum(i) == m]
    least = min(float(np.dot(q * g, right)) for right in chosen)
    np.testing.assert_allclose(worst_case(q, g, m), least, rtol=1e-12)


CORRECT = [-1, 4, 1.5, None, True, "2"]
GAINS = [-0.1, 1.5, [0.5, -0.1, 0.2], 0.5, *FINITE]
REFUSED = [
    *(
        (name, lambda value, call=call: call(value, 1), GAINS)
        for name, call in [
            ("gains", water_level),
            ("gains", sampling_weights),
            ("gains", lambda g, m: worst_case([0.5, 0.5], g, m)),
            ("gains", theory.robust_value),
            ("gains", theory.uniform_value),
            ("gains", theory.greedy_value),
            ("gains", theory.uniform_is_best),
        ]
    ),
    *(
        ("correct", lambda value, call=call: call([0.1, 0.2, 0.3], value), CORRECT)
        for call in (
            *(water_level, sampling_weights, theory.robust_value),
            *(theory.uniform_value, theory.greedy_value, theory.uniform_is_best),
            lambda g, m: worst_case(g, g, m),
        )
    ),
    (
        "budget",
        lambda b: theory.greedy_value([0.1, 0.2, 0.3], 1, b),
        [0, 4, 1.5, None, True],
    ),
    ("weights", lambda q: worst_case(q, [0.1, 0.2], 1), [[0.5], [-1, 2], 0.5, *FINITE]),
    ("margin", gains, [-0.1, 1.5, *FINITE]),
]


@pytest.mark.parametrize(("name", "call", "bad"), REFUSED)
def test_bad_input_is_refused(name, call, bad):
    for value in bad:
        with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
            call(value)


def test_gains_that_are_a_little_off_would_be_seen():
    """Negative control for F1: two percent of one weight."""
    g, m = np.array([1.0, 0.5, 0.4, 0.3]), 3
    q = sampling_weights(g, m) * [1.02, 1, 1, 1]
    best = active.program(g, m, 1.0)
    assert worst_case(q / q.sum(), g, m) < best - 1e-4


def test_other_sizes_would_be_seen(monkeypatch):
    """Negative control for F2 and F4: a level 2% off, and a tie that is none."""
    g = np.array([1.0, 0.5, 0.25])
    assert active.exact(g, 2, 0.98 / 3)["level"] > 1e-3
    monkeypatch.setattr(active, "uniform_is_best", lambda g, m: True)
    assert active.exact(g, 2, 1 / 3)["uniform"] == 1
    assert Fraction(0.25) * 4 == 1  # floats are what they are


def test_what_is_furthest_is_measured(monkeypatch, tmp_path):
    """Negative control for the verdicts of F: one row of two is off."""
    table = {"rows": [{"row": {"draw": 0.0, "count": 0.0}}, {"row": {"draw": 0.5}}]}
    monkeypatch.setattr(intervals, "load", lambda *_: table)
    assert active_claims.largest("draw")("paper", tmp_path) == (0.5, 0.5, 0.5)
    assert active_claims.largest("count", "draw")("paper", tmp_path).estimate == 0.5
