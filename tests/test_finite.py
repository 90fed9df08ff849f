"""Finite laws: errors by enumeration, draws as often as they should be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import Atoms, long_servedio, stream, three_atoms, trap
from tests import strategies
from tests.statistics import assert_rate, detectable_rate

DRAWS = 100_000
MARGINS = [0.05, 0.1, 1 / 6]
NAMED = [kind(g) for kind in (three_atoms, trap, long_servedio) for g in MARGINS]
powers = st.sampled_from([0, 1, -1, 2, -2, 4, -4, 8, -8])  # ties stay exact
directions = st.lists(powers, min_size=4, max_size=4)


def by_enumeration(law, w):
    """Return P[sign(w.x) != s] over atoms and signs, one by one; sign(0) is +1."""
    total = 0.0
    for point, weight in zip(law.points, law.weights, strict=True):
        t = sum(a * b for a, b in zip(w, point, strict=True))
        for s in (1, -1):
            total += weight / 2 * ((1 if s * t >= 0 else -1) != s)
    return total


@given(law=strategies.atoms(), w=directions)
def test_the_error_is_a_sum_over_atoms_and_signs(law, w):
    """Ties included: a point on the boundary is wrong for one of its two signs."""
    w = [float(value) for value in w[: law.dim]]
    found = law.error(w)
    np.testing.assert_allclose(found, by_enumeration(law, w), atol=1e-12)


def test_ties_count_half_by_hand():
    law = Atoms(points=((0.5, 0.5), (0.5, -0.5), (0.5, 0.0)), weights=(0.5, 0.3, 0.2))
    w = [[0, 0], [0, 1], [1, 1], [1, -1], [2, 1], [-2, 1], [-1, 0], [1, -3]]
    expected = [0.5, 0.4, 0.15, 0.25, 0, 1, 1, 0.5]
    np.testing.assert_allclose(law.error(w), expected, atol=1e-15)


@given(law=strategies.atoms(), w=directions, scale=st.floats(1e-200, 1e200))
def test_the_error_of_a_direction_has_its_symmetries(law, w, scale):
    w = np.array(w[: law.dim], dtype=float)
    error = law.error(w)
    np.testing.assert_allclose(law.error(-w), 1 - error, atol=1e-12)
    scale = 2.0 ** np.round(np.log2(scale))  # so that ties stay ties
    np.testing.assert_allclose(law.error(scale * w), error, atol=1e-12)


@given(law=strategies.atoms(), w=st.lists(directions, min_size=6, max_size=6))
def test_a_stack_of_directions_is_a_loop_over_directions(law, w):
    w = np.array(w, dtype=float).reshape(2, 3, 4)[..., : law.dim]
    found = law.error(w)
    assert found.shape == (2, 3)
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(found[i], law.error(w[i]), atol=1e-15)


@given(law=strategies.atoms())
def test_the_truth_never_errs_and_no_direction_half_the_time(law):
    truth = np.eye(law.dim)[0]
    found = law.error([truth, -truth, 0 * truth])
    np.testing.assert_allclose(found, [0, 1, 0.5], atol=1e-12)


@given(law=strategies.atoms(), seed=strategies.seeds, shape=strategies.shapes)
def test_points_are_atoms_with_margin_and_label(law, seed, shape):
    x, s = law.sample((*shape, 20), rng=stream(seed, "atoms"))
    assert x.shape == (*shape, 20, law.dim)
    assert np.all(s * x[..., 0] >= law.margin)
    points = np.array(law.points)
    gaps = np.abs((s[..., None] * x)[..., None, :] - points).max(axis=-1)
    np.testing.assert_array_equal(gaps.min(axis=-1), 0)
    assert law.margin == points[:, 0].min()
    assert law.dim == points.shape[1]


@pytest.mark.parametrize("law", [NAMED[0], NAMED[3], NAMED[6]])
def test_atoms_and_signs_are_drawn_as_often_as_they_should_be(law, seed):
    """Exact binomial tests; a weight of .25 that is .007 off would be seen."""
    x, s = law.sample((DRAWS,), rng=stream(seed, "atoms"))
    for point, weight in zip(law.points, law.weights, strict=True):
        assert detectable_rate(DRAWS, weight) < weight + 0.014
        here = np.all(s[:, None] * x == np.array(point), axis=-1)
        assert_rate(int(here.sum()), DRAWS, weight)
        assert_rate(int(np.sum(here & (s > 0))), DRAWS, weight / 2)
        assert_rate(int(np.sum(here[1:] & here[:-1])), DRAWS - 1, weight**2)


def test_the_test_of_atoms_can_fail(seed):
    """Negative control: a weight 6% off is noticed."""
    x, s = trap(0.1).sample((DRAWS,), rng=stream(seed, "control"))
    low = int(np.sum(s * x[:, 1] < 0))
    for weight in (0.235, 0.265):
        with pytest.raises(AssertionError, match="rate"):
            assert_rate(low, DRAWS, weight)


@pytest.mark.parametrize("margin", MARGINS)
def test_the_named_laws_are_those_of_the_literature(margin):
    side = np.sqrt(1 - margin**2)
    three, two, four = three_atoms(margin), trap(margin), long_servedio(margin)
    np.testing.assert_allclose(
        three.points, [[1, 0], [margin, side], [margin, -side]], rtol=1e-14
    )
    assert three.weights == (0.30, 0.45, 0.25)
    np.testing.assert_allclose(
        two.points, [[margin, side], [margin, -side]], rtol=1e-14
    )
    assert two.weights == (0.75, 0.25)
    np.testing.assert_allclose(
        four.points, [[1, 0], [margin, -margin], [margin, 5 * margin]], rtol=1e-14
    )
    assert four.weights == (0.25, 0.5, 0.25)
    assert three.margin == two.margin == four.margin == margin


@pytest.mark.parametrize("margin", MARGINS[:2])
def test_the_class_mean_of_three_atoms_errs_on_a_quarter(margin):
    law = three_atoms(margin)
    mean = np.array(law.weights) @ np.array(law.points)
    np.testing.assert_allclose(law.error(mean), 0.25, atol=1e-15)


def test_the_margin_of_long_servedio_keeps_its_points_in_the_ball():
    long_servedio(26**-0.5)
    with pytest.raises(ValueError, match=r"^`margin` must be in \(0, 0.196116\], got"):
        long_servedio(0.2)


def test_equal_laws_are_equal_and_fixed():
    assert trap(0.1) == trap(0.1)
    assert hash(trap(0.1)) == hash(trap(0.1))
    assert trap(0.1) != trap(0.2)
    with pytest.raises(AttributeError):
        trap(0.1).weights = (0.5, 0.5)
