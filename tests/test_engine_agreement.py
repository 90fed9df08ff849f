"""Two results files agree, up to rounding or sampling error, or they do not."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations import rate_in_error
from simulations.cli import main
from simulations.engine.agreement import LEVEL, compare, permutation_p_value
from simulations.engine.canonical import canonical
from simulations.engine.exports import render
from simulations.engine.results import FOLDER, read
from simulations.engine.simulation import study
from tests.statistics import assert_rate_at_most, detectable_rate

IT = study("rate_in_error", "test")


def _results(folder, seed):
    """Return the results of the simulation's smallest scale under another seed."""
    it = replace(IT, spec=replace(IT.spec, seed=seed))
    rows = {
        text: canonical("row", rate_in_error.measure(it.spec, **cell))
        for text, cell in it.cells.items()
    }
    path = folder / f"{seed}.json"
    path.write_text(render(it, rows))
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a folder with the results under two seeds."""
    folder = tmp_path_factory.mktemp("results")
    for seed in (0, 1):
        _results(folder, seed)
    return folder


@pytest.fixture
def table(folder):
    """Return the results under one seed, to be changed."""
    return read(folder / "0.json")


def _scaled(table, factor):
    for entry in table["rows"]:
        mistakes = np.array(entry["row"]["mistakes"]) * factor
        entry["row"]["mistakes"] = np.rint(mistakes).astype(int).tolist()
    return table


def test_a_file_is_identical_to_itself_whatever_made_it(folder, tmp_path, capsys):
    other = json.loads((folder / "0.json").read_text())
    other["environment"]["numpy"] = "another"
    other["provenance"] = {"date": "2000-01-01"}
    path = tmp_path / "other"
    path.write_text(json.dumps(other))
    assert main(["diff", str(folder / "0.json"), str(path)]) == 0
    assert capsys.readouterr().out == "identical\n"


def test_another_seed_is_within_sampling_error(folder, capsys):
    assert main(["diff", *(str(folder / f"{seed}.json") for seed in (0, 1))]) == 0
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == "within sampling error"
    assert float(second.removeprefix("p-value of one sample: ")) > LEVEL
    assert rest == [
        "beyond rounding: mistakes, most_mistakes",
        "without a sampling error of their own: most_mistakes",
    ]


def test_mistakes_that_are_a_quarter_more_are_different(folder, tmp_path, capsys):
    """Negative control for the sampling error."""
    path = tmp_path / "more"
    path.write_text(json.dumps(_scaled(read(folder / "1.json"), 1.25)))
    assert main(["diff", str(folder / "0.json"), str(path)]) == 1
    assert capsys.readouterr().out.startswith("different\np-value of one sample: 0.001")


@pytest.mark.parametrize(
    ("factor", "verdict"), [(1 + 1e-12, "equal up to rounding"), (1.001, "different")]
)
def test_a_prediction_has_no_sampling_error(folder, table, factor, verdict):
    row = table["rows"][1]["row"]
    row["predicted_average_error"][3] *= factor
    found = compare(read(folder / "0.json"), table)
    assert found.verdict == verdict
    assert found.fields == (("predicted_average_error",) if factor > 1.0001 else ())
    assert found.agree == (verdict != "different")


def test_a_shape_that_changed_is_different(folder, table):
    table["rows"][0]["row"]["mistakes"].pop()
    assert compare(read(folder / "0.json"), table).verdict == "different"
    del table["rows"][0]["row"]["mistakes"]
    assert not compare(read(folder / "0.json"), table).agree


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": "fluid"}, "`name` must be the same in both files, got 'rate_in_err"),
        ({"scale": "paper"}, "`scale` must be the same"),
        ({"rows": []}, "`cells` must be the same in both files, got others"),
    ],
)
def test_other_questions_are_not_compared(folder, table, change, sentence):
    with pytest.raises(ValueError, match=sentence):
        compare(read(folder / "0.json"), {**table, **change})
    table["spec"]["margin"] = 0.3
    with pytest.raises(ValueError, match=r"`spec\.margin` .* got 0\.2 and 0\.3"):
        compare(read(folder / "0.json"), table)


def test_bad_files_are_named(tmp_path, capsys):
    path = tmp_path / "bad"
    path.write_text('{"name": 5}')
    assert main(["diff", str(path), str(path)]) == 2
    assert f"`name` in {path} must be of type str, got 5" in capsys.readouterr().err
    assert main(["diff", str(tmp_path / "no"), str(path)]) == 2
    assert "No such file" in capsys.readouterr().err


def test_committed_results_agree_with_themselves(capsys):
    path = str(FOLDER / "lemmas.paper.json")
    assert main(["diff", path, path]) == 0
    assert capsys.readouterr().out == "identical\n"


def test_one_law_is_seldom_called_different(seed):
    """The level is exact, for dependent columns of any law; it sees one that is not."""
    runs = 400
    assert detectable_rate(runs, LEVEL) < 0.085
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(runs):
        one, two = rng.standard_exponential((2, 7, 1)) ** 2 * [1, 2, 0]
        few, more = np.split(rng.standard_cauchy((9, 1)), [4])
        hits += permutation_p_value([(one, two), (few, more)]) <= LEVEL
    assert_rate_at_most(hits, runs, LEVEL)


def test_two_laws_are_told_apart(seed):
    rng = np.random.default_rng(seed)
    one, two = rng.standard_normal((2, 20, 5))
    assert permutation_p_value([(one, two)]) > 0.01
    assert permutation_p_value([(one, two + np.array([0, 0, 1.8, 0, 0]))]) == 0.001


@settings(max_examples=10, deadline=None)
@given(data=st.data(), shift=st.floats(-100, 100), scale=st.floats(0.1, 10))
def test_units_order_and_sides_do_not_matter_much(data, shift, scale):
    values = st.lists(st.integers(0, 9), min_size=6, max_size=6)
    one, two = (np.array(data.draw(values), float)[:, None] for _ in range(2))
    expected = permutation_p_value([(one, two)])
    got = permutation_p_value([(one[::-1] * scale + shift, two * scale + shift)])
    assert abs(got - expected) < 0.08  # other permutations are drawn
    assert abs(permutation_p_value([(two, one)]) - expected) < 0.08
