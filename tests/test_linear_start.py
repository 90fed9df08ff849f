"""Where the linear student starts: no few large points, no class, is given up."""

import numpy as np
import pytest

from halfspace import Atoms, stream, three_atoms
from halfspace.distill import _metric, linear
from halfspace.distill._kernels import convex, mixed_two, subtracted
from halfspace.distill._objective import objective
from halfspace.distill._start import some, start
from halfspace.distill._told import as_rows
from halfspace.distill.linear import fit_linear


def population(law, rate):
    """Return every point of a law with either label, and their probabilities."""
    x = np.concatenate([s * np.array(law.points) for s in (1, -1, 1, -1)])
    y = np.repeat([1, 0, 0, 1], len(law.points))
    share = np.repeat([1 - rate, 1 - rate, rate, rate], len(law.points)) / 2
    return x, y, share * np.tile(law.weights, 4)


def error(law, fit):
    """Return the clean error of a fit without intercept."""
    return float(law.error(fit.coef[0]))


def fit_population(law, rate, accuracy):
    x, y, share = population(law, rate)
    told = {"sample_weight": share, "penalty": 1e-5, "intercept": False, "tol": 1e-7}
    return fit_linear(x, y, classes=2, accuracy=accuracy, **told)


def test_mixing_solves_the_three_atoms_where_cross_entropy_does_not():
    """Claim B8's like, I3: exactly, on the population, at rate .2."""
    law = three_atoms(0.1)
    assert error(law, fit_population(law, 0.2, None)) == pytest.approx(0.25)
    assert error(law, fit_population(law, 0.2, 0.8)) == 0.0


def traps():
    """Return laws of two atoms of unequal norm; descent from 0 may give one up (B9)."""
    return [
        Atoms(points=((g, h), (g, -np.sqrt(1 - g**2))), weights=(1 - mass, mass))
        for g in (0.05, 0.1, 0.2)
        for h in (0.1, 0.15, 0.2, 0.3, 0.5)
        for mass in (0.05, 0.1, 0.2)
    ]


@pytest.mark.parametrize("rate", [0.05, 0.1, 0.2, 0.3])
def test_the_start_gives_no_minority_up(rate):
    """Claim B9. At rate .4 some are given up: see `fit_linear`."""
    assert all(error(law, fit_population(law, rate, 1 - rate)) == 0 for law in traps())


def alike(rows, ridge, weights):
    """Stand in for `root`: all coordinates as they come."""
    return _metric.plain(len(ridge))


def test_from_zero_a_minority_is_given_up(monkeypatch):
    """Claim B9, the negative control: no start, and coordinates as they come."""
    monkeypatch.setattr("halfspace.distill._start.CONVEX", 1e9)
    monkeypatch.setattr(linear, "root", alike)
    given_up = [error(law, fit_population(law, 0.2, 0.8)) for law in traps()]
    assert 5 < np.count_nonzero(given_up) < 20


#: Classes at equal distances on a line, and their masses: each more than `CONVEX`, the
#: part of the gradient that ends the start. Smaller ones may be given up.
LINES = [
    (k, centre, tuple(mass / mass.sum()))
    for k in (3, 4, 5)
    for centre in (0.0, 0.7)
    for mass in (np.ones(k), np.r_[1.0, np.full(k - 2, 0.1), 1.0], 0.4 ** np.arange(k))
]


def given_up(k, centre, mass, accuracy):
    """Return the mass of classes on a line that the student mistakes, on the law."""
    x = np.linspace(-1, 1, k)[:, None] + centre
    y = np.tile(np.arange(k), k)
    right = y == np.repeat(np.arange(k), k)
    share = np.repeat(mass, k) * np.where(right, accuracy, (1 - accuracy) / (k - 1))
    told = {"sample_weight": share, "penalty": 1e-5, "tol": 1e-7}
    found = fit_linear(np.repeat(x, k, axis=0), y, classes=k, accuracy=accuracy, **told)
    wrong = (x @ found.coef.T + found.intercept).argmax(axis=1) != np.arange(k)
    return float(np.sum(mass, where=wrong))


@pytest.mark.parametrize("accuracy", [0.8, 0.6, 0.5])
def test_the_start_gives_no_class_up(accuracy):
    """A class between two others, which least squares does not see."""
    assert all(given_up(*line, accuracy) == 0 for line in LINES)


def test_without_the_convex_loss_a_class_is_given_up(monkeypatch):
    """The negative control: the later coordinates alone do not do it."""
    monkeypatch.setattr("halfspace.distill._start.CONVEX", 1e9)
    assert any(given_up(*line, 0.5) for line in LINES)


def test_by_luck_less_noise_than_told_makes_no_endless_start(seed):
    """A convex loss without a minimum ends below 0, before the student is sure."""
    rng = stream(seed, "lucky")
    x, y = rng.standard_normal((200, 30)), (rng.random(200) < 0.5).astype(int)
    rows = as_rows(x, y, 2, 0.6, None, True, None)  # so many columns fit any labels
    ridge = np.zeros(30)
    near = objective(convex, subtracted(rows, 2), ridge)
    root = _metric.root(rows, ridge, 3)
    found = near.minimise(near(np.zeros((1, 30))), root, tol=1e-9, max_iter=99)
    assert near(found.w).value < 0
    assert np.abs(found.w).max() < 10


def test_an_endless_start_is_not_used():
    """Without a penalty the convex loss has no minimum here, and the mixed one has."""
    x, top = np.zeros((3, 1)), [[True, True, False]] * 3
    told = {"classes": 3, "accuracy": [0.9, 0.25, 0.25], "top": top, "penalty": 0.0}
    found = fit_linear(x, np.full((3, 3), 1 / 3), **told)
    assert found.converged
    assert np.abs(found.intercept).max() < 100
    assert found.n_iter < 100  # nor goes the start on for long


def test_the_start_looks_at_rows_that_count(monkeypatch):
    """In no order of theirs: every second row has another class, or no weight."""
    monkeypatch.setattr("halfspace.distill._start.LEAST", 20)
    x, y = np.tile([[1.0], [-1.0]], (200, 1)), np.tile([1, 0], 200)
    rows = as_rows(x, y, 2, 0.8, None, True, np.tile([1.0, 1.0, 0.0, 0.0], 100))
    part = some(rows, 2)
    assert len(part.x) == 40
    assert part.weight.min() == 1
    assert 10 < part.y.sum() < 30
    found = fit_linear(x, y, classes=2, accuracy=0.8, sample_weight=rows.weight)
    assert found.coef[0, 0] > 1


def test_a_start_that_misleads_is_not_used(monkeypatch, seed):
    """Seen before the loss itself is descended: labels turned round end at zero."""
    x = stream(seed, "misled").standard_normal((50, 3))
    y = (x[:, 0] > 0).astype(int)
    rows, ridge = as_rows(x, y, 2, 0.8, None, True, None), np.ones(3)
    zero, root = np.zeros((1, 3)), _metric.root(rows, ridge, 3)
    monkeypatch.setattr("halfspace.distill._start.MIXED", 1e9)
    assert start(mixed_two, rows, zero, ridge, root, 50)[0][0, 0] > 0
    monkeypatch.setattr(
        "halfspace.distill._start.subtracted",
        lambda rows, k: subtracted(rows._replace(y=1 - rows.y), k),
    )
    assert not start(mixed_two, rows, zero, ridge, root, 50)[0].any()


def test_the_convex_loss_is_descended_in_the_columns_as_they_come(monkeypatch, seed):
    x = stream(seed, "as they come").standard_normal((50, 3))
    rows = as_rows(x, (x[:, 0] > 0).astype(int), 2, 0.8, None, True, None)
    monkeypatch.setattr("halfspace.distill._start.MIXED", 1e9)  # no second descent
    ends = [
        start(mixed_two, rows, np.zeros((1, 3)), np.ones(3), root, 50)[0]
        for root in (_metric.plain(3), np.diag([0.1, 1.0, 10.0]))
    ]
    np.testing.assert_array_equal(*ends)


def test_a_part_of_many_rows_is_enough_to_start(monkeypatch, seed):
    """And the coordinates are told how many weights these rows are for."""
    seen = {}

    def spy(name, rows_at, actual):
        def told(*args):
            seen[name] = args[rows_at].x.shape[0], args[-1]
            return actual(*args)

        monkeypatch.setattr(linear, name, told)

    spy("root", 0, linear.root)
    spy("start", 1, linear.start)
    x = stream(seed, "many").standard_normal((5000, 4))
    fit_linear(x, np.arange(5000) % 3, classes=3, accuracy=0.8, max_iter=7)
    assert seen == {"root": (1000, 15), "start": (1000, 7)}


def test_iterations_are_counted_in_each_descent(seed):
    x = stream(seed, "counted").standard_normal((60, 3))
    found = fit_linear(
        x, (x[:, 0] > 0).astype(int), classes=2, accuracy=0.8, max_iter=1
    )
    assert not found.converged
    assert found.n_iter == 3
