"""Claim F5: the loop of active distillation, by hand and beside plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace.distill.querying import rounds, unasked


@st.composite
def loops(draw):
    """Return points, budget, rounds, and first labels of a stack (2, 3, s)."""
    start, budget, count = (draw(st.integers(1, 3)) for _ in range(3))
    points = start + budget * count + draw(st.integers(0, 3))
    rng = np.random.default_rng(draw(st.integers(0, 1000)))
    table = rng.permuted(np.tile(np.arange(points), (2, 3, 1)), axis=-1)
    return points, budget, count, table[..., :start]


def by(weight, budget):
    """Return what chooses the points of least weight, by their numbers."""

    def choose(student, asked, left):
        return np.argsort(weight[left], axis=-1)[..., :budget]

    return choose


@given(loop=loops(), seed=st.integers(0, 1000))
def test_each_round_asks_for_the_points_that_the_strategy_chose(loop, seed):
    """Claim F5: and learns from all so far. A stack is a loop over trials."""
    points, budget, count, first = loop
    weight = np.random.default_rng(seed).permutation(points)
    size = {"points": points, "budget": budget, "count": count}
    found = list(rounds(first, np.copy, by(weight, budget), **size))
    assert len(found) == count + 1
    for i in np.ndindex(first.shape[:-1]):
        known, waiting = list(first[i]), [*np.argsort(weight)]
        for it in found:
            assert it.asked[i].tolist() == known
            assert it.student[i].tolist() == known
            rest = [p for p in waiting if p not in known]
            known += rest[:budget]


@given(loop=loops())
def test_a_strategy_is_given_the_last_student_and_what_is_left(loop):
    points, budget, count, first = loop
    seen = []

    def choose(student, asked, left):
        seen.append((student, asked, left))
        return np.broadcast_to(np.arange(budget), (*first.shape[:-1], budget))

    found = list(
        rounds(first, np.shape, choose, points=points, budget=budget, count=count)
    )
    assert len(seen) == count
    for (student, asked, left), it in zip(seen, found, strict=False):
        assert student == it.student == it.asked.shape
        np.testing.assert_array_equal(asked, it.asked)
        np.testing.assert_array_equal(left, unasked(it.asked, points))


@given(loop=loops())
def test_what_is_not_asked_is_the_rest_in_order(loop):
    points, _, _, first = loop
    found = unasked(first, points)
    for i in np.ndindex(first.shape[:-1]):
        assert found[i].tolist() == sorted({*range(points)} - {*first[i].tolist()})


def test_all_points_can_be_asked_for():
    (*_, last) = rounds([0], len, lambda *_: [0, 1], points=5, budget=2, count=2)
    assert last.asked.tolist() == [0, 1, 2, 3, 4]
    assert last.student == 5
    assert unasked(last.asked, 5).shape == (0,)


def run(first=(0,), places=(0,), **sizes):
    """Go through a loop that chooses these places."""
    sizes = {"points": 4, "budget": 1, "count": 2} | sizes
    return list(rounds(first, len, lambda *_: places, **sizes))


@pytest.mark.parametrize(
    ("given_", "error", "why"),
    [
        ({"first": [4]}, ValueError, r"`first` must be in \[0, 3\], got 4 to 4"),
        ({"first": [-1]}, ValueError, r"`first` must be in \[0, 3\], got -1 to -1"),
        ({"first": [1, 1]}, ValueError, "`first` must be different in each row"),
        ({"first": 1}, ValueError, r"`first` must have shape \(..., c\), got \(\)"),
        ({"first": [0.0]}, TypeError, "`first` must be ints, got dtype float64"),
        ({"first": [np.nan]}, TypeError, "`first` must be ints, got dtype float64"),
        ({"first": [[0], [0, 1]]}, TypeError, "`first` must be an array with rows of"),
        ({"points": 0}, ValueError, "`points` must be at least 1, got 0"),
        ({"points": 4.0}, TypeError, "`points` must be an int"),
        ({"budget": 0}, ValueError, "`budget` must be at least 1, got 0"),
        ({"count": 0}, ValueError, "`count` must be at least 1, got 0"),
        ({"count": 4}, ValueError, "`count` rounds must ask .* 4 points, got 5"),
        ({"places": [3]}, ValueError, r"`choose` must be in \[0, 2\], got 3 to 3"),
        ({"places": [0, 1]}, ValueError, r"`choose` must return shape \(1,\), got"),
        (
            {"places": [0, 0], "budget": 2, "count": 1},
            ValueError,
            "`choose` must be different in each row",
        ),
        ({"places": 0}, ValueError, r"`choose` must have shape \(..., c\), got \(\)"),
        ({"places": [0.0]}, TypeError, "`choose` must be ints, got dtype float64"),
    ],
)
def test_bad_input_is_refused(given_, error, why):
    with pytest.raises(error, match=why):
        run(**given_)


def test_a_loop_is_checked_where_it_is_called():
    """And not when the first student is asked for."""
    with pytest.raises(ValueError, match="`first`"):
        rounds([9], len, lambda *_: [0], points=4, budget=1, count=1)
    with pytest.raises(ValueError, match="`asked`"):
        unasked([9], 4)
