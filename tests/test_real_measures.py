"""Errors on real data become paired differences, verdicts, tables and a figure."""

import json

import numpy as np
import pytest

import figures
from halfspace import stats
from simulations import real_measures, real_tables
from simulations.claims import CLAIMS
from simulations.ledger import judge

NOISES = [["uniform", 0.2], ["uniform", 0.4], ["teacher", "tree"]]
METHODS = ["plain", "clean rows", "SLaM, one rate", "SLaM, by margin", "SLaM, told"]


def results(wrong, skipped=()):
    """Return a results file of one data set with 100 rows of test and 5 splits."""
    rows = []
    for method in METHODS:
        places = [["any", "any"]] if method == "clean rows" else NOISES
        for noise, level in places:
            cell = {"data": "wine", "noise": noise, "level": level, "method": method}
            row = {"skipped": "it is not there"}
            if method not in skipped:
                row = {
                    "wrong": wrong(method, noise, level),
                    "test": 100,
                    "train": 50,
                    "flipped": [10] * 5,
                    "predicted_flipped": [12.5] * 5,
                }
            rows.append({"cell": cell, "row": row})
    spec = {"data": ["wine"], "noises": NOISES, "methods": METHODS, "splits": 5}
    return {
        "name": "real_data",
        "scale": "paper",
        "question": "?",
        "fingerprint": "0" * 16,
        "seed": 0,
        "spec": spec,
        "environment": {},
        "rows": rows,
    }


def counts(method, noise, level):
    """Return wrong answers: SLaM errs 10 less than plain, and clean rows 20 less."""
    base = np.array([30, 32, 29, 31, 33]) + (4 if level == 0.4 else 0)
    less = {"plain": 0, "clean rows": 20}.get(method, 10)
    wobble = [0, 1, 0, -1, 0] if method.startswith("SLaM") else [0] * 5
    return (base - less + wobble).tolist()


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, results(counts))
    return tmp_path


def write(folder, table):
    (folder / "real_data.paper.json").write_text(json.dumps(table))


def test_a_difference_is_the_mean_over_places_of_paired_errors(folder):
    found = real_measures.errors("paper", folder)
    assert list(found.found) == [("wine", *noise) for noise in NOISES]
    less = real_measures.difference(found, "uniform", "SLaM, one rate", "plain")
    np.testing.assert_allclose(less, [0.1, 0.09, 0.1, 0.11, 0.1])
    back = real_measures.difference(found, "uniform", "plain", "SLaM, one rate")
    np.testing.assert_allclose(back, -less)
    # Its errors are counted once: 4 of the second level are its gain, half on average.
    alone = real_measures.difference(found, "uniform", "clean rows", "plain")
    np.testing.assert_allclose(alone, 0.22)
    assert real_measures.difference(found, "by class", "plain", "plain") is None


def test_the_claims_share_the_level_of_their_intervals(folder):
    """Claim H2: the gain of SLaM over plain regression, by kind of noise."""
    found = real_measures.gain("uniform")("paper", folder)
    expected = stats.mean([0.1, 0.09, 0.1, 0.11, 0.1], confidence=1 - 0.01 / 4)
    np.testing.assert_allclose(found, [float(end) for end in expected])
    assert judge("lower", 0.0, found, 0.0) == "holds"
    missing = real_measures.gain("by class")("paper", folder)
    assert judge("lower", 0.0, missing, 0.0) == "open"
    claims = [claim for claim in CLAIMS if claim.id == "H2"]
    assert [(claim.kind, claim.predicted) for claim in claims] == [("lower", 0.0)] * 4


def test_a_loss_fails(tmp_path):
    """Negative control: with SLaM worse by 10, the claim does not hold."""

    def worse(method, noise, level):
        less = np.subtract(counts("plain", noise, level), counts(method, noise, level))
        return (np.array(counts("plain", noise, level)) + less).tolist()

    write(tmp_path, results(worse))
    found = real_measures.gain("uniform")("paper", tmp_path)
    assert judge("lower", 0.0, found, 0.0) == "fails"


def test_a_method_that_was_skipped_is_a_dash_with_its_reason(tmp_path):
    write(tmp_path, results(counts, skipped=("clean rows",)))
    lines = real_tables.comparison(tmp_path)
    head = [cell.strip() for cell in lines[0].strip("|").split("|")]
    first = [cell.strip() for cell in lines[2].strip("|").split("|")]
    assert first[head.index("clean rows")] == "—"
    assert first[0] == "wine, uniform, 0.2"
    assert any("clean rows (" in it and "it is not there" in it for it in lines[5:])
    found = real_measures.errors("paper", tmp_path)
    less = real_measures.difference(found, "uniform", "clean rows", "plain")
    assert less is None
    assert "clean rows" not in "".join(real_tables.wins(tmp_path))


def test_the_best_is_bold_what_may_be_as_good_is_not_plain(folder, tmp_path):
    line = real_tables.comparison(folder)[2]
    assert "**11.0 ± 3.3**" in line
    assert "*21.0" not in line
    table = results(counts)
    for entry in table["rows"]:
        if entry["cell"]["method"] == "SLaM, by margin":
            entry["row"]["wrong"] = [11, 11, 10, 10, 14]
        if entry["cell"]["method"] == "SLaM, told":
            entry["row"]["wrong"] = [0] * 5
    write(tmp_path, table)
    line = real_tables.comparison(tmp_path)[2]
    assert "**11.0" in line
    assert "| *11.2" in line
    assert "| 0.0 ± 0.0 |" in line


def test_wins_and_losses_are_counted_by_kind_of_noise(folder):
    lines = real_tables.wins(folder)
    assert "| plain | 2 / 0 / 0 | 0 / 0 / 0 | 0 / 0 / 0 | 1 / 0 / 0 |" in lines
    assert "| clean rows | 0 / 2 / 0 | 0 / 0 / 0 | 0 / 0 / 0 | 0 / 1 / 0 |" in lines
    assert lines[-1] == (
        "Of 6 comparisons SLaM wins 3, loses 3 and 0 are unsure. "
        "It wins against plain (3). It loses to clean rows (3)."
    )


def test_a_comparison_is_more_careful_among_more():
    less = np.array([0.1, 0.2, 0.3, 0.1, 0.2])
    assert real_tables.compared(less, 1) == 1
    assert real_tables.compared(-less, 1) == -1
    assert real_tables.compared(less, 1000) == 0
    assert real_tables.compared(np.zeros(5), 1) == 0


def test_rates_of_noise_are_shown_by_law_and_as_drawn(folder):
    assert (
        real_tables.rates(folder)[2]
        == "| wine | 0.250 / 0.200 | 0.250 / 0.200 | 0.200 |"
    )


def test_a_figure_is_drawn_without_a_method(tmp_path):
    table = results(counts, skipped=("clean rows",))
    table["scale"] = "test"
    (tmp_path / "real_data.test.json").write_text(json.dumps(table))
    (axes,) = figures.module("real_data").draw("test", tmp_path).axes
    assert [text.get_text() for text in axes.texts] == ["clean rows: not run"]
