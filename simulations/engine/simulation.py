"""A simulation, found by its name; and a study, which is a simulation at one scale."""

import hashlib
import importlib
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import Path
from typing import Any, Protocol, cast

import simulations
from halfspace._check import check_choice
from simulations.engine.canonical import canonical
from simulations.engine.grid import Cell, Grid
from simulations.engine.source import closure, locate, question, read

#: From the smallest to the one whose results are committed.
SCALES = ("test", "quick", "paper")


class Simulation(Protocol):
    """What a simulation's module defines, beside its `Spec`.

    It may also define ``cost(spec, **cell)``: about how many seconds a cell takes, for
    the time that a run has left, where only ratios matter; and ``enough(spec, rows,
    **cell)``: whether its blocks suffice, see `adaptive`.
    """

    @property
    def SCALES(self) -> Mapping[str, Any]:
        """The spec of each scale."""

    def cells(self, spec: Any) -> Iterator[dict[str, Any]]:
        """Yield the grid in a fixed order, the costly cells first."""

    def measure(self, spec: Any, **cell: Any) -> dict[str, Any]:
        """Return the row of one cell, a function of `spec` and `cell` alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One simulation at one scale, and everything that its results depend on.

    Parameters
    ----------
    name, scale : str
        What the command line calls it.
    module : str
        Dotted name of the simulation's module.
    question : str
        First line of that module's docstring.
    spec : dataclass
        The simulation's own `Spec`.
    fingerprint : str
        16 hexadecimal digits, see `fingerprint`.
    cells : mapping
        The grid, in order: the arguments of each cell by their canonical text.
    cost : callable
        About how long a cell takes, in any unit.
    enough : callable, optional
        Says of the rows of a cell's blocks, and the cell, whether they suffice.
    """

    name: str
    scale: str
    module: str
    question: str
    spec: Any
    fingerprint: str
    cells: Mapping[str, Cell]
    cost: Callable[[Cell], float] = lambda cell: 1.0
    enough: Callable[[list[dict[str, Any]], Cell], bool] | None = None


def module_of(name: str) -> str:
    """Return the module of a name in `NAMES`, or of a dotted name, if it exists."""
    if "." not in name:
        name = f"simulations.{check_choice('name', name, simulations.NAMES)}"
    if locate(name) is None:
        msg = f"`name` must be a simulation or the dotted name of a module, got {name}"
        raise ValueError(msg)
    return name


def load(name: str) -> Simulation:
    """Return the simulation called `name`, or say what its module lacks."""
    module = importlib.import_module(module_of(name))
    for part in ("SCALES", "cells", "measure"):
        if not hasattr(module, part):
            msg = f"`{name}` must define SCALES, cells and measure, got no `{part}`"
            raise TypeError(msg)
    return cast(Simulation, module)


def fingerprint(spec: object, module: str, read: Callable[[Path], str] = read) -> str:
    """Return 16 hex digits that change with `spec` and with the code it is given to.

    Hashed are the repr of the spec, and the name and source of the simulation's module
    and of each module of the library and of the simulations that it imports.
    """
    text = canonical("sources", [repr(spec), closure(module, read)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _check_spec(name: str, spec: Any) -> None:
    good = is_dataclass(spec) and type(getattr(spec, "seed", None)) is int
    if not good or isinstance(spec, type):
        msg = f"`SCALES` of {name} must be dataclasses with an int `seed`, got {spec!r}"
        raise TypeError(msg)
    canonical("spec", asdict(spec))


def _cost(name: str, simulation: Simulation, spec: Any) -> Callable[[Cell], float]:
    declared = getattr(simulation, "cost", lambda spec, **cell: 1.0)

    def cost(cell: Cell) -> float:
        found = float(declared(spec, **cell))
        if not 0 < found < math.inf:
            msg = f"`cost` of {name} must be positive, got {found} for {dict(cell)}"
            raise ValueError(msg)
        return found

    return cost


def _enough(
    simulation: Simulation, spec: Any
) -> Callable[[list[dict[str, Any]], Cell], bool] | None:
    declared = getattr(simulation, "enough", None)
    if declared is None:
        return None
    return lambda rows, cell: bool(declared(spec, rows, **cell))


def study(name: str, scale: str) -> Study:
    """Return the simulation `name` at `scale`.

    Parameters
    ----------
    name : str
        One of `simulations.NAMES`, or the dotted name of any module with the four parts
        of a simulation.
    scale : {"test", "quick", "paper"}

    Returns
    -------
    Study

    Raises
    ------
    ValueError
        If no simulation or scale has this name, or a cell is not JSON or repeats.
    TypeError
        If the module lacks a part of a simulation, or its spec is not a dataclass.
    """
    check_choice("scale", scale, SCALES)
    simulation, module = load(name), module_of(name)
    spec = simulation.SCALES.get(scale)
    _check_spec(name, spec)
    return Study(
        name=name,
        scale=scale,
        module=module,
        question=question(module),
        spec=spec,
        fingerprint=fingerprint(spec, module),
        cells=Grid(name, lambda: simulation.cells(spec)),
        cost=_cost(name, simulation, spec),
        enough=_enough(simulation, spec),
    )
