"""What the engine adds to a cell in time and memory, and its speed-up by processes."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cells import Spec, study_of
from benchmarks.memory import peak
from benchmarks.timing import Row, seconds
from simulations.engine import exports, pool, runner, session, store

MANY = 10**5

Workers = Callable[[], AbstractContextManager[tuple[Any, int]]]


def _seconds(spec: Spec, workers: Workers) -> float:
    """Return how long a run takes from the empty store to the results file."""
    it = study_of(spec)
    with tempfile.TemporaryDirectory() as name, workers() as (executor, window):
        executor.submit(int).result()  # a process is started in no cell's time
        folder = Path(name)
        return seconds(
            lambda: session.run(
                [it], executor, window=window, store=folder / "store", folder=folder
            )
        )


@contextmanager
def _local_cluster() -> Iterator[tuple[Any, int]]:
    from distributed import LocalCluster

    with (
        LocalCluster(  # type: ignore[no-untyped-call]
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as here,
        session.workers(cluster=here.scheduler_address) as workers,
    ):
        yield workers


def overhead() -> Iterator[Row]:
    """A hundred thousand cells that do nothing: milliseconds for each."""
    for over, workers, limit in (
        ("this process", partial(session.workers, 1), 1.0),
        ("two processes", partial(session.workers, 2), 1.0),
        ("Dask, two workers", _local_cluster, 3.0),
    ):
        took = _seconds(Spec(size=MANY), workers) / MANY * 1000
        yield Row(f"engine, ms a cell, {MANY} cells: {over}", "one ms", took, limit)


_RUN = """
from functools import partial
from benchmarks.cells import Spec
from benchmarks.engine import _seconds
from simulations.engine import session
_seconds(Spec(size={size}), partial(session.workers, 1))
"""


def memory() -> Iterator[Row]:
    """Peak memory of a run of 10^5 cells against one of 10^3."""
    few, many = (peak(_RUN.format(size=size)) for size in (10**3, MANY))
    yield Row(f"peak memory of the runner, {MANY} cells", "1000 cells", many / few, 1.1)


def speed_up() -> Iterator[Row]:
    """One process against two, for cells of three lengths."""
    for length, limit in ((0.01, 1.6), (0.1, 1.8), (1.0, 1.8)):
        spec = Spec(size=max(16, round(8 / length)), seconds=length)
        one, two = (_seconds(spec, partial(session.workers, jobs)) for jobs in (1, 2))
        what = f"one process, cells of {length:g} s"
        yield Row(what, "two processes", one / two, limit, at_most=False)


def standing() -> Iterator[Row]:
    """What a cell costs beside its computation: on disk, at opening, at export."""
    it = study_of(Spec(size=MANY))
    with tempfile.TemporaryDirectory() as name, pool.pool(1) as executor:
        path = Path(name) / "store"
        with store.connect(path) as opened:
            runner.run(opened, [it], executor)
            written = seconds(lambda: exports.export(opened, it, Path(name)))
        size = path.stat().st_size

        def look() -> None:
            with store.connect(path) as opened:
                runner.run(opened, [it], executor)

        looked = seconds(look)
    for what, took, limit in (
        ("bytes in the store", size, 200.0),
        ("microseconds to check the store and find nothing to do", looked * 1e6, 500.0),
        ("microseconds to export", written * 1e6, 500.0),
    ):
        yield Row(f"engine, a cell of {MANY}: {what}", "one", took / MANY, limit)


ALL = (overhead, standing, memory, speed_up)
