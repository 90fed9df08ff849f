"""Claims A1 to A10 by simulation, small; the paper-scale ones are in simulations/.

Means of mistakes are judged by `assert_mean_in`, with FALSE_FAIL = 1e-6 at each end,
and what the sample sees is asserted beside it. Every bound has its negative control.
"""

import numpy as np
import pytest

from halfspace import RCN, Learner, Shell, Shells, Sphere, reduced, stream, theory
from halfspace.rules import sign, slam
from tests.statistics import (
    assert_mean_in,
    assert_rate_at_least,
    detectable_rate,
    detectable_shift,
    standard_error,
)

AT = np.array([10, 100, 1000, 10_000])
LAWS = [
    Shell(dim=25, margin=0.1),
    Sphere(dim=10, margin=0.1),
    Shells(dim=40, margin=0.1, values=(0.1, 0.15), weights=(0.7, 0.3)),
]
each_law = pytest.mark.parametrize("law", LAWS, ids=lambda law: type(law).__name__)
each_rate = pytest.mark.parametrize("rate", [0.0, 0.1, 0.3])


def average_errors(law, rate, seed, *, at=AT, trials=100, **kind):
    """Return mistakes per step (trials, k) of a learner that is told the rate."""
    path = reduced.run(
        Learner(rate=rate, **kind),
        *(law, RCN(rate=rate)),
        at=at,
        trials=trials,
        rng=stream(seed, "claims", repr(law), str(rate)),
    )
    return path.mistakes / path.steps


@each_law
@each_rate
def test_the_average_error_of_slam_keeps_its_bound(law, rate, seed):
    """Claim A1, upper bound: at four horizons; seen if 20% above it at the last."""
    found = average_errors(law, rate, seed)
    bound = theory.average_error(AT, law.margin, rate)
    assert detectable_shift(found[:, -1]) < 0.2 * bound[-1]
    for errors, most in zip(found.T, bound, strict=True):
        assert_mean_in(errors, 0, most)


@each_rate
def test_the_test_of_the_bound_can_fail(rate, seed):
    """Negative control for A1: the bound of four times the margin."""
    law = LAWS[0]
    found = average_errors(law, rate, seed)[:, -1]
    bound = theory.average_error(AT[-1], 4 * law.margin, rate)
    with pytest.raises(AssertionError, match="mean"):
        assert_mean_in(found, 0, bound)


@pytest.mark.parametrize("rate", [0.0, 0.1, 0.3])
def test_half_the_margin_takes_four_times_the_samples(rate, seed):
    """Claim A3, rate: the exponent of the margin is -2, to within a tenth.

    At equal gamma^2 T and gamma^2 d the errors are equal; an exponent that is .1 off
    would part them by a factor 2^(.1/2) or more, for errors fall as T^-1/2 or faster.
    """
    wide, narrow = (
        average_errors(
            Shell(dim=dim, margin=margin), rate, seed, at=[steps], trials=400
        )
        for dim, margin, steps in ((25, 0.2, 3000), (100, 0.1, 12_000))
    )
    log_ratio = np.log(narrow.mean() / wide.mean())
    reach = 4.75 * np.hypot(*(standard_error(x) / x.mean() for x in (wide, narrow)))
    assert reach < 0.05  # what this test is able to see
    assert abs(log_ratio) - reach < 0.05 * np.log(2)


@pytest.mark.parametrize(("rate", "steps"), [(0.0, 2000), (0.3, 20_000)])
def test_the_error_falls_with_the_exponent_of_the_bound(rate, steps, seed):
    """Claim A3, rate: d log T / d log error is about -2 with noise, -1 without.

    To within .1. At finite T the noisy one is below -2: the constant of A4 still grows.
    """
    law = Shell(dim=10, margin=0.3)
    found = average_errors(law, rate, seed, at=[steps, 4 * steps], trials=500)
    early, late = found.mean(axis=0)
    noise = standard_error(found[:, 0] / early - found[:, 1] / late)
    drop = np.log(early / late)
    low, high = (-np.log(4) / (drop + side * 4.75 * noise) for side in (-1, 1))
    expected = theory.error_exponent(np.sqrt(early * late), rate)
    assert high - low < 0.25  # what this test is able to see
    assert low < expected + 0.1
    assert high > expected - 0.1


def test_the_test_of_the_exponent_can_fail(seed):
    """Negative control for A3: noise has the exponent -2, and not -1 or -1.5."""
    law = Shell(dim=10, margin=0.3)
    found = average_errors(law, 0.3, seed, at=[20_000, 80_000], trials=100)
    early, late = found.mean(axis=0)
    noise = standard_error(found[:, 0] / early - found[:, 1] / late)
    assert -np.log(4) / (np.log(early / late) + 4.75 * noise) < -1.6


@pytest.mark.parametrize(("dim", "least"), [(25, 0.84), (100, 0.78)])
def test_the_bound_is_nearly_attained_on_the_shell(dim, least, seed):
    """Claim A4, tight: within a quarter at T = 2e4 (and closer at larger T)."""
    law, at = Shell(dim=dim, margin=0.1), [20_000]
    found = average_errors(law, 0.1, seed, at=at, trials=150)[:, 0]
    bound = float(theory.average_error(at, law.margin, 0.1)[0])
    assert_mean_in(found, least * bound, bound)
    assert detectable_shift(found) < 0.04 * bound


@pytest.mark.parametrize("dim", [2, 3, 10, 100, 1000, 10**9])
def test_the_bound_holds_in_every_dimension(dim, seed):
    """Claim A5, dimension-free: the bound has no d, from 2 to 10^9."""
    law, at = Shell(dim=dim, margin=0.1), AT[:3]
    found = average_errors(law, 0.2, seed, at=at)
    bound = theory.average_error(at, law.margin, 0.2)
    for errors, most in zip(found.T, bound, strict=True):
        assert_mean_in(errors, 0, most)


def excess_risk(law, steps, trials, seed, *, told):
    """Return the average of beta(x) 1[p != s], and V: noise of .4 on half of space.

    SLaM is told the rate at each point, as `told` makes it of the true one.
    """
    rng = stream(seed, "varying noise")
    x, s = law.sample((steps, trials), rng=rng)
    eta = np.where(x[..., 1] > 0, 0.4, 0.0)
    y = np.where(rng.random(s.shape) < eta, -s, s)
    w, total = np.zeros((trials, law.dim)), np.zeros(trials)
    for xi, yi, si, rate in zip(x, y, s, eta, strict=True):
        t = np.vecdot(w, xi)
        total += (1 - 2 * rate) * (sign(t) != si)
        w -= slam(t, yi, told(rate))[:, None] * xi
    return total / steps, float(np.mean(eta * (1 - eta)))


def test_noise_that_varies_and_is_told_costs_its_mean_variance(seed):
    """Claim A6, upper bound: on the excess noisy risk, whatever the least beta."""
    law, steps = Shell(dim=12, margin=0.2), 2000
    found, variance = excess_risk(law, steps, 150, seed, told=lambda rate: rate)
    bound = float(theory.average_excess_risk(steps, law.margin, variance))
    assert variance == pytest.approx(0.12, abs=1e-3)
    assert detectable_shift(found) < 0.1 * bound
    assert_mean_in(found, 0.3 * bound, bound)


def test_the_test_of_varying_noise_can_fail(seed):
    """Negative control for A6: the bound of four times the margin."""
    law, steps = Shell(dim=12, margin=0.2), 2000
    found, variance = excess_risk(law, steps, 150, seed, told=lambda rate: rate)
    bound = float(theory.average_excess_risk(steps, 4 * law.margin, variance))
    with pytest.raises(AssertionError, match="mean"):
        assert_mean_in(found, 0, bound)


def share_that_hit(error, horizon, trials, seed):
    """Return in how many trials an iterate met the error within the horizon."""
    law, noise = Shell(dim=25, margin=0.2), RCN(rate=0.2)
    hits = reduced.hitting_times(
        *(Learner(rate=0.2), law, noise),
        targets=[error],
        horizon=horizon,
        trials=trials,
        rng=stream(seed, "some iterate"),
    )
    return int(np.sum(hits > 0))


def test_some_iterate_is_good_as_surely_as_stated(seed):
    """Claim A7, upper bound: with probability .99, within the stated steps.

    Four times N(eps) suffices here: the bound of A7, 10^4 N(eps) or less, is slack.
    """
    trials, error = 2000, 0.1
    assert detectable_rate(trials, 0.01) < 0.035
    size = theory.sample_size(error, 0.2, 0.2)
    stated = theory.hitting_size(error, 0.2, 0.2)
    assert 4 * size < stated <= 1e4 * size
    for horizon in (4 * size, stated):
        hits = share_that_hit(error, int(np.ceil(horizon)), trials, seed)
        assert_rate_at_least(hits, trials, 0.99)


def test_the_test_of_some_iterate_can_fail(seed):
    """Negative control for A7: a fiftieth of N(eps) is too few."""
    horizon = int(theory.sample_size(0.1, 0.2, 0.2) / 50)
    hits = share_that_hit(0.1, horizon, 2000, seed)
    with pytest.raises(AssertionError, match=r"< 0\.99"):
        assert_rate_at_least(hits, 2000, 0.99)


@each_law
@each_rate
@pytest.mark.parametrize("step", [0.1, 1.0])
def test_the_average_error_of_the_sigmoid_link_keeps_its_bound(law, rate, step, seed):
    """Claim A10, upper bound: met here by a factor of seven or more."""
    at = AT[:3]
    found = average_errors(law, rate, seed, at=at, rule="slam_sigmoid", step=step)
    bound = theory.sigmoid_average_error(at, law.margin, rate, step)
    for errors, most in zip(found.T, bound, strict=True):
        assert_mean_in(errors, 0, most)


def test_the_test_of_the_sigmoid_link_can_fail(seed):
    """Negative control for A10: the bound of ten times the margin."""
    law = LAWS[0]
    found = average_errors(law, 0.3, seed, at=[1000], rule="slam_sigmoid")[:, 0]
    bound = float(theory.sigmoid_average_error(1000, 10 * law.margin, 0.3))
    with pytest.raises(AssertionError, match="mean"):
        assert_mean_in(found, 0, bound)
