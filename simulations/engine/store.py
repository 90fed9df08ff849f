"""The store: an SQLite file with one row per finished or failed cell."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

#: "half" in ASCII: marks the file as ours, in SQLite's header.
APPLICATION = 0x68616C66
#: Of the schema below. A file of another version is refused.
VERSION = 1
#: Seconds to wait for another run that is writing.
PATIENCE = 60

_SCHEMA = """CREATE TABLE cells (
    fingerprint TEXT NOT NULL,
    cell TEXT NOT NULL,
    result TEXT,
    failure TEXT,
    PRIMARY KEY (fingerprint, cell),
    CHECK ((result IS NULL) <> (failure IS NULL))
) WITHOUT ROWID"""


def _check_file(path: Path) -> None:
    """Refuse what is not a store, from its first bytes and without opening it."""
    if not path.parent.is_dir():
        msg = f"`store` must lie in a folder that exists, got {path}"
        raise FileNotFoundError(msg)
    if not path.exists():
        return
    if not path.is_file():
        msg = f"`store` must be a file, got {path}"
        raise ValueError(msg)
    with path.open("rb") as file:
        head = file.read(100)
    mine = head[:16] == b"SQLite format 3\0" and head[68:72] == APPLICATION.to_bytes(4)
    if head and not mine:
        msg = f"`store` must be a store of simulations, got {path}, which is not one"
        raise ValueError(msg)
    version = int.from_bytes(head[60:64])
    if head and version != VERSION:
        msg = f"`store` must have version {VERSION}, got {path} of version {version}"
        raise ValueError(msg)


def _prepare(store: sqlite3.Connection) -> None:
    """Make the table in a new file; find out now whether the file can be written."""
    store.execute("BEGIN IMMEDIATE")
    if store.execute("PRAGMA user_version").fetchone() == (0,):
        store.execute(_SCHEMA)
        store.execute(f"PRAGMA application_id = {APPLICATION:d}")
        store.execute(f"PRAGMA user_version = {VERSION:d}")
    store.execute("COMMIT")
    with suppress(sqlite3.OperationalError):  # another run is switching it on just now
        store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = NORMAL")


@contextmanager
def connect(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the store at `path`, made if missing; every statement commits at once.

    Parameters
    ----------
    path : Path
        A file made here before, or a new name in a folder that exists.

    Yields
    ------
    sqlite3.Connection

    Raises
    ------
    ValueError
        If `path` is a folder, another kind of file, or a store of another version. The
        file is left as it was.
    OSError
        If the folder is missing, or the file cannot be read or written, or is damaged.
    """
    _check_file(path)
    try:
        opened = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
        with closing(opened) as store:
            _prepare(store)
            yield store
    except sqlite3.Error as error:
        msg = f"`store` must be sound and writable, got {path} ({error})"
        raise OSError(msg) from error


def rows(store: sqlite3.Connection, fingerprint: str) -> dict[str, str]:
    """Return the row of each finished cell, both as canonical text."""
    query = "SELECT cell, result FROM cells WHERE fingerprint = ? AND failure IS NULL"
    return dict(store.execute(query, (fingerprint,)))


def failures(store: sqlite3.Connection, fingerprint: str) -> dict[str, str]:
    """Return the failure of each cell whose last attempt failed."""
    query = "SELECT cell, failure FROM cells WHERE fingerprint = ? AND result IS NULL"
    return dict(store.execute(query, (fingerprint,)))


def save(store: sqlite3.Connection, fingerprint: str, cell: str, row: str) -> None:
    """Keep the row of a cell, in place of its failure; the first row stays."""
    store.execute(
        "INSERT INTO cells (fingerprint, cell, result) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET result = excluded.result, failure = NULL"
        " WHERE result IS NULL",
        (fingerprint, cell, row),
    )


def fail(store: sqlite3.Connection, fingerprint: str, cell: str, failure: str) -> None:
    """Keep why a cell failed, unless it has a row by now."""
    store.execute(
        "INSERT INTO cells (fingerprint, cell, failure) VALUES (?, ?, ?)"
        " ON CONFLICT DO UPDATE SET failure = excluded.failure"
        " WHERE result IS NULL",
        (fingerprint, cell, failure),
    )
