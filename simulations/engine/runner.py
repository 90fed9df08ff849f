"""Compute the cells that are missing from a store, on any executor."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from halfspace._check import check_count
from simulations.engine import store as stored
from simulations.engine.canonical import canonical
from simulations.engine.simulation import Cell, Study, load


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Cells of a study: in all, in the store before the run, done and failed in it."""

    total: int
    before: int
    done: int = 0
    failed: int = 0

    @property
    def attempted(self) -> int:
        """Cells that need no more attention in this run."""
        return self.before + self.done + self.failed

    @property
    def finished(self) -> bool:
        """Whether every cell was attempted."""
        return self.attempted == self.total


Observe = Callable[[Study, Tally], None]


class Outcome(NamedTuple):
    """What a cell gave: a row as canonical text, or why there is none."""

    row: str | None
    failure: str


def _describe(error: BaseException) -> str:
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


def attempt(name: str, spec: Any, cell: Cell) -> Outcome:
    """Measure one cell, wherever this runs; an exception is an outcome, not an end."""
    try:
        row = load(name).measure(spec, **cell)
        if not isinstance(row, dict):
            msg = f"`row` must be a dict, got {row!r}"
            raise TypeError(msg)
        return Outcome(canonical("row", row), "")
    except Exception as error:
        return Outcome(None, _describe(error))


def _outcome(future: Future[Outcome]) -> Outcome:
    """Return what a finished future gave; only a broken executor is an error."""
    error = future.exception()
    if isinstance(error, BrokenExecutor):
        raise error
    return future.result() if error is None else Outcome(None, _describe(error))


def _keep(store: sqlite3.Connection, study: Study, cell: str, found: Outcome) -> None:
    if found.row is not None:
        stored.save(store, study.fingerprint, cell, found.row)
    else:
        stored.fail(store, study.fingerprint, cell, found.failure)


def missing(store: sqlite3.Connection, study: Study) -> list[str]:
    """Return the cells without a row, failed ones among them, in the study's order."""
    there = stored.rows(store, study.fingerprint)
    return [cell for cell in study.cells if cell not in there]


class _Queue:
    """The cells of all studies, of which a few at a time are with the executor."""

    def __init__(
        self, todo: Iterator[tuple[Study, str]], executor: Executor, window: int
    ) -> None:
        self.todo, self.executor, self.window = todo, executor, window
        self.pending: dict[Future[Outcome], tuple[Study, str]] = {}

    def fill(self) -> bool:
        """Submit cells until the window is full; say whether any are pending."""
        for study, cell in islice(self.todo, self.window - len(self.pending)):
            future = self.executor.submit(
                attempt, study.name, study.spec, study.cells[cell]
            )
            self.pending[future] = study, cell
        return bool(self.pending)

    def stop(self) -> None:
        """Take back what has not begun."""
        for future in self.pending:
            future.cancel()


def run(
    store: sqlite3.Connection,
    studies: Sequence[Study],
    executor: Executor,
    *,
    window: int = 1,
    observe: Observe = lambda study, tally: None,
) -> list[Tally]:
    """Compute and store every missing cell of `studies`, in their order.

    Each outcome is stored as soon as it is there, by this process. However the run
    ends, what has finished is kept, and what has not begun is cancelled.

    Parameters
    ----------
    store : sqlite3.Connection
        From `store.connect`.
    studies : sequence of Study
        They share the executor and one queue.
    executor : concurrent.futures.Executor
        Where cells are measured: `pool.pool`, or any other.
    window : int
        How many cells may be with the executor at a time, at least 1.
    observe : callable
        Called as ``observe(study, tally)``, for each study at first and after each of
        its cells.

    Returns
    -------
    list of Tally
        The last tally of each study.

    Raises
    ------
    concurrent.futures.BrokenExecutor
        If a worker died; then the cells it had cannot be told from the others.
    """
    check_count("window", window)
    todo = {study.fingerprint: missing(store, study) for study in studies}
    tallies = {
        study.fingerprint: Tally(
            total=len(study.cells),
            before=len(study.cells) - len(todo[study.fingerprint]),
        )
        for study in studies
    }
    for study in studies:
        observe(study, tallies[study.fingerprint])
    cells = ((study, cell) for study in studies for cell in todo[study.fingerprint])
    queue = _Queue(cells, executor, window)
    try:
        while queue.fill():
            ready, _ = wait(queue.pending, return_when=FIRST_COMPLETED)
            for future in ready:
                study, cell = queue.pending[future]
                found = _outcome(future)
                _keep(store, study, cell, found)
                del queue.pending[future]
                tallies[study.fingerprint] = _count(tallies[study.fingerprint], found)
                observe(study, tallies[study.fingerprint])
    finally:
        queue.stop()
        _salvage(store, queue)
    return [tallies[study.fingerprint] for study in studies]


def _count(tally: Tally, found: Outcome) -> Tally:
    if found.row is None:
        return replace(tally, failed=tally.failed + 1)
    return replace(tally, done=tally.done + 1)


def _salvage(store: sqlite3.Connection, queue: _Queue) -> None:
    """Keep what had finished when the run was stopped."""
    for future, (study, cell) in queue.pending.items():
        if future.done() and not future.cancelled() and not future.exception():
            _keep(store, study, cell, future.result())
