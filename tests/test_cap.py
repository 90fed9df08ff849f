"""The law of one coordinate of a uniform point, against closed forms and 40 digits."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import _cap

cosines = st.floats(-1, 1)
dims = st.integers(2, 10**9)
TIGHT = 1e-10
DIMS = [3, 4, 5, 10, 101, 10**4, 10**9]


def integral(r: float, dim: int, power: int = 0):
    """Return the integral of c^power times the density of c from r to 1, by mpmath."""
    r, half = mp.mpf(r), mp.mpf(dim - 2) / 2
    if dim <= 10**4 and power == 0:
        return mp.betainc(half, 0.5, 0, 1 - r * r, regularized=True) / 2
    start, width = mp.asin(r), 8 / mp.sqrt(dim + (dim * r) ** 2)

    def part(phi):  # c = sin(phi); relative to the density at r, which may be tiny
        return mp.sin(phi) ** power * (mp.cos(phi) / mp.cos(start)) ** (dim - 3)

    cuts = [start + k * width for k in range(12) if start + k * width < mp.pi / 2]
    end = [mp.pi / 2] if dim < 1000 else []
    scale = mp.cos(start) ** (dim - 3) / mp.beta(0.5, half)
    return scale * mp.quad(part, [*cuts, *end])


@pytest.mark.parametrize("dim", DIMS)
@pytest.mark.parametrize("deep", [0.0, 0.3, 1.0, 4.0, 8.0, 30.0])
def test_tail_and_moment_are_exact_far_into_the_tail(dim, deep):
    """`deep` is in standard deviations of c; 30 of them are e^-450 or none at all."""
    r = deep / np.sqrt(dim) if dim > 1000 else deep / (1 + deep)
    with mp.workdps(30):
        expected = integral(r, dim), integral(r, dim, power=1)
    np.testing.assert_allclose(float(_cap.tail(r, dim)), float(expected[0]), rtol=TIGHT)
    np.testing.assert_allclose(
        float(_cap.moment(r, dim)), -float(expected[1]), rtol=TIGHT
    )


@given(r=cosines)
def test_in_four_dimensions_the_cosine_is_uniform(r):
    np.testing.assert_allclose(_cap.tail(r, 4), (1 - r) / 2, atol=1e-15)
    np.testing.assert_allclose(_cap.moment(r, 4), -(1 - r * r) / 4, atol=1e-15)


@given(r=cosines)
def test_in_three_dimensions_the_angle_is_uniform(r):
    np.testing.assert_allclose(_cap.tail(r, 3), np.arccos(r) / np.pi, atol=3e-8)
    np.testing.assert_allclose(_cap.tail(r, 3), np.arccos(r) / np.pi, rtol=1e-7)
    np.testing.assert_allclose(_cap.moment(r, 3), -np.sqrt(1 - r * r) / np.pi)


def test_in_the_plane_the_cosine_is_a_sign_and_ties_count_half():
    r = np.array([-2, -1, -0.5, 0, 0.5, 1, 2])
    assert _cap.tail(r, 2).tolist() == [1, 0.75, 0.5, 0.5, 0.5, 0.25, 0]


def test_the_moment_in_the_plane_is_that_of_a_sign():
    r = np.array([-2, -1, -0.5, 0, 0.5, 1, 2])
    assert _cap.moment(r, 2).tolist() == [0, -0.25, -0.5, -0.5, -0.5, -0.25, 0]


@given(r=st.floats(-2, 2), dim=dims)
def test_the_tail_is_that_of_a_symmetric_law(r, dim):
    np.testing.assert_allclose(_cap.tail(-r, dim), 1 - _cap.tail(r, dim), atol=1e-15)
    np.testing.assert_array_equal(_cap.moment(-r, dim), _cap.moment(r, dim))


@given(r=cosines, more=st.floats(0, 1), dim=dims)
def test_the_tail_falls(r, more, dim):
    assert _cap.tail(r + more, dim) <= _cap.tail(r, dim)


@given(p=st.floats(1e-290, 0.5), dim=st.integers(3, 10**9))
def test_height_inverts_tail(p, dim):
    r = _cap.height(np.asarray(p), dim)
    assert 0 <= r <= 1
    if r < 0.999:  # closer to 1 a double cannot hold it
        np.testing.assert_allclose(_cap.tail(r, dim), p, rtol=1e-6)


@pytest.mark.parametrize("dim", [3, 4, 10, 101, 10**9])
@pytest.mark.parametrize("p", [1e-12, 1e-3, 0.1, 0.4, 0.49999])
def test_height_inverts_tail_to_rounding(dim, p):
    r = _cap.height(np.asarray(p), dim)
    if r < 0.999:
        np.testing.assert_allclose(_cap.tail(r, dim), p, rtol=1e-10)


@pytest.mark.parametrize("dim", [2, 3, 50, 10**9])
def test_the_ends_of_height_are_exact(dim):
    assert _cap.height(np.array([0.0, 0.5]), dim).tolist() == [1.0, 0.0]


@given(r=st.floats(0, 0.99), dim=st.integers(3, 1000))
def test_the_moment_is_the_integral_of_the_tail(r, dim):
    """By parts: E[c 1{c < -r}] = -(r tail(r) + the integral of the tail from r)."""
    nodes, weights = np.polynomial.legendre.leggauss(60)
    width = min(1 - r, 40 / np.sqrt(dim))
    x = r + width * (1 + nodes) / 2
    area = width / 2 * weights @ _cap.tail(x, dim)
    expected = -(r * _cap.tail(r, dim) + area)
    np.testing.assert_allclose(_cap.moment(r, dim), expected, rtol=1e-3, atol=1e-9)
