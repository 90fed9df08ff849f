"""FilterTron and the decision list: what they prove, what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RCN, Sphere, flip, stream
from halfspace._leaky import ends, scale_of
from halfspace.batch import class_mean
from halfspace.lists import DecisionList, _minimise, _sure, decision_list
from halfspace.slabs import _worst_slab, filtertron
from tests import strategies
from tests.statistics import assert_rate_at_most, detectable_rate
from tests.test_batch import alone, clouds, error, three_atoms

generic = clouds(trials=st.just(()), coarse=False)
accuracies = st.floats(0.01, 0.4)
TOLD = {"rate": 0.1, "margin": 0.1}


def listed(x, y, at=None, **changes):
    """Return what a decision list answers, at its own sample unless told where."""
    return decision_list(x, y, **(TOLD | changes)).predict(x if at is None else at)


def trap():
    """Return the trap itself, as a sample: the minority's labels flip, one in five."""
    s = np.sqrt(0.99)
    atoms = np.repeat([(0.1, s), (0.1, -s)], [150, 50], axis=0)
    x = np.concatenate([atoms, -atoms])
    truth = np.sign(x[:, 0])
    noisy = (x[:, 0] * x[:, 1] < 0) & (np.arange(400) % 5 == 0)
    return x, np.where(noisy, -truth, truth), truth


@given(data=alone, rate=strategies.rates, accuracy=accuracies)
def test_a_certified_filtertron_errs_little_on_any_labels(data, rate, accuracy):
    """Claim I3: without a bad slab, error < leak + (1 - leak) accuracy."""
    x, y = data
    found = filtertron(x, y, rate=rate, accuracy=accuracy, steps=50)
    leak = min(rate + accuracy, 0.5)
    assert 1 <= found.rounds <= 50
    assert found.certified or found.rounds == 50
    if found.certified:
        assert found.error < leak + accuracy * (1 - leak)


@given(data=strategies.separable(), rate=st.sampled_from([0.0, 0.2]))
def test_clean_samples_with_a_margin_are_certified_in_time(data, rate):
    """Claim I3: on clean labels every slab has L(w*) <= -margin leak."""
    x, s, margin = data
    leak = rate + 0.25
    steps = int(np.ceil((3 * (1 - leak) / (margin * scale_of(x) * leak)) ** 2))
    found = filtertron(x, s, rate=rate, accuracy=0.25, steps=steps)
    assert found.certified


def plain(x, y, leak, floor, steps):
    """Return FilterTron's iterates, the slow way."""
    x = x / max(np.sqrt(a @ a) for a in x)
    w, iterates = np.zeros(x.shape[1]), []
    for i in range(1, steps + 1):
        t = x @ w
        z = -y * t
        loss = np.where(z >= 0, (1 - leak) * z, leak * z)
        slabs = [
            [j for j in range(len(y)) if abs(t[j]) <= abs(r) * (1 + 1e-12)] for r in t
        ]
        slabs = [slab for slab in slabs if len(slab) >= floor]
        worst = max(slabs, key=lambda slab: np.mean([loss[j] for j in slab]))
        slopes = [
            -0.5 * y[j] * x[j] + (0.5 - leak) * np.sign(t[j]) * x[j] for j in worst
        ]
        w = w - np.mean(slopes, axis=0) / ((1 - leak) * np.sqrt(i))
        w = w / max(1, np.sqrt(w @ w))
        iterates.append(w)
    return iterates


@given(data=generic, steps=st.integers(1, 6))
def test_filtertron_keeps_the_best_of_the_iterates_of_a_plain_loop(data, steps):
    x, y = data
    floor = int(np.ceil(0.05 * len(y)))
    found = filtertron(x, y, rate=0.2, steps=steps)
    iterates = plain(x, y, 0.25, floor, int(found.rounds))
    errors = [error(w, x, y) for w in iterates]
    np.testing.assert_allclose(found.w, iterates[np.argmin(errors)], atol=1e-9)
    assert found.error == pytest.approx(min(errors))


def test_a_long_step_is_cut_back_to_the_ball():
    """The second step, at a right angle to the first, would lead out of it."""
    x = np.repeat([(0.0, 1.0), (0.98, -0.196)], [18, 2], axis=0)
    found = filtertron(x, np.ones(20), rate=0.44, steps=2)
    path = plain(x, np.ones(20), 0.49, 1, 2)
    assert found.error == 0
    assert np.linalg.norm(found.w) == pytest.approx(1)
    np.testing.assert_allclose(found.w, path[1], atol=1e-12)


@given(data=generic, floor=st.integers(1, 20), leak=st.floats(0.01, 0.5))
def test_the_worst_slab_is_the_worst_of_all(data, floor, leak):
    x, y = data
    t = x[:, 0]
    floor = min(floor, len(t))
    loss = np.maximum(-(1 - leak) * y * t, -leak * y * t)
    means = [
        loss[np.abs(t) <= r].mean()
        for r in np.abs(t)
        if np.sum(np.abs(t) <= r) >= floor
    ]
    slab, mean = _worst_slab(np.abs(t), t * y < 0, leak, floor)
    assert mean == pytest.approx(max(means))
    assert loss[slab].mean() == pytest.approx(mean)


def test_points_at_one_height_are_in_one_slab():
    """All four, or the two near ones: else their order would choose."""
    size, wrong = np.array([0.2, 0.1, 0.1, 0.2]), np.array([0, 1, 0, 1], dtype=bool)
    slab, mean = _worst_slab(size, wrong, 0.25, 1)
    assert sorted(slab) == [0, 1, 2, 3]
    assert mean == pytest.approx((0.3 * 0.75 - 0.3 * 0.25) / 4)
    assert ends(np.array([3.0, 3.0, 2.0])).tolist() == [False, True, True]


@given(data=alone, steps=st.integers(1, 30))
def test_more_rounds_never_do_worse_on_the_sample(data, steps):
    x, y = data
    few, more = (filtertron(x, y, rate=0.1, steps=k) for k in (steps, steps + 5))
    assert more.error <= few.error
    assert more.rounds >= few.rounds


@given(data=clouds())
def test_a_stack_of_trials_is_a_loop_over_trials(data):
    x, y = data
    fits, lists = filtertron(x, y, rate=0.1, steps=20), decision_list(x, y, **TOLD)
    answers = lists.predict(x)
    for i in np.ndindex(y.shape[:-1]):
        fitted = filtertron(x[i], y[i], rate=0.1, steps=20)
        for stacked, own in zip(fits, fitted, strict=True):
            np.testing.assert_array_equal(stacked[i], own)
        own = decision_list(x[i], y[i], **TOLD)
        size = len(own.threshold)
        np.testing.assert_array_equal(lists.w[i][:size], own.w)
        np.testing.assert_array_equal(lists.w[i][size:], 0)
        np.testing.assert_array_equal(lists.converged[i], own.converged)
        np.testing.assert_array_equal(answers[i], own.predict(x[i]))


@given(data=generic)
def test_flipping_every_label_flips_the_answer(data):
    x, y = data
    up, down = (filtertron(x, z, rate=0.1, steps=20) for z in (y, -y))
    np.testing.assert_array_equal(down.w, -up.w)
    np.testing.assert_array_equal(down.error, up.error)
    np.testing.assert_array_equal(listed(x, -y), -listed(x, y))


def test_labels_that_no_halfspace_fits_are_answered_by_one():
    """Their LeakyReLU loss is least at w = 0, all but; that would answer +1."""
    x, y = np.array([[1.0], [-0.9999]]), np.ones(2)
    np.testing.assert_array_equal(listed(x, y), [1, -1])
    np.testing.assert_array_equal(listed(x, -y), [-1, 1])


@given(data=generic, seed=strategies.seeds)
def test_order_and_rotation_do_not_matter(data, seed):
    x, y = data
    rng = stream(seed, "turn")
    turn = np.linalg.qr(rng.standard_normal((x.shape[1],) * 2))[0]
    order = rng.permutation(len(y))
    moved, y_moved = x[order] @ turn, y[order]
    w = filtertron(x, y, rate=0.1, steps=20).w
    turned = filtertron(moved, y_moved, rate=0.1, steps=20).w
    np.testing.assert_allclose(turned, w @ turn, atol=1e-8)
    np.testing.assert_array_equal(listed(moved, y_moved), listed(x, y)[order])


@given(data=clouds(), power=st.integers(-20, 20))
def test_the_unit_of_length_does_not_matter(data, power):
    x, y = data
    size = 2.0**power  # exact
    near, far = (filtertron(z, y, rate=0.1, steps=20) for z in (x, size * x))
    np.testing.assert_array_equal(near.w, far.w)
    lists = [decision_list(z, y, **TOLD) for z in (x, size * x)]
    np.testing.assert_array_equal(lists[0].predict(x), lists[1].predict(size * x))


@given(data=clouds())
def test_read_only_samples_are_taken_left_alone_and_give_one_answer(data):
    x, y = data
    kept = x.copy(), y.copy()
    first = filtertron(x, y, rate=0.1, steps=20)
    again = filtertron(x.tolist(), y.astype(int), rate=0.1, steps=20)
    np.testing.assert_array_equal(first.w, again.w)
    np.testing.assert_array_equal(listed(x, y), listed(x.tolist(), y.astype(int), x))
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(y, kept[1])


def smoothed(w, x, y, leak, margin):
    """Return the mean LeakyReLU loss with abs(t) rounded off below the margin."""
    t = x @ w
    near = (t**2 + margin**2) / (2 * margin)
    size = np.where(np.abs(t) < margin, near, np.abs(t))
    return np.mean(-y * t / 2 + (0.5 - leak) * size)


@given(data=generic, leak=st.floats(0.01, 0.5), margin=st.sampled_from([0.02, 0.3]))
def test_the_search_finds_the_least_smoothed_loss_in_the_ball(data, leak, margin):
    """Certificate: no direction, at no length, does better than the tolerance."""
    x, y = data
    scale, rng = scale_of(x), stream(0, "rivals")
    w, done = _minimise(x, y, scale, leak, margin, 1e-4, 20_000)
    assert done
    assert np.linalg.norm(w) <= 1 + 1e-12
    least = smoothed(w, scale * x, y, leak, margin)
    rivals = rng.standard_normal((200, x.shape[1]))
    rivals /= np.linalg.norm(rivals, axis=-1, keepdims=True)
    near = w + 0.05 * rivals
    near /= np.maximum(1, np.linalg.norm(near, axis=-1, keepdims=True))
    for rival in (*rivals, *near, 0 * w):
        assert least <= smoothed(rival, scale * x, y, leak, margin) + 1e-4


@given(data=generic)
def test_a_search_that_is_cut_short_says_so(data):
    x, y = data
    found = decision_list(x, y, rate=0.1, margin=1e-3, steps=1)
    assert not found.converged
    assert found.predict(x).shape == y.shape


@given(seed=strategies.seeds, n=st.integers(1, 400), accuracy=accuracies)
def test_a_halfspace_is_sure_of_the_widest_good_region(seed, n, accuracy):
    """The widest whose error is not worse than the best, give or take 1/sqrt(k)."""
    rng = stream(seed, "sure")
    size = rng.random(n)
    near = size < rng.random()  # these are mostly wrong, the others mostly right
    wrong = rng.random(n) < np.where(near, 0.9, 0.1 * rng.random())
    order, count = _sure(size, wrong, accuracy)
    np.testing.assert_array_equal(order, np.argsort(-size))
    sizes = [k for k in range(1, n + 1) if k >= accuracy * n]
    rate = {k: np.mean(wrong[order[:k]]) for k in sizes}
    best = min(rate[k] + k**-0.5 for k in sizes)
    assert count == max(k for k in sizes if rate[k] - k**-0.5 <= best)


def test_a_halfspace_is_sure_of_what_it_gets_right():
    """The far half is right, of the near one only every second point."""
    size = np.repeat([0.9, 0.1], 10_000) + np.linspace(0, 0.01, 20_000)
    wrong = (size < 0.5) & (np.arange(20_000) % 2 == 0)
    assert _sure(size, wrong, 0.05)[1] == pytest.approx(10_000, abs=500)


@given(data=alone, accuracy=accuracies)
def test_a_list_is_in_order_and_ends_with_everything(data, accuracy):
    x, y = data
    found = decision_list(x, y, **TOLD, accuracy=accuracy)
    assert np.all(found.threshold[:-1] > 0)
    assert found.threshold[-1] == 0
    longest = 2 + np.log(accuracy) / np.log1p(-accuracy)  # each takes its share
    assert len(found.threshold) <= longest


@given(seed=strategies.seeds, size=st.integers(1, 4), dim=st.integers(1, 3))
def test_the_first_halfspace_that_is_sure_answers(seed, size, dim):
    rng = stream(seed, "list")
    w, x = rng.standard_normal((size, dim)), rng.standard_normal((2, 7, dim))
    threshold = np.append(rng.random(size - 1), 0)
    found = DecisionList(w, threshold, np.array(True)).predict(x)
    for i in np.ndindex(found.shape):
        t = next(u for u, r in zip(w @ x[i], threshold, strict=True) if abs(u) >= r)
        assert found[i] == (1 if t >= 0 else -1)


@pytest.mark.parametrize("law", [three_atoms, trap])
def test_the_atoms_are_all_learned(law):
    """Claim I3: on the law itself; a plain mean errs a quarter on both."""
    x, y, truth = law()
    x, y, truth = x.repeat(5, axis=0), y.repeat(5), truth.repeat(5)
    assert error(class_mean(x, y), x, truth) == 0.25
    found = filtertron(x, y, rate=0.2)
    assert found.certified
    assert error(found.w, x, truth) == 0
    assert found.error == np.mean(y != truth)
    labels = listed(x, y, rate=0.2)
    np.testing.assert_array_equal(labels, truth)


def test_the_trap_needs_two_halfspaces():
    """The LeakyReLU minimiser gives up the noisy minority; the list returns to it."""
    x, y, truth = trap()
    x, y, truth = x.repeat(5, axis=0), y.repeat(5), truth.repeat(5)
    found = decision_list(x, y, rate=0.2, margin=0.1)
    assert len(found.threshold) == 2
    assert error(found.w[0], x, truth) == 0.25
    assert error(found.w[1], x, truth) > 0


def test_an_easy_sample_is_learned(seed):
    """Not vacuous: the zero function has every symmetry above."""
    law = Sphere(dim=10, margin=0.3)
    x, s = law.sample((10, 2000), rng=stream(seed, "easy"))
    found = filtertron(x, s, rate=0.1)
    assert np.all(found.certified)
    assert np.all(law.error(found.w) < 0.01)
    assert np.all(np.mean(listed(x, s) != s, axis=-1) < 0.01)


@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_one_class_is_learned(sign):
    x = stream(0, "one class").standard_normal((50, 3)) + 3.0
    y = np.full(50, sign)
    assert error(filtertron(x, y, rate=0.1).w, x, y) == 0
    np.testing.assert_array_equal(listed(x, y), y)


@pytest.mark.parametrize(("n", "dim"), [(1, 1), (1, 5), (3, 10)])
def test_fewer_points_than_dimensions_are_fitted(n, dim):
    rng = stream(0, "few", n, dim)
    x, y = rng.standard_normal((n, dim)), np.resize([1.0, -1.0], n)
    assert filtertron(x, y, rate=0.0).error == 0
    np.testing.assert_array_equal(listed(x, y, rate=0.0, margin=0.01), y)


def test_points_at_the_origin_teach_nothing():
    x, y = np.zeros((4, 2)), np.array([1.0, -1.0, 1.0, 1.0])
    found = filtertron(x, y, rate=0.1)
    assert not found.certified
    np.testing.assert_array_equal(found.w, 0)
    np.testing.assert_array_equal(listed(x, y), 1)


@pytest.mark.parametrize("rate", [0.45, 0.49])
def test_a_rate_near_a_half_is_no_error(rate):
    """The leak stops at 1/2, where the loss is linear."""
    law = Sphere(dim=5, margin=0.3)
    x, s = law.sample((500,), rng=stream(0, "near a half"))
    assert law.error(filtertron(x, s, rate=rate, accuracy=0.1).w) < 0.05
    assert np.mean(listed(x, s, rate=rate, accuracy=0.1) != s) < 0.05


TRIALS = 400


def failures(learner, seed):
    """Count the trials in which a learner errs on the three atoms, from 500 labels."""
    x, _, truth = three_atoms()
    rng = stream(seed, "atoms")
    drawn = rng.integers(0, 200, (TRIALS, 500))
    y = flip(RCN(rate=0.2), x[drawn], truth[drawn], rng=rng)
    samples = zip(x[drawn], y, strict=True)
    return sum(np.any(learner(a, b, x) != truth) for a, b in samples)


def by(fit):
    """Return the labels that a fitted direction gives at some points."""
    return lambda x, y, at: np.where(at @ fit(x, y) >= 0, 1, -1)


MASSART = {
    "filtertron": by(lambda x, y: filtertron(x, y, rate=0.2).w),
    "list": lambda x, y, at: listed(x, y, at, rate=0.2),
}


@pytest.mark.parametrize("learner", MASSART.values(), ids=MASSART)
def test_the_three_atoms_are_learned_from_500_labels(learner, seed):
    assert detectable_rate(TRIALS, 0.05) < 0.2  # what this test is able to see
    assert_rate_at_most(failures(learner, seed), TRIALS, 0.05)


def test_the_three_atoms_can_be_missed(seed):
    """Negative control: the class mean misses the minority."""
    with pytest.raises(AssertionError, match=r"> 0\.05"):
        assert_rate_at_most(failures(by(class_mean), seed), TRIALS, 0.05)
