"""Cells that grow: blocks of trials are added until a simulation says that they do.

A simulation opts in by a function ``enough(spec, rows, **cell)``. Its `cells` are then
without their blocks; `measure` takes ``block`` as well, and is asked for block 0, 1 and
so on of a cell until `enough`, given the rows so far, says so. What is asked for next
depends on rows in the order of blocks alone: not on jobs, order or interruption. Each
block is stored as a cell of its own, so that a run resumes at the block where it
stopped. A claim about such rows needs intervals that hold at all times at once, those
of `halfspace.sequential`.
"""

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

from simulations.engine import store as stored
from simulations.engine.canonical import canonical
from simulations.engine.grid import Cell
from simulations.engine.simulation import Study


def _block(cell: Cell, index: int) -> tuple[str, Cell]:
    whole = {**cell, "block": index}
    return canonical("cell", whole), whole


def measured(store: sqlite3.Connection, study: Study, cell: Cell) -> Iterator[str]:
    """Yield the rows of a cell as canonical text: one, or that of each block so far."""
    if study.enough is None:
        text = stored.row(store, study.fingerprint, canonical("cell", cell))
        if text is not None:
            yield text
        return
    index = 0
    while True:
        text = stored.row(store, study.fingerprint, _block(cell, index)[0])
        if text is None:
            return
        yield text
        index += 1


def next_part(
    store: sqlite3.Connection, study: Study, cell: Cell
) -> tuple[str, Cell] | None:
    """Return what of a cell is to be measured next, or None if it is finished."""
    rows = [*measured(store, study, cell)]
    if study.enough is None:
        return None if rows else (canonical("cell", cell), cell)
    if rows and study.enough([json.loads(row) for row in rows], cell):
        return None
    return _block(cell, len(rows))


def entries(
    store: sqlite3.Connection, study: Study, cell: Cell
) -> Iterator[tuple[str, str]]:
    """Yield each measured part of a cell with its row, both as canonical text."""
    for index, row in enumerate(measured(store, study, cell)):
        part = cell if study.enough is None else _block(cell, index)[1]
        yield canonical("cell", part), row


def whole(part: Cell) -> dict[str, Any]:
    """Return the cell that a block belongs to."""
    return {key: value for key, value in part.items() if key != "block"}
