"""Per-example mixing: its law, its optimum, its gradient anywhere, its refusals."""

from itertools import product

import mpmath as mp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace.correction import binary_forward, binary_mixing
from halfspace.mixing import ROWS, mix, mixing, top_k
from halfspace.transition import cross_entropy, forward
from tests.strategies import frozen

finite = st.floats(-9, 9)
each = pytest.mark.parametrize("normalised", [True, False])
every = pytest.mark.parametrize("kind", ["hard", "soft"])
#: Binary fractions, so that 1 - rate is exact.
exact_rates = st.integers(0, 500).map(lambda i: i / 1024)
ALL3 = [True, True, True]


def rows(size, k):
    """Draw rows of probabilities, none of them 0."""
    mass = npst.arrays(float, (size, k), elements=st.floats(0.05, 1))
    return mass.map(lambda m: frozen(m / m.sum(axis=-1, keepdims=True)))


@st.composite
def problems(draw, n=3):
    """Draw logits (n, k), hard and soft labels, accuracies and top classes."""
    k = draw(st.integers(2, 5))
    logits = frozen(draw(npst.arrays(float, (n, k), elements=finite)))
    scores = draw(rows(n, k))
    sizes = draw(npst.arrays(np.int64, n, elements=st.integers(2, k)))
    far = st.floats(0, 1).filter(
        lambda a: min(abs(a * j - 1) for j in range(2, 6)) > 1e-3
    )
    accuracy = frozen(draw(npst.arrays(float, n, elements=far | st.just(1.0))))
    accuracy = frozen(np.where(accuracy < 1e-3, 0.1, accuracy))
    hard = draw(npst.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    top = top_k(scores, sizes)
    top.flags.writeable = hard.flags.writeable = False
    return logits, {"hard": hard, "soft": draw(rows(n, k))}, accuracy, top


def expand(pick, n):
    """Return the labels of a problem as probabilities, for sums over classes."""
    return np.eye(n)[pick] if pick.ndim == 1 else pick


def test_the_mix_that_was_worked_by_hand():
    """alpha = 0.6, k = 2 of 3: on top 0.6 f + 0.4 (1 - f), elsewhere 0.6 f."""
    p, top = np.array([0.5, 0.3, 0.2]), [True, True, False]
    np.testing.assert_allclose(mix(p, 0.6, top), [0.5, 0.46, 0.12])
    np.testing.assert_allclose(mix(p, 0.6, ALL3), [0.4, 0.32, 0.28])
    np.testing.assert_allclose(mix(p, 0.6, ALL3, normalised=False), [0.5, 0.46, 0.44])


def test_the_gradient_that_was_worked_by_hand():
    """At f = 1/3, label 0: mix = 1/3; and unnormalised 0.6/3 + 0.4 2/3 = 7/15."""
    z = np.zeros(3)
    value, gradient = mixing(z, 0, 0.6, ALL3)
    np.testing.assert_allclose(value, np.log(3))
    np.testing.assert_allclose(gradient, 0.4 * np.array([-2, 1, 1]) / 3)
    value, gradient = mixing(z, 0, 0.6, ALL3, normalised=False)
    np.testing.assert_allclose(value, np.log(15 / 7))
    np.testing.assert_allclose(gradient, 0.2 * 15 / 7 * np.array([-2, 1, 1]) / 9)
    soft = mixing(z, np.array([0.5, 0.5, 0.0]), 0.6, [False, True, True]).gradient
    expected = np.array([-2, 1, 1]) / 6 + 0.2 * np.array([1, -2, 1]) / 9 / (7 / 15) / 2
    np.testing.assert_allclose(soft, expected)


@given(problem=problems(), data=st.data())
def test_the_normalised_mix_is_the_law_of_the_teachers_label(problem, data):
    """Claim C1, equality: on the top-k face, for a teacher that errs uniformly."""
    _, labels, accuracy, top = problem
    face = labels["soft"] * top
    face = face / face.sum(axis=-1, keepdims=True)
    found = mix(face, accuracy, top)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-12)
    assert (found >= 0).all()
    for i, alpha in enumerate(accuracy):
        others = top[i].sum() - 1
        t = np.where(np.eye(len(top[i])), alpha, (1 - alpha) * top[i] / others)
        np.testing.assert_allclose(found[i], face[i] @ t, rtol=1e-12, atol=1e-15)


@each
@every
@given(problem=problems())
def test_the_loss_is_cross_entropy_against_the_mix(normalised, kind, problem):
    z, labels, accuracy, top = problem
    p = np.exp(z - np.logaddexp.reduce(z, axis=-1, keepdims=True))
    expected = -np.sum(
        expand(labels[kind], z.shape[-1])
        * np.log(mix(p, accuracy, top, normalised=normalised)),
        axis=-1,
    )
    found = mixing(z, labels[kind], accuracy, top, normalised=normalised).value
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@each
@every
@given(problem=problems(), data=st.data())
def test_a_gradient_is_the_slope_along_any_direction(normalised, kind, problem, data):
    z, labels, *told = problem
    way = data.draw(npst.arrays(float, z.shape, elements=st.floats(-1, 1)))
    after, before = (
        mixing(z + h * way, labels[kind], *told, normalised=normalised).value
        for h in (1e-5, -1e-5)
    )
    gradient = mixing(z, labels[kind], *told, normalised=normalised).gradient
    found = np.sum(gradient * way, axis=-1)
    np.testing.assert_allclose(found, (after - before) / 2e-5, rtol=1e-6, atol=1e-8)


@given(problem=problems())
def test_with_all_classes_on_top_mixing_is_forward(problem):
    """A transition matrix with alpha on its diagonal and equal entries elsewhere."""
    z, labels, accuracy, _ = problem
    k = z.shape[-1]
    everything = np.ones(k, dtype=bool)
    for i, alpha in enumerate(accuracy):
        t = np.where(np.eye(k), alpha, (1 - alpha) / (k - 1))
        for y in (labels["hard"][i], labels["soft"][i]):
            expected, found = forward(z[i], y, t), mixing(z[i], y, alpha, everything)
            np.testing.assert_allclose(found.value, expected.value, 1e-11, 1e-14)
            np.testing.assert_allclose(found.gradient, expected.gradient, atol=1e-12)


@each
@given(z=st.floats(-30, 30), rate=exact_rates, y=st.integers(0, 1))
def test_two_classes_are_the_functions_of_the_margin(normalised, z, rate, y):
    side = 2 * y - 1
    for binary in (binary_forward(side * z, rate), binary_mixing(side * z, 1 - rate)):
        found = mixing([0.0, z], y, 1 - rate, [True] * 2, normalised=normalised)
        np.testing.assert_allclose(found.value, binary.value, rtol=1e-12, atol=1e-15)
        slope = side * binary.slope
        np.testing.assert_allclose(found.gradient, [-slope, slope], rtol=1e-9)


@each
@every
@given(problem=problems())
def test_a_teacher_who_is_always_right_gives_cross_entropy(normalised, kind, problem):
    z, labels, _, top = problem
    found = mixing(z, labels[kind], 1.0, top, normalised=normalised)
    for new, old in zip(found, cross_entropy(z, labels[kind]), strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-11, atol=1e-13)


@each
@given(problem=problems())
def test_a_one_hot_label_is_a_hard_one(normalised, problem):
    z, labels, *told = problem
    one_hot = np.eye(z.shape[-1])[labels["hard"]]
    soft = mixing(z, one_hot, *told, normalised=normalised)
    hard = mixing(z, labels["hard"], *told, normalised=normalised)
    for new, old in zip(soft, hard, strict=True):
        np.testing.assert_allclose(new, old, rtol=1e-11, atol=1e-13)


@each
@every
@given(problem=problems(), shift=finite)
def test_a_constant_in_the_logits_changes_nothing(normalised, kind, problem, shift):
    z, labels, *told = problem
    value, gradient = mixing(z, labels[kind], *told, normalised=normalised)
    np.testing.assert_allclose(gradient.sum(axis=-1), 0, atol=1e-13)
    moved = mixing(z + shift, labels[kind], *told, normalised=normalised)
    np.testing.assert_allclose(moved.value, value, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(moved.gradient, gradient, atol=1e-12)


@each
@given(problem=problems(), data=st.data())
def test_the_names_of_the_classes_do_not_matter(normalised, problem, data):
    z, labels, accuracy, top = problem
    order = np.array(data.draw(st.permutations(range(z.shape[-1]))))
    new = {"hard": np.argsort(order)[labels["hard"]], "soft": labels["soft"][:, order]}
    for kind in labels:
        value, gradient = mixing(z, labels[kind], accuracy, top, normalised=normalised)
        found = mixing(
            z[:, order], new[kind], accuracy, top[:, order], normalised=normalised
        )
        np.testing.assert_allclose(found.value, value, rtol=1e-11, atol=1e-13)
        np.testing.assert_allclose(found.gradient, gradient[:, order], atol=1e-12)


@each
@every
@given(problem=problems(n=6))
def test_a_stack_of_trials_is_a_loop(normalised, kind, problem):
    z, labels, accuracy, top = problem
    y, shape = labels[kind], (2, 3)
    stacked = mixing(
        z.reshape(*shape, -1),
        y.reshape(*shape, *y.shape[1:]),
        accuracy.reshape(shape),
        top.reshape(*shape, -1),
        normalised=normalised,
    )
    for i in range(6):
        value, gradient = mixing(z[i], y[i], accuracy[i], top[i], normalised=normalised)
        where = np.unravel_index(i, shape)
        np.testing.assert_allclose(stacked.value[where], value, rtol=1e-12)
        np.testing.assert_allclose(stacked.gradient[where], gradient, atol=1e-13)


@each
@every
def test_many_rows_are_few_rows_and_few_rows(normalised, kind, seed):
    """They are worked on in blocks; this takes two and a part of a third."""
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((2 * ROWS + 3, 3))
    scores = rng.dirichlet(np.ones(3), len(z))
    y = scores.argmax(axis=-1) if kind == "hard" else scores
    accuracy, top = rng.uniform(0.6, 1, len(z)), top_k(scores, 2)
    whole = mixing(z, y, accuracy, top, normalised=normalised)
    for part in (slice(0, 5000), slice(5000, 2 * ROWS), slice(2 * ROWS, None)):
        some = mixing(
            z[part], y[part], accuracy[part], top[part], normalised=normalised
        )
        np.testing.assert_allclose(whole.value[part], some.value, rtol=1e-12)
        np.testing.assert_allclose(whole.gradient[part], some.gradient, atol=1e-13)


@given(problem=problems())
def test_a_step_down_the_gradient_lowers_the_loss(problem):
    """Not vacuous: and it is the label that rises where alpha is above c."""
    z, labels, accuracy, top = problem
    y = labels["hard"]
    value, gradient = mixing(z, y, accuracy, top)
    lower = mixing(z - 0.1 * gradient, y, accuracy, top).value
    assert (lower < value).all() or np.abs(gradient).max() < 1e-3
    c = (1 - accuracy) / (top.sum(axis=-1) - 1) * top[np.arange(len(y)), y]
    own = gradient[np.arange(len(y)), y]
    assert (np.sign(own) == np.sign(c - accuracy)).all()


def oracle(z, y, alpha, top, normalised):
    """Return value and gradient to 60 digits; no difference of near numbers."""
    with mp.workdps(60):
        e = [mp.exp(mp.mpf(float(v))) for v in z]
        total, n = mp.fsum(e), range(len(e))
        f = [v / total for v in e]
        rest = [mp.fsum(e[j] for j in n if j != i) / total for i in n]
        a = mp.mpf(float(alpha))
        c = (1 - a) / (sum(top) - 1 if normalised else 1)
        b = [c if top[i] else mp.mpf(0) for i in n]
        m = [a * f[i] + b[i] * rest[i] for i in n]
        y = [mp.mpf(float(v)) for v in y]
        seen = [i for i in n if y[i]]
        value = -mp.fsum(y[i] * mp.log(m[i]) for i in seen)
        pull = {i: y[i] * (a - b[i]) * f[i] / m[i] for i in seen}
        gradient = [
            mp.fsum(pull[i] * (-rest[i] if i == j else f[j]) for i in seen) for j in n
        ]
        return float(value), [float(g) for g in gradient]


FAR = [
    [1000.0, -1000.0, 0.0],
    [-1000.0, 1000.0, 999.0],
    [-1000.0, -1000.0, 1000.0],
    [1000.0, 1000.0, -1000.0],
    [0.3, -0.2, 0.1],
    [50.0, 0.0, -120.0],
]
TOPS = [ALL3, [True, True, False], [False, True, True]]


@each
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_the_loss_is_right_at_logits_of_a_thousand(precision, normalised):
    """Against 60 digits: value and gradient, hard, one-hot and soft labels."""
    rtol, atol = (3e-6, 3e-7) if precision == "float32" else (1e-13, 1e-15)
    soft = [[0.2, 0.3, 0.5], [0.0, 0.6, 0.4], [0.0, 1.0, 0.0]]
    accuracies = [0.0, 1e-6, 0.3, 0.55, 1 - 1e-7, 1.0]
    for z, top, alpha in product(FAR, TOPS, accuracies):
        for y in (0, 1, 2, *soft):
            target = np.eye(3)[y] if isinstance(y, int) else y
            if alpha == 0 and np.any(target * ~np.array(top)):
                continue
            logits = np.array(z, precision)
            label = y if isinstance(y, int) else np.array(y)
            found = mixing(logits, label, alpha, top, normalised=normalised)
            exact = oracle(logits, target, alpha, top, normalised)
            assert found.value.dtype == found.gradient.dtype == precision
            np.testing.assert_allclose(found.value, exact[0], rtol, atol)
            np.testing.assert_allclose(found.gradient, exact[1], rtol, atol)
            if isinstance(y, int):  # to the last digit, however small
                small = 1e-37 if precision == "float32" else 1e-300
                np.testing.assert_allclose(found.gradient, exact[1], 20 * rtol, small)


def risk(p, pi, alpha, top, normalised):
    """Return -sum_i pi_i log mix_i(p) through the loss, p (..., k) positive."""
    pi = np.broadcast_to(pi, p.shape)
    return mixing(np.log(p), pi, alpha, top, normalised=normalised).value


@given(alpha=st.floats(0.05, 0.95), assumed=st.floats(0.55, 1))
def test_the_optimum_of_two_classes_with_a_wrong_accuracy(alpha, assumed):
    """Claim C3, equality: clip((alpha + a - 1) / (2a - 1), 0, 1)."""
    f = np.linspace(1e-9, 1 - 1e-9, 4001)
    p = np.stack([f, 1 - f], axis=-1)
    found = f[risk(p, [alpha, 1 - alpha], assumed, [True] * 2, True).argmin()]
    expected = np.clip((alpha + assumed - 1) / (2 * assumed - 1), 0, 1)
    assert abs(found - expected) <= 1 / 4000


@given(alpha=st.floats(0, 1).filter(lambda a: abs(2 * a - 1) > 1e-2))
def test_the_optimum_of_two_classes_is_the_truth(alpha):
    """Claim C2: at k = L = 2 the one-hot truth, above alpha k = 1 and below."""
    f = np.linspace(1e-9, 1 - 1e-9, 4001)
    p = np.stack([f, 1 - f], axis=-1)
    assert risk(p, [alpha, 1 - alpha], alpha, [True] * 2, True).argmin() == 4000


def truth_is_best(alpha, k, normalised, rng):
    """Whether e_0 beats 500 random rivals, 4 classes, under the law it is mixed to."""
    top = np.arange(4) < k
    truth = np.array([1 - 3e-12, 1e-12, 1e-12, 1e-12])
    pi = mix(np.eye(4)[0], alpha, top, normalised=normalised)
    pi = pi / pi.sum()  # a common factor moves no optimum
    rivals = rng.dirichlet([0.3] * 4, 500) * (1 - 4e-9) + 1e-9
    at = risk(truth, pi, alpha, top, normalised)
    return bool((risk(rivals, pi, alpha, top, normalised) >= at - 1e-9).all())


@each
@pytest.mark.parametrize("alpha", [0.05, 0.2, 0.4, 0.6, 0.9])
def test_the_truth_is_the_optimum_above_a_threshold(alpha, normalised, seed):
    """Claim C2: alpha k > 1, unnormalised alpha > 1/2; at k = L, everywhere.

    Below the threshold it must fail, which is what shows that the search can see it.
    """
    rng = np.random.default_rng(seed)
    for k in (2, 3):
        above = alpha * k > 1 if normalised else alpha > 1 / 2
        assert truth_is_best(alpha, k, normalised, rng) == above
    assert truth_is_best(alpha, 4, normalised, rng)


@given(data=st.data(), n=st.integers(1, 4), k=st.integers(2, 6))
def test_top_k_marks_the_k_largest(data, n, k):
    scores = data.draw(rows(n, k))
    sizes = data.draw(npst.arrays(np.int64, n, elements=st.integers(2, k)))
    found = top_k(scores, sizes)
    assert found.dtype == bool
    np.testing.assert_array_equal(found.sum(axis=-1), sizes)
    for row, marked in zip(scores, found, strict=True):
        assert row[marked].min() >= row[~marked].max(initial=0)


def test_of_equal_scores_the_first_are_marked():
    found = top_k(np.full(4, 0.25), 2)
    assert found.tolist() == [True, True, False, False]


Z, Y = np.zeros((3, 3)), np.array([0, 1, 2])
SCORES = np.array([[0.5, 0.3, 0.2], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4]])
TOP = top_k(SCORES, 2)
IDENTIFIABLE = r"`accuracy` must .*not identifiable where alpha k = 1\), got 0.5"
KIND = r"`labels` must be ints of shape \(3,\) or probabilities of shape \(3, 3\), got "
FEW = r"`top` must mark at least 2 classes in each row, got "
BAD = [
    ("logits", Z.astype(int), "`logits` must be float32 or float64, got dtype int64"),
    ("logits", Z > 0, "`logits` must be float32 or float64, got dtype bool"),
    ("logits", Z + np.nan, r"`logits` must be finite, got nan at index \(0, 0\)"),
    ("logits", Z[0, 0], r"`logits` must have shape \(..., k\) with k >= 2, got \(\)"),
    ("labels", [0, 1, 3], r"`labels` must be in 0..2, got 3 at index \(2,\)"),
    ("labels", [0.0, 1.0, 2.0], KIND + "float64"),
    ("labels", np.eye(3, dtype=int), KIND + "int64"),
    ("labels", [True, True, False], KIND + "bool"),
    ("labels", 2 * SCORES, "`labels` must be probabilities, got a sum of 2.0"),
    ("accuracy", 1.2, r"`accuracy` must be in \[0, 1\], got 1.2"),
    ("accuracy", -0.1, r"`accuracy` must be in \[0, 1\], got -0.1"),
    ("accuracy", np.nan, "`accuracy` must be finite, got nan"),
    ("accuracy", True, "`accuracy` must be real numbers, got dtype bool"),
    ("accuracy", [0.6, 0.7], r"`accuracy` must broadcast to shape \(3,\), got \(2,\)"),
    ("accuracy", [0.6, 0.5, 0.7], IDENTIFIABLE + r" at index \(1,\)"),
    ("accuracy", np.float32(0.5), IDENTIFIABLE),
    ("top", SCORES, "`top` must be bool, got dtype float64"),
    ("top", TOP.astype(int), "`top` must be bool, got dtype int64"),
    ("top", TOP & (SCORES < 0.5), FEW + r"1 at index \(0,\)"),
    ("top", True, FEW + "1"),
    ("top", TOP[:, :2], r"`top` must "),
    ("normalised", 1, "`normalised` must be a bool, got 1"),
    ("normalised", None, "`normalised` must be a bool, got None"),
]


def mixed(**changes):
    """Return the loss with some arguments changed."""
    good = {"logits": Z, "labels": Y, "accuracy": 0.7, "top": TOP} | changes
    return mixing(**good)


@pytest.mark.parametrize(("name", "bad", "message"), BAD)
def test_bad_input_is_refused_in_one_line(name, bad, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}[^\n]*$"):
        mixed(**{name: bad})


def test_good_input_passes():
    """Not vacuous: what the table changes is all that is wrong with its calls."""
    assert np.isfinite(mixed().value).all()
    assert np.isfinite(
        mixed(labels=SCORES, accuracy=[0.6, 0.0, 1.0], top=ALL3)[0]
    ).all()


def test_an_impossible_label_is_refused():
    message = (
        r"^`accuracy` must be positive where `top` lacks a label, got 0.0 at index"
    )
    with pytest.raises(ValueError, match=message + r" \(0,\)$"):
        mixed(labels=[2, 1, 0], accuracy=0.0)
    with pytest.raises(ValueError, match=message):
        mixed(labels=SCORES, accuracy=0.0)
    assert np.isfinite(mixed(labels=np.eye(3), accuracy=[0.0, 0.0, 0.0]).value).all()


@pytest.mark.parametrize(("size", "accuracy"), [(2, 0.5), (3, 1 / 3)])
def test_alpha_k_of_one_is_not_identifiable(size, accuracy):
    top = top_k(SCORES, size)
    with pytest.raises(ValueError, match=r"not identifiable where alpha k = 1"):
        mixed(top=top, accuracy=accuracy)
    with pytest.raises(ValueError, match=r"not identifiable where alpha k = 1"):
        mix(SCORES, np.float32(accuracy), top)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (1, r"`k` must be in 2\.\.3, got 1"),
        (4, r"`k` must be in 2\.\.3, got 4"),
        ([2, 2, 5], r"`k` must be in 2\.\.3, got 5 at index \(2,\)"),
        (2.0, "`k` must be ints, got dtype float64"),
        (True, "`k` must be ints, got dtype bool"),
        (None, "`k` must be ints, got dtype object"),
        ([2, 3], r"`k` must broadcast to shape \(3,\), got \(2,\)"),
    ],
)
def test_bad_sizes_are_refused(bad, message):
    with pytest.raises((ValueError, TypeError), match=f"^{message}$"):
        top_k(SCORES, bad)


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (2 * SCORES, "must be probabilities, got a sum of 2.0"),
        (np.log(SCORES), r"must be in \[0, 1\], got -0.69"),
        (np.eye(3, dtype=int), "must be float32 or float64, got dtype int64"),
        (SCORES > 0, "must be float32 or float64, got dtype bool"),
        (SCORES * np.nan, r"must be finite, got nan at index \(0, 0\)"),
        ([1.0], r"must have shape \(\.\.\., k\) with k >= 2, got \(1,\)"),
    ],
)
def test_scores_that_are_not_probabilities_are_refused(bad, message):
    for name, call in (
        ("scores", lambda p: top_k(p, 2)),
        ("p", lambda p: mix(p, 0.7, ALL3)),
    ):
        with pytest.raises((ValueError, TypeError), match=f"^`{name}` {message}"):
            call(bad)
