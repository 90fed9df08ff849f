"""One cell measured, wherever that is: what is sent to workers, and what comes back."""

import os
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from platform import node
from typing import Any, NamedTuple

from simulations.engine.canonical import canonical
from simulations.engine.grid import Cell
from simulations.engine.origin import origin, versions
from simulations.engine.simulation import (
    Simulation,
    Study,
    fingerprint,
    load,
    module_of,
)
from simulations.engine.source import PACKAGES, read


class Mismatch(ValueError):
    """A worker differs from the run that sent it a cell: no row of it can be used."""


class Task(NamedTuple):
    """What a worker has to know of a study, and must have in common with the run."""

    name: str
    fingerprint: str
    spec: Any
    versions: Mapping[str, str]


def task_of(study: Study) -> Task:
    """Return the task of a study, for workers like this process."""
    return Task(study.name, study.fingerprint, study.spec, versions())


class Outcome(NamedTuple):
    """What a cell gave: a row as canonical text, or why there is none; made where."""

    row: str | None
    failure: str
    origin: str = ""


def describe(error: BaseException) -> str:
    """Return the type of an exception and what it says, in one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"


#: The text of a source file as this process has imported it: a worker may live longer
#: than the sources that it began with.
_as_loaded = cache(read)
for _name, _module in sorted(sys.modules.items()):
    if _name.partition(".")[0] in PACKAGES and getattr(_module, "__file__", None):
        _as_loaded(Path(str(_module.__file__)))


def compare(where: str, theirs: Mapping[str, str], ours: Mapping[str, str]) -> None:
    """Raise `Mismatch`, which names the package, unless a worker has our versions."""
    for name, wanted in ours.items():
        if theirs.get(name) != wanted:
            msg = (
                f"{where} must have the versions of this run, got {name} "
                f"{theirs.get(name)} there and {wanted} here"
            )
            raise Mismatch(msg)


#: The simulations whose sources, as loaded here, are those of the run, by fingerprint.
_verified: dict[str, Simulation] = {}


def _verify(task: Task) -> None:
    where = f"worker {os.getpid()} on {node()}"
    compare(where, versions(), task.versions)
    here = fingerprint(task.spec, module_of(task.name), _as_loaded)
    if here != task.fingerprint:
        msg = (
            f"{where} must have the sources of this run, got others for {task.name}: "
            "update them there and restart the worker"
        )
        raise Mismatch(msg)
    _verified[task.fingerprint] = load(task.name)


def attempt(task: Task, cell: Cell) -> Outcome:
    """Measure one cell, wherever this runs; an exception is an outcome, not an end.

    Only a worker that differs from the run is an error: `Mismatch`.
    """
    try:
        if task.fingerprint not in _verified:
            _verify(task)
        row = _verified[task.fingerprint].measure(task.spec, **cell)
        if not isinstance(row, dict):
            msg = f"`row` must be a dict, got {row!r}"
            raise TypeError(msg)
        return Outcome(canonical("row", row), "", origin())
    except Mismatch:
        raise
    except Exception as error:
        return Outcome(None, describe(error))
