"""Every simulation: its grid and its rows, a function of spec and cell alone."""

import importlib
import json
from math import ceil

import numpy as np
import pytest

from halfspace import blocks, stream, theory
from halfspace.learner import default_learner
from halfspace.noise import RCN
from halfspace.problems import Shell, Shells, Sphere
from halfspace.rules import RULES
from simulations import NAMES, reduction
from simulations.curves import checkpoints
from simulations.engine.canonical import canonical
from simulations.engine.worker import one_thread
from simulations.tasks import TASKS

MODULES = {name: importlib.import_module(f"simulations.{name}") for name in NAMES}
#: Where learners are compared on the same data, and may do the same with it.
#: Where nothing is sampled.
EXACT = ("convex_fails", "adjustment", "consistency", "weighted_descent")
PAIRED = (
    *("fluid_rules", "learners", "wrong_alpha", "sample_complexity", "plug_in"),
    "real_data",
)
every_simulation = pytest.mark.parametrize("name", NAMES)


@pytest.fixture(scope="module")
def rows(test_results):
    """The rows of every simulation at its smallest scale."""
    return {
        name: [(entry["cell"], entry["row"]) for entry in table["rows"]]
        for name in NAMES
        for table in [json.loads((test_results / f"{name}.test.json").read_text())]
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
    with one_thread():  # as the engine does: more of them round another way
        again = module.measure(module.SCALES["test"], **cell)
    assert canonical("row", again) == canonical("row", row)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in PAIRED])
def test_different_cells_see_different_numbers(name, rows):
    texts = [json.dumps(row) for _, row in rows[name]]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in EXACT])
def test_another_seed_gives_another_row(name, rows):
    """But for those in which nothing is sampled."""
    module = MODULES[name]
    spec = module.SCALES["test"]
    other = type(spec)(**{**vars_of(spec), "seed": 1})
    cell, row = rows[name][-1]
    assert canonical("row", module.measure(other, **cell)) != canonical("row", row)


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


def test_selection_finds_what_the_mean_iterate_misses():
    """Claim I2: on the trap the Perspectron's mean iterate is wrong on a quarter.

    Its bound speaks of the mean over steps, and a selected iterate is good.
    """
    module = MODULES["learners"]
    spec = module.Spec(steps=5000, held_out=500, trials=20)
    row = module.measure(spec, task="trap", learner="perspectron")
    means = {name: np.sum(sums) / 20 for name, sums in row["errors"].items()}
    assert means["averaged"] > 0.2
    assert means["selected"] < 0.05
    told = module.measure(spec, task="trap", learner=module.TOLD)
    assert np.sum(told["errors"]["averaged"]) / 20 < 0.01


def test_all_learners_see_the_same_data(rows):
    """What decides on the labels alone is the same whoever else is asked."""
    module = MODULES["learners"]
    spec = module.SCALES["test"]
    data = [
        next(blocks(TASKS["trap"].law, TASKS["trap"].channel, trials=5, rng=rngs[0]))
        for rngs in (stream(spec.seed, "learners", "trap").spawn(3) for _ in range(2))
    ]
    np.testing.assert_array_equal(data[0].x, data[1].x)
    row = module.measure(spec, task="trap", learner="class mean")
    assert row["errors"]["only"] == [0.25] * 5


def test_a_descent_on_the_population_ends_where_the_loss_does():
    """Not vacuous: the logistic loss ends on the wrong side from the same start."""
    module = MODULES["convex_fails"]
    spec = module.Spec(margins=(0.05,), rates=(0.3,), steps=20_000)
    found = {
        loss: module.measure(spec, loss=loss)["errors"][0][0]
        for loss in (*spec.mixed, *spec.convex)
    }
    assert [found[loss] for loss in spec.mixed] == [0, 0, 0]
    assert [found[loss] for loss in spec.convex] == [0.5, 0.5]


def test_the_identity_would_notice_another_rate(monkeypatch):
    """Negative control for A0: a hundredth of the rate shows."""
    module = MODULES["lemmas"]
    points, _, rates = module.random_laws(
        module.SCALES["test"], 3, np.random.default_rng(0)
    )
    given = points, rates
    assert module.leaky_difference(*given, np.random.default_rng(2)) < 1e-12
    honest = module.sq_perceptron

    def told_less(x, y, *, rate, batch):
        return honest(x, y, rate=0.99 * rate, batch=batch)

    monkeypatch.setattr(module, "sq_perceptron", told_less)
    assert module.leaky_difference(*given, np.random.default_rng(2)) > 1e-4


@pytest.mark.parametrize("rule", RULES)
def test_the_coupling_would_notice_a_wrong_step(rule, monkeypatch):
    """Negative control for A8: half a percent in one draw breaks the coupling."""
    given = {"steps": 30, "trials": 3, "rng": np.random.default_rng(0)}
    learner = default_learner(rule, margin=0.3, rate=0.1, steps=30)
    parts = (learner, Shell(dim=9, margin=0.3), RCN(rate=0.1))
    assert reduction.coupled_difference(*parts, **given) < 1e-12
    observed = reduction.observed_draws
    monkeypatch.setattr(
        reduction,
        "observed_draws",
        lambda *args: observed(*args)._replace(left=observed(*args).left * 1.005),
    )
    assert reduction.coupled_difference(*parts, **given) > 1e-5
