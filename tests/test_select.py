"""Noisy held-out labels choose an iterate."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import RCN, Block, Shell, blocks, select, stream, theory
from halfspace.rules import sign
from tests import strategies
from tests.statistics import assert_rate_at_most, detectable_rate

LAW = Shell(dim=10, margin=0.3)


def candidates_with(errors, law):
    """Return directions (m, d) with these errors."""
    w = np.zeros((len(errors), law.dim))
    w[:, 1] = 1
    w[:, 0] = [law.ratio(error) for error in errors]
    return w


@given(data=strategies.samples(), seed=strategies.seeds, cut=st.data())
def test_the_first_with_the_fewest_noisy_errors_is_selected(data, seed, cut):
    x, y, s = data
    *trials, n, dim = x.shape
    w = strategies.frozen(stream(seed, "w").normal(size=(*trials, 4, dim)))
    w = np.concatenate([w, w], axis=-2)  # every candidate twice: all are tied
    size = cut.draw(st.integers(1, n))
    cuts = sorted(cut.draw(st.lists(st.integers(0, n), max_size=3)))
    parts = [
        Block(x[..., a:b, :], y[..., a:b], s[..., a:b])
        for a, b in zip([0, *cuts], [*cuts, n], strict=True)
        if a < b
    ]
    found = select(w, parts, size=size)
    assert found.shape == tuple(trials)
    for i in np.ndindex(*trials):
        wrong = [np.sum(sign(x[i][:size] @ v) != y[i][:size]) for v in w[i]]
        assert found[i] == int(np.argmin(wrong)) < 4


def test_a_tie_goes_to_the_first():
    x = np.array([[0.6, 0.8], [0.6, -0.8]])
    w = [[1.0, 9.0], [2.0, 0.0], [1.0, 0.0]]
    assert select(w, [Block(x, np.ones(2), np.ones(2))], size=2) == 1


def selection_excess(size, trials, rate, errors, seed):
    """Return by how much the errors of what is selected exceed the least."""
    w = candidates_with(errors, LAW)
    data = blocks(LAW, RCN(rate=rate), trials=trials, rng=stream(seed, "hold-out"))
    found = select(np.broadcast_to(w, (trials, *w.shape)), data, size=size)
    return np.asarray(errors)[found] - min(errors)


def test_held_out_noisy_labels_select_within_the_error_asked_for(seed):
    """Claim A9, upper bound: with a confidence of .95."""
    accuracy, rate, trials = 0.1, 0.2, 400
    errors = [0.3, 0.21, 0.25, 0.201, 0.1, 0.22]
    assert detectable_rate(trials, 0.05) < 0.17  # what this test is able to see
    size = int(np.ceil(theory.holdout_size(accuracy, rate, len(errors), 0.95)))
    excess = selection_excess(size, trials, rate, errors, seed)
    assert_rate_at_most(int(np.sum(excess > accuracy)), trials, 0.05)


def test_the_test_of_selection_can_fail(seed):
    """Negative control for A9: a hundredth of the labels is too few."""
    errors = [0.3, 0.21, 0.25, 0.201, 0.1, 0.22]
    size = int(theory.holdout_size(0.1, 0.2, len(errors), 0.95) / 100)
    excess = selection_excess(size, 400, 0.2, errors, seed)
    with pytest.raises(AssertionError, match=r"> 0\.05"):
        assert_rate_at_most(int(np.sum(excess > 0.1)), 400, 0.05)


def test_the_clearly_best_candidate_is_selected(seed):
    """Not vacuous: wherever it stands among the others."""
    for place in range(3):
        errors = np.roll([0.01, 0.4, 0.45], place)
        assert not selection_excess(400, 50, 0.1, list(errors), seed).any()
