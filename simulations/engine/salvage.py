"""What can still be read of a damaged store, in a new one."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from simulations.engine.store import Made, connect, digest, save

_COLUMNS = "fingerprint, cell, result, failure, day, origin, digest"
_FORWARD = f"SELECT {_COLUMNS} FROM cells ORDER BY fingerprint, cell"
_BACKWARD = f"SELECT {_COLUMNS} FROM cells ORDER BY fingerprint DESC, cell DESC"


def _readable(old: sqlite3.Connection, query: str) -> Iterator[Any]:
    """Yield rows up to the damage."""
    with suppress(sqlite3.Error, UnicodeDecodeError):
        yield from old.execute(query)


def salvage(old: Path, new: Path) -> int:
    """Copy every sound row of `old` to a new store, from both ends of the damage.

    Parameters
    ----------
    old : Path
        A store, damaged or not; it is only read.
    new : Path
        A name that is not taken.

    Returns
    -------
    int
        How many cells were kept.

    Raises
    ------
    FileExistsError
        If `new` exists.
    FileNotFoundError
        If `old` does not.
    """
    if new.exists():
        msg = f"`new` must not exist, got {new}"
        raise FileExistsError(msg)
    if not old.is_file():
        msg = f"`old` must be a store, got no file {old}"
        raise FileNotFoundError(msg)
    kept: set[tuple[object, object]] = set()
    source = f"{old.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(source, uri=True)) as damaged, connect(new) as sound:
        for _ in _readable(damaged, "PRAGMA writable_schema = ON"):
            pass  # now what is cut short is read, too
        origins = dict(_readable(damaged, "SELECT id, origin FROM origins"))
        sound.execute("BEGIN")
        for query in (_FORWARD, _BACKWARD):
            for *row, mark in _readable(damaged, query):
                fingerprint, cell, result, failure, day, origin = row
                text = origins.get(origin)
                whole = digest(*row) == mark and origin == (text and digest(text))
                if whole and failure is None and (fingerprint, cell) not in kept:
                    save(sound, fingerprint, cell, result, Made(day, text))
                    kept.add((fingerprint, cell))
        sound.execute("COMMIT")
    return len(kept)
