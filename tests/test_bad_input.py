"""Every public function refuses bad input in one line that names what is wrong.

The grammar is: argument in backticks, rule, what was found. Nothing but ValueError and
TypeError may be raised, and no warning either.
"""

import inspect
import re

import numpy as np
import pytest

import halfspace
from halfspace import theory
from halfspace.theory import adjustment, estimation, landscape, mixing
from tests import refusals, test_batch_refusals
from tests.refusals import FINITE, TABLE

OUTSIDE = {
    "steps": [0.5, 0, -1, *FINITE],
    "margin": [0.0, 1.5, [0.1, -0.1], *FINITE],
    "rate": [0.5, -0.1, [0.1, 0.7], *FINITE],
    "error": [0.0, 1.5, *FINITE],
    "excess": [0.0, 1.5, *FINITE],
    "noise_variance": [-0.1, 0.3, *FINITE],
    "z": FINITE,
    "confidence": [1.0, -0.1, *FINITE],
    "candidates": [0, 0.5, *FINITE],
    "step": [0.0, -1.0, *FINITE],
    "noisy_error": [-0.1, 1.5, *FINITE],
    "norm": [-0.1, *FINITE],
    "distance": [-0.1, *FINITE],
    "right": [[0.0, 0.0], [0.6, 0.9], [0.6], 0.6, *FINITE],
    "wrong": [[0.6, 0.9], [0.6], 0.6, *FINITE],
    "accuracy": [-0.1, 1.5, *FINITE],
    "assumed": [0.5, [0.9, 0.5], -0.1, 1.5, *FINITE],
    "k": [1, 0, 2.0, None, True, "2"],
    "classes": [1, 2.5, None, True, "9"],
    "normalised": [None, 1, "yes"],
    "target": ["label", None, 1],
    "rows": [0, -1, 0.5, *FINITE],
    "slope": [0.0, -0.1, [0.1, 0.0], *FINITE],
    "threshold": [-0.1, 1.5, *FINITE],
    "absolute": [-0.1, 1.5, *FINITE],
    "squared": [-0.1, 1.5, *FINITE],
}
INSIDE = {"steps": 10, "margin": 0.1, "rate": 0.1, "error": 0.1, "excess": 0.1}
INSIDE |= {
    "z": 0.3,
    "noise_variance": 0.1,
    "confidence": 0.9,
    "candidates": 3,
    "step": 1.0,
}
INSIDE |= {"noisy_error": 0.3, "norm": 2.0, "distance": 3.0}
INSIDE |= {"right": [0.6, 0.8], "wrong": [0.6, -0.8]}
INSIDE |= {"accuracy": 0.8, "assumed": 0.9, "k": 2, "classes": 3}
INSIDE |= {"normalised": True, "target": "mix"}
INSIDE |= {"rows": 9, "slope": 0.5, "threshold": 0.8, "absolute": 0.1, "squared": 0.02}
ROWS = list(TABLE)
THEORY = {
    name: getattr(module, name)
    for module in (theory, adjustment, estimation, landscape, mixing)
    for name in module.__all__
    if name.islower()
}
for function in THEORY.values():
    names = tuple(inspect.signature(function).parameters)
    good = {name: INSIDE[name] for name in names}
    for name in names:

        def call(value, function=function, good=good, name=name):
            return function(**{**good, name: value})

        ROWS.append((name, call, OUTSIDE[name]))

CASES = [(name, call, value) for name, call, bad in ROWS for value in bad]
IDS = [f"{i}-{name}" for i, (name, _, _) in enumerate(CASES)]


@pytest.mark.parametrize("case", range(len(CASES)), ids=IDS)
def test_bad_input_is_refused_in_one_line_that_names_it(case):
    name, call, value = CASES[case]
    with pytest.raises((ValueError, TypeError)) as caught:
        call(value)
    message = str(caught.value)
    assert type(caught.value) in (ValueError, TypeError)
    assert "\n" not in message
    assert len(message) < 400
    assert re.match(rf"`{name}(\[\d+\])?` must .*, got .", message), message


def test_good_input_passes():
    """Not vacuous: what the table changes is all that is wrong with its calls."""
    calls = "simulate hit planned curve shells fitted draw_blocks boot told default"
    kinds = "atoms gaussians by_region by_margin by_function"
    for name in (*calls.split(), *kinds.split()):
        assert getattr(refusals, name)() is not None, name
    for name, function in THEORY.items():
        names = inspect.signature(function).parameters
        assert np.isfinite(function(**{key: INSIDE[key] for key in names})), name


def test_the_table_has_every_public_name():
    source = inspect.getsource(refusals) + inspect.getsource(test_batch_refusals)
    values = {"Trajectory", "Plan", "Channel", "Law", "Symmetric", "RULES", "theory"}
    values |= {"ckmy_mixture", "DecisionList"}  # no arguments, or from a function
    values |= {"correction", "losses", "mixing", "transition"}  # in their own tests
    for name in set(halfspace.__all__) - values:
        assert re.search(rf"\b{name}\b", source), name
