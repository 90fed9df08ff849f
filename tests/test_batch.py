"""Class mean, SQ-Perceptron and logistic: what must not change them, what they reach.

The samples are clouds: points of any length, generic or with many duplicates.
"""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import optimize, special

from halfspace import Learner, Sphere, fit, stream
from halfspace.batch import class_mean, sq_perceptron
from halfspace.regression import logistic_regression
from tests import strategies
from tests.strategies import frozen

LEARNERS = {
    "mean": class_mean,
    "sq_last": lambda x, y: sq_perceptron(x, y, rate=0.1, batch=4).last,
    "sq_averaged": lambda x, y: sq_perceptron(x, y, rate=0.1, batch=4).averaged,
    "logistic": lambda x, y: logistic_regression(x, y, penalty=0.1).w,
}
each = pytest.mark.parametrize("learner", LEARNERS.values(), ids=LEARNERS)
blind_to_order = pytest.mark.parametrize("name", ["mean", "logistic"])


@st.composite
def clouds(draw, trials=strategies.shapes, max_size=20, max_dim=4, coarse=None):
    """Draw (x, y): generic points, or coarse ones with ties; one class is possible."""
    rng = stream(draw(strategies.seeds), "cloud")
    n, dim = draw(st.integers(1, max_size)), draw(st.integers(1, max_dim))
    shape = (*draw(trials), n)
    x = rng.standard_normal((*shape, dim)) * draw(st.sampled_from([0.1, 1.0, 8.0]))
    if draw(st.booleans()) if coarse is None else coarse:
        x = np.round(x)
    odds = draw(st.sampled_from([0.0, 0.3, 0.5]))
    y = np.where(rng.random(shape) < odds, -1.0, 1.0)
    return frozen(x), frozen(y * draw(st.sampled_from([-1, 1])))


alone = clouds(trials=st.just(()))


def three_atoms():
    """Return the law itself, as a sample: 200 points, a fifth of each atom flipped."""
    s = np.sqrt(0.99)
    atoms = np.repeat([(1.0, 0.0), (0.1, s), (0.1, -s)], [6, 9, 5], axis=0)
    x = np.concatenate([atoms, -atoms]).repeat(5, axis=0)
    truth = np.sign(x[:, 0])
    return x, np.where(np.arange(200) % 5 == 0, -truth, truth), truth


def error(w, x, truth):
    return np.mean(np.where(x @ w >= 0, 1, -1) != truth)


@each
@given(data=clouds(coarse=False))
def test_a_stack_of_trials_is_a_loop_over_trials(learner, data):
    x, y = data
    stacked = learner(x, y)
    for i in np.ndindex(y.shape[:-1]):
        np.testing.assert_allclose(stacked[i], learner(x[i], y[i]), atol=1e-9)


@pytest.mark.parametrize("name", ["mean", "logistic"])
@given(data=clouds())
def test_flipping_every_label_flips_the_answer(name, data):
    x, y = data
    flipped = LEARNERS[name](x, -y)
    np.testing.assert_allclose(flipped, -LEARNERS[name](x, y), atol=1e-9)


@blind_to_order
@given(data=alone, seed=strategies.seeds)
def test_the_order_of_samples_does_not_matter(name, data, seed):
    x, y = data
    order = stream(seed, "order").permutation(len(y))
    moved = LEARNERS[name](x[order], y[order])
    np.testing.assert_allclose(moved, LEARNERS[name](x, y), rtol=1e-5, atol=1e-6)


@each
@given(data=clouds(coarse=False), seed=strategies.seeds)
def test_rotating_the_points_rotates_the_answer(learner, data, seed):
    x, y = data
    dim = x.shape[-1]
    turn = np.linalg.qr(stream(seed, "turn").standard_normal((dim, dim)))[0]
    turned = learner(x @ turn, y)
    np.testing.assert_allclose(turned, learner(x, y) @ turn, rtol=1e-5, atol=1e-6)


@each
@given(data=clouds())
def test_read_only_samples_are_taken_left_alone_and_give_one_answer(learner, data):
    x, y = data
    kept = x.copy(), y.copy()
    first = learner(x, y)
    assert first.shape == x.shape[:-2] + x.shape[-1:]
    assert first.dtype == np.float64
    np.testing.assert_array_equal(first, learner(x.tolist(), y.astype(int)))
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(y, kept[1])


@each
@given(data=clouds(coarse=False))
def test_a_feature_that_is_zero_has_no_weight(learner, data):
    x, y = data
    wider = np.concatenate([x, np.zeros((*y.shape, 1))], axis=-1)
    found = learner(wider, y)
    np.testing.assert_allclose(found[..., :-1], learner(x, y), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(found[..., -1], 0)


@each
def test_an_easy_sample_is_learned(learner, seed):
    """Not vacuous: the zero function has every symmetry above."""
    law = Sphere(dim=10, margin=0.3)
    x, s = law.sample((20, 2000), rng=stream(seed, "easy"))
    assert np.all(law.error(learner(x, s)) < 0.01)


@given(data=clouds(), power=st.integers(-3, 3))
def test_scaling_the_points_scales_what_is_a_sum_of_points(data, power):
    x, y = data
    size = 2.0**power  # exact
    for name in ("mean", "sq_last", "sq_averaged"):
        longer = LEARNERS[name](size * x, y)
        np.testing.assert_array_equal(longer, size * LEARNERS[name](x, y))


@given(data=clouds())
def test_the_class_mean_is_the_mean_of_y_x(data):
    x, y = data
    mean = np.mean(y[..., None] * x, axis=-2)
    np.testing.assert_allclose(class_mean(x, y), mean, atol=1e-13)


def test_the_class_mean_takes_any_finite_points():
    np.testing.assert_allclose(class_mean([[1e308], [1e308]], [1, 1]), [1e308])


@given(data=clouds(), where=st.data(), bad=st.sampled_from([np.nan, np.inf, -np.inf]))
def test_the_class_mean_sees_a_bad_number_anywhere(data, where, bad):
    x, y = data[0].copy(), data[1]
    at = tuple(where.draw(st.integers(0, size - 1)) for size in x.shape)
    x[at] = bad
    with pytest.raises(ValueError, match=r"^`x` must be .*, got .* at index \(") as got:
        class_mean(x, y)
    assert str(at) in str(got.value)


@given(rate=strategies.rates, data=strategies.samples())
def test_batches_of_one_are_the_online_run(rate, data):
    """Claim A1: SQ-Perceptron with one sample per batch is SLaM."""
    x, y, _ = data
    online = fit(Learner(rule="slam", rate=rate), x, y)
    found = sq_perceptron(x, y, rate=rate, batch=1)
    np.testing.assert_allclose(found.last, online.last[..., -1, :], atol=1e-11)
    np.testing.assert_allclose(found.averaged, online.averaged[..., -1, :], atol=1e-11)


def leaky(w, x, y, leak):
    """Return the mean LeakyReLU loss, by its definition."""
    z = -y * (x @ w)
    return np.mean(np.where(z >= 0, (1 - leak) * z, leak * z))


@given(rate=strategies.rates, data=clouds(trials=st.just(()), coarse=False))
def test_an_update_is_the_slope_of_twice_the_leaky_loss(rate, data):
    """Claim A1: SLaM is descent on the LeakyReLU loss with leak eta."""
    x, y = np.tile(data[0], (2, 1)), np.tile(data[1], 2)
    n = len(data[1])
    start = sq_perceptron(*data, rate=rate, batch=n).last
    step = sq_perceptron(x, y, rate=rate, batch=n).last - start
    if np.any(np.abs(x @ start) < 1e-5 * np.linalg.norm(x, axis=-1)):
        return  # the loss has a kink there
    for way in np.eye(x.shape[1]):
        near = [leaky(start + h * way, *data, rate) for h in (-1e-6, 1e-6)]
        slope = 2 * (near[1] - near[0]) / 2e-6
        np.testing.assert_allclose(-step @ way, slope, atol=1e-7)


@given(rate=strategies.rates, batch=st.integers(1, 25), data=alone)
def test_sq_perceptron_does_what_a_plain_loop_does(rate, batch, data):
    x, y = data
    w, path = np.zeros(x.shape[1]), []
    for start in range(0, len(y), batch):
        part = [(a, b) for a, b in zip(x, y, strict=True)][start : start + batch]
        moves = [((1 - 2 * rate) * (1 if a @ w >= 0 else -1) - b) * a for a, b in part]
        w = w - sum(moves) / len(part)
        path.append(w)
    found = sq_perceptron(x, y, rate=rate, batch=batch)
    if np.all(np.abs(x @ np.transpose(path)) > 1e-9):  # no sign hangs on rounding
        np.testing.assert_allclose(found.last, w, atol=1e-11)
        np.testing.assert_allclose(found.averaged, np.mean(path, axis=0), atol=1e-11)


def slope(w, x, y, weight, penalty):
    """Return the slope of the logistic loss, shape (d,)."""
    return penalty * w - weight * y * special.expit(-y * (x @ w)) @ x / weight.sum()


def separable(x, y):
    """Say, by a linear program, whether some w has y w.x >= 0, and once > 0."""
    z = y[:, None] * x
    bounds = [(None, None)] * x.shape[1]
    limits = np.concatenate([z, -z]), np.repeat([1.0, 0.0], len(z))
    return optimize.linprog(-z.sum(axis=0), *limits, bounds=bounds).fun < -1e-7


@given(data=alone, penalty=st.sampled_from([1e-3, 0.1, 10.0]), seed=strategies.seeds)
def test_a_logistic_fit_has_slope_zero(data, penalty, seed):
    x, y = data
    weight = stream(seed, "weight").random(len(y)) + 0.1
    found = logistic_regression(x, y, penalty=penalty, sample_weight=weight)
    size = max(1, np.linalg.norm(x, axis=-1).max())
    assert found.converged
    assert np.linalg.norm(slope(found.w, x, y, weight, penalty)) < 1e-7 * size


@given(data=alone)
def test_a_logistic_fit_converges_unless_the_labels_are_separable(data):
    x, y = data
    found = logistic_regression(x, y)
    assert np.all(np.isfinite(found.w))
    assert found.converged == (not separable(x, y))
    if found.converged:
        steepest = np.linalg.norm(slope(found.w, x, y, np.ones(len(y)), 0))
        assert steepest < 1e-7 * max(1, np.abs(x).max())


def test_a_far_point_does_not_hide_a_fit():
    """It is so sure that the curvature there bounds nothing."""
    x = np.append(np.resize([1.0, 2.0], 20), 300.0)[:, None]
    y = np.append(np.resize([1.0, 1.0, 1.0, -1.0], 20), 1.0)
    found = logistic_regression(x, y)
    assert found.converged
    assert abs(slope(found.w, x, y, np.ones(21), 0)) < 1e-6
    assert not logistic_regression(x, np.ones(21)).converged


def test_a_separable_sample_is_separated_and_said_to_have_no_fit():
    x, s = Sphere(dim=5, margin=0.2).sample((200,), rng=stream(0, "separable"))
    found = logistic_regression(x, s)
    assert not found.converged
    assert np.all(s * (x @ found.w) > 0)


@pytest.mark.parametrize("odds", [0.2, 0.5, 0.9])
def test_one_point_has_its_log_odds(odds):
    found = logistic_regression(
        [[2.0]] * 2, [1, -1], sample_weight=np.array([odds, 1 - odds]) * 7
    )
    np.testing.assert_allclose(found.w, [np.log(odds / (1 - odds)) / 2], atol=1e-8)


@given(data=alone, seed=strategies.seeds)
def test_a_weight_is_a_number_of_copies(data, seed):
    x, y = data
    copies = stream(seed, "copies").integers(0, 4, len(y))
    copies[0] = 1
    found = logistic_regression(x, y, penalty=0.1, sample_weight=copies)
    again = logistic_regression(x.repeat(copies, axis=0), y.repeat(copies), penalty=0.1)
    np.testing.assert_allclose(found.w, again.w, rtol=1e-5, atol=1e-6)


@given(data=alone, power=st.integers(-6, 6))
def test_the_units_of_a_feature_do_not_matter(data, power):
    x, y = data
    found = logistic_regression(x, y)
    units = 10.0 ** (power * np.arange(x.shape[1]))
    if found.converged and abs(power) <= 1:
        other = logistic_regression(x * units, y)
        assert other.converged
        np.testing.assert_allclose(other.w * units, found.w, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("penalty", [0.0, 0.03])
def test_logistic_agrees_with_scikit_learn(penalty, seed):
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = stream(seed, "sklearn")
    x = rng.standard_normal((400, 6)) * [0.1, 1, 1, 2, 3, 10]
    y = np.where(rng.random(400) < special.expit(x[:, 1] - x[:, 2]), 1.0, -1.0)
    weight = rng.random(400)
    limit = np.inf if penalty == 0 else 1 / (penalty * weight.sum())
    peer = linear_model.LogisticRegression(
        C=limit, fit_intercept=False, tol=1e-10, max_iter=10_000, solver="newton-cg"
    ).fit(x, y, weight)
    found = logistic_regression(x, y, penalty=penalty, sample_weight=weight)
    np.testing.assert_allclose(found.w, peer.coef_[0], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["mean", "logistic"])
def test_convex_learners_miss_the_minority_of_the_three_atoms(name):
    """Claim I3: on the law itself the class mean and logistic err a quarter."""
    x, y, truth = three_atoms()
    assert error(LEARNERS[name](x, y), x, truth) == 0.25
    assert error(logistic_regression(x, y).w, x, truth) == 0.25
    mean = [0.6 * 0.37, 0.6 * 0.2 * np.sqrt(0.99)]
    np.testing.assert_allclose(class_mean(x, y), mean, atol=1e-12)
