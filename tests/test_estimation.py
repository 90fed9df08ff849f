"""What an estimated teacher costs, beside what it does."""

import functools
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from scipy import integrate, special

from halfspace import Learner, run, stream, theory
from halfspace.distill.teacher import fit_accuracy
from halfspace.rules import sign
from halfspace.samples import Block
from halfspace.theory import estimation
from halfspace.theory.estimation import (
    plug_in_excess,
    size_mismatch,
    smooth_error,
    step_error,
)
from simulations.calibration import MISSED, SLOPE, THRESHOLD, mismatch, squared
from tests.statistics import assert_mean_in, detectable_shift
from tests.strategies import margins

LABELS = [np.array(labels) for labels in product([0, 1], repeat=8)]


def exact_risk(truth):
    """Return the mean squared error on 8 rows of these accuracies, by enumeration."""
    truth, scores = np.asarray(truth), np.arange(8)
    risk = 0.0
    for right in LABELS:
        chance = np.prod(np.where(right, truth, 1 - truth))
        fitted = fit_accuracy(scores, right, lower=0).step(scores)
        risk += chance * np.mean((fitted - truth) ** 2)
    return risk


@pytest.mark.parametrize("truth", [0.2, 0.5, 0.9])
def test_the_risk_at_one_accuracy_is_a_harmonic_sum(truth):
    """Claim D2, equality: alpha (1 - alpha) H_n / n, by enumeration."""
    assert exact_risk([truth] * 8) == pytest.approx(step_error([8], [truth]), rel=1e-12)


@pytest.mark.parametrize("first", [1, 4, 6])
@pytest.mark.parametrize("pair", [(0.45, 0.55), (0.1, 0.6), (0.05, 0.95)])
def test_the_risk_with_a_step_is_below_its_bound(first, pair):
    """Claim D2, upper bound, by enumeration; nearly attained where the step is high."""
    rows = [first, 8 - first]
    ratio = exact_risk(np.repeat(pair, rows)) / step_error(rows, pair)
    assert ratio <= 1
    assert ratio > (0.9 if pair == (0.05, 0.95) else 0.5)


def chernoff(moment):
    """Return E[moment(Z)] from Groeneboom's density, g(z) g(-z) / 2.

    The Fourier transform of g is 2^(1/3) / Ai(i 2^(-1/3) s).
    """
    s = np.linspace(-25, 25, 1001)
    transform = 2 ** (1 / 3) / special.airy(1j * 2 ** (-1 / 3) * s)[0]
    z = np.linspace(-3.5, 3.5, 701)
    wave = np.exp(-1j * np.outer(z, s))
    g = integrate.simpson(wave * transform, x=s, axis=1).real / (2 * np.pi)
    density = g * g[::-1] / 2
    assert integrate.simpson(density, x=z) == pytest.approx(1, abs=1e-7)
    return integrate.simpson(moment(z) * density, x=z)


def test_the_moments_are_those_of_chernoffs_distribution():
    """By its density; the second function has a kink, at a point of the grid."""
    assert chernoff(np.square) == pytest.approx(estimation.CHERNOFF_SQUARE, abs=1e-7)
    assert chernoff(np.abs) == pytest.approx(estimation.CHERNOFF_MEAN, abs=1e-5)


@functools.cache
def smooth_ratios(seed, size=2000, trials=300):
    """Return squared errors of a smooth accuracy over its law."""
    u = (np.arange(size) + 0.5) / size
    rng = stream(seed, "smooth")
    law = smooth_error(size, 0.55 + SLOPE * u, np.full(size, SLOPE))
    return np.array([squared("smooth", u, rng) for _ in range(trials)]) / law


def test_the_squared_error_of_a_smooth_accuracy_follows_its_law(seed):
    """Claim D2, rate: on 2000 rows, where the ends have a third of the error."""
    found = smooth_ratios(seed)
    assert detectable_shift(found) < 0.25  # what this test is able to see
    assert_mean_in(found, 0.95, 1.1)


def test_the_test_of_the_law_can_fail(seed):
    """Negative control for D2: without the ends the law is refuted."""
    size, u = 2000, (np.arange(2000) + 0.5) / 2000
    ends = (0.55 * 0.45 + 0.95 * 0.05) * np.log(size) / (3 * size)
    law = smooth_error(size, 0.55 + SLOPE * u, np.full(size, SLOPE))
    with pytest.raises(AssertionError, match="mean"):
        assert_mean_in(smooth_ratios(seed) * law / (law - ends), 0.95, 1.1)


def test_the_ends_have_a_large_part_of_the_error():
    """As the guide says: over half of the rest at 1000 rows, a fifth at 10^5."""
    alpha = 0.55 + SLOPE * (np.arange(1000) + 0.5) / 1000
    n = np.array([1e3, 1e5])
    law = smooth_error(n, alpha, np.full(1000, SLOPE))
    inside = smooth_error(1e30, alpha, np.full(1000, SLOPE)) * (1e30 / n) ** (2 / 3)
    share = law / inside - 1
    assert 0.5 < share[0] < 0.65
    assert 0.2 < share[1] < 0.23


def test_a_wrong_k_is_as_frequent_as_its_law_says(seed):
    """Claim D3, rate: on 1500 rows."""
    size, rng = 1500, stream(seed, "classes")
    u = (np.arange(size) + 0.5) / size
    law = size_mismatch(size, THRESHOLD, MISSED[:2])
    found = np.array([mismatch("classes", u, rng) for _ in range(150)]) / law
    assert detectable_shift(found) < 0.4  # what this test is able to see
    assert_mean_in(found, 0.9, 1.2)
    one_crossing = law / size_mismatch(size, THRESHOLD, MISSED[:1])
    with pytest.raises(AssertionError, match="mean"):  # negative control
        assert_mean_in(found * one_crossing, 0.9, 1.2)


@st.composite
def steps_of_slam(draw):
    """Draw (margin, points, weights, beta, told, w): a finite law with s = +1."""
    margin, m = draw(margins), draw(st.integers(1, 6))
    unit = st.floats(0, 1)
    height = margin + (1 - margin) * draw(npst.arrays(float, m, elements=unit))
    across = np.sqrt(1 - height**2) * draw(
        npst.arrays(float, m, elements=st.floats(-1, 1))
    )
    weights = draw(npst.arrays(float, m, elements=st.floats(0.1, 1)))
    beta, told = (draw(npst.arrays(float, m, elements=unit)) for _ in range(2))
    w = draw(npst.arrays(float, 2, elements=st.floats(-5, 5)))
    points = np.stack([height, across], axis=-1)
    return margin, points, weights / weights.sum(), beta, told, w


@given(data=steps_of_slam())
def test_one_step_told_another_accuracy_gains_and_grows_as_is_claimed(data):
    """Claim D4, upper bound: both steps of its proof, by enumeration of the labels."""
    margin, x, weights, beta, told, w = data
    z = x @ w
    p = sign(z)
    wrong = weights @ (beta * (p < 0))
    bias = weights @ np.abs(told - beta)
    gain = growth = 0.0
    for y, chance in ((1.0, (1 + beta) / 2), (-1.0, (1 - beta) / 2)):
        step = (y - told * p)[:, None] * x
        mass = weights * chance
        gain += mass @ step[:, 0]
        growth += mass @ (np.sum((w + step) ** 2, axis=1) - w @ w)
    assert gain >= 2 * margin * wrong - bias - 1e-12
    variance = weights @ (1 - beta**2 + (told - beta) ** 2)
    most = 2 * bias * np.linalg.norm(w) + variance + 4 * wrong
    assert growth <= most + 1e-9


def test_the_recursion_of_the_proof_ends_below_the_bound():
    """Claim D4: the largest norm that the two steps allow, at a constant excess."""
    for margin, variance, bias in ((0.1, 0.06, 0.02), (0.5, 0.0, 0.1), (1.0, 0.2, 0.0)):
        for steps in (1, 10, 1000):
            excess = plug_in_excess(steps, margin, variance, bias / 2, bias**2 / 4)
            norm = 0.0  # its square grows by at most 2 D norm + v + 4 e
            for _ in range(steps):
                grown = 4 * variance + bias**2 + 4 * excess
                norm = np.sqrt(norm**2 + 2 * bias * norm + grown)
            assert steps * (2 * margin * excess - bias) >= norm * (1 - 1e-12)


@given(
    size=st.floats(1, 1e12),
    margin=margins,
    variance=st.floats(0, 0.25),
)
def test_told_the_truth_the_bound_is_that_of_a6(size, margin, variance):
    found = plug_in_excess(size, margin, variance, 0, 0)
    expected = theory.average_excess_risk(size, margin, variance)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def excess_told(margin, told, *, steps, trials, rng):
    """Return average excess risks on the trap, flipped at .4 or not, told these."""
    rates = np.array([0.0, 0.4])
    s = np.sqrt(1 - margin**2)
    which = (rng.random((trials, steps)) < 0.25).astype(int)
    x = np.array([[margin, s], [margin, -s]])[which]
    y = np.where(rng.random(which.shape) < rates[which], -1.0, 1.0)
    samples = [Block(x, y, np.ones(which.shape), np.asarray(told)[which])]
    path = run(Learner(rule="slam", rate=None), samples, at=[steps])
    return 0.2 * path.mistakes[:, -1] / steps  # the excess is at least that


def test_told_another_accuracy_the_excess_keeps_its_bound(seed):
    """Claim D4, upper bound."""
    margin, steps, rng = 0.5, 2000, stream(seed, "plug in")
    found = excess_told(margin, [0.02, 0.36], steps=steps, trials=50, rng=rng)
    bound = plug_in_excess(steps, margin, 0.06, 0.025, 0.0007)
    assert detectable_shift(found) < 0.1 * bound  # what this test is able to see
    assert_mean_in(found, 0, float(bound))


def test_the_test_of_the_bound_can_fail(seed):
    """Negative control for D4: told one rate, the bound of who is told all breaks."""
    margin, steps, rng = 0.1, 20_000, stream(seed, "plug in")
    found = excess_told(margin, [0.1, 0.1], steps=steps, trials=10, rng=rng)
    bound = plug_in_excess(steps, margin, 0.06, 0.0, 0.0)
    with pytest.raises(AssertionError, match="mean"):
        assert_mean_in(found, 0, float(bound))


def test_arrays_that_do_not_match_are_refused():
    with pytest.raises(ValueError, match=r"^`accuracy` must match `rows` \(2,\), got"):
        step_error([1, 2], [0.5])
    with pytest.raises(ValueError, match=r"^`slope` must match `accuracy` \(2,\), got"):
        smooth_error(10, [0.5, 0.6], [0.5])
