"""A run from beginning to end: the store, the executor, what is shown and written."""

import math
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from halfspace._check import check_count, check_scalar
from simulations.engine import exports, lock, pool, progress, runner, tables
from simulations.engine import store as stored
from simulations.engine.simulation import Study
from simulations.engine.worker import NONE, Limits

#: How many cells are with the executor at a time, for each process.
AHEAD = 4


def check_folder(folder: Path) -> None:
    """Make the folder of the results, or say before the work why it cannot be used."""
    if not folder.exists() and folder.parent.is_dir():
        folder.mkdir()
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        msg = f"`results` must be a folder to write in, got {folder}"
        raise NotADirectoryError(msg)


def limits(seconds: float | None, megabytes: float | None) -> Limits:
    """Return the limits of a cell, or say which one is no such thing."""
    for name, value in (("cell_seconds", seconds), ("cell_megabytes", megabytes)):
        if value is not None:
            check_scalar(name, value, 0, math.inf, "()")
    return Limits(seconds, megabytes)


@contextmanager
def workers(
    jobs: int | None = None, cluster: str | None = None, limits: Limits = NONE
) -> Iterator[tuple[Executor, int]]:
    """Provide the executor of a run, and how many cells may be with it.

    Parameters
    ----------
    jobs : int, optional
        Processes on this machine, the number of cores if omitted.
    cluster : str, optional
        Address of a Dask scheduler, in place of processes.
    limits : Limits
        Of each cell.

    Yields
    ------
    concurrent.futures.Executor
    int

    Raises
    ------
    ValueError
        If both `jobs` and `cluster` are given, or one is no such thing.
    OSError
        If the cluster does not answer.
    """
    if cluster is None:
        jobs = pool.cores() if jobs is None else check_count("jobs", jobs)
        with pool.pool(jobs, limits) as executor:
            yield executor, AHEAD * jobs if jobs > 1 else 1
        return
    if jobs is not None:
        msg = f"`jobs` must be left out with `cluster`, got {jobs}"
        raise ValueError(msg)
    from simulations.engine import cluster as remote

    with remote.cluster(cluster, limits) as found:
        yield found


def run(
    studies: Sequence[Study],
    executor: Executor,
    *,
    window: int,
    store: Path,
    folder: Path,
    waiting: Callable[[], None] = lambda: None,
) -> list[str]:
    """Run the studies, show how that goes, and write the results of what is finished.

    Parameters
    ----------
    studies, executor, window
        As in `runner.run`.
    store : Path
        One run at a time writes to it.
    folder : Path
        Of the results.
    waiting : callable
        Called if another run holds the store.

    Returns
    -------
    list of str
        A line per cell that failed.
    """
    stored.check_file(store)
    with (
        lock.alone(store, waiting),
        stored.connect(store) as opened,
        progress.watch(tables.console()) as show,
    ):

        def observe(study: Study, tally: runner.Tally) -> None:
            if tally.finished:
                exports.export(opened, study, folder)
            show(study, tally)

        runner.run(opened, studies, executor, window=window, observe=observe)
        return failures(opened, studies)


def failures(store: sqlite3.Connection, studies: Sequence[Study]) -> list[str]:
    """Return a line per failed cell: the study, its parameters and the exception."""
    return [
        f"{study.name} ({study.scale}) {cell}: {why}"
        for study in studies
        for cell, why in stored.failures(store, study.fingerprint).items()
    ]
