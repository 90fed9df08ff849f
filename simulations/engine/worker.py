"""A process that computes for this one, and ends with it."""

import importlib
import math
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.connection import Connection
from time import monotonic
from typing import Any, NamedTuple

import psutil
from threadpoolctl import threadpool_limits

#: Seconds between two looks at a process that has limits.
GLANCE = 0.02

Call = tuple[Callable[..., Any], tuple[Any, ...], dict[str, Any]]


class Limits(NamedTuple):
    """What a cell may take; None is no limit."""

    seconds: float | None = None
    megabytes: float | None = None


#: A call may take what it takes.
NONE = Limits()


class WorkerDied(RuntimeError):
    """A process ended while it computed."""


def one_thread() -> Any:
    """Limit BLAS to one thread: more would slow the pool down and change roundings."""
    import numpy  # noqa: F401  # a limit holds only for what is loaded
    import scipy.linalg  # noqa: F401

    return threadpool_limits(limits=1)


def _leave_with_parent() -> None:
    """End this process when its parent is gone: a killed run leaves nothing behind."""
    parent = parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def answer(call: Call) -> tuple[bool, Any]:
    """Return whether a call succeeds, and what it returns or raises."""
    function, arguments, keywords = call
    try:
        return True, function(*arguments, **keywords)
    except Exception as error:
        return False, error


def _work(calls: Connection) -> None:
    """Answer calls until the other end is closed; Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    importlib.import_module("simulations.engine.attempt")  # no cell's time
    limits = one_thread()
    calls.send(True)
    with suppress(EOFError):
        while True:
            calls.send(answer(calls.recv()))
    limits.unregister()


@contextmanager
def _hidden_from_children() -> Iterator[None]:
    """Block Ctrl-C in the processes that this thread starts, where that is inherited.

    Ctrl-C itself goes to the main thread, and workers are started by others.
    """
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # which unblocks Ctrl-C when it starts
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class Worker:
    """One process with one BLAS thread, that never hears Ctrl-C."""

    def __init__(self) -> None:
        context = get_context("spawn")
        self._calls, theirs = context.Pipe()
        self._process = context.Process(target=_work, args=(theirs,), daemon=True)
        with _hidden_from_children():
            self._process.start()
        theirs.close()
        self._ended = False

    def ready(self) -> None:
        """Wait until the process can take calls.

        Raises
        ------
        WorkerDied
            If it ends before.
        """
        self._receive()

    @property
    def alive(self) -> bool:
        """Whether the process can take another call."""
        return not self._ended and not self._calls.poll()  # no answer, so the end

    def ask(self, call: Call, limits: Limits = NONE) -> Any:
        """Return what the call returns, or raise what it raises.

        Raises
        ------
        WorkerDied
            If the process ended; as also after the next two.
        TimeoutError, MemoryError
            If the process was ended because the call exceeded a limit.
        """
        with suppress(OSError):  # a dead process is noticed when it does not answer
            self._calls.send(call)
        if limits != NONE:
            self._watch(limits)
        good, value = self._receive()
        if good:
            return value
        raise value

    def end(self) -> None:
        """End the process at once, whatever it computes."""
        self._ended = True
        self._process.kill()
        self._process.join()

    def _receive(self) -> Any:
        try:
            return self._calls.recv()
        except (EOFError, OSError):
            self.end()
            code = self._process.exitcode
            msg = f"the process ended with code {code}, perhaps for lack of memory"
            raise WorkerDied(msg) from None

    def _watch(self, limits: Limits) -> None:
        """Wait for the answer; end the process if it exceeds a limit."""
        end = monotonic() + (limits.seconds or math.inf)
        most = (limits.megabytes or math.inf) * 2**20
        with suppress(psutil.Error):  # it is dead: no answer will come
            process = psutil.Process(self._process.pid)
            while not self._calls.poll(GLANCE):
                if monotonic() > end:
                    self.end()
                    msg = f"a cell must take at most {limits.seconds:g} s"
                    raise TimeoutError(msg)
                if process.memory_info().rss > most:
                    self.end()
                    msg = f"a cell's process must hold at most {limits.megabytes:g} MB"
                    raise MemoryError(msg)
