"""Two directions that point to the truth under Massart noise: lemma I1, exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import Atoms, Learner, theory
from halfspace.rules import sign
from tests import strategies

each_rule = pytest.mark.parametrize("rule", ["perspectron", "diakonikolas_zarifis"])


def sides(rule, law, rates, w, *, rate, margin):
    """Return E[g].(w - w*) and 2 (P[sign(w.x) != y] - rate), by enumeration.

    Over atoms, signs and labels; `rates` are the true ones, one for each atom.
    """
    learner = Learner(rule=rule, rate=rate, margin=margin)
    mean, wrong = np.zeros(law.dim), 0.0
    for point, weight, eta in zip(law.points, law.weights, rates, strict=True):
        for s in (-1.0, 1.0):
            x = s * np.array(point)
            t = np.array(np.dot(w, x))
            for y, odds in ((s, 1 - eta), (-s, eta)):
                mass = weight / 2 * odds
                mean += mass * float(learner.coefficient(t, np.array(y))) * x
                wrong += mass * float(sign(t) != y)
    truth = np.eye(law.dim)[0]
    return float(mean @ (w - truth)), float(theory.perspectron_progress(wrong, rate))


@st.composite
def tasks(draw):
    """Draw a finite law, a rate for each atom, the largest of them, and any w."""
    law = draw(strategies.atoms())
    m = len(law.weights)
    rates = draw(st.lists(st.floats(0, 0.49), min_size=m, max_size=m))
    grid = st.integers(-10, 10).map(lambda k: k / 10)
    w = np.array(draw(st.lists(grid, min_size=law.dim, max_size=law.dim)))
    scale = draw(st.sampled_from([1e-3, 0.1, 1.0, 1.0, 30.0, 1e6]))
    rate = draw(st.sampled_from([max(rates), (max(rates) + 0.49) / 2]))
    return law, rates, scale * w, rate


@each_rule
@given(task=tasks())
def test_the_direction_points_to_the_truth_as_much_as_the_lemma_says(rule, task):
    """Claim I1, lower bound: for every w, in the unit ball or not."""
    law, rates, w, rate = task
    left, right = sides(rule, law, rates, w, rate=rate, margin=law.margin)
    assert left >= right - 1e-12


SHELL = Atoms(points=((0.6, 0.8), (0.6, -0.8)), weights=(0.75, 0.25))
NEAR = Atoms(points=((0.6, 0.8), (1.0, 0.0)), weights=(0.5, 0.5))


@pytest.mark.parametrize(
    ("rule", "law", "rates", "w", "left", "right"),
    [
        # One rate, one height: equality for every w.
        ("perspectron", SHELL, (0.2, 0.2), (0.0, 1.0), 0.3, 0.3),
        ("perspectron", SHELL, (0.2, 0.2), (-3.0, 0.0), 1.2, 1.2),
        ("perspectron", SHELL, (0.2, 0.2), (1.0, 0.0), 0.0, 0.0),
        # At w = 0, where sign is +1, both rules move by gamma/gamma.
        ("diakonikolas_zarifis", SHELL, (0.2, 0.2), (0.0, 0.0), 0.6, 0.6),
        # Less noise where w is right, -.4 .2/1.4 / 2; a tie, wrong for one sign.
        ("perspectron", NEAR, (0.0, 0.2), (0.0, 1.0), -0.2 / 7 + 0.5, 0.1),
        # Wrong by .8: (.8 + .6)/.8 of what is due.
        ("diakonikolas_zarifis", SHELL, (0.2, 0.2), (0.0, 1.0), 0.525, 0.3),
    ],
)
def test_both_sides_are_what_hand_work_gives(rule, law, rates, w, left, right):
    found = sides(rule, law, rates, np.array(w), rate=0.2, margin=law.margin)
    np.testing.assert_allclose(found, (left, right), atol=1e-15)


@given(
    height=st.integers(1, 9),
    sides_of=st.lists(st.integers(-10, 10), min_size=1, max_size=4),
    rate=st.floats(0, 0.49),
    w=st.tuples(st.floats(-5, 5), st.floats(-5, 5)),
)
def test_at_one_height_and_one_rate_the_lemma_is_an_equality(height, sides_of, rate, w):
    """For the Perspectron, at every w."""
    a = height / 10
    b = np.sqrt(1 - a * a) / 10
    points = tuple((a, float(b * k)) for k in sides_of)
    law = Atoms(points=points, weights=(1 / len(points),) * len(points))
    rates = (rate,) * len(points)
    task = ("perspectron", law, rates, np.array(w))
    left, right = sides(*task, rate=rate, margin=law.margin)
    np.testing.assert_allclose(left, right, rtol=1e-9, atol=1e-12)


@each_rule
@pytest.mark.parametrize(
    ("told", "w", "left", "right"),
    [
        # Told no noise where there is: at the truth the left is 0, the right .8.
        ({"rate": 0.0, "margin": 0.6}, (1.0, 0.0), 0.0, 0.8),
        # Told twice the margin: a w that is just wrong is hardly pushed.
        ({"rate": 0.4, "margin": 1.0}, (-1e-6, 0.0), 0.24, 0.4),
    ],
)
def test_the_lemma_fails_with_a_rate_too_low_or_a_margin_too_high(
    rule, told, w, left, right
):
    """Negative control for I1, at a rate of .4 and a margin of .6."""
    found = sides(rule, SHELL, (0.4, 0.4), np.array(w), **told)
    np.testing.assert_allclose(found, (left, right), atol=1e-5)
    assert found[0] < found[1]
