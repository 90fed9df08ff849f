"""Do many cells that take a millisecond each survive whatever happens to a run?

``TINY_LOG`` is a file that gets the index of each cell that is begun, ``TINY_SECONDS``
what a cell takes; ``TINY_STOP`` names a file at whose sight a cell waits for ever.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from halfspace._random import stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """As many cells as `size`."""

    size: int
    seed: int = 0


SCALES = {"test": Spec(size=40), "quick": Spec(size=800), "paper": Spec(size=100_000)}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the indices."""
    for index in range(spec.size):
        yield {"index": index}


def measure(spec: Spec, *, index: int) -> dict[str, Any]:
    """Return a draw."""
    if "TINY_LOG" in os.environ:
        with open(os.environ["TINY_LOG"], "a") as file:
            file.write(f"{index}\n")
    time.sleep(float(os.environ.get("TINY_SECONDS", 0)))
    while os.path.exists(os.environ.get("TINY_STOP", "")):
        time.sleep(0.01)
    return {"draw": float(stream(spec.seed, "tiny", index).random())}
