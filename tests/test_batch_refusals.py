"""What the whole-sample learners refuse, in one line that names the argument."""

import re

import numpy as np
import pytest

from halfspace.batch import class_mean, sq_perceptron
from halfspace.lists import decision_list
from halfspace.regression import logistic_regression
from halfspace.slabs import filtertron
from tests.refusals import COUNT, INF, LABELS, MANY, MARGIN, NAN, RAGGED, RATE

X, Y = np.array([[0.6, 0.8], [6.0, -8.0], [-1.0, 0.0]]), np.array([1.0, 1.0, -1.0])
POINTS = [[], [[]], X[0], 1.0, NAN * X, X + INF, None, "x", 1j * X, RAGGED, X > 0]
LONG = [1e101 * X, -1e200 * X]
SHARE = [0.0, 0.5, -0.1, 1.0, NAN, INF, None, "0.1", True, 1j, MANY]
PENALTY = [-0.1, NAN, INF, None, "0.1", True, 1j, MANY]
WEIGHT = [*(-Y, 0 * Y, NAN * Y, INF * Y, Y[:2] ** 2, Y[None] ** 2), "w", Y > 0, RAGGED]
LEARNERS = {
    class_mean: {},
    sq_perceptron: {"rate": 0.1, "batch": 2},
    logistic_regression: {"penalty": 0.1, "sample_weight": Y**2},
    filtertron: {"rate": 0.1, "accuracy": 0.1, "steps": 3},
    decision_list: {"rate": 0.1, "margin": 0.1, "accuracy": 0.1, "steps": 3},
}
BAD = {"rate": RATE, "batch": COUNT, "steps": COUNT, "margin": MARGIN}
BAD |= {"accuracy": SHARE, "penalty": PENALTY, "sample_weight": WEIGHT}
BAD |= {"x": POINTS, "y": LABELS}
CASES = [
    (learner, name, value)
    for learner, more in LEARNERS.items()
    for name in ("x", "y", *more)
    for value in BAD[name] + (LONG if name == "x" and more else [])
]
LIST = decision_list(X, Y, rate=0.1, margin=0.1)
STACK = decision_list(np.stack([X, X]), np.stack([Y, Y]), rate=0.1, margin=0.1)
CASES += [(LIST.predict, "x", value) for value in [*POINTS, X[:, :1]]]
CASES += [(STACK.predict, "x", value) for value in [X, np.stack([X, X, X])]]
IDS = [f"{call.__name__}-{name}-{i}" for i, (call, name, _) in enumerate(CASES)]


@pytest.mark.parametrize(("call", "name", "value"), CASES, ids=IDS)
def test_bad_input_is_refused_in_one_line_that_names_it(call, name, value):
    good = {"x": X, "y": Y, **LEARNERS[call]} if call in LEARNERS else {}
    with pytest.raises((ValueError, TypeError)) as caught:
        call(**good | {name: value})
    message = str(caught.value)
    assert type(caught.value) in (ValueError, TypeError)
    assert "\n" not in message
    assert len(message) < 400
    assert re.match(rf"`{name}` must .*, got .", message), message


@pytest.mark.parametrize("learner", LEARNERS)
def test_good_input_passes(learner):
    """Not vacuous: what the table changes is all that is wrong with its calls."""
    assert learner(X, Y, **LEARNERS[learner]) is not None
    assert LIST.predict(X).shape == (3,)
    assert STACK.predict(np.stack([X, X])).shape == (2, 3)


@pytest.mark.parametrize("learner", LEARNERS)
@pytest.mark.parametrize("size", [1e-300, 1e-90, 1e90])
def test_very_long_and_very_short_points_are_no_error(learner, size):
    found = learner(size * X, Y, **LEARNERS[learner])
    parts = found if isinstance(found, tuple) else [getattr(found, "w", found)]
    assert all(np.isfinite(part).all() for part in parts)

    assert (
        learner(
            [[[2.0]]],
            [[1.0]],
            **LEARNERS[learner] | {"sample_weight": [[1.0]]}
            if learner is logistic_regression
            else LEARNERS[learner],
        )
        is not None
    )


@pytest.mark.parametrize("learner", LEARNERS)
def test_one_point_in_one_dimension_is_taken(learner):
    more = dict(LEARNERS[learner])
    more.pop("sample_weight", None)
    assert learner([[[2.0]]], [[1.0]], **more) is not None
