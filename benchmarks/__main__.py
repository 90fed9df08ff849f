"""``python -m benchmarks``: each ratio beside its limit; exit 1 if one is missed."""

import sys
from collections.abc import Callable, Iterator
from time import perf_counter

from rich.console import Console
from rich.table import Table

from benchmarks import (
    corrections,
    dynamics,
    engine,
    estimators,
    learners,
    memory,
    mlp,
    teacher,
)
from benchmarks.timing import Row

if __name__ == "__main__":
    table = Table("what", "over what", "ratio", "limit", "")
    missed = False
    start = perf_counter()
    measures: list[Callable[[], Iterator[Row]]] = [
        *dynamics.ALL,
        *learners.ALL,
        *corrections.ALL,
        *estimators.ALL,
        *mlp.ALL,
        teacher.over_sorting,
        memory.streaming,
        engine.two_processes,
    ]
    for measure in measures:
        for row in measure():
            good = row.ratio <= row.limit if row.at_most else row.ratio >= row.limit
            missed |= not good
            sign = "at most" if row.at_most else "at least"
            table.add_row(
                row.what,
                row.over,
                f"{row.ratio:.3g}",
                f"{sign} {row.limit:g}",
                "met" if good else "MISSED",
            )
    Console(width=110).print(table)
    print(f"{perf_counter() - start:.0f} s")
    sys.exit(missed)
