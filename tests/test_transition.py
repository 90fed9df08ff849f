"""Correction by a transition matrix: numbers, identities, gradients, refusals."""

import tracemalloc

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace.correction import binary_backward, binary_forward
from halfspace.losses import LOSSES
from halfspace.mixing import mixing
from halfspace.transition import backward, backward_losses, cross_entropy, forward
from tests.strategies import frozen, rates

P = np.array([[0.8, 0.2], [0.35, 0.65], [0.5, 0.5]])
T = np.array([[0.9, 0.1], [0.3, 0.7]])
each = pytest.mark.parametrize("corrected", [forward, backward])
every = pytest.mark.parametrize("kind", ["hard", "soft"])
finite = st.floats(-9, 9)


def rows(size, k):
    """Draw rows of probabilities, none of them 0."""
    mass = npst.arrays(float, (size, k), elements=st.floats(0.05, 1))
    return mass.map(lambda m: frozen(m / m.sum(axis=-1, keepdims=True)))


def transitions(k):
    """Draw transition matrices that are far from singular."""
    return rows(k, k).map(lambda t: frozen(0.5 * np.eye(k) + 0.5 * t))


@st.composite
def problems(draw, n=3):
    """Draw logits (n, k), hard and soft labels, and a transition matrix."""
    k = draw(st.integers(2, 5))
    logits = frozen(draw(npst.arrays(float, (n, k), elements=finite)))
    hard = draw(npst.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    hard.flags.writeable = False
    labels = {"hard": hard, "soft": draw(rows(n, k))}
    return logits, labels, draw(transitions(k))


def test_the_numbers_that_were_worked_by_hand():
    y = [0, 0, 1]
    found = forward(np.log(P), y, T).value.round(6)
    assert found.tolist() == [0.248461, 0.673345, 0.916291]
    found = backward(np.log(P), y, T).value.round(6)
    assert found.tolist() == [-0.007906, 1.152995, 0.693147]


def test_the_gradients_that_were_worked_by_hand():
    """At f = (1/2, 1/2) and the label 0: r = (3/4, 1/4), and y T^-1 = (7, -1)/6."""
    z = np.zeros((1, 2))
    np.testing.assert_allclose(forward(z, [0], T).gradient, [[-0.25, 0.25]])
    expected = [[1 / 2 - 7 / 6, 1 / 2 + 1 / 6]]
    np.testing.assert_allclose(backward(z, [0], T).gradient, expected)


@each
@every
@given(problem=problems(), data=st.data())
def test_a_gradient_is_the_slope_along_any_direction(corrected, kind, problem, data):
    z, labels, t = problem
    way = data.draw(npst.arrays(float, z.shape, elements=st.floats(-1, 1)))
    after, before = (corrected(z + h * way, labels[kind], t) for h in (1e-5, -1e-5))
    expected = (after.value - before.value) / 2e-5
    found = np.sum(corrected(z, labels[kind], t).gradient * way, axis=-1)
    np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-7)


@given(data=st.data(), k=st.integers(2, 5))
def test_backward_is_unbiased_exactly(data, k):
    """Claim B3, equality: the noisy mean of the corrected loss is the clean loss."""
    t = data.draw(transitions(k))
    losses = frozen(data.draw(npst.arrays(float, (3, k), elements=finite)))
    np.testing.assert_allclose(backward_losses(losses, t) @ t.T, losses, atol=1e-10)


@given(problem=problems())
def test_backward_cross_entropy_is_unbiased_in_value_and_gradient(problem):
    """Claim B3, equality: averaged over the noisy labels of each clean class."""
    z, labels, t = problem
    k, y = len(t), labels["hard"]
    clean = cross_entropy(z, y)
    noisy = [backward(z, np.full(len(z), j), t) for j in range(k)]
    value = sum(t[y, j] * noisy[j].value for j in range(k))
    gradient = sum(t[y, j][:, None] * noisy[j].gradient for j in range(k))
    np.testing.assert_allclose(value, clean.value, atol=1e-10)
    np.testing.assert_allclose(gradient, clean.gradient, atol=1e-11)


@given(problem=problems())
def test_forward_is_still_at_the_clean_law(problem):
    """Claim B1: the mean gradient over noisy labels is 0 there, and not elsewhere."""
    _, labels, t = problem
    pi = labels["soft"]
    at = forward(np.log(pi), pi @ t, t).gradient
    np.testing.assert_allclose(at, 0, atol=1e-12)
    off = np.log(pi) + np.eye(len(t))[0]
    assert (np.abs(forward(off, pi @ t, t).gradient).max(axis=-1) > 1e-5).all()


@given(z=st.floats(-30, 30), rate=rates, y=st.integers(0, 1))
def test_two_classes_are_the_functions_of_the_margin(z, rate, y):
    """Class 1 has score t: y t is the margin."""
    t = np.array([[1 - rate, rate], [rate, 1 - rate]])
    side = 2 * y - 1
    for general, binary in ((forward, binary_forward), (backward, binary_backward)):
        expected = binary(side * z, rate)
        found = general(np.array([0.0, z]), y, t)
        scale = 1 + abs(expected.value)
        np.testing.assert_allclose(found.value, expected.value, atol=1e-12 * scale)
        slope = side * expected.slope
        np.testing.assert_allclose(found.gradient, [-slope, slope], atol=1e-12 * scale)


@each
@every
@given(problem=problems())
def test_without_noise_a_correction_is_cross_entropy(corrected, kind, problem):
    z, labels, t = problem
    found = corrected(z, labels[kind], np.eye(len(t)))
    for new, old in zip(found, cross_entropy(z, labels[kind]), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-12, atol=1e-14)


@given(z=st.floats(-30, 30), y=st.integers(0, 1))
def test_cross_entropy_of_two_classes_is_the_logistic_loss(z, y):
    side = 2 * y - 1
    value, slope = LOSSES["logistic"](side * z)
    found = cross_entropy([0.0, z], y)
    np.testing.assert_allclose(found.value, value, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(found.gradient[1], side * slope, atol=1e-15)


@each
@every
@given(problem=problems(), shift=finite)
def test_a_constant_in_the_logits_changes_nothing(corrected, kind, problem, shift):
    z, labels, t = problem
    value, gradient = corrected(z, labels[kind], t)
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-12)
    moved = corrected(z + shift, labels[kind], t)
    np.testing.assert_allclose(moved.value, value, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(moved.gradient, gradient, atol=1e-12)


@each
@given(problem=problems(), data=st.data())
def test_the_names_of_the_classes_do_not_matter(corrected, problem, data):
    z, labels, t = problem
    order = np.array(data.draw(st.permutations(range(len(t)))))
    value, gradient = corrected(z, labels["hard"], t)
    renamed = np.argsort(order)[labels["hard"]]
    found = corrected(z[:, order], renamed, t[np.ix_(order, order)])
    np.testing.assert_allclose(found.value, value, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.gradient, gradient[:, order], atol=1e-11)


@each
@given(problem=problems())
def test_a_one_hot_label_is_a_hard_one(corrected, problem):
    z, labels, t = problem
    soft = np.eye(len(t))[labels["hard"]]
    hard = corrected(z, labels["hard"], t)
    for new, old in zip(corrected(z, soft, t), hard, strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-12, atol=1e-13)


@each
@every
@given(problem=problems(n=6))
def test_a_stack_of_trials_is_a_loop(corrected, kind, problem):
    z, labels, t = problem
    y = labels[kind]
    stacked = corrected(z.reshape(2, 3, -1), y.reshape(2, 3, *y.shape[1:]), t)
    assert stacked.value.shape == (2, 3)
    for i in range(6):
        value, gradient = corrected(z[i], y[i], t)
        where = np.unravel_index(i, (2, 3))
        np.testing.assert_allclose(stacked.value[where], value, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(stacked.gradient[where], gradient, atol=1e-12)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("zero", [False, True])
def test_forward_is_right_at_logits_of_a_thousand(precision, zero):
    t = np.array([[0.7, 0.3, 0.0], [0.0, 0.6, 0.4], [0.2, 0.0, 0.8]])
    t = t if zero else 0.9 * t + 0.1 / 3
    rtol, atol = (2e-6, 2e-7) if precision == "float32" else (1e-13, 1e-15)
    for z in ([1000.0, -1000.0, 0.0], [-1000.0, 1000.0, 999.0], [0.0, 1000.0, -1000.0]):
        for y in range(3):
            with mp.workdps(60):
                e = [mp.exp(mp.mpf(v)) for v in z]
                joint = [e[i] * mp.mpf(t[i, y]) for i in range(3)]
                value = mp.log(mp.fsum(e)) - mp.log(mp.fsum(joint))
                gradient = [
                    e[i] / mp.fsum(e) - joint[i] / mp.fsum(joint) for i in range(3)
                ]
            found = forward(np.array(z, precision), y, t)
            assert found.value.dtype == found.gradient.dtype == precision
            np.testing.assert_allclose(found.value, float(value), rtol, atol)
            want = [float(g) for g in gradient]
            np.testing.assert_allclose(found.gradient, want, rtol, atol)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("work", [cross_entropy, lambda z, y: backward(z, y, T)])
def test_the_others_are_finite_at_logits_of_a_thousand(work, precision):
    z = np.array([[1000.0, -1000.0], [-1000.0, 1000.0]], precision)
    soft = P[:2].astype(precision)
    for y in ([0, 0], soft):
        found = work(z, y)
        assert found.value.dtype == found.gradient.dtype == precision
        assert np.isfinite(found.value).all()
        assert np.isfinite(found.gradient).all()
    value = cross_entropy(z, [0, 0]).value
    np.testing.assert_allclose(value, [0, 2000], rtol=1e-6)


@every
@pytest.mark.parametrize("work", ["forward", "backward", "mixing"])
def test_memory_grows_with_the_classes_and_not_with_their_square(work, kind, seed):
    """The peak is less than 12 arrays of the size of the logits; a square is 60."""
    k = 60
    scores = np.random.default_rng(seed).dirichlet(np.ones(k), 2000)
    z, t = np.log(scores), 0.7 * np.eye(k) + 0.3 / k
    y = scores.argmax(axis=-1) if kind == "hard" else scores
    top = np.ones(k, dtype=bool)
    tracemalloc.start()
    if work == "mixing":
        mixing(z, y, 0.8, top)
    else:
        (forward if work == "forward" else backward)(z, y, t)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert z.nbytes < peak < 12 * z.nbytes


ROWS = r"`transition` must be probabilities, got a sum of 1.1 at index \(1,\)"
SHAPE = r"`transition` must have shape \(2, 2\) for 2 classes, got \(3, 3\)"
MATRICES = [
    ([[0.9, 0.1], [0.4, 0.7]], ROWS),
    (np.eye(3), SHAPE),
    ([[1.1, -0.1], [0.0, 1.0]], r"`transition` must be in \[0, 1\], got 1.1"),
    ([[np.nan, 0.1], [0.3, 0.7]], r"`transition` must be finite, got nan at index"),
    ([[1, 0], [0, 1]], r"`transition` must be float32 or float64, got dtype int64"),
    ([[1.0], [0.5, 0.5]], r"`transition` must be an array with rows of one length"),
    (None, r"`transition` must be float32 or float64, got dtype object"),
]


@each
@pytest.mark.parametrize(("bad", "message"), MATRICES)
def test_bad_matrices_are_refused(corrected, bad, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}[^\n]*$"):
        corrected(np.log(P), [0, 0, 1], bad)


def test_a_singular_matrix_is_named_with_its_condition_number():
    message = (
        r"^`transition` must be invertible, got condition number (inf|\d.*e\+\d+)$"
    )
    for bad in (np.full((2, 2), 0.5), [[0.5, 0.5], [0.5 - 1e-11, 0.5 + 1e-11]]):
        with pytest.raises(np.linalg.LinAlgError, match=message):
            backward(np.log(P), [0, 0, 1], bad)
        assert np.isfinite(forward(np.log(P), [0, 0, 1], bad).value).all()


def test_a_label_that_cannot_be_is_refused():
    t = [[1.0, 0.0], [1.0, 0.0]]
    message = r"^`labels` must be possible under `transition`, got "
    with pytest.raises(ValueError, match=message + r"1 at index \(2,\)$"):
        forward(np.log(P), [0, 0, 1], t)
    with pytest.raises(ValueError, match=message):
        forward(np.log(P), P, t)
    np.testing.assert_allclose(forward(np.log(P), [0, 0, 0], t).value, 0, atol=1e-15)


KIND = r"`labels` must be ints of shape \(3,\) or probabilities of shape \(3, 2\), got "
LABELS = [
    ([0.0, 0.0, 1.0], KIND + r"float64 of shape \(3,\)"),
    ([[1, 0], [1, 0], [0, 1]], KIND + r"int64 of shape \(3, 2\)"),
    ([True, False, True], KIND + r"bool of shape \(3,\)"),
    ([0, 1], KIND + r"int64 of shape \(2,\)"),
    (None, KIND + "object"),
    ([0, 2, 1], r"`labels` must be in 0\.\.1, got 2 at index \(1,\)"),
    ([0, -1, 1], r"`labels` must be in 0\.\.1, got -1 at index \(1,\)"),
    (2 * P, r"`labels` must be probabilities, got a sum of 2.0 at index \(0,\)"),
    (P - 0.3, r"`labels` must be in \[0, 1\], got -0.09"),
    (P * np.nan, r"`labels` must be finite, got nan at index \(0, 0\)"),
]


@pytest.mark.parametrize(("bad", "message"), LABELS)
def test_bad_labels_are_refused(bad, message):
    for work in (cross_entropy, lambda z, y: forward(z, y, T)):
        with pytest.raises((ValueError, TypeError), match=f"^{message}[^\n]*$"):
            work(np.log(P), bad)


LOGITS = [
    ([[0, 1], [1, 0], [0, 0]], r"`logits` must be float32 or float64, got dtype int64"),
    (P > 0.5, r"`logits` must be float32 or float64, got dtype bool"),
    (P * np.nan, r"`logits` must be finite, got nan at index \(0, 0\)"),
    (P + np.inf, r"`logits` must be finite, got inf at index \(0, 0\)"),
    (P[:, :1], r"`logits` must have shape \(\.\.\., k\) with k >= 2, got \(3, 1\)"),
    (1.0, r"`logits` must have shape \(\.\.\., k\) with k >= 2, got \(\)"),
    (np.zeros((0, 2)), r"`logits` must not be empty, got shape \(0, 2\)"),
    (P.astype("f2"), r"`logits` must be float32 or float64, got dtype float16"),
]


@pytest.mark.parametrize(("bad", "message"), LOGITS)
def test_bad_logits_are_refused(bad, message):
    for work in (cross_entropy, lambda z, y: forward(z, y, T)):
        with pytest.raises((ValueError, TypeError), match=f"^{message}$"):
            work(bad, [0, 0, 1])


def test_bad_losses_are_refused():
    for bad in ([[1, 2]], [1.0], 1.0, [np.nan, 1.0]):
        with pytest.raises((ValueError, TypeError), match=r"^`losses` must .*, got "):
            backward_losses(bad, T)
