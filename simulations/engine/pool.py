"""The executors of this machine, each with one BLAS thread per process."""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any

from halfspace._check import check_count
from simulations.engine.worker import (
    NONE,
    Call,
    Limits,
    Worker,
    WorkerDied,
    one_thread,
)

#: How often a process may die before it is ready, before that is an error.
STARTS = 3


class Inline(Executor):
    """Computes in this process, at once: the executor of one job."""

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Return a future that is already done."""
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Processes(Executor):
    """Worker processes, each served by a thread of this one.

    A process that dies fails its own call and no other, and is replaced: unlike the
    standard library's, whose pool is broken then. A call that exceeds a limit fails
    likewise.

    Parameters
    ----------
    jobs : int
        How many processes; they start when there is something to do.
    limits : Limits
        Of each call.
    """

    def __init__(self, jobs: int, limits: Limits = NONE) -> None:
        self.limits = limits
        self._tasks: SimpleQueue[tuple[Future[Any], Call] | None] = SimpleQueue()
        self._workers: dict[int, Worker] = {}
        self._lock, self._ended = Lock(), False
        self._threads = [
            Thread(target=self._serve, args=(seat,), daemon=True)
            for seat in range(jobs)
        ]
        for thread in self._threads:
            thread.start()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Return the future of a call that waits for the next free process."""
        future: Future[Any] = Future()
        self._tasks.put((future, (fn, args, kwargs)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes, once every call is answered, or as soon as they are free.

        Those that compute are not waited for if calls that wait are cancelled.
        """
        if cancel_futures:
            self._abandon()
        for _ in self._threads:
            self._tasks.put(None)
        if wait:
            for thread in self._threads:
                thread.join()
            self._abandon()

    def _abandon(self) -> None:
        with self._lock:
            self._ended = True
            for worker in self._workers.values():
                worker.end()

    def _serve(self, seat: int) -> None:
        while (task := self._tasks.get()) is not None:
            future, call = task
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(self._worker(seat).ask(call, self.limits))
                except Exception as error:
                    future.set_exception(error)

    def _worker(self, seat: int) -> Worker:
        """Return the process of a seat, a new one if need be."""
        worker = self._workers.get(seat)
        if worker is not None and worker.alive:
            return worker
        for _ in range(STARTS):
            with self._lock:
                if self._ended:
                    break
                worker = self._workers[seat] = Worker()
            with suppress(WorkerDied):
                worker.ready()
                return worker
        msg = "worker processes end before they are ready"
        raise BrokenExecutor(msg)


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def pool(jobs: int, limits: Limits = NONE) -> Iterator[Executor]:
    """Provide an executor with `jobs` processes, or this process if that will do.

    It will for one job without limits. Leaving by an exception ends the workers without
    waiting for their cells.

    Parameters
    ----------
    jobs : int
        At least 1.
    limits : Limits
        Of each cell.

    Yields
    ------
    concurrent.futures.Executor
    """
    if check_count("jobs", jobs) == 1 and limits == NONE:
        with one_thread():
            yield Inline()
        return
    executor = Processes(jobs, limits)
    try:
        yield executor
    except BaseException:
        executor.shutdown(cancel_futures=True)
        raise
    executor.shutdown()
