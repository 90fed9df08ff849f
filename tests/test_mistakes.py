"""Without noise: at most 1/margin^2 mistakes, on every sequence, and no fewer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RCN, Learner, blocks, fit, run, stream, theory
from tests import strategies

each_rule = pytest.mark.parametrize("rule", ["perceptron", "slam", "slam_projected"])


@each_rule
@given(data=strategies.separable())
def test_mistakes_without_noise_are_bounded_on_coarse_sequences(rule, data):
    """Claim A2, upper bound: ties, repeats and opposites included."""
    x, s, margin = data
    path = fit(Learner(rule=rule), x, s, truth=np.eye(x.shape[1])[0], margin=margin)
    assert path.mistakes[0] <= theory.mistake_bound(margin)


@each_rule
@given(law=strategies.laws(st.integers(2, 12)), seed=strategies.seeds)
def test_mistakes_without_noise_are_bounded_on_random_sequences(rule, law, seed):
    data = blocks(law, RCN(rate=0.0), trials=20, rng=stream(seed, "clean"))
    path = run(Learner(rule=rule), data, at=[20, 200])
    assert np.all(path.mistakes <= theory.mistake_bound(law.margin))


@each_rule
@given(size=st.integers(2, 40))
def test_orthogonal_points_attain_the_mistake_bound(rule, size):
    """Claim A2, tight: with label -1 everywhere each of them is a mistake.

    The truth is the diagonal, whose margin is 1 / sqrt(size).
    """
    margin, truth = size**-0.5, -np.ones(size)
    path = fit(Learner(rule=rule), np.eye(size), truth, truth=truth, margin=margin)
    np.testing.assert_allclose(path.mistakes[0], theory.mistake_bound(margin))


def adversary(margin: float):
    """Return points that a Perceptron errs on for as long as it can, labelled x_0.

    Each is x = s (margin w* + v) with v chosen, from w so far, so that s w.x < 0 just.
    """
    w, points = np.zeros(3), []
    while True:
        u, rho = w[0], np.hypot(w[1], w[2])
        along = w[1:] / rho if rho else np.array([1.0, 0.0])
        part = -(margin * u + 1e-9) / rho if rho else 0.0
        square = 1 - margin**2 - part**2
        if square < 0:
            return np.array(points)
        v = part * along + np.sqrt(square) * np.array([-along[1], along[0]])
        x = -np.array([margin, *v])
        points.append(x)
        w = w - x  # every label is -1


@each_rule
@pytest.mark.parametrize("margin", [0.05, 0.1, 0.3])
def test_an_adversary_comes_within_two_mistakes_of_the_bound(rule, margin):
    """Claim A2, tight in three dimensions too, not for orthogonal points only."""
    x = adversary(margin)
    labels, truth = -np.ones(len(x)), np.eye(3)[0]
    path = fit(Learner(rule=rule), x, labels, truth=truth, margin=margin)
    assert path.mistakes[0] <= theory.mistake_bound(margin)
    assert path.mistakes[0] >= theory.mistake_bound(margin) - 2


def test_the_test_of_the_mistake_bound_can_fail():
    """Negative control: with noise there is no such bound."""
    x = np.resize([[0.5, 0.75**0.5], [0.5, -(0.75**0.5)]], (40, 2))
    noisy = np.resize([1.0, -1.0, -1.0], 40)
    path = fit(Learner(rule="perceptron"), x, noisy, truth=[1, 0], margin=0.5)
    assert path.mistakes[0] > theory.mistake_bound(0.5)
