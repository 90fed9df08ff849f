"""Mixtures of Gaussians: moments of the draws, and errors against quadrature."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import integrate
from scipy import stats as laws

from halfspace import Gaussians, ckmy_mixture, stream
from tests import strategies
from tests.statistics import (
    assert_law,
    assert_mean_in,
    assert_rate,
    detectable_distance,
    detectable_rate,
    detectable_shift,
)

DRAWS = 200_000
CKMY = ckmy_mixture()
SPREAD = ((2.0, -0.5, 0.3), (-0.5, 1.0, 0.2), (0.3, 0.2, 0.7))
UNIT = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))
THREE = Gaussians(covariances=(UNIT, SPREAD), weights=(0.3, 0.7))


@st.composite
def gaussians(draw):
    """Draw a mixture whose covariances are well conditioned."""
    dim, m = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    entries = st.integers(-10, 10).map(lambda k: k / 10)
    roots = draw(npst.arrays(float, (m, dim, dim), elements=entries))
    parts = roots @ roots.swapaxes(1, 2) + 0.1 * np.eye(dim)
    parts = (parts + parts.swapaxes(1, 2)) / 2
    mass = np.array(draw(st.lists(st.integers(1, 9), min_size=m, max_size=m)))
    matrices = tuple(tuple(map(tuple, part)) for part in parts.tolist())
    weights = tuple((mass / mass.sum()).tolist())
    return Gaussians(covariances=matrices, weights=weights)


coordinates = st.lists(st.integers(-10, 10), min_size=4, max_size=4)


def by_quadrature(law, w):
    """Return P[sign(w.x) != sign(x_1)] in the plane, part by part, over x_1."""
    total = 0.0
    for weight, part in zip(law.weights, law.covariances, strict=True):
        (a, b), (_, c) = part

        def wrong(x, a=a, b=b, c=c):
            """P[w.x < 0 | x_1 = x > 0] times the density of x_1."""
            mean, scale = (
                w[0] * x + w[1] * b / a * x,
                abs(w[1]) * (c - b * b / a) ** 0.5,
            )
            below = laws.norm.cdf(-mean / scale) if scale else float(mean < 0)
            return below * laws.norm.pdf(x, scale=a**0.5)

        reach = a**0.5
        ends = [0, 0.01 * reach, 0.1 * reach, reach, 9 * reach]
        total += (
            2
            * weight
            * sum(
                integrate.quad(wrong, *pair, epsabs=1e-13)[0] for pair in pairwise(ends)
            )
        )
    return total


@pytest.mark.parametrize("w", [(1, 0.1), (1, -3), (-2, 1), (0.01, -1), (0, 1), (1, 0)])
@pytest.mark.parametrize(
    "law",
    [CKMY, Gaussians(covariances=(((2.0, -0.5), (-0.5, 1.0)),), weights=(1.0,))],
)
def test_the_error_in_the_plane_is_an_integral(law, w):
    np.testing.assert_allclose(law.error(w), by_quadrature(law, w), atol=1e-9)


@pytest.mark.parametrize("law", [CKMY, THREE])
@pytest.mark.parametrize("w", [(1.0, 0.2, 0.5), (0.2, -1.0, 0.3), (-1.0, 2.0, 0.0)])
def test_the_error_is_what_samples_say(law, w, seed):
    """4% off at .2 would be seen."""
    w = np.array(w[: law.dim])
    x, s = law.sample((DRAWS,), rng=stream(seed, "error", law.dim))
    assert detectable_rate(DRAWS, 0.2) < 0.208
    wrong = np.where(x @ w < 0, -1.0, 1.0) != s
    assert_rate(int(wrong.sum()), DRAWS, float(law.error(w)))


def test_the_test_of_the_error_can_fail(seed):
    """Negative control: the weights exchanged are noticed."""
    x, s = THREE.sample((DRAWS,), rng=stream(seed, "control"))
    other = Gaussians(covariances=(UNIT, SPREAD), weights=(0.7, 0.3))
    w = np.array([0.2, -1.0, 0.3])
    wrong = np.where(x @ w < 0, -1.0, 1.0) != s
    with pytest.raises(AssertionError, match="rate"):
        assert_rate(int(wrong.sum()), DRAWS, float(other.error(w)))


def test_the_error_of_a_round_law_is_the_angle():
    angle = np.linspace(0, np.pi, 13)
    law = Gaussians(covariances=(UNIT,), weights=(1.0,))
    w = np.stack([np.cos(angle), 0.6 * np.sin(angle), 0.8 * np.sin(angle)], axis=-1)
    np.testing.assert_allclose(law.error(w), angle / np.pi, atol=1e-12)


@given(law=gaussians(), w=coordinates, scale=st.floats(1e-200, 1e200))
def test_the_error_of_a_direction_has_its_symmetries(law, w, scale):
    w = np.array(w[: law.dim], dtype=float)
    error = law.error(w)
    np.testing.assert_allclose(law.error(-w), 1 - error, atol=1e-12)
    np.testing.assert_allclose(law.error(scale * w), error, atol=1e-9)
    assert 0 <= error <= 1


@given(law=gaussians(), w=coordinates, angle=st.floats(-3, 3))
def test_a_rotation_about_the_truth_leaves_the_error(law, w, angle):
    """Of the covariances and the direction alike, in the plane of two other axes."""
    turn, dim = np.eye(law.dim), law.dim
    if dim > 2:
        turn[1, 1] = turn[2, 2] = np.cos(angle)
        turn[1, 2], turn[2, 1] = -np.sin(angle), np.sin(angle)
    else:
        turn[1, 1] = -1
    parts = turn @ np.array(law.covariances) @ turn.T
    parts = (parts + parts.swapaxes(1, 2)) / 2
    matrices = tuple(tuple(map(tuple, part)) for part in parts.tolist())
    turned = Gaussians(covariances=matrices, weights=law.weights)
    w = np.array(w[:dim], dtype=float)
    np.testing.assert_allclose(turned.error(turn @ w), law.error(w), atol=1e-7)


@given(law=gaussians())
def test_the_truth_never_errs_and_no_direction_half_the_time(law):
    truth = np.eye(law.dim)[0]
    found = law.error([truth, -truth, 0 * truth])
    np.testing.assert_allclose(found, [0, 1, 0.5], atol=1e-12)


@given(law=gaussians(), w=st.lists(coordinates, min_size=6, max_size=6))
def test_a_stack_of_directions_is_a_loop_over_directions(law, w):
    w = np.array(w, dtype=float).reshape(2, 3, 4)[..., : law.dim]
    found = law.error(w)
    assert found.shape == (2, 3)
    for i in np.ndindex(2, 3):
        np.testing.assert_allclose(found[i], law.error(w[i]), atol=1e-12)


@given(law=gaussians(), seed=strategies.seeds, shape=strategies.shapes)
def test_points_bear_their_label(law, seed, shape):
    x, s = law.sample((*shape, 20), rng=stream(seed, "x"))
    assert x.shape == (*shape, 20, law.dim)
    assert np.all(s * x[..., 0] >= 0)
    assert set(np.unique(s)) <= {-1.0, 1.0}


@pytest.mark.parametrize("law", [CKMY, THREE])
def test_the_draws_have_the_moments_of_the_mixture(law, seed):
    """Each second moment, and the fourth of the first axis, to a few percent."""
    x, s = law.sample((DRAWS,), rng=stream(seed, "moments"))
    parts, weights = np.array(law.covariances), np.array(law.weights)
    assert_rate(int(np.sum(s > 0)), DRAWS, 0.5)
    for i in range(law.dim):
        assert_mean_in(x[:, i], 0, 0)
        for j in range(i + 1):
            expected = weights @ parts[:, i, j]
            size = weights @ np.sqrt(parts[:, i, i] * parts[:, j, j])
            assert detectable_shift(x[:, i] * x[:, j]) < 0.05 * size
            assert_mean_in(x[:, i] * x[:, j], expected, expected)
    fourth = 3 * weights @ parts[:, 0, 0] ** 2
    assert_mean_in(x[:, 0] ** 4, fourth, fourth)


@pytest.mark.parametrize("law", [CKMY, THREE])
def test_a_coordinate_of_the_draws_follows_its_law(law, seed):
    """A mixture of normals, along an axis and across all of them."""
    x, s = law.sample((20_000,), rng=stream(seed, "law"))
    assert detectable_distance(len(x)) < 0.05
    for v in (np.eye(law.dim)[0], np.eye(law.dim)[-1], np.arange(1.0, law.dim + 1)):
        scales = np.sqrt(np.einsum("i,kij,j->k", v, np.array(law.covariances), v))
        weights = np.array(law.weights)

        def cdf(z, scales=scales, weights=weights):
            return laws.norm.cdf(np.asarray(z)[..., None] / scales) @ weights

        assert_law(x @ v, cdf)
    far = np.vecdot(x, x) > np.median(np.vecdot(x, x))
    assert detectable_rate(int(far.sum()), 0.5) < 0.54
    assert_rate(int(np.sum(s[far] > 0)), int(far.sum()), 0.5)


def test_the_mixture_of_ckmy_is_the_published_one():
    """Claim I3: with the axes exchanged, N(0, I) and N(0, [[8, .1], [.1, .0024]])."""
    assert CKMY.weights == (0.5, 0.5)
    first, second = np.array(CKMY.covariances)[:, ::-1, ::-1]
    np.testing.assert_array_equal(first, np.eye(2))
    np.testing.assert_array_equal(second, [[8, 0.1], [0.1, 0.0024]])
    assert np.all(np.linalg.eigvalsh(second) > 0)
