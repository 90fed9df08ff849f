"""Captions hold on stand-ins for results, and fail when the data are broken.

Stand-ins are rows with the schema of quick scale, their errors made from predictions.
"""

import functools
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import figures
from figures.__main__ import main
from halfspace import fluid, theory
from simulations.engine.canonical import canonical
from simulations.engine.results import render
from simulations.engine.simulation import load, study

ROOT = Path(__file__).parents[1]

#: Of the specs of the stand-ins: what is less than at quick scale.
LESS = {
    "rate_in_error": {"blocks": 1},
    "rate_in_margin": {"blocks": 1},
    "rate_in_noise": {"blocks": 1},
    "tightness": {"blocks": 1},
    "link": {"blocks": 1, "steps": 5000, "error": 0.1},
}


@functools.cache
def _limit(learner, law, channel, at):
    return fluid.curve(learner, law, channel, at=np.array(at))


def limit(learner, law, channel, *, at):
    """Return the fluid limit, computed once."""
    return _limit(learner, law, channel, tuple(at))


def counts(learner, law, channel, *, at, trials, groups, rng):
    """Stand in for `mistake_counts`: nine tenths of the bound."""
    error = 0.9 * theory.average_error(at, law.margin, channel.rate)
    return noisy(error, at, trials, groups, rng)


def fluid_counts(learner, law, channel, *, at, trials, groups, rng):
    """Stand in for `mistake_counts`: near the fluid limit where that is good."""
    error = limit(learner, law, channel, at=at).average_error
    error = error * (1 - 0.5 / law.dim * np.exp(-(np.log10(at / 400) ** 2)))
    if law.margin > 0.2:
        error = 1.1 * error
    if law.dim > 1000 / law.margin**2:
        bound = theory.average_error(at, law.margin, channel.rate)
        error = np.maximum(error, np.minimum(0.798 * law.margin * bound, 0.5))
    return noisy(error, at, trials, groups, rng)


def noisy(error, at, trials, groups, rng):
    """Return a row of counts with the given average error."""
    noise = 1 + 0.004 * rng.standard_normal((groups, 1))
    mistakes = error * at * (trials // groups) * noise
    return {
        "steps": at.tolist(),
        "group_trials": trials // groups,
        "mistakes": mistakes.tolist(),
        "most_mistakes": 0,
    }


def times(learner, law, channel, *, targets, horizon, trials, rng):
    """Stand in for `hitting_times`: around an eighth of N."""
    size = theory.sample_size(targets, law.margin, channel.rate)
    return 0.12 * size * np.exp(0.2 * rng.standard_normal((trials, len(targets))))


@pytest.fixture(scope="module")
def stand_ins(tmp_path_factory):
    """Return a folder with stand-ins for results at quick scale."""
    folder = tmp_path_factory.mktemp("stand_ins")
    with pytest.MonkeyPatch.context() as patch:
        for name in figures.NAMES:
            module = load(name)
            stand_in = fluid_counts if hasattr(module, "curve") else counts
            patch.setattr(module, "mistake_counts", stand_in, raising=False)
            patch.setattr(module, "curve", limit, raising=False)
            patch.setattr(module, "hitting_times", times, raising=False)
            it = study(name, "quick")
            spec = replace(it.spec, **LESS.get(name, {}))
            cells = {canonical("cell", cell): cell for cell in module.cells(spec)}
            rows = {
                text: canonical("row", module.measure(spec, **cell))
                for text, cell in cells.items()
            }
            text = render(replace(it, spec=spec, cells=cells), rows)
            (folder / f"{name}.quick.json").write_text(text)
    return folder


@pytest.mark.parametrize("name", figures.NAMES)
def test_a_caption_holds_on_its_stand_in(stand_ins, name):
    """Not vacuous: what the next test breaks was whole."""
    figures.module(name).draw("quick", stand_ins)


def times_(factor, key="mistakes", **cell):
    """Return what multiplies an entry of the rows whose cells have these parameters."""

    def act(table):
        for entry in table["rows"]:
            if cell.items() <= entry["cell"].items():
                steps = np.asarray(entry["row"].get("steps", 1.0))
                by = factor(steps) if callable(factor) else factor
                entry["row"][key] = (np.asarray(entry["row"][key]) * by).tolist()

    return act


def without(**cell):
    """Return what drops the rows whose cells have these parameters."""

    def act(table):
        table["rows"] = [
            it for it in table["rows"] if not cell.items() <= it["cell"].items()
        ]

    return act


def late(table):
    """Let trials hit four times as late."""
    for entry in table["rows"]:
        hits = np.asarray(entry["row"]["hits"])
        moved = np.zeros_like(hits)
        moved[:, 80:] = hits[:, :-80]
        moved[:, -1] = hits[:, -1]
        entry["row"]["hits"] = moved.tolist()


def missed(table):
    """Let one trial miss its error."""
    row = table["rows"][0]["row"]
    row["hits"][0] = np.minimum(row["hits"][0], row["trials"] - 1).tolist()


def far_from_best(table):
    """Let one selected iterate be far from the best."""
    table["rows"][0]["row"]["close_to_best"] -= 1


def mean_as_last(table):
    """Let the mean iterate be no better than the last."""
    for entry in table["rows"]:
        entry["row"]["averaged_errors"] = entry["row"]["last_errors"]


BROKEN = [
    ("rate_in_error", times_(1.4), r"of N\("),
    ("rate_in_error", times_(lambda t: 1 + 0.2 * (t < 1000), rate=0.3), r"of N\("),
    ("rate_in_error", times_(lambda t: 0.9 * t**0.15 / 9, rate=0.0), "not -1"),
    ("rate_in_error", times_(lambda t: t**-0.1, rate=0.3), "not -2"),
    ("rate_in_error", without(rate=0.0), "no rate without noise"),
    ("rate_in_margin", times_(1.4, margin=0.05), r"of N\("),
    ("rate_in_margin", times_(0.7, margin=0.0125), "not -2"),
    ("rate_in_noise", times_(1.4, rate=0.05), r"of N\("),
    ("rate_in_noise", times_(0.5, rate=0.45), "not 1"),
    ("rate_in_noise", times_(0.85, rate=0.2), "vary"),
    ("rate_in_noise", without(rate=0.0), "no rate without noise"),
    ("rate_in_noise", without(rate=0.45), "nearly half"),
    ("dimension", times_(1.2, dim=25), "of the bound"),
    ("dimension", times_(1.25, dim=400), "as hard"),
    ("dimension", times_(8, dim=10**9), "does not fall"),
    ("dimension", times_(1.2, "fluid_average_error", dim=100), "off by"),
    ("dimension", times_(9, "fluid_average_error", dim=10**9), "is good"),
    ("dimension", times_(1.5, "limit_average_error"), "of its limit"),
    ("dimension", without(dim=3), "smallest"),
    ("dimension", without(dim=10**9), "largest"),
    ("fluid", times_(0.9, margin=0.5), "of the limit"),
    ("tightness", times_(1.2, dim=25), "of the bound"),
    ("tightness", times_(lambda t: t**-0.05, dim=25, rate=0.1), "climb"),
    ("tightness", times_(0.95, "fluid_average_error", dim=100), "off"),
    (
        "tightness",
        times_(np.repeat([1, 0.99], [60, 20]), "fluid_average_error"),
        "falls",
    ),
    ("tightness", times_(np.geomspace(1, 0.8, 80), "fluid_steps"), "ends"),
    (
        "tightness",
        times_(np.linspace(1, 0.98, 80) ** 1.5, "fluid_average_error", dim=100),
        "limit of",
    ),
    ("fluid", times_(1.04, dim=400, margin=0.05), "off by"),
    ("fluid", times_(0.5, dim=10**6), "only"),
    ("fluid", times_(1.2, dim=3), "at worst"),
    ("fluid", times_(0.8, dim=25), "not better"),
    ("fluid", without(dim=3), "no d = 3"),
    ("fluid", without(dim=10**6), "no curve far out"),
    ("hitting_time", missed, "too late"),
    ("hitting_time", late, r"of N\("),
    ("link", far_from_best, "not close to the best"),
    ("link", mean_as_last, "does not end lower"),
    ("link", times_(2, rule="slam"), "of its bound"),
    ("link", times_(0.8, rule="slam"), "ends at"),
    ("link", times_(2, rule="slam_sigmoid"), "of its bound"),
]


@pytest.mark.parametrize(
    ("name", "break_", "why"), BROKEN, ids=[f"{it[0]}-{it[2]}" for it in BROKEN]
)
def test_a_caption_fails_on_broken_data(stand_ins, tmp_path, name, break_, why):
    table = json.loads((stand_ins / f"{name}.quick.json").read_text())
    break_(table)
    (tmp_path / f"{name}.quick.json").write_text(json.dumps(table))
    with pytest.raises(AssertionError, match=why):
        figures.module(name).draw("quick", tmp_path)


def test_a_caption_that_fails_is_said_and_the_others_are_drawn(
    stand_ins, tmp_path, capsys
):
    for name in ("link", "fluid"):
        text = (stand_ins / f"{name}.quick.json").read_text()
        (tmp_path / f"{name}.quick.json").write_text(text)
    table = json.loads((tmp_path / "link.quick.json").read_text())
    far_from_best(table)
    (tmp_path / "link.quick.json").write_text(json.dumps(table))
    (tmp_path / "link.svg").write_text("the last one")
    folders = ["--results", str(tmp_path), "--out", str(tmp_path)]
    assert main(["link", "fluid", *folders]) == 1
    out, err = capsys.readouterr()
    assert out == f"fluid: {tmp_path}/fluid.svg\n"
    assert err.startswith("failed: link: the caption does not hold: ")
    assert err.count("\n") == 1
    assert (tmp_path / "link.svg").read_text() == "the last one"
