"""The figures, one module each: read results, assert the caption, draw.

The first paragraph of a module's docstring is its caption. ``python -m figures`` draws.
"""

from importlib import import_module
from types import ModuleType

import simulations
from halfspace._check import check_choice

#: The simulations of which a table or a number says all.
TABLES = (
    *("reduction", "lemmas", "traps", "mean_iterate", "fluid_rules"),
    *("isotonic", "noise_rate"),
    *("weighted_laws", "weighted_descent"),
)

#: The figures: one of each other simulation.
NAMES = tuple(name for name in simulations.NAMES if name not in TABLES)


def module(name: str) -> ModuleType:
    """Return the module of a figure, or say which names there are."""
    return import_module(f"figures.{check_choice('name', name, NAMES)}")


def caption(name: str) -> str:
    """Return the sentences that a figure asserts."""
    paragraph = (module(name).__doc__ or "").split("\n\n")[0]
    return " ".join(paragraph.split())
