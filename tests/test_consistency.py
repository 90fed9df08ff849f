"""Claims C1 to C3: theory by hand, certificates beside it, and where it must fail."""

from itertools import product

import cvxpy as cp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from halfspace.mixing import mix, mixing
from halfspace.theory.mixing import mixed_optimum, truth_is_optimal
from simulations import consistency, intervals, mixing_claims
from tests.strategies import frozen

shares = st.floats(0, 1)


@st.composite
def faces(draw):
    """Draw marked classes, and probabilities on them alone."""
    classes = draw(st.integers(2, 7))
    marked = draw(st.sets(st.integers(0, classes - 1), min_size=2))
    top = np.isin(np.arange(classes), list(marked))
    mass = draw(st.lists(st.floats(0.01, 1), min_size=classes, max_size=classes))
    f = np.array(mass) * top
    return frozen(f / f.sum()), top


def identifiable(alpha, k):
    """Whether alpha k is not too near 1."""
    return abs(alpha * k - 1) > 1e-3


@given(face=faces(), alpha=shares)
def test_the_mix_is_the_law_of_a_label_that_is_right_with_this_probability(face, alpha):
    """Claim C1: over truths and what the teacher says of each, one by one."""
    f, top = face
    marked = np.flatnonzero(top)
    assume(identifiable(alpha, len(marked)))
    law = np.zeros_like(f)
    for truth, said in product(marked, marked):
        wrong = (1 - alpha) / (len(marked) - 1)
        law[said] += f[truth] * (alpha if said == truth else wrong)
    found = mix(f, alpha, top)
    np.testing.assert_allclose(found, law, rtol=0, atol=1e-14)
    np.testing.assert_allclose(found.sum(), 1, rtol=1e-13)
    assert (found >= 0).all()


@given(face=faces(), alpha=st.floats(0, 0.9))
def test_the_unnormalised_mix_of_more_than_two_classes_is_no_law(face, alpha):
    """Its sum is alpha + (k - 1)(1 - alpha), above 1: the last test sees c."""
    f, top = face
    k = int(top.sum())
    assume(identifiable(alpha, 2) and k > 2)
    total = mix(f, alpha, top, normalised=False).sum()
    np.testing.assert_allclose(total, alpha + (k - 1) * (1 - alpha), rtol=1e-12)
    assert total > 1.05


def program(alpha, k, classes, normalised=True, target="labels"):
    """Return the least loss less that of the truth, and the minimiser.

    Written anew, from the definition: alpha f + c (1 - f) where marked, else alpha f.
    """
    c = (1 - alpha) / (k - 1 if normalised else 1)
    said = c if target == "mix" else (1 - alpha) / (k - 1)
    f = cp.Variable(classes, nonneg=True)
    expected = alpha * f[:k] + c * (1 - f[:k])
    pi = np.r_[alpha, np.full(k - 1, said)]
    seen = np.flatnonzero(pi)
    loss = -(pi[seen] @ cp.log(expected[seen]))
    problem = cp.Problem(cp.Minimize(loss), [cp.sum(f) == 1])
    problem.solve(solver=cp.CLARABEL)
    truth = -float(pi[seen] @ np.log(np.r_[alpha, np.full(k - 1, c)][seen]))
    return truth - problem.value, f.value


@pytest.mark.parametrize(
    ("normalised", "target"), [(True, "labels"), (False, "labels"), (False, "mix")]
)
@pytest.mark.parametrize(("k", "classes"), [(2, 2), (2, 4), (3, 3), (3, 4), (4, 6)])
def test_the_truth_is_the_one_optimum_where_it_is_said_to_be(
    k, classes, normalised, target
):
    """Claim C2: a convex program, on both sides of the threshold, and 1% from it.

    Not vacuous: where classes are not marked, it fails below.
    """
    c = 1 / k if normalised else 0.5
    expected = []
    for alpha in (0.0, 0.1, 0.2, 0.97 * c, 1.03 * c, 0.6, 0.9, 1.0):
        gap, f = program(alpha, k, classes, normalised, target)
        found = gap < 1e-6 and abs(f[0] - 1) < 0.05
        given = {"normalised": normalised, "target": target}
        predicted = truth_is_optimal(alpha, k, classes, **given)
        assert found == predicted, (alpha, gap, f)
        expected.append(bool(predicted))
    own = normalised or k == 2 or target == "mix"
    below = [own and k == classes] * 3
    assert expected == [k == classes, *below, *[True] * 4]


@given(
    alpha=st.floats(0.02, 0.98),
    k=st.integers(2, 6),
    more=st.integers(1, 3),
    normalised=st.booleans(),
)
def test_below_the_threshold_all_that_is_not_marked_is_better(
    alpha, k, more, normalised
):
    """Claim C2: the truth loses by alpha log(c / alpha), and ties with it at c."""
    c = (1 - alpha) / (k - 1 if normalised else 1)
    assume(abs(alpha - c) > 0.01)
    pi = np.r_[alpha, np.full(k - 1, (1 - alpha) / (k - 1)), np.zeros(more)]
    top = np.arange(k + more) < k
    z = np.where([np.arange(k + more) == 0, np.arange(k + more) == k], 900.0, 0.0)
    loss = [mixing(each, pi, alpha, top, normalised=normalised).value for each in z]
    np.testing.assert_allclose(loss[0] - loss[1], alpha * np.log(c / alpha), atol=1e-12)
    better = loss[1] < loss[0]
    assert better != truth_is_optimal(alpha, k, k + more, normalised=normalised)


def test_a_truth_that_is_not_marked_is_always_the_optimum():
    """C2 of what the teacher's classes leave out: pulled by alpha, others by less."""
    for alpha, k, normalised in product((0.05, 0.3, 0.6), (2, 3), (True, False)):
        top = np.arange(4) < k
        rows = mix(np.eye(4)[::-1], alpha, top, normalised=normalised)
        rows = rows[:, ::-1]  # the last class, which is not marked, is first
        pi = np.where(top, (1 - alpha) / k, 0)[::-1].copy()
        pi[0] = alpha
        for target in (pi, rows[0]):
            gap, distance = consistency.from_truth(rows, target)
            assert gap < 1e-6
            assert distance < 1e-3


@pytest.mark.parametrize(
    ("alpha", "k", "classes", "normalised", "target", "expected"),
    [
        (0.34, 3, 9, True, "labels", True),
        (0.33, 3, 9, True, "labels", False),
        (0.33, 3, 3, True, "labels", True),
        (1 / 3, 3, 3, True, "labels", False),
        (0.51, 3, 9, False, "labels", True),
        (0.49, 3, 9, False, "mix", False),
        (0.49, 3, 3, False, "mix", True),
        (0.49, 3, 3, False, "labels", False),
        (0.49, 2, 2, False, "labels", True),
        (0.5, 3, 3, False, "mix", False),
        (0.0, 3, 3, False, "labels", True),
        (0.0, 3, 4, False, "labels", False),
        (1.0, 2, 4, False, "labels", True),
    ],
)
def test_what_is_said_of_the_truth_by_hand(
    alpha, k, classes, normalised, target, expected
):
    given = {"normalised": normalised, "target": target}
    assert truth_is_optimal(alpha, k, classes, **given) == expected


@pytest.mark.parametrize(
    ("alpha", "assumed", "k", "expected"),
    [
        (0.7, 0.9, 2, 0.75),
        (0.4, 0.9, 2, 0.375),
        (0.7, 0.6, 2, 1.0),
        (0.7, 0.7, 2, 1.0),
        (0.7, 0.2, 2, 1 / 6),
        (0.05, 0.9, 2, 0.0),
        (0.5, 0.75, 3, 0.6),
        (0.5, 1.0, 5, 0.5),
        (0.3, 0.6, 4, 0.5 / 1.4),
        (0.3, 0.1, 3, 0.3 / 0.7),
    ],
)
def test_the_optimum_worked_by_hand(alpha, assumed, k, expected):
    found = mixed_optimum(alpha, assumed, k)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-15)


@given(alpha=shares, assumed=shares, k=st.integers(2, 6))
def test_told_less_is_safe_and_told_more_keeps_the_lead(alpha, assumed, k):
    """Claim C3: all if told at most alpha, beyond 1/k; and the side if alpha > 1/k."""
    assume(identifiable(assumed, k) and identifiable(alpha, k))
    found = mixed_optimum(alpha, assumed, k)
    if assumed * k > 1:
        assert (found == 1) == (alpha >= assumed) or abs(alpha - assumed) < 1e-9
        assert (found > 1 / k) == (alpha * k > 1)
    elif alpha * k > 1:
        assert found < 1 / k  # told that the teacher is worse than chance


@pytest.mark.parametrize(("k", "classes"), [(2, 2), (3, 3), (4, 4), (3, 5)])
def test_the_optimum_with_another_accuracy_is_that_of_a_convex_program(k, classes):
    """Claim C3: over all classes, none of them set equal, within what a solver sees."""
    top = np.arange(classes) < k
    for alpha, assumed in product((0.1, 0.35, 0.55, 0.8, 1.0), (0.15, 0.45, 0.7, 0.95)):
        if k < classes and assumed * k < 1:
            continue
        rows = mix(np.eye(classes), assumed, top)
        pi = np.where(top, (1 - alpha) / (k - 1), 0.0)
        pi[0] = alpha
        _, distance = consistency.from_truth(rows, pi)
        expected = 1 - mixed_optimum(alpha, assumed, k)
        assert abs(distance - expected) < 2e-3, (alpha, assumed, distance)


def test_the_simulation_certifies_what_is_predicted():
    spec = consistency.Spec(accuracies=(0.0, 0.3, 0.7), points=11)
    row = consistency.measure(spec, k=3, classes=4)
    assert row["law"] < 1e-14
    assert row["deviation"] < 1e-12
    for found in row["truth"].values():
        assert found["holds"] == found["predicted"] == [False, False, True]
    gap, *_ = row["truth"]["normalised"]["gap"]
    assert gap < 1e-6  # tied at 0, and not unique
    spec = consistency.Spec(accuracies=(0.1, 0.3, 0.7), points=11)
    whole = consistency.measure(spec, k=3, classes=3)["truth"]
    assert whole["unnormalised"]["holds"] == [False, False, True]
    assert whole["unnormalised, mixed truth"]["holds"] == [True] * 3
    assert whole["normalised"]["holds"] == [True] * 3
    other = [program(alpha, 3, 3, False)[0] for alpha in (0.1, 0.3)]
    np.testing.assert_allclose(whole["unnormalised"]["gap"][:2], other, atol=1e-6)


def test_a_law_with_another_share_would_be_seen(monkeypatch):
    """Negative control for C1: two percent in the accuracy."""
    honest = mix
    monkeypatch.setattr(
        consistency, "mix", lambda f, alpha, top: honest(f, 0.98 * alpha, top)
    )
    assert consistency.furthest_from_law(consistency.SCALES["test"], 3, 4) > 1e-3


def test_a_mix_with_another_share_would_be_seen(monkeypatch):
    """Negative control for C2: a threshold that is elsewhere, in a certificate."""
    honest = truth_is_optimal

    def shifted(accuracy, *args, **kwargs):
        return honest(0.9 * np.asarray(accuracy), *args, **kwargs)

    monkeypatch.setattr(consistency, "truth_is_optimal", shifted)
    found = consistency.certified((0.3, 0.35, 0.5), 3, 4, True, "labels")
    assert found["holds"] != found["predicted"]


def test_another_optimum_would_be_seen(monkeypatch):
    """Negative control for C3: two percent of what is told."""
    honest = mixed_optimum
    monkeypatch.setattr(
        consistency, "mixed_optimum", lambda alpha, a, k: honest(alpha, 0.98 * a, k)
    )
    spec = consistency.SCALES["test"]
    assert consistency.measure(spec, k=2, classes=2)["deviation"] > 1e-3


def test_a_disagreement_is_counted(monkeypatch, tmp_path):
    """Negative control for the verdicts of C2."""
    truth = {"normalised": {"holds": [True, False, True], "predicted": [True] * 3}}
    table = {"rows": [{"row": {"truth": truth}}]}
    monkeypatch.setattr(intervals, "load", lambda *_: table)
    measured = mixing_claims.disagreements("normalised")("paper", tmp_path)
    assert measured == (1, 1, 1)
