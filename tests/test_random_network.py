"""Points that a random network labels: their law, their classes, how they are split."""

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

from halfspace import stream
from simulations.random_network import CLASSES, DIM, deviations, draw, points

X, Y = points(4000, trial=0, seed=0)
SPLIT = draw(30, 50, count=400, tests=100, trials=2, seed=0)


def test_coordinates_shrink_as_the_square_of_their_number():
    """Claim H1, the task: by hand, the sum of j^-4 to 50 is pi^4/90 less 2.6e-6."""
    each = deviations().astype(float)
    np.testing.assert_allclose(each[0] ** -2, np.pi**4 / 90 - 2.588e-6, rtol=1e-6)
    np.testing.assert_allclose(each[[1, 2, 49]] / each[0], [1 / 4, 1 / 9, 1 / 2500])
    np.testing.assert_allclose(np.sum(each**2), 1, rtol=1e-6)


def test_points_have_these_deviations(seed):
    """False-fail 1e-6 for all of 50: 5.6 deviations of 4000 squares see 13%.

    Negative control: one that is off by 8% in deviation is refused.
    """
    x, _ = points(4000, trial=1, seed=seed)
    assert x.shape == (4000, DIM)

    def off(squares):
        return np.abs(squares - 1).max() / np.sqrt(2 / len(x))

    squares = np.mean((x.astype(float) / deviations()) ** 2, axis=0)
    assert off(squares) < 5.6
    squares[7] = 1.08**2
    assert off(squares) > 5.6
    correlation = np.corrcoef(x, rowvar=False) - np.eye(DIM)
    assert np.abs(correlation).max() < 6.3 / np.sqrt(len(x))  # of 1225


def test_the_classes_are_those_of_the_network():
    """By hand: its layers, one by one, with inputs and scores centred over points."""
    rngs = stream(3, "random_network", 50, 2).spawn(4)
    z = rngs[0].standard_normal((50, DIM), dtype=np.float32) * deviations()
    z = z.astype(float) @ rngs[1].standard_normal((50, 20))
    z = np.maximum(z - z.mean(axis=0), 0) @ rngs[2].standard_normal((20, 20))
    z = np.maximum(z - z.mean(axis=0), 0) @ rngs[3].standard_normal((20, 10))
    z = (z - z.mean(axis=0)) / z.std(axis=0)
    np.testing.assert_array_equal(points(50, trial=2, seed=3)[1], z.argmax(axis=-1))


def test_no_class_takes_all_and_none_is_left_out():
    for trial in range(20):
        share = np.bincount(points(4000, trial=trial, seed=0)[1], minlength=CLASSES)
        assert share.max() < 2000
        assert share.min() > 0


def test_the_truth_is_no_halfspaces_and_the_first_coordinates_say_most_of_it():
    """Not vacuous: six coordinates say most, the last forty hardly anything.

    Least squares are wrong on at least one point in ten.
    """
    near = KNeighborsClassifier(5).fit(X[:3000, :6], Y[:3000])
    assert near.score(X[3000:, :6], Y[3000:]) > 0.6
    far = KNeighborsClassifier(5).fit(X[:3000, 10:], Y[:3000])
    assert far.score(X[3000:, 10:], Y[3000:]) < 0.35
    inputs = np.c_[X, np.ones(len(X))]
    codes = np.linalg.lstsq(inputs, np.eye(CLASSES)[Y], rcond=None)[0]
    assert np.mean((inputs @ codes).argmax(axis=-1) == Y) < 0.9


def test_all_points_of_a_trial_are_used_once_and_in_order():
    x = [points(400, trial=i, seed=0)[0] for i in (0, 1)]
    y = [points(400, trial=i, seed=0)[1] for i in (0, 1)]
    np.testing.assert_array_equal(np.concatenate(SPLIT[::2], axis=1), x)
    np.testing.assert_array_equal(np.concatenate(SPLIT[1::2], axis=1), y)
    assert [part.shape[1] for part in SPLIT[1::2]] == [30, 50, 220, 100]
    assert not np.array_equal(x[0], x[1])


def test_budgets_are_nested_and_more_trials_are_the_same_first():
    many = draw(100, 50, count=400, tests=100, trials=3, seed=0)
    np.testing.assert_array_equal(SPLIT.x, many.x[:2, :30])
    np.testing.assert_array_equal(SPLIT.test_x, many.test_x[:2])
    np.testing.assert_array_equal(SPLIT.test_y, many.test_y[:2])


def test_seed_trial_and_number_each_give_other_points():
    first = points(50, trial=0, seed=0)[0]
    for other in (
        points(50, trial=1, seed=0),
        points(50, trial=0, seed=1),
        points(51, trial=0, seed=0),
    ):
        assert not np.isin(first[:, 0], other[0][:, 0]).any()


def test_what_is_kept_cannot_be_written_to():
    x, y = points(50, trial=0, seed=0)
    assert points(50, trial=0, seed=0)[0] is x
    assert not x.flags.writeable
    assert not y.flags.writeable
    assert draw(5, 5, count=50, tests=5, trials=1, seed=0).x.flags.writeable
