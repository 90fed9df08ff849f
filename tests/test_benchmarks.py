"""What benchmarks measure with: the peak of a process is its own."""

import numpy as np
import pytest

from benchmarks.memory import own_peak, peak

MEGABYTES = 200
HOLD = f"import numpy as np; x = np.ones({MEGABYTES} * 2**17)"


@pytest.fixture(scope="module")
def small():
    return peak("import numpy as np")


def test_what_a_process_holds_is_seen(small):
    assert peak(HOLD) - small == pytest.approx(MEGABYTES, rel=0.1)


def test_what_its_parent_held_is_not(small):
    held = np.ones(MEGABYTES * 2**17)
    assert own_peak() > held.nbytes / 2**20
    assert peak("import numpy as np") == pytest.approx(small, abs=20)
