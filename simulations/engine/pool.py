"""The executors that cells are computed on, each with one BLAS thread per process."""

import atexit
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
)
from contextlib import contextmanager, suppress
from multiprocessing import active_children, get_context, parent_process
from multiprocessing.process import BaseProcess
from time import monotonic, sleep
from typing import Any

from threadpoolctl import threadpool_limits

from halfspace._check import check_count


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


@contextmanager
def _hidden_from_children() -> Iterator[None]:
    """Block Ctrl-C in the processes that start here, where they can inherit that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


@contextmanager
def _deaf() -> Iterator[None]:
    """Put off Ctrl-C, lest a worker is left half started; no worker ever hears it.

    The mask alone would not do: a thread of BLAS may take the signal for this one.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    heard: list[int] = []
    usual = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        with _hidden_from_children():
            yield
    finally:
        signal.signal(signal.SIGINT, usual)
        if heard:
            signal.raise_signal(signal.SIGINT)


class _Processes(ProcessPoolExecutor):
    """Worker processes that leave Ctrl-C to their parent from their first moment."""

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Submit a call; this is where workers start."""
        with _deaf():
            return super().submit(fn, *args, **kwargs)


def cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _one_thread() -> Any:
    """Limit BLAS to one thread: more would slow the pool down and change roundings."""
    import numpy  # noqa: F401  # a limit holds only for what is loaded
    import scipy.linalg  # noqa: F401

    return threadpool_limits(limits=1)


def _leave_with_parent() -> None:
    """End this worker when its parent is gone: a killed run leaves nothing behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _start_worker() -> None:
    """Set up a worker; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    limits = _one_thread()
    atexit.register(limits.unregister)  # keeps the limits alive as long as the worker


def _settle(executor: Executor) -> None:
    """Wait until the executor holds no cancelled future.

    It stumbles if a worker dies while it does. It looks at futures in order: once it
    saw the last, it has dropped the cancelled ones before it.
    """
    last = executor.submit(int)
    executor.shutdown(wait=False, cancel_futures=True)
    patience = monotonic() + 5
    while not (last.running() or last.done()) and monotonic() < patience:
        sleep(0.005)


def _abandon(executor: Executor, others: set[BaseProcess]) -> None:
    """End the workers, all children but `others`, whatever they are computing."""
    try:
        with suppress(BrokenExecutor):
            _settle(executor)
    finally:
        for worker in set(active_children()) - others:
            worker.terminate()


@contextmanager
def pool(jobs: int) -> Iterator[Executor]:
    """Provide an executor with `jobs` processes, or this process if `jobs` is 1.

    Leaving by an exception ends the workers without waiting for their cells.

    Parameters
    ----------
    jobs : int
        At least 1.

    Yields
    ------
    concurrent.futures.Executor
    """
    if check_count("jobs", jobs) == 1:
        with _one_thread():
            yield Inline()
        return
    others = set(active_children())
    executor = _Processes(
        jobs, mp_context=get_context("spawn"), initializer=_start_worker
    )
    try:
        yield executor
    except BaseException:
        _abandon(executor, others)
        raise
    finally:
        executor.shutdown()
