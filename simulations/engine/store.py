"""The store: an SQLite file with one row per finished or failed cell.

Each row carries the day, what it was made with, and a digest of all that, so that a
store which was damaged is refused and never believed.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

#: "half" in ASCII: marks the file as ours, in SQLite's header.
APPLICATION = 0x68616C66
#: Of the schema below. An older file is brought up to it, a newer one is refused.
VERSION = 2
#: Seconds to wait for another run that is writing.
PATIENCE = 60

_ORIGINS = "CREATE TABLE origins (id INTEGER PRIMARY KEY, origin TEXT NOT NULL)"
_CELLS = """CREATE TABLE cells (
    fingerprint TEXT NOT NULL,
    cell TEXT NOT NULL,
    result TEXT,
    failure TEXT,
    day TEXT,
    origin INTEGER REFERENCES origins,
    digest INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, cell),
    CHECK ((result IS NULL) <> (failure IS NULL))
) WITHOUT ROWID"""
_UPGRADE = """INSERT INTO cells SELECT
    fingerprint, cell, result, failure, NULL, NULL,
    digest(fingerprint, cell, result, failure, NULL, NULL) FROM first"""
_UNSOUND = """SELECT count(*) FROM cells WHERE
    digest IS NOT digest(fingerprint, cell, result, failure, day, origin)
    UNION ALL SELECT count(*) FROM origins WHERE id IS NOT digest(origin)"""
#: What to do about an error of SQLite, by its primary code.
_FULL = "finished cells are kept: make room and run again"
_DAMAGED = (
    "`python -m simulations salvage {path} NEW` keeps what can be read of it, "
    "and `run --store NEW` goes on from there"
)
_REMEDIES = {
    sqlite3.SQLITE_FULL: _FULL,
    sqlite3.SQLITE_IOERR: _FULL,
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_NOTADB: _DAMAGED,
    sqlite3.SQLITE_BUSY: "another program holds it: end that one and run again",
}


class Made(NamedTuple):
    """When and with what a cell was measured; None in rows of the first schema."""

    day: str | None = None
    origin: str | None = None


def digest(*parts: object) -> int:
    """Return 48 bits that change with the parts.

    >>> digest("a", None) == digest("a", None) != digest("a", "None")
    True
    """
    return int.from_bytes(sha256(repr(parts).encode()).digest()[:6])


def check_file(path: Path) -> None:
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
        msg = (
            f"`store` must be a store of simulations, got {path}, which is not one: "
            "move it away and run again"
        )
        raise ValueError(msg)
    version = int.from_bytes(head[60:64])
    if head and not 1 <= version <= VERSION:
        msg = f"`store` must have version {VERSION}, got {path} of version {version}"
        raise ValueError(msg)


def _prepare(store: sqlite3.Connection) -> None:
    """Make or upgrade the tables; find out now whether the file can be written."""
    store.execute("BEGIN IMMEDIATE")
    (version,) = store.execute("PRAGMA user_version").fetchone()
    if version == 1:
        store.execute("ALTER TABLE cells RENAME TO first")
    if version < VERSION:
        store.execute(_ORIGINS)
        store.execute(_CELLS)
        store.execute("PRAGMA application_id = 0x68616C66")
        store.execute("PRAGMA user_version = 2")
    if version == 1:
        store.execute(_UPGRADE)
        store.execute("DROP TABLE first")
    store.execute("COMMIT")
    with suppress(sqlite3.OperationalError):  # another run is switching it on just now
        store.execute("PRAGMA journal_mode = WAL")
    store.execute("PRAGMA synchronous = NORMAL")


def _verify(store: sqlite3.Connection) -> None:
    """Read all of it, and hold each row against its digest."""
    (found,) = store.execute("PRAGMA quick_check(1)").fetchone()
    tables = store.execute("SELECT sql FROM sqlite_master ORDER BY name").fetchall()
    if found == "ok" and tables != [(_CELLS,), (_ORIGINS,)]:
        found = "tables that are not its own"
    if found == "ok" and any(count for (count,) in store.execute(_UNSOUND)):
        found = "rows that do not match their digests"
    if found != "ok":
        raise _corrupt(found)


def _corrupt(found: object) -> sqlite3.DatabaseError:
    error = sqlite3.DatabaseError(" ".join(str(found).split()))
    error.sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    return error


def _open(path: Path, readonly: bool) -> sqlite3.Connection:
    source = f"{path.absolute().as_uri()}?mode=ro" if readonly else path
    store = sqlite3.connect(
        source, timeout=PATIENCE, isolation_level=None, uri=readonly
    )
    store.create_function("digest", -1, digest, deterministic=True)
    return store


@contextmanager
def connect(path: Path, *, readonly: bool = False) -> Iterator[sqlite3.Connection]:
    """Open the store at `path`, made if missing; every statement commits at once.

    A kill of the process loses nothing that was saved; a loss of power may undo the
    last rows, which are then computed again.

    Parameters
    ----------
    path : Path
        A file made here before, or a new name in a folder that exists.
    readonly : bool
        Whether only to look: whatever runs at the time, and without reading all of it
        first. A store that is not there, or that nothing was written to yet, is empty.

    Yields
    ------
    sqlite3.Connection

    Raises
    ------
    ValueError
        If `path` is a folder, another kind of file, or a store of a newer version. The
        file is left as it was.
    OSError
        If the folder is missing, or the file cannot be read or written, is on a full
        disk, or is damaged; the message says how to go on.
    """
    check_file(path)
    if readonly and not (path.exists() and path.stat().st_size):
        path, readonly = Path(":memory:"), False
    try:
        with closing(_open(path, readonly)) as store:
            if not readonly:
                try:
                    _prepare(store)
                    _verify(store)
                except UnicodeDecodeError as error:  # of what SQLite says of the damage
                    raise _corrupt(error) from None
            yield store
    except sqlite3.Error as error:
        remedy = _REMEDIES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF, "")
        then = f": {remedy.format(path=path)}" if remedy else ""
        msg = f"`store` must be sound and writable, got {path} ({error}){then}"
        raise OSError(msg) from error


def row(store: sqlite3.Connection, fingerprint: str, cell: str) -> str | None:
    """Return the row of a cell, both as canonical text, or None if it has none."""
    query = "SELECT result FROM cells WHERE fingerprint = ? AND cell = ?"
    found: tuple[str | None] | None = store.execute(
        query, (fingerprint, cell)
    ).fetchone()
    return found[0] if found else None


def rows(store: sqlite3.Connection, fingerprint: str) -> dict[str, str]:
    """Return the row of each finished cell, both as canonical text."""
    query = "SELECT cell, result FROM cells WHERE fingerprint = ? AND failure IS NULL"
    return dict(store.execute(query, (fingerprint,)))


def failures(store: sqlite3.Connection, fingerprint: str) -> dict[str, str]:
    """Return the failure of each cell whose last attempt failed."""
    query = "SELECT cell, failure FROM cells WHERE fingerprint = ? AND result IS NULL"
    return dict(store.execute(query, (fingerprint,)))


def made(store: sqlite3.Connection, fingerprint: str) -> list[Made]:
    """Return the days and origins of the finished cells, each pair once, in order."""
    query = (
        "SELECT DISTINCT day, origins.origin FROM cells LEFT JOIN origins"
        " ON cells.origin = id WHERE fingerprint = ? AND failure IS NULL ORDER BY 1, 2"
    )
    return [Made(*found) for found in store.execute(query, (fingerprint,))]


def _write(
    store: sqlite3.Connection, key: tuple[str, str], what: tuple[str | None, ...]
) -> None:
    """Insert a row, or replace a failure; what has a result stays."""
    result, failure, day, origin = what
    mark = None if origin is None else digest(origin)
    known = "SELECT 1 FROM origins WHERE id = ?"
    if mark is not None and not store.execute(known, (mark,)).fetchone():
        add = "INSERT OR IGNORE INTO origins (id, origin) VALUES (?, ?)"
        store.execute(add, (mark, origin))
    row = (*key, result, failure, day, mark)
    store.execute(
        "INSERT INTO cells (fingerprint, cell, result, failure, day, origin, digest)"
        " VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET"
        " result = excluded.result, failure = excluded.failure, day = excluded.day,"
        " origin = excluded.origin, digest = excluded.digest WHERE result IS NULL",
        (*row, digest(*row)),
    )


def save(
    store: sqlite3.Connection,
    fingerprint: str,
    cell: str,
    row: str,
    made: Made = Made(),  # noqa: B008  # immutable
) -> None:
    """Keep the row of a cell, in place of its failure; the first row stays."""
    _write(store, (fingerprint, cell), (row, None, *made))


def fail(store: sqlite3.Connection, fingerprint: str, cell: str, failure: str) -> None:
    """Keep why a cell failed, unless it has a row by now."""
    _write(store, (fingerprint, cell), (None, failure, None, None))
