"""The speed-up of the engine from one process to two."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from subprocess import run as call
from sys import executable

from benchmarks.timing import Row, seconds


def _simulate(jobs: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(executable, "-m", "simulations", "run", "rate_in_error"),
            *("--scale", "paper", "--jobs", str(jobs)),
            *("--results", folder, "--store", str(Path(folder) / "store.sqlite")),
        ]
        return seconds(lambda: call(command, check=True, capture_output=True))


def two_processes() -> Iterator[Row]:
    """`rate_in_error` at paper scale with one and with two processes."""
    faster = _simulate(1) / _simulate(2)
    what = "one process on rate_in_error"
    yield Row(what, "two processes", faster, 1.8, at_most=False)
