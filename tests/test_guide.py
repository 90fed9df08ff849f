"""Claims G1 and G2: a student that starts from its teacher's compressed table."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace.distill.guide import compress, evenly
from halfspace.theory.guide import preactivation_error, table_error
from simulations import guide, guide_claims, intervals
from tests.refusals import FINITE

entries = st.floats(-10, 10)


@st.composite
def teachers(draw):
    """Draw a table, a first layer, and how many dimensions are kept."""
    rows, dim, units = (draw(st.integers(1, 6)) for _ in range(3))
    table = draw(npst.arrays(float, (rows, dim), elements=entries))
    first = draw(npst.arrays(float, (dim, units), elements=entries))
    return table, first, draw(st.integers(1, min(rows, dim)))


@given(teacher=teachers())
def test_the_student_starts_with_the_teachers_sums_on_the_compressed_table(teacher):
    """Claim G1; not vacuous, as with all dimensions they are the teacher's own."""
    table, first, size = teacher
    start = compress(table, first, size)
    assert start.table.shape == (len(table), size)
    assert start.first.shape == (size, first.shape[1])
    gram = start.basis.T @ start.basis
    np.testing.assert_allclose(gram, np.eye(size), atol=1e-12)
    compressed = table @ start.basis @ start.basis.T
    atol = 1e-12 * (1 + np.abs(table).max()) * (1 + np.abs(first).max()) * 36
    np.testing.assert_allclose(start.table @ start.first, compressed @ first, atol=atol)
    whole = compress(table, first, min(table.shape))
    np.testing.assert_allclose(whole.table @ whole.first, table @ first, atol=atol)


@given(teacher=teachers())
def test_what_is_lost_is_what_the_dropped_singular_values_say(teacher):
    """Claim G2: the error of the table, and the bound of what follows from it."""
    table, first, size = teacher
    start = compress(table, first, size)
    sigma = np.linalg.svd(table, compute_uv=False)
    error = ((table - start.table @ start.basis.T) ** 2).sum()
    predicted = table_error(sigma, size)
    scale = 1e-12 * (1 + (sigma**2).sum())
    np.testing.assert_allclose(error, predicted, atol=scale)
    moved = ((table @ first - start.table @ start.first) ** 2).sum()
    gain = np.linalg.norm(first, 2)
    bound = preactivation_error(sigma, size, gain)
    assert moved <= bound + scale * (1 + gain**2)


@given(teacher=teachers(), seed=st.integers(0, 1000))
def test_no_other_basis_loses_less(teacher, seed):
    """Claim G2, of Eckart and Young: against random bases and coordinates."""
    table, _, size = teacher
    sigma = np.linalg.svd(table, compute_uv=False)
    least = table_error(sigma, size)
    turned = guide.rotations(table.shape[1], 5, np.random.default_rng(seed))
    for basis in (*turned, np.eye(table.shape[1])):
        lost = guide.lost(table, basis[:, :size])
        assert lost >= least - 1e-12 * (1 + (sigma**2).sum())


def test_the_errors_by_hand():
    """A table of the singular values 5 and 2 in turned coordinates."""
    turn = np.array([[0.6, 0.8], [-0.8, 0.6]])
    table = np.diag([5.0, 2.0]) @ turn
    start = compress(table, turn.T, 1)
    np.testing.assert_allclose(np.abs(start.basis[:, 0]), [0.6, 0.8])
    np.testing.assert_allclose(start.table @ start.first, [[5, 0], [0, 0]], atol=1e-12)
    assert table_error([5.0, 2.0], 1) == 4
    assert table_error([1.0, 2.0, 3.0], 2) == 1
    assert table_error([5.0, 2.0], 2) == 0
    assert preactivation_error([5.0, 2.0], 1, 3.0) == 36


def test_a_centred_basis_would_lose_the_mean():
    """Why the table is not centred: rows about a far mean, which its basis drops."""
    table = np.array([[9.0, 1.0], [9.0, -1.0], [9.0, 2.0], [9.0, -2.0]])
    centred = guide.centred_basis(table, 1)
    np.testing.assert_allclose(np.abs(centred[:, 0]), [0, 1], atol=1e-12)
    assert guide.lost(table, centred) == pytest.approx(4 * 81)
    own = compress(table, np.eye(2), 1)
    np.testing.assert_allclose(own.table @ own.first, table * [1, 0], atol=1e-12)


@given(seed=st.integers(0, 1000))
def test_a_stack_of_teachers_is_a_loop_over_teachers(seed):
    rng = np.random.default_rng(seed)
    table, first = rng.normal(size=(2, 3, 6, 4)), rng.normal(size=(2, 3, 4, 5))
    stacked = compress(table, first, 2)
    for i in np.ndindex(2, 3):
        alone = compress(table[i], first[i], 2)
        for part, own in zip(stacked, alone, strict=True):
            np.testing.assert_allclose(part[i], own, atol=1e-12)


def test_evenly_spaced_units_are_different_and_keep_both_ends():
    """All sizes up to 80; halves are rounded to even, and still nothing repeats."""
    assert guide.repeated(80) == 0
    assert evenly(4, 3).tolist() == [0, 2, 3]  # 1.5 is rounded to 2
    assert evenly(6, 3).tolist() == [0, 2, 5]  # 2.5 too
    assert evenly(5, 1).tolist() == [0]
    assert evenly(5, 5).tolist() == [0, 1, 2, 3, 4]


def test_units_that_repeat_would_be_counted(monkeypatch):
    """Negative control: from too short a range."""
    monkeypatch.setattr(
        guide, "evenly", lambda n, kept: np.rint(np.linspace(0, n - 2, kept))
    )
    assert guide.repeated(5) > 3


def test_a_basis_that_is_off_would_be_seen(monkeypatch):
    """Negative control for G1 and G2: the singular vectors from the second on."""
    honest = compress

    def shifted(table, first, size):
        _, _, rows = np.linalg.svd(table, full_matrices=False)
        basis = np.roll(rows, -1, axis=-2)[..., :size, :].swapaxes(-1, -2)
        start = honest(table, first, size)
        return start._replace(basis=basis, table=table @ basis)

    monkeypatch.setattr(guide, "compress", shifted)
    row = guide.measure(guide.SCALES["test"], power=0.5)
    assert row["G1"][0] > 0.01
    assert row["G2"][0] > 0.01
    assert min(row["least_rival"]) < 1


def test_what_is_furthest_is_measured(monkeypatch, tmp_path):
    """Negative control for the verdicts of G: one size of two is off."""
    rows = [{"row": {"G1": [0.0, 0.0]}}, {"row": {"G1": [0.0, 0.5]}}]
    monkeypatch.setattr(intervals, "load", lambda *_: {"rows": rows})
    measure = guide_claims.CLAIMS[0].measure
    assert measure("paper", tmp_path) == (0.5, 0.5, 0.5)


TABLE, FIRST = np.eye(3), np.ones((3, 2))
COUNT = [0, -1, 1.5, None, True, "2"]


@pytest.mark.parametrize(
    ("name", "call", "bad"),
    [
        ("table", lambda e: compress(e, FIRST, 1), [[1.0, 2.0], *FINITE]),
        (
            "first",
            lambda w: compress(TABLE, w, 1),
            [np.ones((2, 3)), np.ones(3), np.ones((1, 3, 2)), *FINITE],
        ),
        ("size", lambda size: compress(TABLE, FIRST, size), [4, *COUNT]),
        ("size", lambda size: compress(TABLE[:2], FIRST, size), [3]),
        ("teacher", lambda n: evenly(n, 1), COUNT),
        ("student", lambda n: evenly(3, n), [4, *COUNT]),
        ("singular_values", lambda s: table_error(s, 1), [-1.0, 1.0, *FINITE]),
        ("size", lambda size: table_error([1.0, 2.0], size), [3, *COUNT]),
        ("gain", lambda gain: preactivation_error([1.0], 1, gain), [-1.0, *FINITE]),
    ],
)
def test_bad_input_is_refused(name, call, bad):
    for value in bad:
        with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
            call(value)
