"""The tables that the command line prints."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

#: Of a table that is not drawn on a terminal.
WIDTH = 100

_COLOURS = {
    "holds": "green",
    "fails": "bold red",
    "open": "yellow",
    "current": "green",
    "stale": "yellow",
    "missing": "dim",
}

#: The columns that may take several lines, and their least widths.
_WRAPPED = {"question": 20, "claim": 16, "interval": 12}


def console() -> Console:
    """Return the console of standard output, wide enough where there is no screen."""
    sized = sys.stdout.isatty() or "COLUMNS" in os.environ
    return Console(width=None if sized else WIDTH, highlight=False, markup=False)


def number(value: float | None) -> str:
    """Return four significant digits, or a dash for no number."""
    return "-" if value is None or value != value else f"{value:.4g}"


def _table(*columns: tuple[str, str]) -> Table:
    """Return an empty table; a column is its heading and its side."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for heading, side in columns:
        right = side == "right"
        table.add_column(
            heading,
            justify="right" if right else "left",
            no_wrap=heading not in _WRAPPED,
            overflow="fold",
            min_width=_WRAPPED.get(heading),
        )
    return table


def _coloured(word: str) -> Text:
    return Text(word, style=_COLOURS.get(word, ""))


def listing(questions: Mapping[str, str]) -> Table:
    """Return the names of the simulations and what each asks."""
    table = _table(("name", "left"), ("question", "left"))
    for name, question in questions.items():
        table.add_row(Text(name), Text(question))
    return table


def progress(rows: Iterable[tuple[str, int, int, int, str]]) -> Table:
    """Return a row per simulation: name, cells done, total and failed, results."""
    table = _table(
        ("name", "left"),
        ("done", "right"),
        ("total", "right"),
        ("failed", "right"),
        ("results", "left"),
    )
    for name, done, total, failed, state in rows:
        bad = Text(str(failed), style="red" if failed else "")
        table.add_row(Text(name), str(done), str(total), bad, _coloured(state))
    return table


def verdicts(found: Sequence[Any]) -> Table:
    """Return a row per claim, with what was predicted and what was measured."""
    table = _table(
        ("id", "left"),
        ("kind", "left"),
        ("claim", "left"),
        ("predicted", "right"),
        ("measured", "right"),
        ("interval", "right"),
        ("verdict", "left"),
    )
    for it in found:
        interval = f"[{number(it.low)}, {number(it.high)}]"
        table.add_row(
            Text(it.id),
            Text(it.kind),
            Text(it.claim),
            number(it.predicted),
            number(it.measured),
            Text(interval),
            _coloured(it.verdict),
        )
    return table


def plan(found: Any) -> Table:
    """Return the sample sizes of a plan, each beside its reason."""
    table = _table(("according to", "left"), ("samples", "right"))
    for name, steps in (
        ("A1's bound (theorem)", found.bound),
        ("average error, fluid limit", found.average),
        ("last iterate, fluid limit", found.last),
    ):
        table.add_row(name, f"{steps:,}")
    if found.rough:
        table.caption = "The fluid limit is only rough here: trust the bound."
    return table
