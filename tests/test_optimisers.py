"""Steps against the formulas of the papers, one parameter at a time."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import stream
from halfspace.distill.optimisers import SCHEDULES, SGD, Adam, Optimiser
from tests.strategies import seeds


def after(optimiser, gradients):
    """Return where an optimiser is after these gradients, from 0."""
    w = np.zeros_like(gradients[0])
    memory = optimiser.memory(w)
    for update, g in enumerate(gradients.copy(), 1):
        optimiser.descend(w, g, memory, update, optimiser.step)
    return w


def test_sgd_worked_by_hand():
    """v = 1, then 0.5 + 3 = 3.5: w = -0.1 - 0.35."""
    sgd = SGD(step=0.1, momentum=0.5)
    np.testing.assert_allclose(after(sgd, np.array([[1.0], [3.0]])), [-0.45])


@given(
    seed=seeds,
    step=st.floats(1e-4, 1),
    momentum=st.floats(0, 0.99),
    persistence=st.floats(0, 0.999),
)
def test_adam_is_algorithm_1_of_its_paper(seed, step, momentum, persistence):
    """Kingma and Ba, with the bias corrections where they put them."""
    gradients = stream(seed, "g").standard_normal((4, 3))
    theta, m, v = np.zeros(3), np.zeros(3), np.zeros(3)
    for t, g in enumerate(gradients, 1):
        m = momentum * m + (1 - momentum) * g
        v = persistence * v + (1 - persistence) * g**2
        m_hat, v_hat = m / (1 - momentum**t), v / (1 - persistence**t)
        theta = theta - step * m_hat / (np.sqrt(v_hat) + 1e-3)
    adam = Adam(step=step, momentum=momentum, persistence=persistence, floor=1e-3)
    np.testing.assert_allclose(after(adam, gradients), theta, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("optimiser", [Adam(), SGD()])
def test_nothing_moves_without_a_gradient(optimiser):
    assert not after(optimiser, np.zeros((5, 3), np.float32)).any()


@pytest.mark.parametrize("optimiser", [Adam(), SGD()])
@given(seed=seeds)
def test_a_stack_of_trials_is_a_loop_over_trials(optimiser, seed):
    gradients = stream(seed, "g").standard_normal((3, 2, 4)).astype(np.float32)
    stack = after(optimiser, gradients)
    assert stack.dtype == np.float32
    for i in range(2):
        assert np.array_equal(stack[i], after(optimiser, gradients[:, i]))


def test_schedules_at_points_worked_by_hand():
    assert [SCHEDULES["constant"](s) for s in (0, 0.5, 0.9)] == [1, 1, 1]
    found = [SCHEDULES["cosine"](s) for s in (0, 1 / 3, 1 / 2, 2 / 3)]
    np.testing.assert_allclose(found, [1, 0.75, 0.5, 0.25])


@pytest.mark.parametrize("kind", [Adam, SGD])
@pytest.mark.parametrize(
    "change",
    [
        {"step": 0.0},
        {"step": -1.0},
        {"step": np.nan},
        {"step": np.inf},
        {"step": None},
        {"momentum": 1.0},
        {"momentum": -0.1},
        {"decay": -0.1},
        {"decay": np.nan},
        {"schedule": "linear"},
        {"schedule": None},
    ],
)
def test_a_bad_optimiser_is_refused(kind, change):
    (name,) = change
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        kind(**change)


@pytest.mark.parametrize("change", [{"persistence": 1.0}, {"floor": 0.0}])
def test_a_bad_adam_is_refused(change):
    (name,) = change
    with pytest.raises(ValueError, match=rf"^`{name}` must .*, got ."):
        Adam(**change)


def test_both_are_optimisers():
    assert isinstance(Adam(), Optimiser)
    assert isinstance(SGD(), Optimiser)
    assert not isinstance(SCHEDULES, Optimiser)
