"""Captions hold on stand-ins for results, and fail when the data are broken.

Stand-ins are rows with the schema of quick scale, their errors made from predictions.
"""

import functools
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import figures
from figures.__main__ import main
from figures.learners import GROUPS
from halfspace import Shell, fluid, stream, theory, three_atoms
from halfspace.reduced import Pair
from halfspace.theory.adjustment import largest_forward_slope
from halfspace.theory.convergence import backward_average_error, forward_scale
from simulations.calibration import predicted
from simulations.ckmy import PUBLISHED, Spec
from simulations.engine.canonical import canonical
from simulations.engine.exports import render
from simulations.engine.simulation import load, study
from simulations.stall import the_law
from simulations.tasks import TASKS

ROOT = Path(__file__).parents[1]

#: Of the specs of the stand-ins: what is less than at quick scale.
LESS = {
    "rate_in_error": {"blocks": 1},
    "rate_in_margin": {"blocks": 1},
    "rate_in_noise": {"blocks": 1},
    "tightness": {"blocks": 1},
    "link": {"blocks": 1, "steps": 5000, "error": 0.1},
    "learners": {"steps": 100},
    "adjustment": {"margins": 601},
    "landscape": {"laws": 20},
    "escape": {"depths": (2.0, 8.0), "rates": (0.1,), "trials": 20},
    "stall": {
        "heights": (0.15, 0.3, 0.9),
        "masses": (0.05, 0.1),
        "others": (),
        "samples": 5000,
    },
    "consistency": {"sizes": ((2, 2), (3, 5), (5, 5), (5, 10))},
    "calibration": {"draws": 50},
    "plug_in": {"told": ("alpha", "one rate", 10, 1000), "steps": 5000},
    "weighting": {"trials": 40_000},
    "guide": {"tokens": 60, "tables": 8},
    "active": {"kinds": ("uniform",), "points": (20,), "instances": 2, "laws": 1},
    "random_truth": {"times": (1, 10)},
    "convex_fails": {
        "margins": (1 / 24, 0.05, 0.1, 1 / 6, 0.19),
        "rates": (0.1, 0.3),
        "steps": 10_000,
    },
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


def outputs(learner, task, train, held_out, spec):
    """Stand in for `online` of the simulation of learners."""
    (name,) = (key for key, value in TASKS.items() if value is task)
    error = dict.fromkeys(("last", "averaged", "selected"), 0.001)
    if name == "CKMY":
        error = dict.fromkeys(error, 0.1)
    elif name == "trap" and learner in GROUPS["mixing"][1:]:
        error = dict.fromkeys(error, 0.25)
    elif learner in ("logistic", "hinge") and name in ("three atoms", "Long-Servedio"):
        error = error | {"last": 0.4, "averaged": 0.5}
    return {key: np.full(spec.trials, value) for key, value in error.items()}


def only(learner, task, data, spec, rng):
    """Stand in for `whole` of the simulation of learners."""
    hard = task is TASKS["CKMY"] and learner != "FilterTron"
    error = np.full(spec.trials, 0.1 if hard else 0.001)
    both = learner == "SQ-Perceptron"
    return {"last": error, "averaged": error} if both else {"only": error}


def unseen(law, channel, *, trials, rng):
    """Stand in for `blocks`: what is known of the samples."""
    return law, channel, trials, rng


def path(error, data, at):
    """Return what `run` returns, with this average error and excess."""
    law, _, trials, rng = data
    noise = 1 + 0.004 * rng.standard_normal((trials, 1))
    mistakes = error * np.asarray(at) * noise
    w = np.broadcast_to(np.eye(law.dim)[0], (*mistakes.shape, law.dim))
    return SimpleNamespace(
        steps=np.asarray(at), mistakes=mistakes, excess=mistakes, last=w, averaged=w
    )


def run_with_noise_that_varies(learner, data, *, at):
    """Stand in for `run`: told or not, below or above the bound of A6."""
    law, channel, *_ = data
    power = -0.35 if learner.rate is None else -0.6
    error = 0.3 * at**power
    if law.dim > 2:
        error = np.full(at.shape, 0.05) if learner.rule == "perceptron" else error
    elif learner.rate is not None:
        error = np.full(at.shape, 0.25 * (1 - 2 * channel.inside))
    return path(error, data, at)


def run_with_another_rate(learner, data, *, at):
    """Stand in for `run`: best told the truth, or told enough."""
    off = abs(learner.rate - 0.2) if data[0].dim == 2 else 0.2 - learner.rate
    robust = learner.rule == "forward" or (
        data[0].dim > 2 and learner.rule == "slam_sigmoid"
    )
    return path(0.01 if robust else 0.01 * np.exp(15 * off), data, at)


def run_to_target(learner, data, *, at):
    """Stand in for `run`: an error of 0.05 after 38 / margin^2, or never."""
    law = data[0]
    error = np.minimum(0.5, np.sqrt(0.095 / at) / law.margin)
    stuck = law.dim == 2 and law.margin < 0.2
    if learner.rule == "perceptron" or (
        stuck and learner.rule in ("logistic", "unhinged")
    ):
        error = np.full(at.shape, 0.25)
    return path(error, data, at)


def complexity(learner, law, margin, channel, *, at, trials, rng):
    """Stand in for `outputs` of sample_complexity: the mean over steps, three times."""
    shell = Shell(dim=round(margin**-2), margin=margin)
    drawn = (shell if law == "shell" else three_atoms(margin), channel, trials, rng)
    found = run_to_target(learner, drawn, at=at)
    errors = found.mistakes / at
    return found.mistakes, errors, errors


def near_published(data, rate, passes):
    """Stand in for `learned` of ckmy: w whose first entry is the accuracy."""
    at = Spec.rates.index(rate)
    accuracy = {name: found[at] for name, found in PUBLISHED.items()}
    leaky = accuracy["LeakyReLU"]
    accuracy |= {"FilterTron": 0.995 - rate, "LeakyReLU": leaky - 0.03}
    accuracy["LeakyReLU, fitting best"] = leaky + 0.025
    return {
        name: np.tile([right, 1.0], (len(data.y), 1))
        for name, right in accuracy.items()
    }


def right(w, test):
    """Stand in for `right` of ckmy."""
    noise = np.resize([-6, 6], len(w))
    return np.rint(w[:, 0] * test.y.shape[-1] + noise).astype(int).tolist()


def descend(learner, law, channel, *, at, trials, rng):
    """Stand in for `run` of convergence: forward first, backward below its bound."""
    bound = backward_average_error(at, law.margin, channel.rate)
    share = {"forward": 0.05, "backward": 0.06, "logistic": 0.08}[learner.rule]
    noise = 1 + 0.004 * rng.standard_normal((trials, 1))
    mistakes = share * bound * at * noise
    where = np.ones(mistakes.shape)
    return SimpleNamespace(mistakes=mistakes, last=Pair(where, where))


def moments(learner, law, channel, last):
    """Stand in for `second_moments`: within B2 and B4, and forward's fall."""
    most = largest_forward_slope(channel.rate) ** 2
    least = theory.noise_factor(channel.rate)
    start, end = {
        "forward": (most, 0.05 * most),
        "backward": (1.2 * least, least),
        "logistic": (0.25, 0.2),
    }[learner.rule]
    fall = np.geomspace(start, end, last.along.shape[1])
    return np.broadcast_to(fall, last.along.shape)


def powers(learner, law, channel, *, at, trials, groups, rng):
    """Stand in for `mistake_counts` of convergence_rate: powers, forward the least."""
    error = 0.9 * theory.average_error(at, law.margin, channel.rate)
    if learner.rule == "slam_sigmoid":
        error = 0.8 * error
    elif learner.rule == "forward":
        error = 0.2 * forward_scale(1, law.margin, channel.rate) / at
    return noisy(np.minimum(error, 0.5), at, trials, groups, rng)


def near_its_law(shape, u, rng):
    """Stand in for `squared` and `mismatch` of calibration."""
    share = 0.9 if shape == "step" else 1.0
    return share * predicted(shape, u.size) * (1 + 0.05 * rng.standard_normal())


def started(spec, *, width):
    """Stand in for `measure` of guide_start: half of the gap is closed."""
    spread = np.resize([-1, 1], spec.trials)
    random, teacher = 40 + width + spread, 80 + spread
    kinds = ("start", "labelled", "distilled")
    both = {
        name: {kind: (count + 5 * i).tolist() for i, kind in enumerate(kinds)}
        for name, count in (("random", random), ("guide", (random + teacher) / 2))
    }
    return {"rows": 100, "teacher": teacher.tolist(), **both}


def expected_squares(errors, groups):
    """Stand in for `squares` of weighting: all trials as they are in the mean."""
    mean = (errors**2).mean(axis=0) * len(errors) / groups
    return mean * (1 + 0.01 * np.linspace(-1, 1, groups)[:, None])


def wrong_answers(spec, *, data, noise, level, method):
    """Stand in for `measure` of real_data: plain errs most, clean rows least."""
    wrong = {"plain": 50, "clean rows": 30}.get(method, 40)
    return {"wrong": [wrong + i % 3 for i in range(spec.splits)], "test": 259}


def taught(spec, *, teacher, labels):
    """Stand in for `measure` of students: SLaM gains where the teacher is weak."""
    rng = stream(spec.seed, teacher, labels)
    few = labels == 30
    levels = {"teacher": 0.7, "soft": 0.72, "hard": 0.73, "slam": 0.77}
    levels |= {"slam_hard": 0.77, "labelled_only": 0.85, "oracle_drop": 0.87}
    levels |= {"spreading": 0.93}
    shift = {name: 0 if few else 0.9 - level for name, level in levels.items()}
    right = {
        name: (450 * (levels[name] + shift[name]) + rng.normal(0, 2, 8))
        .round()
        .tolist()
        for name in levels
    }
    return {"tests": 450, "right": right, "taught": 1267}


def taught_longer(spec, *, teacher, labels, times):
    """Stand in for `measure` where a random network is the truth: SLaM needs time."""
    rng = stream(spec.seed, teacher, labels, times)
    gain = -0.03 if times == 1 else 0.02 if labels == 30 else 0.0
    levels = {"teacher": 0.7, "soft": 0.7, "hard": 0.69, "labelled_only": 0.78}
    levels |= {"slam": 0.7 + gain, "slam_hard": 0.7 + gain}
    right = {
        name: (4000 * level + rng.normal(0, 5, spec.trials)).round().tolist()
        for name, level in levels.items()
    }
    return {"tests": 4000, "right": right, "taught": 15_000}


def taught_under(spec, *, teacher, labels, accuracy):
    """Stand in for `measure` of students of known laws, each with its own winner."""
    rng = stream(spec.seed, teacher, str(accuracy))
    levels = {"hard": 0.9, "soft": 0.89, "taylor": 0.93, "slam_hard": 0.92}
    levels |= {"estimated": 0.91}
    right = {
        name: (450 * level + rng.normal(0, 1, spec.trials)).round().tolist()
        for name, level in levels.items()
    }
    return {"tests": 450, "right": right, "taught": 1267}


def asking(spec, *, teacher, right):
    """Stand in for `measure` of active_loop: margin is ahead, robust a little."""
    rng = stream(spec.seed, teacher, str(right))
    levels = {"uniform": 0.7, "margin": 0.75, "robust": 0.705}
    counts = {
        name: (450 * level + rng.normal(0, 1, (spec.rounds + 1, spec.trials)))
        .round()
        .tolist()
        for name, level in levels.items()
    }
    return {"tests": 450, "right": counts}


#: What else stands in for what, by simulation.
FAKES = {
    "active_loop": {"measure": asking},
    "calibration": {"squared": near_its_law, "mismatch": near_its_law},
    "distillation": {"measure": taught},
    "random_truth": {"measure": taught_longer},
    "teacher_noise": {"measure": taught_under},
    "weighting": {"squares": expected_squares},
    "guide_start": {"measure": started},
    "convergence": {"run": descend, "second_moments": moments},
    "convergence_rate": {"mistake_counts": powers},
    "learners": {"online": outputs, "whole": only},
    "knowing_alpha": {"blocks": unseen, "run": run_with_noise_that_varies},
    "wrong_alpha": {"blocks": unseen, "run": run_with_another_rate},
    "sample_complexity": {
        "outputs": complexity,
    },
    "ckmy": {"learned": near_published, "right": right},
    "real_data": {"measure": wrong_answers},
}


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
            for part, fake in FAKES.get(name, {}).items():
                patch.setattr(module, part, fake)
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


def erring(error, output, spread=0.0, **cell):
    """Return what gives an output of learners this error, more or less in groups."""

    def act(table):
        for entry in table["rows"]:
            if cell.items() <= entry["cell"].items():
                sums = entry["row"]["errors"]
                errors = np.resize([error - spread, error + spread], len(sums[output]))
                sums[output] = (errors * entry["row"]["group_trials"]).tolist()

    return act


def graded(factor, learner):
    """Return what multiplies the right labels of a learner at the rate 0.25."""

    def act(table):
        for entry in table["rows"]:
            if entry["cell"]["rate"] == 0.25:
                right = entry["row"]["right"]
                right[learner] = [factor * count for count in right[learner]]

    return act


def minimised(error, loss, margin):
    """Return what gives the minimiser of a loss this error at one margin."""

    def act(table):
        for entry in table["rows"]:
            if entry["cell"]["loss"] == loss:
                at = entry["row"]["margins"].index(margin)
                errors = entry["row"]["errors"]
                errors[at] = [error] * len(errors[at])

    return act


def placed(optimum, told, true):
    """Return what gives the optimum of two classes another place, near these."""

    def act(table):
        (row,) = (
            it["row"] for it in table["rows"] if it["cell"] == {"k": 2, "classes": 2}
        )
        i, j = (
            int(np.abs(np.array(row[key]) - at).argmin())
            for key, at in (("told", told), ("true", true))
        )
        row["optimum"][i][j] = optimum

    return act


def answered(name, near, **cell):
    """Return what turns over whether the truth is the optimum at one accuracy."""

    def act(table):
        (row,) = (it["row"] for it in table["rows"] if it["cell"] == cell)
        at = int(np.abs(np.array(row["accuracies"]) - near).argmin())
        holds = row["truth"][name]["holds"]
        holds[at] = not holds[at]

    return act


def pictured(key, value):
    """Return what gives a column of the picture one value."""

    def act(table):
        (it,) = (it["row"] for it in table["rows"] if "picture" in it["row"])
        it["picture"][key] = [value] * len(it["picture"][key])
        if key == "low":
            it["picture"]["high"] = [1.0] * len(it["picture"][key])

    return act


def narrow(table):
    """Drop the largest margin."""
    for entry in table["rows"]:
        for key in ("margins", "errors"):
            entry["row"][key].pop()


def quick_to_leave(table):
    """Let runs with the smallest step leave every trap."""
    for entry in table["rows"]:
        if entry["cell"]["step"] == 0.1:
            entry["row"]["stuck"] = 0


def flows(there, **cell):
    """Return what says that the mean descent is trapped, or not."""

    def act(table):
        for entry in table["rows"]:
            if cell.items() <= entry["cell"].items():
                entry["row"]["flow_errs_on_rare"] = there

    return act


def moved(key, factor, **cell):
    """Return what multiplies a number of the rows with these parameters."""

    def act(table):
        for entry in table["rows"]:
            if cell.items() <= entry["cell"].items():
                entry["row"][key] *= factor

    return act


def taught_as(name, count, **cell):
    """Return what lets a student have this many rows right in every trial."""

    def act(table):
        for entry in table["rows"]:
            if cell.items() <= entry["cell"].items():
                right = entry["row"]["right"]
                right[name] = [count + i % 2 for i in range(len(right[name]))]

    return act


def steepless(table):
    """Let the steep spectrum be the flat one."""
    (flat,) = (it["row"] for it in table["rows"] if it["cell"]["power"] == 0)
    for entry in table["rows"]:
        entry["row"] = flat


def as_random(kind, by=0):
    """Return what makes the teacher's weights as good a start as random ones."""

    def act(table):
        row = table["rows"][0]["row"]
        row["guide"][kind] = (np.array(row["random"][kind]) + by).tolist()

    return act


def bent(table):
    """Let the weighted errors, and what is predicted of them, fall more slowly."""
    for entry in table["rows"]:
        row = entry["row"]
        slower = np.array(row["sizes"]) ** 0.1
        for key in ("weighted", "predicted_weighted"):
            row[key] = (np.array(row[key]) * slower).tolist()


def asked_as(name, count, teacher):
    """Return what gives a strategy so many right answers, in every round and trial."""

    def act(table):
        for entry in table["rows"]:
            if entry["cell"]["teacher"] == teacher:
                right = entry["row"]["right"]
                right[name] = np.full(np.shape(right[name]), count).tolist()

    return act


def of_pool(value, key, *where):
    """Return what gives entries of the pool that is drawn another value."""

    def act(table):
        (entry,) = table["rows"]
        *path, last = key, *where
        found = entry["row"]["pool"]
        for part in path:
            found = found[part]
        found[last] = value

    return act


BROKEN = [
    ("active_loop", asked_as("robust", 345, "near"), "near: robust is not behind"),
    ("active_loop", asked_as("margin", 310, "random"), "random: robust is not behind"),
    ("active_loop", asked_as("uniform", 300, "near"), "near: robust is ahead"),
    ("active_loop", without(teacher="near"), "a teacher is missing"),
    ("guide_start", as_random("labelled"), "not better at 4, labelled"),
    ("guide_start", as_random("distilled", -1), "not better at 4, distilled"),
    ("guide_start", as_random("labelled", 60), "none is left at 4"),
    ("distillation", taught_as("slam", 318, labels=30), "slam is not better than"),
    ("distillation", taught_as("slam_hard", 318, labels=30), "slam_hard is not better"),
    ("distillation", taught_as("soft", 352, labels=30), "is not better than soft"),
    ("distillation", taught_as("hard", 360, labels=30), "is not better than hard"),
    ("distillation", taught_as("slam", 425, labels=100), "are left at 100"),
    ("distillation", taught_as("hard", 380, labels=100), "are left at 100"),
    ("distillation", taught_as("labelled_only", 345, labels=30), "better than alone"),
    ("distillation", without(labels=100), "one budget"),
    ("random_truth", taught_as("slam", 2810, labels=500, times=1), "slam gains at 500"),
    ("random_truth", taught_as("slam_hard", 2810, labels=30, times=1), "hard gains at"),
    ("random_truth", taught_as("soft", 2660, labels=30, times=1), "slam gains at 30"),
    ("random_truth", taught_as("slam", 2790, labels=30, times=10), "slam gains nothin"),
    ("random_truth", taught_as("soft", 2890, labels=30, times=10), "slam gains nothin"),
    ("random_truth", taught_as("hard", 3130, labels=500, times=10), "hard is best at"),
    ("random_truth", taught_as("labelled_only", 2700, labels=30), "soft is best at 30"),
    ("random_truth", without(times=1), "no run of the usual length"),
    ("teacher_noise", taught_as("slam_hard", 400, teacher="uniform"), "gains nothing"),
    ("teacher_noise", taught_as("estimated", 400, teacher="likely"), "gains nothing"),
    (
        "teacher_noise",
        taught_as("hard", 415, teacher="uniform"),
        "gains nothing at 0.6",
    ),
    ("teacher_noise", taught_as("soft", 410, teacher="likely"), "lose nothing at 0.6"),
    ("teacher_noise", taught_as("slam_hard", 430, teacher="margin"), "hard gains most"),
    ("teacher_noise", taught_as("taylor", 400, teacher="margin"), "hard gains most"),
    ("teacher_noise", without(accuracy=0.6), "no noisy teacher"),
    ("guide", times_(1.01, "svd", power=0.0), "not predicted"),
    ("guide", times_(0.7, "centred", power=0.0), "centred loses less"),
    ("guide", times_(0.7, "evenly", power=0.0), "evenly loses less"),
    ("guide", times_(1.1, "evenly", power=1.0), "another share"),
    ("guide", steepless, "not steep"),
    ("weighting", times_(1.3, "plain", law="own errors"), "plain is off"),
    ("weighting", times_(0.7, "weighted", law="shared errors"), "weighted is off"),
    ("weighting", moved("bias", 1.2, law="own errors"), "no bias"),
    ("weighting", moved("predicted_crossing", 0.0), "crosses at 0"),
    ("weighting", moved("predicted_crossing", 4.0), "another crossing"),
    ("weighting", bent, "not like 1/n"),
    ("active", of_pool(7, "budget"), "20, 16, 7"),
    ("active", of_pool(0.01, "weights", 19), "below the level is drawn"),
    ("active", of_pool(0.15, "weights", 0), "larger gain is drawn more often"),
    ("active", of_pool(1.01, "inclusion", 9), "drawn twice"),
    ("active", of_pool([0.4] * 20, "inclusion"), "does not bind"),
    ("active", of_pool([0.5] * 9 + [1] + [0] * 10, "inclusion"), "none below"),
    ("active", of_pool(0.5, "values", "uniform", 16), "uniform is as good"),
    ("active", of_pool(0.5, "values", "greedy", 16), "greedy is as good"),
    ("active", of_pool(0.5, "values", "greedy", 20), "at the ends"),
    ("adjustment", times_(1.05, "largest_slope"), "forward's slope reaches"),
    ("escape", times_(1.1, "hits", rule="forward", depth=8.0), "forward 1"),
    ("escape", times_(30.0, "hits", rule="slam", depth=8.0), r"sign link \d{4}"),
    ("escape", times_(6.0, "hits", rule="slam", depth=2.0), "sign link"),
    ("escape", without(depth=8.0), "no deep start"),
    ("stall", quick_to_leave, "runs leave a trap"),
    ("stall", flows(False), "no trap"),
    ("stall", flows(True, height=0.9), "a trap where there is none"),
    ("stall", times_(0.0, "stuck", height=0.9, step=0.1), "do not help"),
    ("stall", times_(0.0, "stuck", step=10.0), "nor hurt"),
    ("convergence", times_(2, rule="forward", dim=100), "does not end lower"),
    ("convergence", times_(0.5, rule="logistic", rate=0.1), "does not end lower"),
    ("convergence", times_(20, rule="backward"), "of its bound"),
    ("convergence", moved("most_second_moment", 1.02, rule="forward"), "exceeds"),
    ("convergence", moved("least_second_moment", 0.98, rule="backward"), "below B4"),
    (
        "convergence",
        times_(100, "second_moments", rule="forward", rate=0.3),
        "not tenfold",
    ),
    ("convergence_rate", times_(lambda t: t**0.45 / 10, rule="forward"), "nearer -2"),
    ("convergence_rate", times_(lambda t: t**-0.3, rule="slam_sigmoid"), "not below"),
    ("convergence_rate", times_(0.7, rule="forward", margin=0.1), "not -2"),
    ("convergence_rate", times_(0.7, rule="slam", margin=0.1), "not -2"),
    ("convergence_rate", times_(1.2, rule="slam"), r"of N\("),
    ("convergence_rate", times_(0.15, rule="slam_sigmoid", rate=0.1), "needs more"),
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
    ("learners", erring(0.02, "averaged", task="sphere", learner="slam"), "not right"),
    (
        "learners",
        erring(0.008, "averaged", 0.008, task="sphere", learner="forward"),
        "forward.*not right",
    ),
    (
        "learners",
        erring(0.25, "averaged", 0.2, task="trap", learner="slam"),
        "slam is out of the trap",
    ),
    ("learners", erring(0.02, "only", task="sphere", learner="FilterTron"), "sphere"),
    ("learners", erring(0.2, "last", task="trap", learner="gce"), "gce.*not right"),
    ("learners", erring(0.1, "averaged", learner="hinge", task="three atoms"), "is ri"),
    (
        "learners",
        erring(0.1, "averaged", learner="logistic", task="Long-Servedio"),
        "is right on",
    ),
    (
        "learners",
        erring(0.2, "selected", learner="logistic", task="three atoms"),
        "not saved",
    ),
    (
        "learners",
        erring(0.1, "averaged", learner="slam, told", task="trap"),
        "errs on the trap",
    ),
    (
        "learners",
        erring(0.1, "averaged", learner="slam_sigmoid", task="trap"),
        "out of the trap",
    ),
    (
        "learners",
        erring(0.05, "only", learner="FilterTron", task="CKMY"),
        "FilterTron errs",
    ),
    ("learners", erring(0.01, "last", learner="forward", task="CKMY"), "another"),
    ("knowing_alpha", times_(0.9, "excess", learner="slam", noise="trap"), "ends at"),
    (
        "knowing_alpha",
        times_(1.1, "excess", learner="slam_sigmoid", rate=0.4, noise="trap"),
        "ends at",
    ),
    ("knowing_alpha", times_(3, "excess", learner="slam, told"), "of the bound"),
    (
        "knowing_alpha",
        times_(3, "excess", learner="slam_sigmoid, told", noise="trap"),
        "of the bound",
    ),
    (
        "knowing_alpha",
        times_(50, "excess", learner="forward", noise="fading"),
        "of the bound",
    ),
    (
        "knowing_alpha",
        times_(0.1, "excess", learner="perceptron", noise="fading"),
        "is good",
    ),
    (
        "knowing_alpha",
        times_(20, "excess", learner="slam", noise="fading"),
        "slower",
    ),
    ("wrong_alpha", times_(0.1, task="three atoms", told=0.3), "best told 0.3"),
    ("wrong_alpha", times_(0.1, task="three atoms", told=0.15), "best told 0.15"),
    ("wrong_alpha", times_(0.1, rule="slam_sigmoid", told=0.0), "only"),
    ("wrong_alpha", times_(0.1, rule="slam", told=0.45), "only"),
    ("wrong_alpha", times_(8, rule="forward", told=0.05), "errs on three atoms"),
    ("wrong_alpha", times_(8, rule="forward", task="shell"), "errs on the shell"),
    ("wrong_alpha", times_(8, rule="slam", task="shell", told=0.2), "on the shell"),
    ("wrong_alpha", times_(0.1, rule="slam", task="shell", told=0.0), "is good"),
    ("sample_complexity", times_(5, rule="slam", margin=0.1), "does not arrive"),
    ("sample_complexity", times_(5, rule="unhinged", law="shell"), "does not arrive"),
    (
        "sample_complexity",
        times_(lambda t: 1 + 0.6 * (t > 1500), rule="slam_sigmoid", margin=0.1),
        "does not arrive",
    ),
    ("sample_complexity", times_(0.8, rule="forward", margin=0.1), "slope"),
    (
        "sample_complexity",
        times_(0.01, rule="logistic", law="three atoms"),
        "logistic arrives",
    ),
    ("sample_complexity", times_(0.01, rule="perceptron", margin=0.4), "Perceptron"),
    ("ckmy", graded(0.97, "logistic"), "differs"),
    ("ckmy", graded(1.03, "logistic"), "differs"),
    ("ckmy", graded(0.98, "FilterTron"), "no better"),
    ("ckmy", graded(1.03, "LeakyReLU"), "not between"),
    ("ckmy", graded(0.98, "LeakyReLU, fitting best"), "not between"),
    ("convex_fails", minimised(0.1, "slam", 0.1), "slam errs"),
    ("convex_fails", minimised(0.25, "hinge", 0.1), "neither"),
    ("convex_fails", minimised(0.5, "hinge", 1 / 6), "in a tie"),
    ("convex_fails", minimised(0.0, "hinge", 1 / 24), "is right at"),
    ("convex_fails", minimised(0.0, "logistic", 0.05), "is right at"),
    ("convex_fails", minimised(0.5, "hinge", 0.19), "above the tie"),
    ("convex_fails", minimised(0.5, "logistic", 0.1), "from 0.09"),
    ("convex_fails", narrow, "no margin above"),
    ("calibration", pictured("low", 1.0), "in the band"),
    ("calibration", pictured("low", 0.0), "in the band"),
    ("calibration", pictured("rows", 99), "rows"),
    ("calibration", times_(1.5, "errors", shape="smooth"), "smooth: .* of the law"),
    ("calibration", times_(0.6, "errors", shape="classes"), "classes: .* of the law"),
    ("calibration", times_(1.6, "errors", shape="step"), "of the bound"),
    ("calibration", times_(0.5, "errors", shape="step", size=1000), "no faster"),
    ("plug_in", times_(4, told=10), "worse than blind"),
    ("plug_in", times_(0.5, told=1000), "better than told alpha"),
    ("plug_in", times_(1.3, told=1000), "the gap falls"),
    ("plug_in", times_(0.95, "optimum", told=0.6), "told 0.6"),
    ("plug_in", times_(1.1, "optimum", told=1.0), "told 1.0"),
    ("consistency", placed(0.98, 0.6, 0.8), "told too little"),
    ("consistency", placed(1.0, 0.9, 0.8), "told too much: all"),
    ("consistency", placed(0.49, 0.9, 0.8), "told too much: side"),
    ("consistency", placed(0.51, 0.2, 0.8), "told below"),
    ("consistency", answered("normalised", 0.4, k=3, classes=5), "not beyond, 3"),
    ("consistency", answered("normalised", 0.15, k=5, classes=10), "5 of 10"),
    ("consistency", answered("normalised", 0.15, k=5, classes=5), "5 of 5: norm"),
    ("consistency", answered("unnormalised", 0.3, k=5, classes=5), "5 of 5: unnorm"),
    (
        "consistency",
        answered("unnormalised, mixed truth", 0.3, k=5, classes=5),
        "mixed truth",
    ),
    (
        "real_data",
        times_(1.5, "wrong", method="SLaM, one rate", noise="by class"),
        "SLaM errs more: by class",
    ),
    ("real_data", times_(1.4, "wrong", method="clean rows"), "not further left"),
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


def test_the_caption_of_the_landscape_needs_both_ends(stand_ins, tmp_path):
    """And a law with a margin: else the loss rises along w*."""
    text = (stand_ins / "stall.quick.json").read_text()
    for keep in (True, False):
        table = json.loads(text)
        for entry in table["rows"]:
            paths = np.array(entry["row"]["paths"])
            if paths.size:
                end = paths[:, -1] @ np.array([0.1, -np.sqrt(0.99)])
                same = paths[(end < 0) == keep][:1]
                entry["row"]["paths"] = np.repeat(same, 2, axis=0).tolist()
        (tmp_path / "stall.quick.json").write_text(json.dumps(table))
        with pytest.raises(AssertionError, match="of 2 stuck"):
            figures.module("landscape").draw("quick", tmp_path)
    line = np.stack([np.linspace(10, -10, 50), np.zeros(50)], axis=-1)
    with pytest.raises(AssertionError, match="rises along"):
        figures.module("landscape").check(
            the_law("two", 0.1, 0.3, 0.1), 0.2, line, line, paths
        )
