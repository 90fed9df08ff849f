"""TeacherAccuracy: the fit of `fit_accuracy`, classes by name, and refusals."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace import stream
from halfspace.distill.teacher import fit_accuracy, top_margin
from halfspace.distill.top_k import fit_top_k
from halfspace.estimators import TeacherAccuracy
from halfspace.mixing import top_k


@st.composite
def validations(draw):
    """Draw probabilities of a teacher and true classes."""
    n, k = draw(st.integers(1, 12)), draw(st.integers(2, 4))
    mass = draw(npst.arrays(float, (n, k), elements=st.sampled_from([1.0, 2.0, 4.0])))
    y = draw(npst.arrays(np.int64, n, elements=st.integers(0, k - 1)))
    return mass / mass.sum(axis=1, keepdims=True), y


@given(rows=validations(), lower=st.none() | st.floats(0, 1), join=st.booleans())
def test_it_is_isotonic_regression_on_the_margin(rows, lower, join):
    """Claim D1: the accuracy within bounds, by default at least 1/k."""
    p, y = rows
    found = TeacherAccuracy(lower=lower, interpolate=join).fit(p, y)
    least = 1 / p.shape[1] if lower is None else lower
    expected = fit_accuracy(top_margin(p), p.argmax(axis=1) == y, lower=least)
    predict = expected.interpolate if join else expected.step
    between = (p + 1 / p.shape[1]) / 2  # half the margins
    for query in (p, between):
        np.testing.assert_allclose(found.predict(query), predict(top_margin(query)))
    assert found.warning_ == expected.warning


@given(rows=validations(), threshold=st.floats(0.01, 1))
def test_the_marked_classes_are_those_of_top_k(rows, threshold):
    """Claim D3: k-hat of them, two at least."""
    p, y = rows
    sizes = np.maximum(fit_top_k(p, y).size(top_margin(p), threshold), 2)
    found = TeacherAccuracy().fit(p, y).top_k(p, threshold)
    np.testing.assert_array_equal(found, top_k(p, sizes))


@given(rows=validations())
def test_names_and_their_order_do_not_matter(rows):
    p, y = rows
    names = np.array(["d", "b", "c", "a"])[: p.shape[1]]
    plain = TeacherAccuracy().fit(p, y).predict(p)
    named = TeacherAccuracy(classes=names).fit(p, names[y])
    np.testing.assert_array_equal(named.predict(p), plain)
    flipped = TeacherAccuracy(classes=names[::-1]).fit(p[:, ::-1], names[y])
    single = (p == p.max(axis=1, keepdims=True)).sum(axis=1) == 1
    if single.all():  # of equals the first counts
        np.testing.assert_array_equal(flipped.predict(p[:, ::-1]), plain)


def test_a_teacher_is_never_right_on_a_class_it_lacks():
    scores = np.tile([[0.9, 0.1]], (4, 1))
    found = TeacherAccuracy(lower=0.0).fit(scores, [0, 0, 7, 7])
    assert found.predict(scores[:1]).tolist() == [0.5]
    assert found.top_k(scores[:1], 0.9).tolist() == [[True, True]]


def test_logits_give_the_steps_of_their_own_leads(seed):
    """Not vacuous: a surer teacher is more often right, and that is found."""
    rng = stream(seed, "logits")
    z = rng.standard_normal((4000, 2)) * 3
    y = (rng.random(4000) < 1 / (1 + np.exp(z[:, 0] - z[:, 1]))).astype(int)
    found = TeacherAccuracy().fit(z, y)
    near, far = found.predict([[0.05, 0.0], [9.0, 0.0]])
    assert near < 0.7 < 0.95 < far
    assert found.warning_ == ""


def test_a_useless_teacher_is_said_to_be_one(seed):
    rng = stream(seed, "useless")
    found = TeacherAccuracy().fit(rng.random((50, 3)), rng.integers(0, 3, 50))
    assert "not significantly above" in found.warning_


def test_pandas_names_are_checked():
    frame = pd.DataFrame([[0.9, 0.1], [0.2, 0.8]], columns=["no", "yes"])
    found = TeacherAccuracy(classes=["no", "yes"]).fit(frame, ["no", "yes"])
    with pytest.raises(ValueError, match="feature names"):
        found.predict(frame[["yes", "no"]])


P, Y = [[0.9, 0.1], [0.2, 0.8]], [0, 1]
REFUSED = [
    ({"X": [[0.9], [0.2]]}, {}, "1 feature(s)"),
    ({"X": [[0.9, float("nan")]] * 2}, {}, "contains NaN"),
    ({"y": ["no", "yes"]}, {}, "`y` must hold some of the classes [0, 1], got 'no'"),
    ({"y": [0]}, {}, "inconsistent numbers of samples"),
    ({}, {"classes": ["a", "b", "c"]}, "`classes` must have a name for each of 2 col"),
    ({}, {"lower": 1.5}, "`lower` must be in [0, 1], got 1.5"),
    ({}, {"interpolate": 1}, "`interpolate` must be a bool, got 1"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[row[2][:30] for row in REFUSED])
def test_bad_input_is_refused_in_one_sentence(case):
    data, options, sentence = case
    with pytest.raises((ValueError, TypeError)) as caught:
        TeacherAccuracy(**options).fit(**({"X": P, "y": Y} | data))
    assert sentence in str(caught.value)


def test_a_threshold_is_a_share():
    with pytest.raises(ValueError, match=r"`threshold` must be in \(0, 1\], got 0"):
        TeacherAccuracy().fit(P, Y).top_k(P, 0.0)
