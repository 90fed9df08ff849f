"""A Dask cluster as the executor: ``--cluster tcp://host:port``."""

import sys
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, Executor, Future
from contextlib import contextmanager
from functools import cache, partial
from importlib.metadata import version
from multiprocessing import current_process
from threading import RLock, get_ident
from time import monotonic
from typing import Any

from simulations.engine.attempt import Mismatch, compare
from simulations.engine.origin import PACKAGES, versions
from simulations.engine.pool import Processes
from simulations.engine.worker import NONE, Call, Limits, answer, one_thread

#: Seconds to wait for the scheduler, and then for a first worker.
PATIENCE = 10
#: Tasks with the cluster at a time, for each thread of it.
TASKS = 2
#: Seconds that a batch of short calls is to take, and how many calls it may have.
BATCH, LARGEST = 0.1, 64

Answer = tuple[bool, Any]


@cache
def _one_thread_from_now_on() -> Any:
    return one_thread()


@cache
def _processes(thread: int, limits: Limits) -> Processes:
    """Return the process beside a thread of a worker, where its cells are limited."""
    if current_process().daemon:
        msg = (
            "`limits` on a cluster must have workers that may start processes, got "
            "daemons: set DASK_DISTRIBUTED__WORKER__DAEMON=False where they start"
        )
        raise Mismatch(msg)
    return Processes(1, limits)


def _call(limits: Limits, call: Call) -> Answer:
    """Answer one call on a worker of the cluster."""
    if limits == NONE:
        _one_thread_from_now_on()
        return answer(call)
    function, arguments, keywords = call
    try:
        processes = _processes(get_ident(), limits)
        return True, processes.submit(function, *arguments, **keywords).result()
    except Exception as error:
        return False, error


def _calls(limits: Limits, calls: list[Call]) -> tuple[list[Answer], float]:
    """Answer calls in turn until `BATCH` seconds are over, and say how long it took."""
    start, answers = monotonic(), [_call(limits, calls[0])]
    for call in calls[1:]:
        if monotonic() - start > BATCH:
            break
        answers.append(_call(limits, call))
    return answers, monotonic() - start


class _Cluster(Executor):
    """The client's executor, which is sent short calls in batches.

    A task of Dask costs some milliseconds of processors. A batch has as many calls as
    fill `BATCH` seconds by the time of the last; what a worker did not come to by then
    is sent again. If a worker dies of a batch, each of its calls is sent alone.
    """

    def __init__(self, inner: Executor, limits: Limits, threads: int) -> None:
        self.inner, self.limits = inner, limits
        self.free, self.size = TASKS * threads, 1
        self.lock = RLock()
        self.waiting: deque[tuple[Future[Any], Call]] = deque()
        self.alone: set[Future[Any]] = set()

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Return the future of a call on some worker."""
        future: Future[Any] = Future()
        with self.lock:
            self.waiting.append((future, (fn, args, kwargs)))
        self._send()
        return future

    def _batch(self) -> list[tuple[Future[Any], Call]]:
        """Take the next calls, less those that were cancelled in the meantime."""
        batch: list[tuple[Future[Any], Call]] = []
        while self.waiting and len(batch) < self.size:
            future, _ = self.waiting[0]
            if future in self.alone and batch:
                break
            each = self.waiting.popleft()
            if future.running() or future.set_running_or_notify_cancel():
                batch.append(each)
            if future in self.alone:
                break
        return batch

    def _send(self) -> None:
        with self.lock:
            while self.free and (batch := self._batch()):
                self.free -= 1
                calls = [call for _, call in batch]
                task = self.inner.submit(_calls, self.limits, calls)
                task.add_done_callback(partial(self._receive, batch))

    def _receive(
        self, batch: list[tuple[Future[Any], Call]], task: Future[Any]
    ) -> None:
        with self.lock:
            self.free += 1
            if task.cancelled():  # the cluster is gone, for all that wait as well
                batch += self.waiting
                self.waiting.clear()
                answers: list[Answer] = [(False, CancelledError())] * len(batch)
            elif (error := task.exception()) is None:
                answers, took = task.result()
                self.size = max(1, min(LARGEST, int(BATCH * len(answers) / took)))
                self.waiting.extendleft(reversed(batch[len(answers) :]))
            elif len(batch) > 1:
                answers = []
                self.alone |= {future for future, _ in batch}
                self.waiting.extendleft(reversed(batch))
            else:
                answers = [(False, error)]
        for (future, _), (good, value) in zip(batch, answers, strict=False):
            self.alone.discard(future)
            if not future.cancelled():
                (future.set_result if good else future.set_exception)(value)
        self._send()


def _check_workers(client: Any, address: str) -> int:
    """Return the number of threads of the cluster, whose workers are like this one."""
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError:
        msg = f"`cluster` must have workers, got none at {address} in {PATIENCE} s"
        raise ConnectionError(msg) from None
    told = client.get_versions(packages=list(PACKAGES))
    ours = {
        **versions(),
        "python": ".".join(map(str, sys.version_info)),
        "distributed": version("distributed"),
    }
    for worker, theirs in told["workers"].items():
        have = {name: found or "none" for name, found in theirs["packages"].items()}
        compare(f"worker {worker}", have, ours)
    return int(sum(client.nthreads().values()))


@contextmanager
def cluster(address: str, limits: Limits = NONE) -> Iterator[tuple[Executor, int]]:
    """Provide the executor of a Dask cluster, and how many calls may be with it.

    Leaving by an exception takes back the cells that have not begun.

    Parameters
    ----------
    address : str
        Of the scheduler, as in ``tcp://127.0.0.1:8786``.
    limits : Limits
        Of each cell, which is then computed in a process beside the worker.

    Yields
    ------
    concurrent.futures.Executor
    int

    Raises
    ------
    ConnectionError
        If no scheduler or no worker answers.
    Mismatch
        If a worker has other versions of Python or of a package; both are named.
    ImportError
        If `distributed` is not installed.
    """
    try:
        import distributed
    except ImportError:
        msg = "`cluster` needs Dask: python -m pip install 'halfspace[cluster]'"
        raise ImportError(msg) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own word on versions; ours is an error
        try:
            client: Any = distributed.Client(  # type: ignore[no-untyped-call]
                address, timeout=PATIENCE, set_as_default=False
            )
        except (OSError, ValueError) as error:
            msg = f"`cluster` must be a scheduler's address, got {address} ({error})"
            raise ConnectionError(msg) from None
    with client:
        threads = _check_workers(client, address)
        window = TASKS * threads * LARGEST
        yield _Cluster(client.get_executor(), limits, threads), window
