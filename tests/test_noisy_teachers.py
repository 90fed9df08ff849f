"""Teachers of known law: the law itself, by hand, and what is drawn from it."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_digits

from halfspace import stream
from simulations.digits import CLASSES, draw
from simulations.noisy_teachers import LAWS, LIKELY, Law, distances, say
from simulations.teacher_noise import Spec

SPLIT = draw(30, 50, trials=2, seed=0)
X, Y = SPLIT.rest_x[:, :300], SPLIT.rest_y[:, :300]
every_law = pytest.mark.parametrize("name", LAWS)


@every_law
@settings(max_examples=10)
@given(accuracy=st.floats(0.56, 0.99))
def test_a_law_has_the_mean_accuracy_it_is_given(name, accuracy):
    """Claim H1, exactly in each trial; what it says most likely is its label."""
    law = LAWS[name](X, Y, accuracy)
    assert law.accuracy.shape == Y.shape
    np.testing.assert_allclose(law.accuracy.mean(axis=-1), accuracy, rtol=1e-12)
    assert (law.accuracy * law.candidates.sum(axis=-1) > 1).all()
    assert (law.accuracy <= 1).all()


@every_law
def test_the_truth_is_a_candidate_and_a_stack_is_a_loop(name):
    law = LAWS[name](X, Y, 0.7)
    assert np.take_along_axis(law.candidates, Y[..., None], axis=-1).all()
    assert (law.candidates.sum(axis=-1) == (LIKELY if name == "likely" else 10)).all()
    for i in range(len(Y)):
        for stacked, one in zip(law, LAWS[name](X[i], Y[i], 0.7), strict=True):
            np.testing.assert_array_equal(stacked[i], one)


def test_likely_candidates_are_nearer_than_all_others():
    far, (_, candidates) = distances(X), LAWS["likely"](X, Y, 0.7)
    others = candidates & ~np.eye(CLASSES, dtype=bool)[Y]
    inside = np.where(others, far, -np.inf).max(axis=-1)
    outside = np.where(candidates, np.inf, far).min(axis=-1)
    assert (inside <= outside).all()


def test_errors_by_margin_are_twice_the_rate_on_hard_rows_and_none_on_easy_ones():
    """By hand for four rows from the centre of class 0 towards that of class 1."""
    # Near enough to the centres of all rows.
    centres = [X[c == Y].mean(axis=0) for c in (0, 1)]
    share = np.array([0.0, 0.3, 0.1, 0.2])[:, None]
    rows = (1 - share) * centres[0] + share * centres[1]
    law = LAWS["margin"](rows, np.zeros(4, int), 0.6)
    np.testing.assert_allclose(law.accuracy, [0.9, 0.3, 0.7, 0.5])


def test_hard_rows_are_those_near_the_plane_between_two_centres():
    """By hand: |x - c|^2 - |x - own|^2 is linear in x; the accuracy rises with it."""
    rows, classes = load_digits(return_X_y=True)
    centres = np.stack([rows[classes == c].mean(axis=0) / 16 for c in range(CLASSES)])
    size = np.square(centres).sum(axis=-1)
    x, y = X[0].astype(float), Y[0]
    plane = 2 * (centres[y] @ x.T).diagonal()[:, None] - 2 * x @ centres.T
    plane += size - size[y][:, None]
    plane[np.arange(len(y)), y] = np.inf
    law = LAWS["margin"](x, y, 0.7)
    assert (np.diff(law.accuracy[plane.min(axis=-1).argsort()]) > 0).all()


def test_the_distance_to_a_centre_is_no_more_than_noise_where_it_is_its_own():
    """Not vacuous: nine in ten digits are nearest to the centre of their class."""
    assert (distances(X).argmin(axis=-1) == Y).mean() > 0.88
    x = X[0, :3].astype(float)
    middle = distances(np.zeros(64))
    apart = distances(x) - (x**2).sum(axis=-1)[:, None] - middle
    double = distances(2 * x) - 4 * (x**2).sum(axis=-1)[:, None] - middle
    np.testing.assert_allclose(double, 2 * apart, atol=1e-9)  # |x - c|^2 in x


@every_law
def test_what_is_said_is_the_law_given_the_label(name):
    law = LAWS[name](X, Y, 0.7)
    p = say(law, Y, rng=stream(0, "said"))
    np.testing.assert_allclose(p.sum(axis=-1), 1, rtol=1e-12)
    assert ((p > 0) == law.candidates).all()
    np.testing.assert_array_equal(p.max(axis=-1), law.accuracy)
    least, most = (
        np.where(p > 0, p, np.nan),
        np.where(p == p.max(-1, keepdims=True), 0, p),
    )
    np.testing.assert_allclose(np.nanmin(least, axis=-1), most.max(axis=-1))


@every_law
def test_labels_are_wrong_as_often_as_the_law_says(name, seed):
    """False-fail 1e-6: 4.9 deviations of 200 x 20 labels see a rate off by 0.036.

    Negative control: the law of another accuracy is refused.
    """
    x, y = np.tile(X[0, :20], (200, 1, 1)), np.tile(Y[0, :20], (200, 1))
    law = LAWS[name](x, y, 0.7)
    right = say(law, y, rng=stream(seed, "rates")).argmax(axis=-1) == y
    for level, holds in ((0.7, True), (0.75, False)):
        p = LAWS[name](x, y, level).accuracy
        off = (right - p).sum() / np.sqrt((p * (1 - p)).sum())
        assert (abs(off) < 4.9) == holds


def test_wrong_labels_are_spread_over_the_candidates(seed):
    """False-fail 1e-6: each of two is said in half of 20,000 errors, to 0.018."""
    candidates = np.zeros((30_000, CLASSES), bool)
    candidates[:, [2, 5, 7]] = True
    y = np.full(30_000, 5)
    sure = Law(np.full(30_000, 0.34), candidates)
    label = say(sure, y, rng=stream(seed, "spread")).argmax(axis=-1)
    other = label[label != 5]
    assert set(other) == {2, 7}
    assert abs((other == 2).mean() - 0.5) < 4.9 * 0.5 / np.sqrt(len(other))


def test_a_better_teacher_errs_on_some_of_the_rows_of_a_worse_one():
    wrong = [
        say(LAWS["uniform"](X, Y, level), Y, rng=stream(0, "nested")).argmax(-1) != Y
        for level in Spec().accuracies
    ]
    for worse, better in pairwise(wrong):
        assert (better <= worse).all()
        assert (better < worse).any()


def test_more_trials_extend_fewer():
    """Errors and labels have a generator each."""
    law = LAWS["likely"](X, Y, 0.7)
    first = say(Law(*(part[:1] for part in law)), Y[:1], rng=stream(0, "more"))
    np.testing.assert_array_equal(say(law, Y, rng=stream(0, "more"))[:1], first)
