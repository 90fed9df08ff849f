"""Does the engine keep every row of a simulation that is no trouble, unless asked?

What should go wrong is said by environment variables, which workers inherit and which
no fingerprint depends on: ``TOY_LOG`` is a file that gets a line "index pid" per call,
``TOY_DELAY`` the seconds a call takes, and ``TOY_FAIL``, ``TOY_NAN`` and ``TOY_DIE``
hold the index of the cell that raises, that gives no number, and that ends its process.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from threadpoolctl import threadpool_info

from halfspace._random import stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """As many cells as `size`."""

    size: int
    powers: tuple[int, ...] = (1, 2)
    seed: int = 0


SCALES = {"test": Spec(size=6), "quick": Spec(size=16), "paper": Spec(size=24)}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield an index and a label."""
    for index in reversed(range(spec.size)):
        yield {"index": index, "label": f"n{index % 2}"}


def _asked(name: str, index: int) -> bool:
    return os.environ.get(name) == str(index)


def measure(spec: Spec, *, index: int, label: str) -> dict[str, Any]:
    """Return powers of the index, two draws, and the widest pool of BLAS threads."""
    if "TOY_LOG" in os.environ:
        with open(os.environ["TOY_LOG"], "a") as file:
            file.write(f"{index} {os.getpid()}\n")
    time.sleep(float(os.environ.get("TOY_DELAY", 0)))
    if _asked("TOY_FAIL", index):
        msg = f"`index` was told to fail,\ngot {index}"
        raise ArithmeticError(msg)
    if _asked("TOY_DIE", index):
        os._exit(9)
    return {
        "draws": stream(spec.seed, "toy", index, label).random(2).tolist(),
        "powers": [index**power for power in spec.powers],
        "share": float("nan") if _asked("TOY_NAN", index) else index / spec.size,
        "threads": max(
            pool["num_threads"]
            for pool in threadpool_info()
            if pool["user_api"] == "blas"  # OpenMP counts each thread's own
        ),
    }
