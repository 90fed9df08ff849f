"""Names make streams."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from halfspace import stream

keys = st.lists(st.integers() | st.text(max_size=5), max_size=4).map(tuple)
seeds = st.integers(0, 2**64)


@given(seed=seeds, key=keys)
def test_equal_names_give_equal_streams(seed, key):
    first, again = stream(seed, *key), stream(seed, *key)
    assert first is not again
    np.testing.assert_array_equal(first.random(4), again.random(4))


@given(seed=seeds, one=keys, other=keys)
def test_different_names_give_different_streams(seed, one, other):
    assume(one != other)
    assert stream(seed, *one).random() != stream(seed, *other).random()


@given(one=seeds, other=seeds, key=keys)
def test_different_seeds_give_different_streams(one, other, key):
    assume(one != other)
    assert stream(one, *key).random() != stream(other, *key).random()


@pytest.mark.parametrize(
    "names",
    [
        [("flip", 7), (7, "flip")],  # the order counts
        [("flip", 7), ("flip", "7")],  # the type counts
        [("ab", "c"), ("a", "bc")],  # where a part ends counts
        [("flip",), ("flip", 0), ("flip", "")],  # how many there are counts
    ],
)
def test_a_name_is_all_of_its_parts(names):
    assert len({stream(0, *name).random() for name in names}) == len(names)


def test_a_stream_is_the_same_in_every_release():
    """Results name their seed: what it draws may not change unnoticed."""
    found = stream(7, "flip", 3).bit_generator.random_raw(2).tolist()
    assert found == [11309818134360819404, 15853149732640254347]
