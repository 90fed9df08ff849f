"""One run at a time writes to a store; the system ends its claim when it dies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout


def _lock(path: Path) -> FileLock:
    return FileLock(path.with_name(f"{path.name}.lock"))


@contextmanager
def alone(path: Path, waiting: Callable[[], None]) -> Iterator[None]:
    """Hold the store at `path`, after any run that holds it now has ended.

    Parameters
    ----------
    path : Path
        Of the store, in a folder that exists; the lock is a file beside it.
    waiting : callable
        Called once if another run holds the store.

    Yields
    ------
    None
    """
    lock = _lock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        waiting()
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def held(path: Path) -> bool:
    """Whether some run holds the store at `path`."""
    lock = _lock(path)
    if not Path(lock.lock_file).exists():
        return False
    try:
        with lock.acquire(timeout=0):
            return False
    except Timeout:
        return True
