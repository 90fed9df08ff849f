"""What a run of ``tests.tiny`` goes through: a program that forks it and kills it.

``python -m tests.ordeal FOLDER SEED`` runs it undisturbed, then kills it at random
moments, then gives it a disk that is full, and then lets it finish. It prints what it
saw as JSON. Everything is imported before the forks, so that a run begins at once.
"""

import contextlib
import io
import json
import os
import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import scipy.linalg  # noqa: F401  # as the runs need it

from simulations.cli import main
from simulations.engine import progress, session  # noqa: F401
from simulations.engine.origin import origin
from simulations.engine.simulation import study
from tests import tiny  # noqa: F401

RESULT = "tests.tiny.quick.json"


def _run(folder: Path, before: Callable[[], None]) -> int:
    """Fork a run with its store and results in `folder`; return its process."""
    process = os.fork()
    if process:
        return process
    before()
    options = ["--jobs", "1", "--store", f"{folder}/store", "--results", str(folder)]
    with (
        (folder / "err").open("w") as err,
        contextlib.redirect_stderr(err),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        code = main(["run", "tests.tiny", *options])
    os._exit(code)


def _end(process: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])


def _calls(log: Path) -> int:
    return len(log.read_bytes().splitlines()) if log.exists() else 0


def _wait(log: Path, calls: int) -> None:
    end = time.monotonic() + 100
    while _calls(log) < calls and time.monotonic() < end:
        time.sleep(0.001)


def _little_disk() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))


def endure(folder: Path, seed: int, kills: int = 20) -> dict[str, Any]:
    """Return the exit codes, and how many cells were begun by the end."""
    origin(), study("tests.tiny", "quick")
    calm, hard = folder / "calm", folder / "hard"
    calm.mkdir()
    hard.mkdir()
    log = folder / "log"
    found: dict[str, Any] = {"calm": _end(_run(calm, lambda: None)), "killed": 0}
    os.environ["TINY_LOG"] = str(log)
    found["full"] = _end(_run(hard, _little_disk))
    found["full_said"] = (hard / "err").read_text()
    found["calls_when_full"] = _calls(log)
    draws = random.Random(seed)
    for kill in range(kills):
        begun, process = _calls(log), _run(hard, lambda: None)
        if kill % 4:  # else it may not have come as far as a cell
            _wait(log, begun + draws.randint(1, 30))
        time.sleep(draws.uniform(0, 0.02))
        os.kill(process, signal.SIGKILL)
        found["killed"] += _end(process) == -signal.SIGKILL
    found["calls_when_killed"] = _calls(log)
    found["finished"] = _end(_run(hard, lambda: None))
    found["calls"] = _calls(log)
    found["same"] = (calm / RESULT).read_bytes() == (hard / RESULT).read_bytes()
    found["left"] = sorted(it.name for it in hard.iterdir())
    return found


if __name__ == "__main__":
    print(json.dumps(endure(Path(sys.argv[1]), int(sys.argv[2]))))
