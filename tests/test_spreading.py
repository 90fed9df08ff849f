"""Label spreading over a graph made once: beside scikit-learn's, and by hand."""

import numpy as np
import pytest
from sklearn.semi_supervised import LabelSpreading

from halfspace import stream
from simulations.digits import CLASSES
from simulations.random_network import points
from simulations.spreading import CHANGE, SOFTNESS, STEPS, graph, spread

X, Y = points(600, trial=0, seed=0)


def test_it_is_that_of_scikit_learn_with_the_graph_it_makes_itself():
    own = LabelSpreading(
        kernel="knn", n_neighbors=7, alpha=SOFTNESS, max_iter=STEPS, tol=CHANGE
    ).fit(X, np.where(np.arange(600) < 40, Y, -1))
    (found,) = spread([graph(X)], Y[None, :40])
    np.testing.assert_array_equal(found.argmax(axis=-1), own.transduction_)
    seen = found[:, own.classes_] - 1e-6 / (1 + 1e-5)
    np.testing.assert_allclose(seen, own.label_distributions_ / (1 + 1e-5), atol=1e-12)


def test_probabilities_are_of_all_classes_and_a_stack_is_a_loop():
    x = [points(600, trial=i, seed=0)[0] for i in (0, 1)]
    graphs, y = [graph(part) for part in x], np.stack([Y[:20], Y[20:40]]) % 4
    found = spread(graphs, y)
    assert found.shape == (2, 600, CLASSES)
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-12)
    assert (found > 0).all()
    assert (found[..., 4:] < 1e-5).all()
    for i in (0, 1):
        np.testing.assert_array_equal(
            found[i], spread(graphs[i : i + 1], y[i][None])[0]
        )


def test_it_solves_the_equation_of_zhou_et_al():
    """F = (I - a S)^-1 Y, normalised, on a chain of six; one of three has no label.

    S = D^-1/2 W D^-1/2, with W without its diagonal and degrees that count it not.
    """
    w = np.zeros((9, 9))
    for size, first in ((6, 0), (3, 6)):
        places = np.arange(first, first + size - 1)
        w[places, places + 1] = w[places + 1, places] = 1
    root = np.sqrt(w.sum(axis=0))
    code = np.zeros((9, CLASSES))
    code[0, 3] = code[4, 6] = 1
    f = np.linalg.solve(np.eye(9) - SOFTNESS * w / np.outer(root, root), code)
    order = np.array([0, 4, 1, 2, 3, 5, 6, 7, 8])  # labels come first
    itself = w + np.eye(9)
    (found,) = spread([itself[np.ix_(order, order)]], np.array([[3, 6]]))
    expected = (f / f.sum(axis=-1, keepdims=True).clip(1e-9))[order]
    np.testing.assert_allclose(found[:6], expected[:6], atol=2e-3)
    assert 0.05 < found[2:6, 3].min() < found[2:6, 3].max() < 0.95
    np.testing.assert_allclose(found[6:], 0.1)  # nothing is known


def test_labels_reach_all_points():
    """Not vacuous. Negative control: with labels of another order it learns nothing."""
    graphs = [graph(X)]
    right = []
    for labels in (Y[:30], Y[:300], np.roll(Y, 300)[:300]):
        found = spread(graphs, labels[None])[0]
        assert (found[300:].max(axis=-1) > 0.1001).all()
        right.append(np.mean(found[300:].argmax(axis=-1) == Y[300:]))
    assert min(right[:2]) > 0.5
    assert right[2] < 0.3


def test_the_graph_holds_seven_nearest_of_each_point_itself_first():
    near = graph(X[:50]).toarray()
    far = np.square(X[:50, None] - X[None, :50]).sum(axis=-1)
    assert (near.sum(axis=1) == 7).all()
    assert near.diagonal().all()
    inside = np.where(near == 1, far, -np.inf).max(axis=1)
    outside = np.where(near == 1, np.inf, far).min(axis=1)
    assert (inside <= outside + 1e-6).all()


@pytest.mark.parametrize("scale", [0.5, 3.0])
def test_it_depends_on_no_unit_of_the_points(scale, seed):
    shift = stream(seed, "shift").normal(size=X.shape[1]) * 0.01
    moved = graph(X.astype(float) * scale + shift)
    assert (abs(moved - graph(X.astype(float))) > 0).sum() <= 4  # ties by rounding
