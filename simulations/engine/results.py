"""Results files, read back and held against their schema."""

import json
import reprlib
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

import simulations
from halfspace._check import check_choice
from simulations.engine.simulation import SCALES, Study, study

#: Where results are, whatever the working directory.
FOLDER = Path(simulations.__file__).parent / "results"


class Entry(TypedDict):
    """One cell and what was measured in it."""

    cell: dict[str, Any]
    row: dict[str, Any]


class Table(TypedDict):
    """A results file, read back."""

    name: str
    scale: str
    question: str
    fingerprint: str
    seed: int
    spec: dict[str, Any]
    environment: dict[str, str]
    provenance: NotRequired[dict[str, str]]
    rows: list[Entry]


_KINDS: dict[str, type] = {
    "name": str,
    "scale": str,
    "question": str,
    "fingerprint": str,
    "seed": int,
    "spec": dict,
    "environment": dict,
    "provenance": dict,
    "rows": list,
}
#: What files of older versions lack.
_OPTIONAL = frozenset({"provenance"})


def path_of(name: str, scale: str, folder: Path = FOLDER) -> Path:
    """Return the results file of a simulation at a scale, whether or not it exists."""
    check_choice("scale", scale, SCALES)
    if not all(map(str.isidentifier, name.split("."))):
        msg = f"`name` must be the name of a simulation, got {name!r}"
        raise ValueError(msg)
    return folder / f"{name}.{scale}.json"


def _reject(constant: str) -> None:
    msg = f"numbers must be finite, got {constant}"
    raise ValueError(msg)


def _check(path: Path, field: str, found: bool, rule: str, got: object) -> None:
    if not found:
        msg = f"`{field}` in {path} must {rule}, got {reprlib.repr(got)}"
        raise ValueError(msg)


def _check_table(path: Path, table: Any) -> None:
    """Hold a file's content against the schema; the first fault is the error."""
    _check(path, "(file)", type(table) is dict, "be an object", table)
    for field, kind in _KINDS.items():
        if field in _OPTIONAL and field not in table:
            continue
        _check(path, field, field in table, "be there", sorted(table))
        right = type(table[field]) is kind
        _check(path, field, right, f"be of type {kind.__name__}", table[field])
    for field in table:
        _check(path, field, field in _KINDS, "not be there", field)
    for index, entry in enumerate(table["rows"]):
        keys = sorted(entry) if type(entry) is dict else entry
        field = f"rows[{index}]"
        _check(path, field, keys == ["cell", "row"], "have cell and row", keys)
        for key, value in entry.items():
            right = type(value) is dict
            _check(path, f"{field}.{key}", right, "be an object", value)


def load(name: str, scale: str, folder: Path = FOLDER) -> Table:
    """Read the results of a simulation at a scale, made by this code or by older.

    Parameters
    ----------
    name, scale : str
    folder : Path
        Of the results.

    Returns
    -------
    Table
        A dict with name, scale, question, fingerprint, seed, spec, environment,
        provenance unless an older version made it, and rows: a list of
        ``{"cell": {...}, "row": {...}}``.

    Raises
    ------
    FileNotFoundError
        If there are no such results; the message is the command that makes them.
    ValueError
        If the file is not a results file; the message names the file and the field.
    """
    path = path_of(name, scale, folder)
    if not path.is_file():
        msg = (
            f"`results` must hold {path.name}, got none in {folder}: "
            f"run `python -m simulations run {name} --scale {scale}` first"
        )
        raise FileNotFoundError(msg)
    table = read(path)
    for field, value in (("name", name), ("scale", scale)):
        _check(path, field, table[field] == value, f"be {value!r}", table[field])  # type: ignore[literal-required]
    return table


def read(path: Path) -> Table:
    """Read a results file, whatever it is called.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Table
        As from `load`.

    Raises
    ------
    OSError
        If it cannot be read.
    ValueError
        If the file is not a results file; the message names the file and the field.
    """
    try:
        table = json.loads(path.read_text(encoding="utf-8"), parse_constant=_reject)
    except (ValueError, RecursionError) as error:
        msg = f"{path} must be a results file, got one that is not JSON ({error})"
        raise ValueError(msg) from error
    _check_table(path, table)
    return cast(Table, table)


def stale(name: str, scale: str, folder: Path = FOLDER) -> bool:
    """Whether the results were made by other code, or for another spec, than now."""
    made = load(name, scale, folder)["fingerprint"]
    return made != study(name, scale).fingerprint


def state(it: Study, folder: Path = FOLDER) -> str:
    """Return "current", "stale" or "missing", as the results of a study are."""
    if not path_of(it.name, it.scale, folder).is_file():
        return "missing"
    made = load(it.name, it.scale, folder)["fingerprint"]
    return "current" if made == it.fingerprint else "stale"
