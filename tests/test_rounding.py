"""Claim F3: the law of dependent rounding by all of its coins; large by sampling."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from halfspace import stream
from halfspace.distill import rounding
from halfspace.distill.capped import inclusion
from halfspace.distill.rounding import round_dependently, settle
from simulations import active
from tests.refusals import FINITE, GENERATOR
from tests.statistics import assert_rate, detectable_rate


@st.composite
def probabilities(draw, most=8):
    """Draw probabilities with an integer sum, 0 and 1 among them."""
    n = draw(st.integers(1, most))
    parts = st.floats(0, 1) | st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0])
    pi = np.array(draw(st.lists(parts, min_size=n, max_size=n)))
    spare = pi.sum() - np.floor(pi.sum())
    assume(np.max(pi) >= spare)
    pi[np.argmax(pi)] -= spare
    return np.clip(pi, 0, 1)


@given(pi=probabilities())
def test_every_outcome_has_b_points_and_every_point_its_probability(pi):
    """Claim F3: exact, over all sides of all coins; and no pair goes together."""
    law = active.rounding(pi)
    assert law["count"] == 0
    assert law["marginal"] < 1e-12
    assert law["covariance"] < 1e-12


@given(pi=probabilities(), seed=st.integers(0, 1000))
def test_a_stack_is_a_loop_and_what_is_sure_is_sure(pi, seed):
    coins = np.random.default_rng(seed).random((2, 3, len(pi) - 1))
    drawn, odds = settle(np.broadcast_to(pi, (2, 3, len(pi))), coins)
    assert (drawn.sum(axis=-1) == np.rint(pi.sum())).all()
    assert drawn[..., pi == 1].all()
    assert not drawn[..., pi == 0].any()
    for i in np.ndindex(2, 3):
        alone, chance = settle(pi, coins[i])
        np.testing.assert_array_equal(drawn[i], alone)
        np.testing.assert_array_equal(odds[i], chance)


@pytest.mark.parametrize("small", [1e-12, 1e-15])
def test_small_probabilities_are_not_cut_off(small):
    for pi in ([small, 1 - small], [0.5, 0.5 - small, small], [1 - small, small, 1.0]):
        law = active.rounding(np.array(pi))
        assert law["count"] == 0
        assert law["marginal"] < 1e-16 * len(pi)


def test_a_large_pool_has_its_probabilities(seed):
    """Sampled: each of 60 frequencies; false-fail 1e-4 in all, sees 2% off at 1/2."""
    trials = 20_000
    assert detectable_rate(trials, 0.5) < 0.53
    pi = inclusion(stream(seed, "gains").random(60) ** 2, 45, 20)
    rng = stream(seed, "rounding")
    drawn = round_dependently(np.broadcast_to(pi, (trials, 60)), rng=rng)
    assert (drawn.sum(axis=-1) == 20).all()
    for hits, rate in zip(drawn.sum(axis=0).tolist(), pi, strict=True):
        assert_rate(hits, trials, min(1.0, float(rate)))


def test_the_same_stream_draws_the_same_and_another_another():
    pi = np.full((50, 6), 0.5)
    first, again, other = (
        round_dependently(pi, rng=stream(0, "rounding", i)) for i in (0, 0, 1)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


def test_odds_that_are_off_would_be_seen(monkeypatch):
    """Negative control for F3: odds 2% off change a probability, but not the count."""
    honest = rounding._chance
    monkeypatch.setattr(rounding, "_chance", lambda a, p: 0.98 * honest(a, p))
    law = active.rounding(np.array([0.25, 0.5, 0.5, 0.75]))
    assert law["marginal"] > 1e-3
    assert law["count"] == 0


@pytest.mark.parametrize(
    ("name", "call", "bad"),
    [
        (
            "probabilities",
            lambda pi: round_dependently(pi, rng=np.random.default_rng(0)),
            [
                [0.5, 0.4],
                [[0.5, 0.5], [0.5, 0.6]],
                [1.5, 0.5],
                [-1.0, 1.0],
                1.0,
                *FINITE,
            ],
        ),
        ("rng", lambda rng: round_dependently([0.5, 0.5], rng=rng), GENERATOR),
    ],
)
def test_bad_input_is_refused(name, call, bad):
    for value in bad:
        with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
            call(value)
