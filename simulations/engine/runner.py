"""Compute the cells that are missing from a store, on any executor."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future
from dataclasses import dataclass, field, replace
from queue import Empty, SimpleQueue

from halfspace._check import check_count
from simulations.engine import adaptive
from simulations.engine import store as stored
from simulations.engine.attempt import Mismatch, Outcome, attempt, describe, task_of
from simulations.engine.grid import Cell
from simulations.engine.origin import today
from simulations.engine.simulation import Study
from simulations.engine.store import Made

#: Seconds without an outcome after which observers are told that the run still runs.
TICK = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Cells of a study: in all, in the store before the run, done and failed in it.

    `work` is the cost of all that the run has to do, `spent` of what it has attempted.
    """

    total: int
    before: int
    done: int = 0
    failed: int = 0
    work: float = field(default=0.0, compare=False)
    spent: float = field(default=0.0, compare=False)

    @property
    def attempted(self) -> int:
        """Cells that need no more attention in this run."""
        return self.before + self.done + self.failed

    @property
    def finished(self) -> bool:
        """Whether every cell was attempted."""
        return self.attempted == self.total


Observe = Callable[[Study, Tally], None]


def _outcome(future: Future[Outcome]) -> Outcome:
    """Return what a finished future gave; errors are those that no retry would mend."""
    try:
        return future.result()
    except (BrokenExecutor, Mismatch):
        raise
    except CancelledError:
        msg = "the executor dropped its calls"
        raise BrokenExecutor(msg) from None
    except Exception as error:
        return Outcome(None, describe(error))


def _keep(store: sqlite3.Connection, study: Study, cell: str, found: Outcome) -> None:
    if found.row is not None:
        made = Made(today(), found.origin)
        stored.save(store, study.fingerprint, cell, found.row, made)
    else:
        stored.fail(store, study.fingerprint, cell, found.failure)


def missing(store: sqlite3.Connection, study: Study) -> Iterator[tuple[str, Cell]]:
    """Yield what is not measured, failed cells among it, in the study's order.

    That is a cell, or the next block of a cell that grows.
    """
    for cell in study.cells.values():
        part = adaptive.next_part(store, study, cell)
        if part is not None:
            yield part


class _Queue:
    """The cells of all studies, of which a few at a time are with the executor.

    `more` are the next blocks of cells that grow; they go first.
    """

    def __init__(
        self, todo: Iterator[tuple[Study, str, Cell]], executor: Executor, window: int
    ) -> None:
        self.more: deque[tuple[Study, str, Cell]] = deque()
        self.todo, self.executor, self.window = todo, executor, window
        self.pending: dict[Future[Outcome], tuple[Study, str, Cell]] = {}
        self.done: SimpleQueue[Future[Outcome]] = SimpleQueue()

    def fill(self) -> bool:
        """Submit cells until the window is full; say whether any are pending."""
        while len(self.pending) < self.window:
            following = self.more.popleft() if self.more else next(self.todo, None)
            if following is None:
                break
            study, text, cell = following
            future = self.executor.submit(attempt, task_of(study), cell)
            self.pending[future] = study, text, cell
            future.add_done_callback(self.done.put)
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
        If the executor cannot go on.
    Mismatch
        If a worker has other sources or versions than this process.
    """
    check_count("window", window)
    tallies = {study.fingerprint: _count_cells(store, study) for study in studies}
    for study in studies:
        observe(study, tallies[study.fingerprint])
    cells = ((study, *each) for study in studies for each in missing(store, study))
    queue = _Queue(cells, executor, window)
    try:
        while queue.fill():
            try:
                future = queue.done.get(timeout=TICK)
            except Empty:
                study, _, _ = next(iter(queue.pending.values()))
                observe(study, tallies[study.fingerprint])
                continue
            study, text, cell = queue.pending[future]
            found = _outcome(future)
            _keep(store, study, text, found)
            del queue.pending[future]
            tally = tallies[study.fingerprint]
            part = _following(store, study, cell, found)
            if part is not None:
                queue.more.append((study, *part))
            else:
                tally = _count(tally, found, _cost(study, cell))
            tallies[study.fingerprint] = tally
            observe(study, tally)
    finally:
        queue.stop()
        _salvage(store, queue)
    return [tallies[study.fingerprint] for study in studies]


def _following(
    store: sqlite3.Connection, study: Study, cell: Cell, found: Outcome
) -> tuple[str, Cell] | None:
    """Return the block that follows one that was just kept, if its cell needs it."""
    if study.enough is None or found.row is None:
        return None
    return adaptive.next_part(store, study, adaptive.whole(cell))


def _cost(study: Study, part: Cell) -> float:
    return study.cost(part if study.enough is None else adaptive.whole(part))


def _count_cells(store: sqlite3.Connection, study: Study) -> Tally:
    todo, work = 0, 0.0
    for _, cell in missing(store, study):
        todo, work = todo + 1, work + _cost(study, cell)
    total = len(study.cells)
    return Tally(total=total, before=total - todo, work=work)


def _count(tally: Tally, found: Outcome, cost: float) -> Tally:
    good = found.row is not None
    return replace(
        tally,
        done=tally.done + good,
        failed=tally.failed + (not good),
        spent=tally.spent + cost,
    )


def _salvage(store: sqlite3.Connection, queue: _Queue) -> None:
    """Keep what had finished when the run was stopped."""
    for future, (study, cell, _) in queue.pending.items():
        if future.done() and not future.cancelled() and not future.exception():
            _keep(store, study, cell, future.result())
