"""Claims E1 to E3: weights, their theory, and where the weighted estimate wins."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.spatial.distance import cdist

from halfspace.distill.weighting import neighbour_weights, weights
from halfspace.losses import LOSSES
from halfspace.theory.weighting import crossing_size, mean_squared_error, moments
from simulations import weighted_descent, weighted_laws, weighting, weighting_claims
from tests.refusals import FINITE
from tests.strategies import frozen

losses = st.floats(1e-3, 1e3)
shares = st.floats(0, 1)


@st.composite
def laws(draw, most=3):
    """Draw masses, how often the teacher is wrong, and both losses, each (m,)."""
    m = draw(st.integers(1, most))
    size = {"min_size": m, "max_size": m}
    mass = np.array(draw(st.lists(st.floats(0.05, 1), **size)))
    parts = (draw(st.lists(it, **size)) for it in (shares, losses, losses))
    return tuple(map(frozen, (mass / mass.sum(), *parts)))


@given(p=shares, true=losses, other=losses)
def test_the_weighted_loss_is_the_clean_loss_in_the_mean(p, true, other):
    """Claim E1: over the teacher's two labels, and both ways to write the weight."""
    w = weights(p, true, other)
    np.testing.assert_allclose((1 - p) * w * true + p * w * other, true, rtol=1e-12)
    np.testing.assert_allclose(w, 1 / (1 + p * (other / true - 1)), rtol=1e-9)
    assert w <= 1 / (1 - p) * (1 + 1e-12) if p < 1 else True
    assert (w < 1) == (p * other > p * true) or np.isclose(w, 1)


@pytest.mark.parametrize(
    ("p", "true", "other", "expected"),
    [
        (0.25, 1.0, 3.0, 2 / 3),
        (0.25, 3.0, 1.0, 1.2),
        (0.0, 5.0, 1.0, 1.0),
        (1.0, 2.0, 4.0, 0.5),
        (0.5, 0.0, 1.0, 0.0),
        (0.5, 2.0, 0.0, 2.0),
        (0.5, 0.0, 0.0, 1.0),
        (0.0, 0.0, 1.0, 1.0),
    ],
)
def test_the_weight_by_hand(p, true, other, expected):
    np.testing.assert_allclose(weights(p, true, other), expected, rtol=1e-12)


def all_labels(law, n):
    """Return every sequence of n outcomes: probabilities, plain and weighted means."""
    mass, p, true, other = law
    chance = np.concatenate([mass * (1 - p), mass * p])
    plain = np.concatenate([true, other])
    weighted = plain * np.tile(weights(p, true, other), 2)
    index = np.indices((len(chance),) * n).reshape(n, -1)
    means = (it[index].mean(axis=0) for it in (plain, weighted))
    return chance[index].prod(axis=0), *means


@given(law=laws(), n=st.integers(1, 3))
def test_squared_errors_are_bias_and_variance_over_n(law, n):
    """Claim E2: over all sequences of labels, one by one."""
    chance, plain, weighted = all_labels(law, n)
    found = moments(*law)
    risk = float(law[0] @ law[2])
    np.testing.assert_allclose(found.risk, risk, rtol=1e-12)
    cases = (
        (plain, found.bias, found.plain_variance),
        (weighted, 0.0, found.weighted_variance),
    )
    scale = (chance * (plain**2 + weighted**2)).sum()
    for means, bias, variance in cases:
        error = (chance * (means - risk) ** 2).sum()
        predicted = mean_squared_error(n, bias, variance)
        np.testing.assert_allclose(predicted, error, rtol=1e-9, atol=1e-13 * scale)


@given(law=laws(), n=st.integers(1, 4))
def test_the_weighted_estimate_is_better_from_the_predicted_size_on(law, n):
    """Claim E3: who is better, over all sequences of labels, but for ties."""
    chance, plain, weighted = all_labels(law, n)
    risk = float(law[0] @ law[2])
    errors = [(chance * (it - risk) ** 2).sum() for it in (plain, weighted)]
    assume(abs(errors[0] - errors[1]) > 1e-9 * max(errors))
    crossing = crossing_size(*moments(*law)[1:])
    assert (errors[1] < errors[0]) == (n > crossing)


def test_both_sides_of_the_crossing_by_hand():
    """l = 1, l' = 0, p = 1/2: b = -1/2, V_u = 1/4, V_w = 1; so from n = 4 on."""
    found = moments([1.0], [0.5], [1.0], [0.0])
    assert [float(it) for it in found] == [1.0, -0.5, 0.25, 1.0]
    assert crossing_size(*found[1:]) == 3
    errors = [
        (mean_squared_error(n, -0.5, 0.25), mean_squared_error(n, 0, 1.0))
        for n in (2, 3, 4)
    ]
    assert [weighted < plain for plain, weighted in errors] == [False, False, True]


def test_moments_of_two_atoms_by_hand():
    """Half l = 1, l' = 3, p = 1/4; half l = 3, l' = 1, p = 1/2: w = 2/3 and 3/2."""
    found = moments([0.5, 0.5], [0.25, 0.5], [1.0, 3.0], [3.0, 1.0])
    square = 0.5 * (0.75 + 9 / 4) + 0.5 * (9 / 2 + 1 / 2)
    weighted = 0.5 * 4 / 9 * (0.75 + 9 / 4) + 0.5 * 9 / 4 * (9 / 2 + 1 / 2)
    expected = [2.0, -0.25, square - 1.75**2, weighted - 4]
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize(
    ("bias", "plain", "weighted", "expected"),
    [
        (0.5, 1.0, 2.0, 4.0),
        (-0.1, 0.0, 1.0, 100.0),
        (0.5, 2.0, 1.0, 0.0),
        (0.0, 2.0, 1.0, 0.0),
        (0.0, 1.0, 1.0, np.inf),
        (0.0, 1.0, 2.0, np.inf),
    ],
)
def test_the_crossing_by_hand(bias, plain, weighted, expected):
    np.testing.assert_allclose(crossing_size(bias, plain, weighted), expected)


@given(law=laws())
def test_stacks_are_loops(law):
    pair = [np.stack([it, it[::-1]]) for it in law]
    found = moments(*pair)
    crossing = crossing_size(*found[1:])
    w = weights(*pair[1:])
    for i in range(2):
        alone = moments(*(it[i] for it in pair))
        np.testing.assert_allclose([it[i] for it in found], alone, rtol=1e-12)
        np.testing.assert_array_equal(w[i], weights(*(it[i] for it in pair[1:])))
        assert crossing[i] == crossing_size(*alone[1:])


@given(seed=st.integers(0, 1000), k=st.integers(1, 9))
def test_neighbours_are_the_nearest_rows(seed, k):
    """By all distances, and the same as `weights` of what the neighbours show."""
    rng = np.random.default_rng(seed)
    x, known = rng.random((5, 3)), rng.random((9, 3))
    wrong = rng.random(9) < 0.4
    true, other = rng.random(9) + 0.1, rng.random(9) + 0.1
    teacher = np.where(wrong, other, true)
    found = neighbour_weights(x, known, true, teacher, neighbours=k)
    for i, near in enumerate(np.argsort(cdist(x, known), axis=-1)[:, :k]):
        clean, p = true[near].mean(), wrong[near].mean()
        gap = (other - true)[near][wrong[near]].mean() if p else 0.0
        expected = weights(p, clean, clean + gap) if clean + gap >= 0 else None
        ratio = clean / teacher[near].mean()
        np.testing.assert_allclose(found[i], ratio, rtol=1e-12)
        if expected is not None:
            np.testing.assert_allclose(found[i], expected, rtol=1e-9)


def test_all_rows_as_neighbours_give_one_weight():
    x = np.arange(8.0).reshape(4, 2)
    found = neighbour_weights(x, x, [1, 2, 3, 4], [4, 4, 4, 8], neighbours=4)
    np.testing.assert_allclose(found, 0.5)


def test_through_the_weights_the_slope_is_the_clean_slope():
    """E1: the mean weighted loss is the clean loss at every z, so its slope is, too.

    Held weights give another, which is 0 where the odds are those of the noise.
    """
    z = np.linspace(-6, 6, 41)
    clean = LOSSES["logistic"](z).slope
    for rate in (0.05, 0.3, 0.45):
        at = np.log((1 - rate) / rate)
        slopes = {
            it: weighted_descent.weighted_slope(z, np.array(rate), it)
            for it in ("plain", "held", "through")
        }
        np.testing.assert_allclose(slopes["through"], clean, rtol=1e-9)
        assert ((slopes["held"] > 0) == (z > at)).all()
        assert (np.sign(slopes["plain"]) == np.sign(slopes["held"])).all()


def test_weights_that_are_held_can_leave_half_of_the_law_wrong():
    """Claim E1 on the law of Long and Servedio; slopes through the weights do not."""
    spec = weighted_descent.Spec(margins=(0.05,), rates=(0.1, 0.3), steps=800)
    errors = {
        slope: weighted_descent.measure(spec, slope=slope)["errors"][0]
        for slope in spec.slopes
    }
    assert errors == {"plain": [0.5, 0.5], "held": [0, 0.5], "through": [0, 0]}


def test_the_simulated_labels_have_their_law():
    """By their count: n labels in each trial, and in the mean n times the law."""
    chance = np.array([0.5, 0.3, 0.2])
    drawn = weighting.counts(chance, (1, 5, 40), 4000, np.random.default_rng(0))
    for n, seen in drawn:
        assert (seen.sum(axis=-1) == n).all()
    np.testing.assert_allclose(seen.mean(axis=0) / 40, chance, atol=0.01)  # 8 sigma


def test_weights_that_are_off_would_be_seen(monkeypatch):
    """Negative control for E1 and E2: two percent of every weight."""
    honest = weights
    monkeypatch.setattr(weighted_laws, "weights", lambda *it: 1.02 * honest(*it))
    row = weighted_laws.measure(weighted_laws.SCALES["test"], atoms=2, most_wrong=0.5)
    assert row["E1"] > 0.01
    assert row["E2"] > 1e-3


def test_another_crossing_would_be_seen(monkeypatch):
    """Negative control for E3: a crossing at half the size."""
    honest = crossing_size
    spec = weighted_laws.Spec(laws=100)
    row = weighted_laws.measure(spec, atoms=2, most_wrong=0.5)
    assert row["E3"] == 0
    assert 0 < row["weighted_is_better"] < row["comparisons"]
    monkeypatch.setattr(weighted_laws, "crossing_size", lambda *it: honest(*it) / 2)
    row = weighted_laws.measure(spec, atoms=2, most_wrong=0.5)
    assert row["E3"] > 0


def test_the_measures_of_sampled_errors_see_what_is_there(monkeypatch, tmp_path):
    """Not vacuous: curves that cross at 1.2 of the prediction, and errors 10% off."""
    sizes = np.array([1, 10, 100, 1000])
    plain, weighted = 0.01 + 1 / sizes, 2.2 / sizes  # they cross at 120
    row = {"sizes": sizes.tolist(), "group_trials": 2, "predicted_crossing": 100.0}
    noise = 1 + 1e-3 * np.random.default_rng(0).standard_normal((8, 1))
    row |= {"plain": 2 * plain * noise, "weighted": 2 * weighted * noise}
    row |= {"predicted_plain": plain, "predicted_weighted": 2 / sizes}
    monkeypatch.setattr(weighting_claims, "load", lambda *_: {"rows": [{"row": row}]})
    found = weighting_claims.crossing("paper", tmp_path)
    np.testing.assert_allclose(found, 1.2, rtol=1e-3)
    found = weighting_claims.furthest("paper", tmp_path)
    np.testing.assert_allclose(found.estimate, 1.1, rtol=1e-3)
    assert found.low < 1.01 < 1.09 < found.high


NEAR = {"x": [[0.0], [1.0]], "validation": [[0.0], [1.0], [2.0]]}
NEAR |= {"loss_true": [1.0, 1.0, 1.0], "loss_teacher": [1.0, 2.0, 1.0], "neighbours": 2}
LAW = {"mass": [0.5, 0.5], "wrong": [0.2, 0.3]}
LAW |= {"loss_true": [1.0, 2.0], "loss_wrong": [3.0, 1.0]}
ONE = {"wrong": 0.3, "loss_true": 1.0, "loss_wrong": 2.0}
SIZE = {"size": 3, "bias": 0.1, "variance": 1.0}
CROSS = {"bias": 0.1, "plain_variance": 1.0, "weighted_variance": 2.0}
PROBABILITY, LOSS = [-0.1, 1.5, *FINITE], [-1.0, *FINITE]
REFUSED = [
    (weights, ONE, "wrong", PROBABILITY),
    (weights, ONE, "loss_true", LOSS),
    (weights, ONE, "loss_wrong", LOSS),
    (weights, {**ONE, "wrong": 1.0}, "loss_wrong", [0.0]),
    (moments, LAW, "mass", [[0.5, 0.4], 1.0, [1.5, -0.5], *FINITE]),
    (moments, LAW, "wrong", PROBABILITY),
    (moments, LAW, "loss_true", LOSS),
    (moments, LAW, "loss_wrong", LOSS),
    (moments, {**LAW, "wrong": [1.0, 0.5]}, "loss_wrong", [[0.0, 1.0]]),
    (mean_squared_error, SIZE, "size", [0, 0.5, *FINITE]),
    (mean_squared_error, SIZE, "bias", FINITE),
    (mean_squared_error, SIZE, "variance", LOSS),
    (crossing_size, CROSS, "bias", FINITE),
    (crossing_size, CROSS, "plain_variance", LOSS),
    (crossing_size, CROSS, "weighted_variance", LOSS),
    (neighbour_weights, NEAR, "x", [[0.0, 1.0], *FINITE]),
    (neighbour_weights, NEAR, "validation", [[[0.0, 1.0]], [0.0, 1.0], *FINITE]),
    (neighbour_weights, NEAR, "loss_true", [[1.0, 1.0], [-1.0, 1.0, 1.0], *FINITE]),
    (neighbour_weights, NEAR, "loss_teacher", [[1.0], [0.0, 0.0, 1.0], *FINITE]),
    (neighbour_weights, NEAR, "neighbours", [0, 4, 1.5, None, True]),
]


@pytest.mark.parametrize(("function", "good", "name", "bad"), REFUSED)
def test_bad_input_is_refused(function, good, name, bad):
    for value in bad:
        with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
            function(**{**good, name: value})


def test_good_input_passes():
    """Not vacuous: what is changed is all that is wrong."""
    for function, good in ((weights, ONE), (moments, LAW), (crossing_size, CROSS)):
        function(**good)
    assert mean_squared_error(**SIZE) == pytest.approx(0.01 + 1 / 3)
    assert neighbour_weights(**NEAR).shape == (2,)
