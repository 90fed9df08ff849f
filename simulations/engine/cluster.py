"""A Dask cluster as the executor: ``--cluster tcp://host:port``."""

import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from functools import cache
from importlib.metadata import version
from multiprocessing import current_process
from threading import get_ident
from typing import Any

from simulations.engine.attempt import Mismatch, compare
from simulations.engine.origin import PACKAGES, versions
from simulations.engine.pool import Processes
from simulations.engine.worker import NONE, Limits, one_thread

#: Seconds to wait for the scheduler, and then for a first worker.
PATIENCE = 10


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


def _call(
    limits: Limits,
    fn: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Any:
    """Compute on a worker of the cluster."""
    if limits != NONE:
        return _processes(get_ident(), limits).submit(fn, *args, **kwargs).result()
    _one_thread_from_now_on()
    return fn(*args, **kwargs)


class _Cluster(Executor):
    """The client's executor, with what a worker does around each call."""

    def __init__(self, inner: Executor, limits: Limits) -> None:
        self.inner, self.limits = inner, limits

    def submit(
        self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any
    ) -> Future[Any]:
        """Return the future of a call on some worker; one that dies is replaced."""
        return self.inner.submit(_call, self.limits, fn, args, kwargs)


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
    """Provide the executor of a Dask cluster, and its number of threads.

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
        yield _Cluster(client.get_executor(), limits), threads
