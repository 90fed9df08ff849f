"""Losses of the margin: every one in the table inherits these tests."""

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace.losses import LOSSES, gce, taylor_ce
from halfspace.rules import RULES
from tests.strategies import frozen

each_loss = pytest.mark.parametrize("loss", sorted(LOSSES))
margins = st.floats(-20, 20)
CONVEX = {"logistic", "hinge", "squared", "unhinged"}
SYMMETRIC = {"sigmoid": 1.0, "ramp": 1.0, "unhinged": 2.0}
KINKS = {"hinge": (1.0,), "ramp": (-1.0, 1.0)}
LOG3 = float(np.log(3))  # sigma(log 3) = 3/4

# loss, z, value, slope: worked by hand
BY_HAND = [
    ("logistic", 0.0, np.log(2), -0.5),
    ("logistic", LOG3, np.log(4 / 3), -0.25),
    ("logistic", -LOG3, np.log(4), -0.75),
    ("hinge", -2.0, 3.0, -1.0),
    ("hinge", 0.5, 0.5, -1.0),
    ("hinge", 1.0, 0.0, 0.0),
    ("hinge", 2.0, 0.0, 0.0),
    ("squared", -1.0, 4.0, -4.0),
    ("squared", 3.0, 4.0, 4.0),
    ("unhinged", 3.0, -2.0, -1.0),
    ("sigmoid", 0.0, 0.5, -0.25),
    ("sigmoid", LOG3, 0.25, -0.1875),
    ("sigmoid", -LOG3, 0.75, -0.1875),
    ("ramp", -2.0, 1.0, 0.0),
    ("ramp", 0.5, 0.25, -0.5),
    ("ramp", 2.0, 0.0, 0.0),
    ("gce", 0.0, (1 - 0.5**0.7) / 0.7, -(0.5**1.7)),
    ("gce", LOG3, (1 - 0.75**0.7) / 0.7, -(0.75**0.7) * 0.25),
    ("taylor_ce", 0.0, 0.625, -0.375),
    ("taylor_ce", -LOG3, 0.75 + 0.28125, -0.75 * 0.4375),
]


@pytest.mark.parametrize(("loss", "z", "value", "slope"), BY_HAND)
def test_a_loss_is_what_hand_work_gives(loss, z, value, slope):
    np.testing.assert_allclose(LOSSES[loss](z), (value, slope), rtol=1e-14)


def test_every_loss_is_worked_by_hand():
    assert {row[0] for row in BY_HAND} == set(LOSSES)


@each_loss
@given(z=margins)
def test_a_slope_is_the_slope_of_its_value(loss, z):
    """By a central difference, off the kinks."""
    if min((abs(z - kink) for kink in KINKS.get(loss, ())), default=1.0) < 2e-5:
        z += 1e-3
    after, before = (LOSSES[loss](z + h).value for h in (1e-5, -1e-5))
    expected = (after - before) / 2e-5
    np.testing.assert_allclose(LOSSES[loss](z).slope, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("loss", sorted(CONVEX))
@given(a=margins, b=margins, part=st.floats(0, 1))
def test_a_convex_loss_lies_below_its_chords(loss, a, b, part):
    between = LOSSES[loss](part * a + (1 - part) * b).value
    chord = part * LOSSES[loss](a).value + (1 - part) * LOSSES[loss](b).value
    assert between <= chord + 1e-9 * (1 + abs(chord))


@pytest.mark.parametrize("loss", sorted(set(LOSSES) - CONVEX))
def test_the_other_losses_are_not_convex(loss):
    """Negative control: each lies above the chord from -8 to 8, at -3."""
    low, middle, high = (LOSSES[loss](z).value for z in (-8.0, -3.0, 8.0))
    assert middle > (11 * low + 5 * high) / 16


@pytest.mark.parametrize("loss", sorted(set(LOSSES) - {"squared"}))
@given(z=st.floats(-1000, 1000))
def test_a_loss_never_grows_with_the_margin(loss, z):
    assert LOSSES[loss](z).slope <= 0
    assert LOSSES[loss](-1.5).value > LOSSES[loss](0.5).value


@pytest.mark.parametrize("loss", sorted(SYMMETRIC))
@given(z=margins)
def test_a_symmetric_loss_and_its_mirror_sum_to_a_constant(loss, z):
    total = LOSSES[loss](z).value + LOSSES[loss](-z).value
    np.testing.assert_allclose(total, SYMMETRIC[loss], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("loss", "rule"),
    [
        ("logistic", "logistic"),
        ("hinge", "hinge"),
        ("gce", "gce"),
        ("sigmoid", "sigmoid_loss"),
        ("unhinged", "unhinged"),
    ],
)
@given(t=margins, y=st.sampled_from([-1.0, 1.0]))
def test_label_times_slope_is_the_coefficient_of_the_rule(loss, rule, t, y):
    t, y = np.array(t), np.array(y)
    expected = RULES[rule].coefficient(t, y, 0.0, 0.5)
    np.testing.assert_allclose(y * LOSSES[loss](y * t).slope, expected, rtol=1e-12)


@given(z=margins)
def test_special_cases_are_losses_that_are_known(z):
    sigmoid, logistic = LOSSES["sigmoid"](z), LOSSES["logistic"](z)
    np.testing.assert_allclose(gce(z, exponent=1.0), sigmoid, rtol=1e-12)
    np.testing.assert_allclose(gce(z, exponent=1e-9), logistic, rtol=1e-6)
    np.testing.assert_allclose(taylor_ce(z, order=1), sigmoid, rtol=1e-12)
    if z > -2:  # else it takes more terms
        np.testing.assert_allclose(taylor_ce(z, order=400), logistic, rtol=1e-9)
    assert sigmoid.value <= taylor_ce(z, order=3).value <= logistic.value * (1 + 1e-12)


@each_loss
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_loss_is_finite_far_out_and_keeps_its_precision(loss, precision):
    z = np.array([[-1000.0, -100.0, 0.0], [1.0, 100.0, 1000.0]], dtype=precision)
    z.flags.writeable = False
    for found in LOSSES[loss](z):
        assert found.dtype == precision
        assert found.shape == z.shape
        assert np.isfinite(found).all()
        single = LOSSES[loss](z[0, 1])
        assert single.value.dtype == precision


@pytest.mark.parametrize("z", [-1000.0, -40.0, 2.0, 40.0, 700.0])
def test_small_values_and_slopes_have_all_their_digits(z):
    with mp.workdps(700):
        q = 1 / (1 + mp.exp(-mp.mpf(z)))
        r = mp.mpf(0.7)
        expected = {
            "logistic": (-mp.log(q), q - 1),
            "gce": ((1 - q**r) / r, -(q**r) * (1 - q)),
            "sigmoid": (1 - q, -q * (1 - q)),
            "taylor_ce": (1 - q + (1 - q) ** 2 / 2, -(1 - q) * (1 - (1 - q) ** 2)),
        }
    for loss, values in expected.items():
        np.testing.assert_allclose(
            LOSSES[loss](z), [float(v) for v in values], rtol=1e-13, atol=1e-320
        )


@each_loss
@given(z=st.lists(margins, min_size=6, max_size=6))
def test_a_loss_acts_on_each_element(loss, z):
    z = frozen(np.reshape(z, (2, 3)))
    found = LOSSES[loss](z)
    for i in np.ndindex(2, 3):
        expected = LOSSES[loss](z[i])
        np.testing.assert_allclose([found.value[i], found.slope[i]], expected, 1e-13)


def test_ints_are_margins_too():
    np.testing.assert_allclose(LOSSES["hinge"]([0, 1, 2]).value, [1, 0, 0])


def test_the_table_cannot_be_changed():
    with pytest.raises(TypeError):
        LOSSES["mine"] = LOSSES["hinge"]


@each_loss
@pytest.mark.parametrize("bad", [np.nan, [np.inf], [], None, "a", True, 1j, [[1], []]])
def test_bad_margins_are_refused_in_one_line(loss, bad):
    with pytest.raises((ValueError, TypeError), match=r"^`z` must .*, got [^\n]+$"):
        LOSSES[loss](bad)


@pytest.mark.parametrize("bad", [0.0, 1.5, np.nan, None, "1", True])
def test_bad_exponents_are_refused(bad):
    with pytest.raises((ValueError, TypeError), match=r"^`exponent` must .*, got "):
        gce(0.0, exponent=bad)


@pytest.mark.parametrize("bad", [0, -1, 1.5, None, True])
def test_bad_orders_are_refused(bad):
    with pytest.raises((ValueError, TypeError), match=r"^`order` must .*, got "):
        taylor_ce(0.0, order=bad)
