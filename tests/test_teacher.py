"""The accuracy of a teacher, fitted to clean rows."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from sklearn.isotonic import IsotonicRegression

from halfspace import stats
from halfspace.distill.teacher import Accuracy, fit_accuracy, top_margin
from tests.strategies import frozen, shapes

NAN, INF = float("nan"), float("inf")


@st.composite
def validation(draw, max_size=12):
    """Draw (scores, right, weight, lower, upper): many ties, weights of small ints."""
    n = draw(st.integers(1, max_size))
    scores = draw(npst.arrays(float, n, elements=st.integers(-3, 4)))
    right = draw(npst.arrays(float, n, elements=st.integers(0, 1)))
    weight = draw(npst.arrays(float, n, elements=st.integers(1, 4)))
    bounds = sorted(draw(st.lists(st.integers(0, 8), min_size=2, max_size=2)))
    return *map(frozen, (scores, right, weight)), bounds[0] / 8, bounds[1] / 8


@st.composite
def probabilities(draw, shape=shapes):
    """Draw probability vectors on a binary grid, where ties are exact."""
    shape = (*draw(shape), draw(st.integers(2, 5)))
    mass = draw(npst.arrays(float, shape, elements=st.integers(0, 4)))
    mass[..., 0] += 32 - mass.sum(axis=-1)
    return frozen(mass / 32)


def min_max(scores, right, weight, lower, upper):
    """Return the fit at the rows by the min-max formula, exactly."""

    def mean(low, high):
        rows = [i for i, s in enumerate(scores) if low <= s <= high]
        mass = sum(int(weight[i]) for i in rows)
        return Fraction(sum(int(weight[i] * right[i]) for i in rows), mass)

    levels = sorted(set(scores.tolist()))
    return [
        min(
            Fraction(upper),
            max(
                Fraction(lower),
                max(
                    min(mean(a, b) for b in levels if b >= s) for a in levels if a <= s
                ),
            ),
        )
        for s in scores.tolist()
    ]


@given(data=validation())
def test_the_fit_is_the_min_max_formula_clipped(data):
    """Claim D1, equality: within rounding of exact arithmetic."""
    scores, right, weight, lower, upper = data
    alpha = fit_accuracy(scores, right, lower=lower, upper=upper, sample_weight=weight)
    exact = np.array(min_max(*data), dtype=float)
    np.testing.assert_allclose(alpha.step(scores), exact, rtol=1e-14)


@given(data=validation(max_size=30))
def test_the_fit_is_the_bounded_least_squares_optimum(data):
    """Claim D1, equality: the variational inequality at all extreme points.

    The set is convex, and its extreme points are the monotone functions with no value
    but the bounds.
    """
    scores, right, weight, lower, upper = data
    alpha = fit_accuracy(scores, right, lower=lower, upper=upper, sample_weight=weight)
    fitted = alpha.step(scores)
    for cut in [*np.unique(scores), INF]:
        extreme = np.where(scores >= cut, upper, lower)
        ascent = np.sum(weight * (right - fitted) * (extreme - fitted))
        assert ascent <= 1e-12, cut


@given(data=validation(max_size=30), at=st.lists(st.floats(-9, 9), min_size=1))
def test_a_peer_has_the_same_fit(data, at):
    scores, right, weight, lower, upper = data
    alpha = fit_accuracy(scores, right, lower=lower, upper=upper, sample_weight=weight)
    peer = IsotonicRegression(y_min=lower, y_max=upper, out_of_bounds="clip")
    peer.fit(scores, right, sample_weight=weight)
    found = alpha.interpolate(at)
    np.testing.assert_allclose(found, peer.predict(np.array(at)), atol=1e-12)


@given(data=validation(), order=st.randoms())
def test_the_order_of_the_rows_does_not_matter(data, order):
    scores, right, weight, lower, upper = data
    p = list(range(scores.size))
    order.shuffle(p)
    first = fit_accuracy(scores, right, lower=lower, upper=upper, sample_weight=weight)
    other = fit_accuracy(
        scores[p], right[p], lower=lower, upper=upper, sample_weight=weight[p]
    )
    np.testing.assert_array_equal(first.thresholds, other.thresholds)
    np.testing.assert_allclose(first.values, other.values, rtol=1e-14)


@given(data=validation())
def test_a_weight_is_a_number_of_rows(data):
    scores, right, weight, lower, upper = data
    times = weight.astype(int) - 1  # 0 to 3
    if not times.any():
        times += 1
    bounds = {"lower": lower, "upper": upper}
    first = fit_accuracy(scores, right, sample_weight=times.astype(float), **bounds)
    other = fit_accuracy(np.repeat(scores, times), np.repeat(right, times), **bounds)
    np.testing.assert_array_equal(first.thresholds, other.thresholds)
    np.testing.assert_allclose(first.values, other.values, rtol=1e-14)
    assert first.count == np.count_nonzero(times)


@given(data=validation())
def test_only_the_order_of_scores_matters(data):
    scores, right, _, lower, upper = data
    first = fit_accuracy(scores, right, lower=lower, upper=upper)
    other = fit_accuracy(np.exp(scores), right, lower=lower, upper=upper)
    np.testing.assert_array_equal(first.step(scores), other.step(np.exp(scores)))


@given(data=validation())
def test_scores_and_answers_mirrored_mirror_the_fit(data):
    scores, right, _, lower, upper = data
    first = fit_accuracy(scores, right, lower=lower, upper=upper)
    other = fit_accuracy(-scores, 1 - right, lower=1 - upper, upper=1 - lower)
    np.testing.assert_allclose(
        first.step(scores), 1 - other.step(-scores), rtol=0, atol=1e-14
    )


@given(data=validation(), more=st.data())
def test_more_right_answers_nowhere_lower_the_fit(data, more):
    scores, right, _, lower, upper = data
    extra = more.draw(npst.arrays(bool, right.shape))
    first = fit_accuracy(scores, right, lower=lower, upper=upper)
    other = fit_accuracy(scores, (right > 0) | extra, lower=lower, upper=upper)
    assert (other.step(scores) >= first.step(scores) - 1e-14).all()


@given(data=validation(), at=st.lists(st.floats(-9, 9), min_size=1))
def test_both_readings_are_nondecreasing_and_within_bounds(data, at):
    scores, right, _, lower, upper = data
    alpha = fit_accuracy(scores, right, lower=lower, upper=upper)
    at = np.sort([*at, *scores])
    step, line = alpha.step(at), alpha.interpolate(at)
    for found in (step, line):
        assert (np.diff(found) >= -1e-15).all()
        assert ((lower <= found) & (found <= upper)).all()
    assert (step <= line + 1e-15).all()
    np.testing.assert_allclose(
        alpha.interpolate(scores), alpha.step(scores), rtol=1e-15
    )
    for far in ([-100.0], [100.0]):
        assert alpha.step(far) == alpha.interpolate(far)
    assert alpha.step([-100.0]) == alpha.values[0]
    assert alpha.step([100.0]) == alpha.values[-1]


@given(data=validation())
def test_no_threshold_is_superfluous(data):
    scores, right, _, lower, upper = data
    alpha = fit_accuracy(scores, right, lower=lower, upper=upper)
    assert set(alpha.thresholds) <= set(scores)
    assert {scores.min(), scores.max()} <= set(alpha.thresholds)
    inner = alpha.values[1:-1]
    assert ((alpha.values[:-2] < inner) | (inner < alpha.values[2:])).all()
    if lower == upper:
        assert set(alpha.values) == {lower}


def test_shares_that_increase_are_the_fit():
    """Not vacuous: with ten rows a score, 5, 7 and 9 of them right."""
    scores = np.repeat([0.1, 0.2, 0.4], 10)
    right = np.concatenate([np.arange(10) < hits for hits in (5, 7, 9)])
    alpha = fit_accuracy(scores, right, lower=0.25)
    np.testing.assert_allclose(alpha.thresholds, [0.1, 0.2, 0.4])
    np.testing.assert_allclose(alpha.values, [0.5, 0.7, 0.9], rtol=1e-15)
    np.testing.assert_allclose(alpha.step([0.0, 0.15, 0.39, 0.4]), [0.5, 0.5, 0.7, 0.9])
    np.testing.assert_allclose(alpha.interpolate([0.15, 0.3]), [0.6, 0.8])
    assert (alpha.count, alpha.warning) == (30, "")
    clipped = fit_accuracy(scores, right, lower=0.6, upper=0.8)
    np.testing.assert_allclose(clipped.values, [0.6, 0.7, 0.8], rtol=1e-15)


@given(n=st.integers(1, 40), lower=st.sampled_from([0.0, 0.5, 0.6]))
def test_a_teacher_that_is_never_wrong_has_accuracy_one(n, lower):
    alpha = fit_accuracy(np.linspace(0, 1, n), np.ones(n), lower=lower)
    assert (alpha.values == 1).all()
    assert (alpha.step([-1.0, 0.5, 2.0]) == 1).all()


@given(n=st.integers(1, 40), lower=st.sampled_from([0.0, 0.5, 0.6]))
def test_a_teacher_that_is_never_right_has_the_lower_bound_and_a_warning(n, lower):
    alpha = fit_accuracy(np.linspace(0, 1, n), np.zeros(n), lower=lower)
    assert (alpha.values == lower).all()
    assert "not significantly above `lower`" in alpha.warning


@pytest.mark.parametrize("lower", [0.0, 0.1, 0.5, 0.9])
def test_the_warning_is_that_of_the_exact_interval(lower):
    n, scores = 40, np.linspace(0, 1, 40)
    warned = []
    for hits in range(n + 1):
        alpha = fit_accuracy(scores, np.arange(n) < hits, lower=lower)
        low = stats.binomial(hits, n).low
        assert bool(alpha.warning) == (low <= lower), hits
        warned.append(bool(alpha.warning))
    assert any(warned)
    assert lower == 0.9 or not all(warned)


def test_equal_weights_do_not_change_the_warning():
    """Weights speak of shares: rows of weight 1/3 are no fewer rows."""
    scores, right = np.linspace(0, 1, 40), np.arange(40) % 2 == 0
    plain = fit_accuracy(scores, right, lower=0.5)
    for weight in (1 / 3, 7.0, 1e-300, 1e300):
        other = fit_accuracy(
            scores, right, lower=0.5, sample_weight=np.full(40, weight)
        )
        assert other.warning == plain.warning != ""
    text = "accuracy 0.5 (99% interval 0.295 to 0.705, 40 rows)"
    assert text in plain.warning


def test_rounding_does_not_lead_out_of_the_range():
    """Plain interpolation does: it gives more than the last value."""
    alpha = Accuracy(np.array([0.0, 0.8]), np.array([0.3, 0.9]), count=2)
    almost = np.nextafter(0.8, 0)
    assert np.interp(almost, alpha.thresholds, alpha.values) > 0.9
    assert alpha.interpolate(almost) == 0.9


def test_weights_that_differ_count_as_fewer_rows():
    """For half of 40 rows at half the weight, 30^2 / 25 = 36."""
    weight = np.repeat([1.0, 0.5], 20)
    alpha = fit_accuracy(
        np.arange(40), np.arange(40) < 9, lower=0.5, sample_weight=weight
    )
    assert "accuracy 0.306 (99% interval" in alpha.warning  # 11 of 36
    assert "36 rows" in alpha.warning


@given(p=probabilities())
def test_the_margin_is_that_of_the_sorted_probabilities(p):
    ordered = np.sort(p, axis=-1)
    margin = top_margin(p)
    np.testing.assert_array_equal(margin, ordered[..., -1] - ordered[..., -2])
    assert margin.shape == p.shape[:-1]
    for i in np.ndindex(p.shape[:-1]):
        assert margin[i] == top_margin(p[i])
    for roll in range(p.shape[-1]):
        np.testing.assert_array_equal(top_margin(np.roll(p, roll, axis=-1)), margin)


def test_the_margin_keeps_its_precision():
    p = np.array([[0.25, 0.75], [0.5, 0.5]], dtype=np.float32)
    assert top_margin(p).dtype == np.float32
    assert top_margin(p).tolist() == [0.5, 0.0]


GOOD = {"scores": [0.1, 0.2, 0.3], "right": [0, 1, 1], "lower": 0.25}
REFUSED = {
    "scores": [
        *([], [0.1, NAN, 0.3], [0.1, INF, 0.3], [[0.1, 0.2, 0.3]], 0.1),
        *(None, "abc", [0.1, None, 0.2], [0.1, 1j, 0.2], [[0.1], [0.1, 0.2]]),
    ],
    "right": [
        *([], [0, 1], [0, 1, 1, 1], [0, 1, 2], [0, 0.5, 1], [0, 1, NAN], [-1, 1, 1]),
        *([[0, 1, 1]], 1, None, "011", [0, None, 1]),
    ],
    "lower": [-0.1, 1.1, NAN, INF, None, True, "0.5", [0.5]],
    "upper": [0.2, -1, 1.1, NAN, None, "1"],
    "sample_weight": [
        *([1, 1], [1, 1, -1], [0, 0, 0], [1, NAN, 1], [1, INF, 1]),
        *([], 1.0, [[1, 1, 1]], "abc"),
    ],
}
BAD = [(name, value) for name, values in REFUSED.items() for value in values]


@pytest.mark.parametrize("case", range(len(BAD)), ids=[it[0] for it in BAD])
def test_bad_rows_are_refused_by_name(case):
    name, value = BAD[case]
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        fit_accuracy(**GOOD | {name: value})


def test_good_rows_are_not_refused():
    assert fit_accuracy(**GOOD, upper=0.5, sample_weight=[0, 1, 2]).count == 2


@pytest.mark.parametrize(
    "value",
    [
        *([], [0.5], 0.5, [0.5, 0.4], [0.5, 0.6], [1.5, -0.5], [NAN, 1.0], [INF, 0.0]),
        *([0, 1], None, "ab", [[0.5, 0.5], [1.0]], [0.5, 0.500001]),
    ],
)
def test_what_is_not_probabilities_has_no_margin(value):
    with pytest.raises(
        (ValueError, TypeError), match=r"^`probabilities` must .*, got "
    ):
        top_margin(value)


def test_float32_that_sum_to_one_within_its_rounding_pass():
    p = np.full((1, 1000), 1e-3, dtype=np.float32)
    assert top_margin(p).tolist() == [0.0]


@pytest.mark.parametrize("method", ["step", "interpolate"])
@pytest.mark.parametrize("value", [[], [NAN], [0.1, INF], None, "a", [1j]])
def test_no_accuracy_at_bad_scores(method, value):
    alpha = Accuracy(np.array([0.0, 1.0]), np.array([0.5, 1.0]), count=2)
    with pytest.raises((ValueError, TypeError), match=r"^`scores` must .*, got "):
        getattr(alpha, method)(value)


@pytest.mark.parametrize(
    ("name", "change"),
    [
        *(("thresholds", {"thresholds": v}) for v in ([], [1.0, 0.0], [0.0, 0.0])),
        *(("thresholds", {"thresholds": v}) for v in ([0.0, NAN], None, [[0.0, 1.0]])),
        *(("values", {"values": v}) for v in ([1.0, 0.5], [0.5], [0.5, 1.5], [-1, 0])),
        *(("count", {"count": v}) for v in (0, 1.5, None)),
    ],
)
def test_no_accuracy_that_is_not_nondecreasing(name, change):
    good = {"thresholds": [0.0, 1.0], "values": [0.5, 1.0], "count": 2}
    assert Accuracy(**good).step([0.5]) == 0.5
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got "):
        Accuracy(**good | change)
