"""How many of the teacher's first classes hold the truth."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace.distill.teacher import fit_accuracy, top_margin
from halfspace.distill.top_k import fit_top_k
from halfspace.mixing import top_k
from tests.strategies import frozen

NAN = float("nan")
MARGINS = np.linspace(-0.1, 1.1, 25)
THRESHOLDS = (0.25, 0.5, 0.75, 0.9, 1.0)


@st.composite
def answers(draw, max_size=20):
    """Draw probabilities (n, L) on a binary grid, with ties, and true classes."""
    n, classes = draw(st.integers(1, max_size)), draw(st.integers(2, 5))
    p = draw(npst.arrays(float, (n, classes), elements=st.integers(0, 4)))
    p[
        np.arange(n), draw(npst.arrays(int, n, elements=st.integers(0, classes - 1)))
    ] += 9
    p[:, 0] += 32 - p.sum(axis=1)
    labels = draw(npst.arrays(int, n, elements=st.integers(0, classes - 1)))
    return frozen(p / 32), labels


@given(data=answers())
def test_the_accuracies_are_ordered_in_k(data):
    """Claim D3, equality: more data that are right give nowhere a smaller fit."""
    found = fit_top_k(*data).accuracies
    curves = np.array([it.step(MARGINS) for it in found])
    assert (np.diff(curves, axis=0) >= -1e-14).all()
    assert (curves[-1] == 1).all()
    assert all((curve < 1).any() for curve in curves[:-1])


@given(data=answers())
def test_each_accuracy_is_that_of_the_marked_classes(data):
    """Claim D3, equality: estimated as alpha is, from whether top-k holds the truth."""
    p, labels = data
    margin, rows = top_margin(p), np.arange(len(labels))
    found = fit_top_k(p, labels).accuracies
    for k in range(1, p.shape[1] + 1):
        held = labels == p.argmax(axis=1) if k == 1 else top_k(p, k)[rows, labels]
        alone = fit_accuracy(margin, held, lower=0.0)
        if k > len(found):
            assert (alone.values == 1).all()
        else:
            np.testing.assert_array_equal(
                found[k - 1].step(MARGINS), alone.step(MARGINS)
            )


@given(data=answers(), shape=st.sampled_from([(25,), (5, 5)]))
def test_the_size_is_the_smallest_that_reaches_the_threshold(data, shape):
    """Claim D3, equality."""
    found = fit_top_k(*data)
    for threshold in THRESHOLDS:
        sizes = found.size(MARGINS.reshape(shape), threshold)
        assert sizes.shape == shape
        for size, margin in zip(sizes.ravel(), MARGINS, strict=True):
            reached = [it.step(margin) >= threshold for it in found.accuracies]
            assert size == 1 + reached.index(True)


@given(data=answers())
def test_the_size_falls_with_the_margin_and_grows_with_the_threshold(data):
    """Claim D3, equality."""
    found = fit_top_k(*data)
    sizes = np.array([found.size(MARGINS, threshold) for threshold in THRESHOLDS])
    assert (np.diff(sizes, axis=1) <= 0).all()
    assert (np.diff(sizes, axis=0) >= 0).all()


def test_sizes_of_shares_that_are_known():
    """Not vacuous: of 4 rows a margin, so many hold the truth in the top 1, 2, 3."""
    first = np.array([0.4, 0.3, 0.2, 0.1, 0.0])
    p = np.repeat([first, [0.7, 0.15, 0.1, 0.05, 0.0]], 4, axis=0)
    found = fit_top_k(p, [0, 1, 2, 3, 0, 0, 1, 2])
    assert found.size([0.1, 0.55], 0.25).tolist() == [1, 1]
    assert found.size([0.1, 0.55], 0.5).tolist() == [2, 1]
    assert found.size([0.1, 0.55], 0.75).tolist() == [3, 2]
    assert found.size([0.1, 0.55], 1.0).tolist() == [4, 3]
    assert found.size(0.3, 1.0) == 4
    assert len(found.accuracies) == 4  # no class but the last is never needed


def test_a_teacher_that_is_never_wrong_needs_one_class():
    found = fit_top_k(np.eye(3), [0, 1, 2])
    assert found.size([0.0, 1.0], 1.0).tolist() == [1, 1]


def test_labels_of_one_class():
    found = fit_top_k([[0.6, 0.4], [0.3, 0.7]], [0, 0])
    assert found.size([0.2, 0.4], 1.0).tolist() == [2, 2]
    assert found.size([0.2, 0.4], 0.5).tolist() == [1, 1]


P, LABELS = np.array([[0.6, 0.4], [0.3, 0.7]]), np.array([0, 1])


@pytest.mark.parametrize(
    ("name", "p", "labels"),
    [
        *(("probabilities", p, LABELS) for p in ([], [0.6, 0.4], [P], P + 0.1, None)),
        *(("probabilities", p, LABELS) for p in (P * NAN, P.astype(int), -P)),
        *(("labels", P, y) for y in ([0], [], [0, 2], [-1, 0], [[0, 1]], [0.0, 1.0])),
        *(("labels", P, y) for y in (P, None, "ab", [True, False])),
    ],
)
def test_bad_answers_are_refused_by_name(name, p, labels):
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got "):
        fit_top_k(p, labels)


@pytest.mark.parametrize(
    ("name", "scores", "threshold"),
    [
        *(("scores", s, 0.5) for s in ([], [NAN], None, "a")),
        *(("threshold", [0.5], t) for t in (0, -1, 1.1, NAN, None, True, [0.5])),
    ],
)
def test_bad_thresholds_are_refused_by_name(name, scores, threshold):
    found = fit_top_k(P, LABELS)
    assert found.size([0.5], 0.5) == [1]
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got "):
        found.size(scores, threshold)
