"""Every check returns what is good, and says in one line what is not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import _check
from tests import strategies

numbers = st.floats(-2, 2)


@given(
    value=numbers,
    low=numbers,
    high=numbers,
    ends=st.sampled_from(["[]", "[)", "(]", "()"]),
)
def test_a_range_holds_its_closed_ends_only(value, low, high, ends):
    above = value >= low if ends[0] == "[" else value > low
    below = value <= high if ends[1] == "]" else value < high
    if above and below:
        assert _check.check_scalar("z", value, low, high, ends) == value
    else:
        with pytest.raises(ValueError, match=r"^`z` must be in .*, got "):
            _check.check_scalar("z", value, low, high, ends)


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda: _check.check_margin(1.7),
            ValueError,
            "`margin` must be in (0, 1], got 1.7",
        ),
        (
            lambda: _check.check_labels("y", np.ones((4, 2)), (4, 3)),
            ValueError,
            "`y` must have shape (4, 3) to match `x`, got (4, 2)",
        ),
        (
            lambda: _check.check_labels("y", np.zeros((2, 2)), (2, 2)),
            ValueError,
            "`y` must contain only -1 and +1, got 0.0 at index (0, 0)",
        ),
        (
            lambda: _check.check_real("w", [[1.0, np.nan]]),
            ValueError,
            "`w` must be finite, got nan at index (0, 1)",
        ),
        (
            lambda: _check.check_real("w", ["a"]),
            TypeError,
            "`w` must be real numbers, got dtype <U1",
        ),
        (
            lambda: _check.check_points("x", np.ones((1, 4))),
            ValueError,
            "`x` must lie in the unit ball, got a point of norm 2",
        ),
        (
            lambda: _check.check_counts("at", [1, 3, 3]),
            ValueError,
            "`at` must be strictly increasing, got [1, 3, 3]",
        ),
        (
            lambda: _check.check_choice("rule", "slan", ("slam", "perceptron")),
            ValueError,
            "`rule` must be one of perceptron, slam, got 'slan'. Did you mean 'slam'?",
        ),
        (
            lambda: _check.check_count("dim", 1, 2),
            ValueError,
            "`dim` must be at least 2, got 1",
        ),
        (
            lambda: _check.check_count("dim", True),
            TypeError,
            "`dim` must be an int, got True",
        ),
    ],
)
def test_an_error_says_argument_rule_and_value(call, kind, message):
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == message


@pytest.mark.parametrize("value", [7, np.int32(7), np.uint8(7)])
def test_a_count_is_an_int_of_any_width(value):
    found = _check.check_count("n", value)
    assert found == 7
    assert type(found) is int


@given(increasing=st.sets(st.integers(1, 10**12), min_size=1))
def test_increasing_counts_pass_unchanged(increasing):
    given = sorted(increasing)
    assert _check.check_counts("at", given).tolist() == given
    assert _check.check_counts("at", given[-1]).tolist() == given[-1:]


def test_points_may_leave_the_ball_by_rounding_only():
    unit = np.array([[0.6, 0.8]])
    _check.check_points("x", unit * (1 + 1e-10))
    with pytest.raises(ValueError, match="unit ball"):
        _check.check_points("x", unit * (1 + 1e-8))


def test_what_passes_is_returned_and_not_copied_or_changed():
    x = strategies.frozen([[0.6, 0.8]])
    assert _check.check_points("x", x) is x
    assert _check.check_real("x", [1, 2]).dtype == np.float64
    assert _check.check_labels("y", [1, -1], (2,)).tolist() == [1.0, -1.0]
    assert _check.check_shape("shape", (2, 3)) == (2, 3)
