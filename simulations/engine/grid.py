"""The grid of a study: its cells in order, generated anew whenever they are walked."""

from collections import Counter
from collections.abc import Callable, ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import Any

import numpy as np

from simulations.engine.canonical import canonical

Cell = Mapping[str, Any]


class _Items(ItemsView[str, Cell]):
    """The pairs of a grid, at the cost of one walk."""

    _mapping: "Grid"

    def __iter__(self) -> Iterator[tuple[str, Cell]]:
        for cell in self._mapping.generate():
            yield canonical("cell", cell), cell


class _Values(ValuesView[Cell]):
    """The cells of a grid, at the cost of one walk."""

    _mapping: "Grid"

    def __iter__(self) -> Iterator[Cell]:
        return iter(self._mapping.generate())


class Grid(Mapping[str, Cell]):
    """The arguments of each cell by their canonical text.

    A grid of any size takes no memory. To go through keys, values or items is a walk,
    and so is each lookup.

    Parameters
    ----------
    name : str
        Of the simulation, for errors.
    generate : callable
        Returns the cells, the same each time.

    Raises
    ------
    ValueError
        If a cell is not JSON, or repeats.
    """

    def __init__(self, name: str, generate: Callable[[], Iterable[Cell]]) -> None:
        self.generate = generate
        marks = np.fromiter(map(hash, self), np.int64)
        self._size = len(marks)
        if len(np.unique(marks)) < self._size:
            text, times = Counter(iter(self)).most_common(1)[0]
            if times > 1:
                msg = f"`cells` of {name} must not repeat, got {text} twice"
                raise ValueError(msg)

    def __len__(self) -> int:
        return self._size

    def __iter__(self) -> Iterator[str]:
        return (text for text, _ in self.items())

    def __getitem__(self, text: str) -> Cell:
        for found, cell in self.items():
            if found == text:
                return cell
        raise KeyError(text)

    def items(self) -> ItemsView[str, Cell]:
        """Return the texts with the cells."""
        return _Items(self)

    def values(self) -> ValuesView[Cell]:
        """Return the cells."""
        return _Values(self)
