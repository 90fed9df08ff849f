"""Writing results files: the rows of one study, in one canonical text."""

import json
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from itertools import zip_longest
from pathlib import Path

from simulations.engine import adaptive
from simulations.engine import store as stored
from simulations.engine.canonical import canonical
from simulations.engine.grid import Cell
from simulations.engine.origin import origin
from simulations.engine.results import FOLDER, path_of
from simulations.engine.simulation import Study
from simulations.engine.store import Made

#: What decides roundings, of all that made the rows.
_ENVIRONMENT = ("numpy", "python", "scipy")


def _joined(values: Iterable[str]) -> str:
    return ", ".join(sorted(set(values)))


def _origins(made: Sequence[Made]) -> dict[str, str]:
    """Return the field by field union of the origins, or that of this process."""
    known = [json.loads(it.origin) for it in made if it.origin] or [
        json.loads(origin())
    ]
    names = sorted({name for each in known for name in each})
    return {
        name: _joined(each[name] for each in known if name in each) for name in names
    }


def _head(it: Study, made: Sequence[Made]) -> Iterator[str]:
    """Yield the lines above the rows."""
    used = _origins(made)
    days = [each.day for each in made if each.day]
    fields: dict[str, object] = {
        "name": it.name,
        "scale": it.scale,
        "question": it.question,
        "fingerprint": it.fingerprint,
        "seed": it.spec.seed,
        "spec": asdict(it.spec),
        "environment": {name: used.pop(name) for name in _ENVIRONMENT},
    }
    if days:
        fields["provenance"] = {**used, "date": max(days)}
    for key, value in fields.items():
        yield f'"{key}":{canonical(key, value)},'


def _lines(
    it: Study,
    parts: Callable[[Cell], Iterator[tuple[str, str]]],
    made: Sequence[Made],
) -> Iterator[str]:
    """Yield the lines of a results file, from the measured parts of each cell."""
    yield "{"
    yield from _head(it, made)
    yield '"rows":['
    before = ""
    for cell in it.cells.values():
        for part, row in parts(cell):
            if before:
                yield f"{before},"
            before = f'{{"cell":{part},"row":{row}}}'
    yield before
    yield "]"
    yield "}"


def render(it: Study, rows: Mapping[str, str], made: Sequence[Made] = ()) -> str:
    """Return the text of a results file: a line per field and per row."""

    def parts(cell: Cell) -> Iterator[tuple[str, str]]:
        text = canonical("cell", cell)
        yield text, rows[text]

    return "".join(f"{line}\n" for line in _lines(it, parts, made))


def export(store: sqlite3.Connection, it: Study, folder: Path = FOLDER) -> Path | None:
    """Write the results of a study if the store has every row, else do nothing.

    The bytes depend on the study, its rows, what they were made with and the day of the
    last, and not on jobs, order or interruptions. The file appears whole or not at all,
    and one that holds the same rows already stays as it is, with what made it.

    Parameters
    ----------
    store : sqlite3.Connection
        From `store.connect`.
    it : Study
    folder : Path
        Of the results; it must exist.

    Returns
    -------
    Path or None
        The file, or None if rows are missing.
    """
    if any(adaptive.next_part(store, it, cell) for cell in it.cells.values()):
        return None
    path = path_of(it.name, it.scale, folder)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    made = stored.made(store, it.fingerprint)
    try:
        with draft.open("w", encoding="ascii", newline="\n") as file:
            for line in _lines(it, partial(adaptive.entries, store, it), made):
                file.write(f"{line}\n")
        if not _same(path, draft):
            os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _content(path: Path) -> Iterator[str]:
    """Yield a file's lines but those on what made the rows."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if not line.startswith(('"environment"', '"provenance"')):
                yield line


def _same(path: Path, draft: Path) -> bool:
    return path.is_file() and all(
        old == new for old, new in zip_longest(_content(path), _content(draft))
    )
