"""Laws: what they draw, and what they say of the error of a direction."""

from itertools import pairwise

import mpmath as mp
import numpy as np
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from scipy import integrate, special

from halfspace import (
    Law,
    Shell,
    Shells,
    Sphere,
    Symmetric,
    ckmy_mixture,
    long_servedio,
    stream,
    three_atoms,
    trap,
)
from tests import strategies
from tests.statistics import (
    assert_law,
    assert_rate,
    detectable_distance,
    detectable_rate,
)

MIXTURE = Shells(dim=6, margin=0.2, values=(0.2, 0.7, 0.9), weights=(0.5, 0.3, 0.2))
LAWS = [Shell(dim=6, margin=0.2), MIXTURE, Sphere(dim=6, margin=0.2)]
each_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)

EVERY = [*LAWS, three_atoms(0.1), trap(0.3), long_servedio(0.1), ckmy_mixture()]
every_law = pytest.mark.parametrize("law", EVERY, ids=lambda law: repr(law)[:24])

coordinates = st.floats(-10, 10).map(lambda value: round(value, 6))
DRAWS = 20_000


@every_law
def test_a_law_has_the_shape_that_is_asked_for_and_repeats_itself(law, seed):
    """Trials in front; equal streams give equal draws, other streams others."""
    assert isinstance(law, Law)
    x, s = law.sample((3, 4, 50), rng=stream(seed, "shape"))
    assert x.shape == (3, 4, 50, law.dim)
    assert s.shape == (3, 4, 50)
    assert np.all(np.abs(s) == 1)
    assert np.all(s * x[..., 0] > 0)
    again = law.sample((3, 4, 50), rng=stream(seed, "shape"))
    np.testing.assert_array_equal(again[0], x)
    np.testing.assert_array_equal(again[1], s)
    assert np.any(law.sample((3, 4, 50), rng=stream(seed, "other"))[1] != s)
    assert len(np.unique(s, axis=0)) == 3


@every_law
def test_more_samples_extend_fewer(law, seed):
    """Of the sphere all but the heights, which are drawn by rejection."""
    (short, s), (long, longer) = (
        law.sample((size, 7), rng=stream(seed, "prefix")) for size in (5, 40)
    )
    np.testing.assert_array_equal(longer[:5], s)
    if isinstance(law, Sphere):
        short, long = (x[..., 1:] / np.abs(x[..., 1:2]) for x in (short, long))
    np.testing.assert_allclose(long[:5], short, rtol=1e-12)


@every_law
def test_a_point_is_as_likely_as_its_mirror_image(law, seed):
    """And the error of a direction is what samples of either label say.

    An error of .2 that is 8% off would be seen. No point is on the boundaries of these
    directions, or the labels would part: sign(0) is +1.
    """
    x, s = law.sample((DRAWS * 5,), rng=stream(seed, "mirror"))
    assert_rate(int(np.sum(s > 0)), s.size, 0.5)
    for w in ([0.5, 1.0, -0.7, 0.1, 0.0, 0.3], [0.1, -1.0, 0.2, 0.0, 1.0, 0.3]):
        v = np.array(w[: law.dim])
        for side in (1, -1):
            some = x[s == side] @ v
            assert detectable_rate(len(some), 0.2) < 0.215
            wrong = int(np.sum((some < 0) == (side > 0)))
            assert_rate(wrong, len(some), float(law.error(v)))


@every_law
def test_the_error_does_not_see_a_scale_and_turns_with_the_direction(law):
    """Nor need there be a direction: that of w = 0 is 1/2."""
    w = stream(0, "directions").standard_normal((2, 5, law.dim))
    error = law.error(w)
    assert error.shape == (2, 5)
    np.testing.assert_allclose(law.error(-w), 1 - error, atol=1e-12)
    for scale in (2.0**-700, 2.0**700):
        np.testing.assert_allclose(law.error(scale * w), error, rtol=1e-12)
    truth = np.eye(law.dim)[0]
    np.testing.assert_allclose(
        law.error([truth, -truth, 0 * truth]), [0, 1, 0.5], atol=1e-12
    )
    for i in np.ndindex(2, 5):
        np.testing.assert_allclose(law.error(w[i]), error[i], rtol=1e-12, atol=1e-15)


@every_law
@pytest.mark.parametrize("w", [1.0, [1.0], [np.nan] * 6, "w", None, [[1.0], [1.0, 2]]])
def test_what_is_no_direction_is_refused(law, w):
    if isinstance(w, list) and len(w) == 6:
        w = w[: law.dim]
    with pytest.raises((ValueError, TypeError), match=r"^`w` must .*, got ."):
        law.error(w)


def test_only_laws_with_a_height_are_symmetric():
    assert sum(isinstance(law, Symmetric) for law in EVERY) == len(LAWS)


@given(law=strategies.laws(), seed=strategies.seeds, shape=strategies.shapes)
def test_points_have_norm_one_keep_the_margin_and_bear_their_label(law, seed, shape):
    shape = (*shape, 20)
    x, s = law.sample(shape, rng=stream(seed, "x"))
    assert x.shape == (*shape, law.dim)
    assert s.shape == shape
    np.testing.assert_allclose(np.linalg.norm(x, axis=-1), 1, rtol=1e-12)
    assert set(np.unique(s)) <= {-1.0, 1.0}
    assert np.all(s * x[..., 0] >= law.margin)
    again = law.sample(shape, rng=stream(seed, "x"))
    np.testing.assert_array_equal(again[0], x)


@each_law
def test_sign_height_and_direction_are_independent_and_balanced(law, seed):
    """A direction's coordinates pass through zero half the time, whatever the rest."""
    x, s = law.sample((DRAWS,), rng=stream(seed, "signs"))
    assert detectable_rate(DRAWS, 0.5) < 0.53
    assert_rate(int(np.sum(s > 0)), DRAWS, 0.5)
    high = np.abs(x[:, 0]) >= np.median(np.abs(x[:, 0]))
    for i in range(1, law.dim):
        assert_rate(int(np.sum(x[:, i] > 0)), DRAWS, 0.5)
        assert_rate(int(np.sum(s * x[:, i] > 0)), DRAWS, 0.5)
        assert_rate(int(np.sum(x[high, i] > 0)), int(high.sum()), 0.5)
        assert_rate(int(np.sum(x[:, i] * x[:, i - 1] > 0)), DRAWS, 0.5)


@each_law
def test_the_part_across_is_uniform_on_its_sphere(law, seed):
    """A coordinate c of a uniform point of S^(d-2): (1 + c) / 2 is a Beta variable."""
    x, _ = law.sample((DRAWS,), rng=stream(seed, "across"))
    c = x[:, 1:] / np.sqrt(1 - x[:, :1] ** 2)
    half = law.dim / 2 - 1
    assert detectable_distance(len(c)) < 0.05
    for column in (c.T[0], c.T[-1], c @ np.full(law.dim - 1, (law.dim - 1) ** -0.5)):
        assert_law((1 + column) / 2, lambda z: special.betainc(half, half, z))


def height_law(dim, margin):
    """Return the distribution function of a = |w*.x| on the sphere, given the margin.

    The ratio of two upper tails, each computed without cancellation.
    """

    def upper(a):
        return special.betaincc(0.5, (dim - 1) / 2, np.minimum(a * a, 1))

    return lambda a: 1 - upper(np.maximum(a, margin)) / upper(np.asarray(margin))


HARD = [(1000, 0.3), (5, 0.01), (2, 0.1), (2, 0.9), (3, 1e-6), (40, 0.1), (10**6, 0.01)]


@pytest.mark.parametrize(("dim", "margin"), HARD)
def test_heights_of_the_sphere_follow_their_exact_law(dim, margin, seed):
    """At a margin and dimension where a plain sampler would wait for ever, too."""
    rng = stream(seed, "heights", dim)
    a = Sphere(dim=dim, margin=margin).heights((DRAWS,), rng=rng)
    assert detectable_distance(DRAWS) < 0.034
    assert a.min() >= margin
    assert a.max() <= 1
    assert_law(a, height_law(dim, margin))


@pytest.mark.parametrize(("dim", "margin"), [(1000, 0.3), (5, 0.3), (40, 0.1)])
def test_the_test_of_heights_can_fail(dim, margin, seed):
    """Negative control: the law one dimension short, or untilted by 1/a."""
    rng = stream(seed, "heights", dim)
    a = Sphere(dim=dim, margin=margin).heights((DRAWS,), rng=rng)
    with pytest.raises(AssertionError, match="distance"):
        assert_law(a, height_law(int(dim * 0.75), margin))
    power = (dim - 1) / 2
    t = rng.beta(1, power, DRAWS)
    untilted = np.sqrt(margin**2 + (1 - margin**2) * t)
    if dim < 1000:  # out there 1/a hardly varies
        with pytest.raises(AssertionError, match="distance"):
            assert_law(untilted, height_law(dim, margin))


@pytest.mark.parametrize("law", [MIXTURE])
def test_shells_are_drawn_as_often_as_they_should_be(law, seed):
    a = law.heights((100_000,), rng=stream(seed, "shells"))
    for value, weight in zip(law.values, law.weights, strict=True):
        assert detectable_rate(100_000, weight) < weight + 0.014
        assert_rate(int(np.sum(a == value)), 100_000, weight)


@given(law=strategies.laws(), cut=st.floats(0, 1))
def test_nodes_are_probabilities_on_the_heights(law, cut):
    a, weight = law.nodes(cut)
    np.testing.assert_allclose(weight.sum(), 1, rtol=1e-12)
    assert np.all(weight >= 0)
    assert np.all((a >= law.margin * (1 - 1e-12)) & (a <= 1))


@pytest.mark.parametrize(("dim", "margin"), [*HARD, (4, 0.5), (100, 0.999)])
@pytest.mark.parametrize("cut", [0.0, 0.2, 1.0])
def test_nodes_of_the_sphere_integrate_moments_exactly(dim, margin, cut):
    """Against 20 digits; the moments are of t = (a^2 - margin^2) / (1 - margin^2)."""
    floor, span = margin**2, 1 - margin**2
    a, weight = Sphere(dim=dim, margin=margin).nodes(cut)

    def moment(power, tilt):
        half = mp.mpf(dim - 1) / 2
        scale = mp.beta(power + 1, half)
        return scale * mp.hyp2f1(tilt, power + 1, power + 1 + half, -span / floor)

    for power in (1, 2):  # dt (1 - t)^((d-3)/2) / a, and a = margin sqrt(1 + t span)
        expected = float(moment(power, 0.5) / moment(0, 0.5))
        t = (a * a - floor) / span
        np.testing.assert_allclose(weight @ t**power, expected, rtol=1e-8)


@given(law=strategies.laws(), data=st.data())
def test_the_error_of_a_direction_has_its_symmetries(law, data):
    w = np.array(data.draw(st.lists(coordinates, min_size=3, max_size=3)))
    w = np.concatenate([w[: law.dim], np.zeros(max(0, law.dim - 3))])
    scale = data.draw(st.floats(1e-50, 1e50))
    error = law.error(w)
    np.testing.assert_allclose(law.error(scale * w), error, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(law.error(-w), 1 - error, atol=1e-9)
    turned = np.concatenate([w[:1], w[1:][::-1]])
    np.testing.assert_allclose(law.error(turned), error, rtol=1e-12)


@pytest.mark.parametrize("scale", [1e-200, 1e-100, 1e100, 1e200])
def test_the_error_does_not_see_how_long_a_direction_is(scale):
    """Though squares of its entries leave the range of a double."""
    w = np.array([1.0, 30.0, 4.0])
    law = Shell(dim=3, margin=0.1)
    np.testing.assert_allclose(law.error(scale * w), law.error(w), rtol=1e-9)


@given(law=strategies.laws())
def test_the_error_of_the_truth_is_zero_and_of_no_direction_a_half(law):
    w = np.zeros((4, law.dim))
    w[0, 0], w[1, 0], w[2, 1] = 1, -1, 1
    np.testing.assert_allclose(law.error(w), [0, 1, 0.5, 0.5], atol=1e-12)


@given(law=strategies.laws(), k=st.floats(-20, 20))
@example(law=Sphere(dim=2, margin=0.1451815418770892), k=-20)
def test_an_error_is_a_probability(law, k):
    assert 0 <= law.error_at(k, 1.0) <= 1


@given(law=strategies.laws(), k=st.floats(-5, 5), more=st.floats(1e-3, 5))
def test_the_error_falls_as_the_ratio_grows(law, k, more):
    near, far = law.error_at([k, k + more], 1.0)
    assert far <= near + 1e-12


@each_law
@pytest.mark.parametrize("dim", [2, 3, 6])
def test_the_error_is_what_samples_say(law, dim, seed):
    """Claim A8: the exact error is a Beta tail. 4% off at .2 would be seen."""
    kind = {name: getattr(law, name) for name in type(law).__dataclass_fields__}
    law = type(law)(**{**kind, "dim": dim})
    w = np.array([0.5, 1.0, -0.7, 0.0, 0.0, 0.3])[:dim]
    x, s = law.sample((200_000,), rng=stream(seed, "error", dim))
    error = float(law.error(w))
    assert detectable_rate(len(s), 0.2) < 0.208
    assert_rate(int(np.sum(np.where(x @ w < 0, -1.0, 1.0) != s)), len(s), error)


@pytest.mark.parametrize(
    ("dim", "margin"), [(3, 0.1), (5, 0.3), (20, 0.01), (400, 0.1)]
)
@pytest.mark.parametrize("ratio", [0.1, 1.0, 5.0])
def test_the_error_on_the_sphere_is_a_double_integral(dim, margin, ratio):
    """Claim A8: over the height a and over the cosine c, by plain quadrature."""

    def inner(a):
        r = a * ratio / np.sqrt(1 - a * a)
        low = min(1.0, r)
        half = mp.mpf(dim - 2) / 2
        return float(mp.betainc(half, 0.5, 0, 1 - low * low, regularized=True)) / 2

    def density(a):
        return (1 - a * a) ** ((dim - 3) / 2)

    cut = np.clip(1 / np.hypot(1, ratio), margin, 1)
    ends = sorted({margin, min(1, margin + 20 / dim**0.5), float(cut), 1.0})
    top = sum(
        integrate.quad(lambda a: density(a) * inner(a), *pair, epsabs=1e-14)[0]
        for pair in pairwise(ends)
    )
    bottom = integrate.quad(density, margin, 1, points=ends[1:-1], epsabs=1e-14)[0]
    found = Sphere(dim=dim, margin=margin).error_at(ratio, 1.0)
    np.testing.assert_allclose(found, top / bottom, rtol=1e-6, atol=1e-11)


@given(angle=st.floats(0.01, 3.13), dim=st.integers(2, 40))
def test_without_a_margin_the_error_is_the_angle(angle, dim):
    law = Sphere(dim=dim, margin=1e-9)
    found = law.error_at(np.cos(angle), np.sin(angle))
    np.testing.assert_allclose(found, angle / np.pi, rtol=1e-6)


@given(law=strategies.laws(st.integers(2, 200)), error=st.floats(1e-9, 0.49))
def test_ratio_is_the_least_with_that_error(law, error):
    k = law.ratio(error)
    assert law.error_at(k * (1 + 1e-9), 1.0) <= error * (1 + 1e-6)
    assert law.error_at(k * (1 - 1e-9), 1.0) >= error * (1 - 1e-6)


@given(law=strategies.laws(st.integers(3, 200)), k=st.floats(0.05, 3))
def test_ratio_inverts_error(law, k):
    error = float(law.error_at(k, 1.0))
    assume(1e-3 < error < 0.49)
    np.testing.assert_allclose(law.ratio(error), k, rtol=1e-6)


@given(law=strategies.laws(st.integers(2, 200)))
def test_the_ratio_of_no_error_leaves_none(law):
    k = law.ratio(0.0)
    assert law.error_at(k * (1 + 1e-9), 1.0) == 0


def test_the_errors_of_a_stack_do_not_see_each_others_lengths():
    law, w = Shell(dim=3, margin=0.1), np.array([1.0, 30.0, 4.0])
    stack = np.stack([1e-200 * w, w, 1e200 * w])
    np.testing.assert_allclose(law.error(stack), law.error(w), rtol=1e-12)
