"""Dual averaging: its bound holds for every sequence, and it learns."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import sparse

from halfspace import stream as random_stream
from halfspace import three_atoms
from halfspace.distill import streaming
from halfspace.distill._kernels import convex, subtracted
from halfspace.distill._told import as_rows
from halfspace.distill.streaming import BATCH, advance

finite = st.floats(-3, 3)


def part(rows, piece):
    """Return some rows."""
    return type(rows)(*(field if field is None else field[piece] for field in rows))


def iterates(rows, k, intercept, size):
    """Return the summed losses of the iterates, each on the rows that it met."""
    state, lost = None, 0.0
    for start in range(0, len(rows.x), size):
        some = part(rows, slice(start, start + size))
        before = state
        state = advance(before, some, k, intercept)
        total = state.total - (0 if before is None else before.total)
        mass = state.weight - (0.0 if before is None else before.weight)
        lost += loss(total / mass, some, k) if mass else 0.0
    return state, lost


def loss(w, rows, k):
    """Return the summed convex loss of one student."""
    value = convex(w[:, :-1] @ rows.x.T + w[:, -1:], subtracted(rows, k)).value
    return float(value.sum() if rows.weight is None else rows.weight @ value)


@st.composite
def streams(draw):
    n, d, k = (draw(st.integers(*ends)) for ends in ((1, 12), (1, 3), (2, 4)))
    x = draw(npst.arrays(float, (n, d), elements=finite))
    y = draw(npst.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    alpha = draw(npst.arrays(float, n, elements=st.floats(0.05, 1)))
    alpha[0] = 0.95
    weight = draw(st.none() | npst.arrays(float, n, elements=st.floats(0.1, 2)))
    told = alpha if draw(st.booleans()) else None
    return as_rows(x, y, k, told, None, True, weight), k


@given(problem=streams(), data=st.data())
def test_no_fixed_student_is_better_by_more_than_the_bound(problem, data):
    """Claim B7's loss, for every sequence and every student u: exact, no sampling."""
    rows, k = problem
    intercept, size = data.draw(st.booleans()), data.draw(st.integers(1, 5))
    state, lost = iterates(rows, k, intercept, size)
    u = data.draw(npst.arrays(float, state.mean.shape, elements=st.floats(-9, 9)))
    u[:, -1] *= intercept
    regret = lost - loss(u, rows, k)
    assert regret <= state.bound(float(np.linalg.norm(u))) + 1e-9


def test_the_bound_can_fail(seed):
    """Negative control: an iterate that goes uphill breaks it."""
    rng = random_stream(seed, "uphill")
    x = rng.standard_normal((2000, 2))
    rows = as_rows(x, (x[:, 0] > 0).astype(int), 2, None, None, True, None)
    state = advance(None, rows, 2, False)
    u = 5 * np.array([[1.0, 0.0, 0.0]])
    assert loss(-state.mean, rows, 2) - loss(u, rows, 2) > state.bound(5.0)


def test_the_steps_that_were_worked_by_hand(monkeypatch):
    """One row a step, x = 1, y = 1: w_1 = 0, g_1 = -1/2, w_2 = 8/2 / sqrt(4 + 1/4)."""
    monkeypatch.setattr(streaming, "BATCH", 1)
    rows = as_rows(np.ones((2, 1)), np.array([1, 1]), 2, None, None, True, None)
    state = advance(None, rows, 2, False)
    second = 4 / np.sqrt(4.25)
    np.testing.assert_allclose(state.mean, [[second / 2, 0]])
    slope = -1 / (1 + np.exp(second))
    np.testing.assert_allclose(state.gradient, [[slope - 0.5, 0]])
    np.testing.assert_allclose(state.squares, 0.25 + slope**2)


def test_the_longest_row_so_far_sets_the_step(monkeypatch):
    """x = 3, then 1: s = 8/3, g_1 = -3/2, and w_2 = 4 / sqrt(6^2 + (3/2)^2)."""
    monkeypatch.setattr(streaming, "BATCH", 1)
    x, y = np.array([[3.0], [1.0]]), np.array([1, 1])
    state = advance(None, as_rows(x, y, 2, None, None, True, None), 2, False)
    np.testing.assert_allclose(state.mean, [[2 / np.sqrt(38.25), 0]])


def test_blocks_of_whole_batches_are_the_stream(seed):
    rng = random_stream(seed, "cut")
    x, y = rng.standard_normal((5 * BATCH, 3)), rng.integers(0, 3, 5 * BATCH)
    rows = as_rows(x, y, 3, rng.uniform(0.5, 1, len(y)), None, True, None)
    first = part(rows, slice(2 * BATCH))
    whole = advance(
        advance(None, first, 3, True), part(rows, slice(2 * BATCH, None)), 3, True
    )
    state = advance(None, first, 3, True)
    for start in range(2 * BATCH, 5 * BATCH, BATCH):
        state = advance(state, part(rows, slice(start, start + BATCH)), 3, True)
    np.testing.assert_array_equal(state.mean, whole.mean)
    thin = rows._replace(x=sparse.csr_array(x))
    np.testing.assert_allclose(
        advance(
            advance(None, part(thin, slice(2 * BATCH)), 3, True),
            part(thin, slice(2 * BATCH, None)),
            3,
            True,
        ).mean,
        whole.mean,
        atol=1e-12,
    )


def test_scaled_features_give_the_scaled_student(seed):
    rng = random_stream(seed, "scale")
    x, y = rng.standard_normal((200, 2)), rng.integers(0, 2, 200)
    one, other = (
        advance(None, as_rows(c * x, y, 2, 0.8, None, True, None), 2, False).mean
        for c in (1.0, 100.0)
    )
    np.testing.assert_allclose(other * 100, one, rtol=1e-9)


def test_a_stream_of_noisy_labels_is_learned(seed):
    """Not vacuous: error 0 on the three atoms, where the mean of y x errs on 1/4."""
    law, rng = three_atoms(0.3), random_stream(seed, "stream")
    x, s = law.sample((20_000,), rng=rng)
    y = np.where(rng.random(len(s)) < 0.2, -s, s)
    rows = as_rows(x, (y > 0).astype(int), 2, 0.8, None, True, None)
    assert law.error(y @ x) == 0.25
    assert law.error(advance(None, rows, 2, False).mean[0, :-1]) == 0.0


def test_a_weight_is_a_number_of_copies(seed):
    """Within a step; the second call starts from what the first one learned."""
    rng = random_stream(seed, "copies")
    x, y = rng.standard_normal((40, 2)), rng.integers(0, 3, 40)
    copies = rng.integers(0, 4, 40)
    weighted = as_rows(x, y, 3, 0.9, None, True, copies.astype(float))
    state, other = None, None
    for piece in (slice(20), slice(20, None)):
        state = advance(state, part(weighted, piece), 3, True)
        again = np.repeat(np.arange(40)[piece], copies[piece])
        twice = as_rows(x[again], y[again], 3, 0.9, None, True, None)
        other = advance(other, twice, 3, True)
        other = replace(other, scale=state.scale)  # rows of weight 0 are seen too
    np.testing.assert_allclose(state.gradient, other.gradient, rtol=1e-9)
    np.testing.assert_allclose(state.mean, other.mean, rtol=1e-9)
