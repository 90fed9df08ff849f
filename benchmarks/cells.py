"""What does the engine add to a cell? Cells that do nothing, or compute for a while."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from simulations.engine.grid import Grid
from simulations.engine.simulation import Study, fingerprint


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """As many cells as `size`, of so many seconds of a processor each."""

    size: int
    seconds: float = 0.0
    seed: int = 0


SCALES = {"test": Spec(size=10), "quick": Spec(size=1000), "paper": Spec(size=10**5)}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the indices."""
    for index in range(spec.size):
        yield {"index": index}


def measure(spec: Spec, *, index: int) -> dict[str, Any]:
    """Compute for the time that was asked for."""
    end = time.process_time() + spec.seconds
    while time.process_time() < end:
        sum(range(1000))
    return {"square": index**2}


def study_of(spec: Spec) -> Study:
    """Return the study of any number of cells of any length."""
    return Study(
        name="benchmarks.cells",
        scale="test",
        module="benchmarks.cells",
        question="What does the engine add to a cell?",
        spec=spec,
        fingerprint=fingerprint(spec, "benchmarks.cells"),
        cells=Grid("benchmarks.cells", lambda: cells(spec)),
    )
