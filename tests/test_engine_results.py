"""Results files are read back as they were written, or refused by file and field."""

import json
from importlib.metadata import version
from platform import python_version

import cvxpy
import numpy
import pytest
import scipy
import sklearn

from simulations.engine import exports, store
from simulations.engine.exports import export
from simulations.engine.origin import cpu, origin
from simulations.engine.pool import pool
from simulations.engine.results import load, path_of, stale, state
from simulations.engine.runner import run
from simulations.engine.simulation import study
from simulations.engine.store import Made

TOY = study("tests.toy", "test")


@pytest.fixture(scope="module")
def patch():
    """Return what changes the environment for this module."""
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@pytest.fixture(scope="module")
def text(tmp_path_factory, patch):
    """Return the text of the toy's results file."""
    folder = tmp_path_factory.mktemp("results")
    patch.setenv("SOURCE_DATE_EPOCH", "0")
    with store.connect(folder / "s") as opened, pool(1) as executor:
        run(opened, [TOY], executor)
        return export(opened, TOY, folder).read_text()


@pytest.fixture
def path(tmp_path, text):
    """Return the toy's results file, alone in a folder."""
    path = tmp_path / "tests.toy.test.json"
    path.write_text(text)
    return path


def test_results_read_back_as_they_were_measured(path):
    table = load("tests.toy", "test", path.parent)
    assert table["rows"][1]["cell"] == {"index": 4, "label": "n0"}
    assert table["rows"][1]["row"]["powers"] == [4, 16]
    assert [entry["cell"]["index"] for entry in table["rows"]] == [5, 4, 3, 2, 1, 0]
    del table["rows"]
    assert table == {
        "name": "tests.toy",
        "scale": "test",
        "question": TOY.question,
        "fingerprint": TOY.fingerprint,
        "seed": 0,
        "spec": {"size": 6, "powers": [1, 2], "seed": 0},
        "environment": {
            "python": python_version(),
            "numpy": numpy.__version__,
            "scipy": scipy.__version__,
        },
        "provenance": {
            "cpu": cpu(),
            "cvxpy": cvxpy.__version__,
            "date": "1970-01-01",
            "halfspace": version("halfspace"),
            "scikit-learn": sklearn.__version__,
        },
    }


def test_a_results_file_has_a_line_per_field_and_per_row(text):
    lines = text.splitlines()
    assert len(lines) == 1 + 9 + 6 + 2
    row = '"row":{"draws":[0.'
    assert lines[10].startswith('{"cell":{"index":5,"label":"n1"},' + row)


def test_an_export_is_whole_or_not_at_all(path, text, monkeypatch):
    path.write_text("old")

    def interrupted(source, target):
        raise KeyboardInterrupt

    with store.connect(path.parent / "s") as opened, pool(1) as executor:
        assert export(opened, TOY, path.parent) is None
        run(opened, [TOY], executor)
        with monkeypatch.context() as patch:
            patch.setattr(exports.os, "replace", interrupted)
            with pytest.raises(KeyboardInterrupt):
                export(opened, TOY, path.parent)
        assert path.read_text() == "old"
        assert export(opened, TOY, path.parent) == path
    assert path.read_text() == text
    assert {each.name for each in path.parent.iterdir()} == {path.name, "s"}


def test_a_file_with_the_same_rows_keeps_what_made_it(path, text):
    older = text.replace('"date":"1970-01-01"', '"date":"1969-01-01"')
    older = older.replace(f'"python":"{python_version()}"', '"python":"3.0"')
    assert older != text
    with store.connect(path.parent / "s") as opened, pool(1) as executor:
        run(opened, [TOY], executor)
        for before, after in (
            (older, older),
            (older.replace('"share":0.5', '"share":0.6'), text),
            (older.replace('"seed":0', '"seed":1'), text),
            (older + "\n", text),
            ("\n".join(older.splitlines()[:-2]), text),
        ):
            path.write_text(before)
            assert export(opened, TOY, path.parent) == path
            assert path.read_text() == after


def test_rows_from_two_machines_name_both(path):
    with store.connect(path.parent / "s") as opened, pool(1) as executor:
        cell = next(iter(TOY.cells))
        other = {**json.loads(origin()), "cpu": "Another", "numpy": "0.1"}
        row = Made("1971-01-01", json.dumps(other))
        store.save(opened, TOY.fingerprint, cell, '{"x":1}', row)
        run(opened, [TOY], executor)
        export(opened, TOY, path.parent)
    table = load("tests.toy", "test", path.parent)
    assert table["environment"]["numpy"] == f"0.1, {numpy.__version__}"
    assert table["provenance"]["cpu"] == ", ".join(sorted(["Another", cpu()]))
    assert table["provenance"]["date"] == "1971-01-01"


def test_files_of_older_versions_without_provenance_are_read(path):
    table = json.loads(path.read_text())
    del table["provenance"]
    path.write_text(json.dumps(table))
    assert "provenance" not in load("tests.toy", "test", path.parent)
    table["provenance"] = "mine"
    path.write_text(json.dumps(table))
    with pytest.raises(ValueError, match=r"`provenance` in .* must be of type dict"):
        load("tests.toy", "test", path.parent)


def test_results_of_other_code_are_loaded_and_called_stale(path, text):
    assert not stale("tests.toy", "test", path.parent)
    assert state(TOY, path.parent) == "current"
    path.write_text(text.replace(TOY.fingerprint, "0" * 16))
    assert load("tests.toy", "test", path.parent)["fingerprint"] == "0" * 16
    assert stale("tests.toy", "test", path.parent)
    assert state(TOY, path.parent) == "stale"
    path.unlink()
    assert state(TOY, path.parent) == "missing"


def test_missing_results_name_the_command_that_makes_them(tmp_path):
    command = "run `python -m simulations run tightness --scale paper` first"
    with pytest.raises(FileNotFoundError, match=command):
        load("tightness", "paper", tmp_path)
    with pytest.raises(FileNotFoundError, match=r"run tests\.toy --scale test"):
        stale("tests.toy", "test", tmp_path)


@pytest.mark.parametrize(("name", "scale"), [("../x", "test"), ("x", "../test")])
def test_a_name_is_no_way_out_of_the_folder(name, scale):
    with pytest.raises(ValueError, match="must be"):
        path_of(name, scale)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"seed": None}, "`seed` in {path} must be of type int, got None"),
        ({"seed": True}, "`seed` in {path} must be of type int, got True"),
        ({"spec": []}, "`spec` in {path} must be of type dict, got []"),
        ({"name": "toy"}, "`name` in {path} must be 'tests.toy', got 'toy'"),
        ({"scale": "paper"}, "`scale` in {path} must be 'test', got 'paper'"),
        ({"date": 1}, "`date` in {path} must not be there"),
        ({"rows": [1]}, "`rows[0]` in {path} must have cell and row, got 1"),
        ({"rows": [{"cell": {}}]}, "`rows[0]` in {path} must have cell and row, got"),
        (
            {"rows": [{"cell": {}, "row": 5}]},
            "`rows[0].row` in {path} must be an object, got 5",
        ),
    ],
)
def test_a_wrong_field_is_named_with_its_file(path, change, sentence):
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # compared just below
        load("tests.toy", "test", path.parent)
    assert str(caught.value).startswith(sentence.format(path=path))


def test_a_missing_field_is_named_with_its_file(path):
    table = json.loads(path.read_text())
    del table["environment"]
    path.write_text(json.dumps(table))
    with pytest.raises(ValueError, match=r"`environment` in .*json must be there"):
        load("tests.toy", "test", path.parent)


@pytest.mark.parametrize("text", ["", "{", "[1]", '{"seed": NaN}', "[" * 100_000])
def test_what_is_no_results_file_is_refused(path, text):
    path.write_text(text)
    with pytest.raises(ValueError, match=r"tests\.toy\.test\.json must be"):
        load("tests.toy", "test", path.parent)
