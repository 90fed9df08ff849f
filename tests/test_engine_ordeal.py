"""Twenty kills, a full disk: the results are those of an undisturbed run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="runs are forked")
def test_what_is_killed_and_starved_resumes_to_the_same_bytes(tmp_path, seed):
    found = subprocess.run(
        [sys.executable, "-m", "tests.ordeal", str(tmp_path), str(seed)],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "0", "TINY_SECONDS": "0.001"},
        capture_output=True,
        text=True,
        check=True,
    )
    saw = json.loads(found.stdout)
    assert saw["calm"] == saw["finished"] == 0
    assert saw["full"] == 2
    assert "finished cells are kept: make room and run again" in saw["full_said"]
    assert saw["full_said"].count("\n") == 1
    assert saw["killed"] == 20
    assert 0 < saw["calls_when_full"] < saw["calls_when_killed"] - 60
    assert saw["calls_when_killed"] < 800 + 21 - 60  # there was something left to do
    assert 800 <= saw["calls"] <= 800 + 21  # a stop costs the cell at work, no other
    assert saw["same"]
    assert saw["left"] == ["err", "store", "store.lock", "tests.tiny.quick.json"]
