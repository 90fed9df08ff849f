"""Every simulation: its grid and its rows, a function of spec and cell alone."""

import importlib
import json
from math import ceil

import numpy as np
import pytest

from halfspace import theory
from halfspace.noise import RCN
from halfspace.problems import Shell, Shells, Sphere
from halfspace.rules import RULES, Learner
from simulations import NAMES, reduction
from simulations.curves import checkpoints

MODULES = {name: importlib.import_module(f"simulations.{name}") for name in NAMES}
every_simulation = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def rows():
    """The rows of every simulation at its smallest scale."""
    return {
        name: [
            (cell, module.measure(module.SCALES["test"], **cell))
            for cell in module.cells(module.SCALES["test"])
        ]
        for name, module in MODULES.items()
    }


@every_simulation
@pytest.mark.parametrize("scale", ["test", "quick", "paper"])
def test_cells_are_distinct_and_can_be_stored(name, scale):
    module = MODULES[name]
    cells = [json.dumps(cell) for cell in module.cells(module.SCALES[scale])]
    assert cells
    assert len(set(cells)) == len(cells)


@every_simulation
def test_groups_divide_the_trials_at_every_scale(name):
    for spec in MODULES[name].SCALES.values():
        if hasattr(spec, "groups"):
            assert spec.trials % spec.groups == 0
            assert spec.groups * getattr(spec, "blocks", 1) >= 5


@every_simulation
def test_a_row_is_a_function_of_spec_and_cell(name, rows):
    module = MODULES[name]
    cell, row = rows[name][0]
    again = module.measure(module.SCALES["test"], **cell)
    assert json.dumps(again) == json.dumps(row, allow_nan=False)


@every_simulation
def test_different_cells_see_different_numbers(name, rows):
    texts = [json.dumps(row) for _, row in rows[name]]
    assert len(set(texts)) == len(texts)


@every_simulation
def test_another_seed_gives_another_row(name, rows):
    module = MODULES[name]
    spec = module.SCALES["test"]
    other = type(spec)(**{**vars_of(spec), "seed": 1})
    cell, row = rows[name][0]
    assert json.dumps(module.measure(other, **cell)) != json.dumps(row)


def vars_of(spec):
    return {field: getattr(spec, field) for field in spec.__dataclass_fields__}


def test_predictions_stand_beside_the_counts(rows):
    for name, found in rows.items():
        for cell, row in found:
            if "predicted_average_error" not in row:
                continue
            known = vars_of(MODULES[name].SCALES["test"]) | cell
            sigmoid = known.get("rule") == "slam_sigmoid"
            bound = theory.sigmoid_average_error if sigmoid else theory.average_error
            np.testing.assert_allclose(
                row["predicted_average_error"],
                bound(row["steps"], known["margin"], known["rate"]),
            )
            counts = np.array(row["mistakes"])
            assert (np.diff(counts, axis=1) >= 0).all()
            assert (counts <= row["group_trials"] * np.array(row["steps"])).all()


def test_the_margin_simulation_runs_in_the_dimension_it_says():
    for margin in MODULES["rate_in_margin"].SCALES["paper"].margins:
        assert ceil(round(margin**-2, 9)) in {7, 25, 100, 400, 1600, 6400}


def test_both_links_see_the_same_data(rows):
    """Negative control for pairing: what the rules make of the data differs."""
    sign, sigmoid = (
        next(row for cell, row in rows["link"] if cell["rule"] == rule)
        for rule in ("slam", "slam_sigmoid")
    )
    first = [np.sum(row["mistakes"], axis=0)[0] for row in (sign, sigmoid)]
    assert sign["holdout"] == sigmoid["holdout"]
    assert sign["mistakes"] != sigmoid["mistakes"]
    assert abs(first[0] - first[1]) < 0.3 * first[0]


def test_checkpoints_increase_and_end_where_they_should():
    for last in (11, 12.5, 1000, 1e6):
        at = checkpoints(last)
        assert at[0] == 10
        assert at[-1] == ceil(last)
        assert (np.diff(at) > 0).all()


def test_the_named_laws_are_those_laws():
    kinds = {"shell": Shell, "shells": Shells, "sphere": Sphere}
    for name, kind in kinds.items():
        law = reduction.the_law(name, 20, 0.2)
        assert type(law) is kind
        assert (law.dim, law.margin) == (20, 0.2)


@pytest.mark.parametrize("rule", RULES)
def test_the_coupling_would_notice_a_wrong_step(rule, monkeypatch):
    """Negative control for A8: half a percent in one draw breaks the coupling."""
    given = {"steps": 30, "trials": 3, "rng": np.random.default_rng(0)}
    parts = (Learner(rule=rule, rate=0.1), Shell(dim=9, margin=0.3), RCN(rate=0.1))
    assert reduction.coupled_difference(*parts, **given) < 1e-12
    observed = reduction.observed_draws
    monkeypatch.setattr(
        reduction,
        "observed_draws",
        lambda *args: observed(*args)._replace(left=observed(*args).left * 1.005),
    )
    assert reduction.coupled_difference(*parts, **given) > 1e-5
