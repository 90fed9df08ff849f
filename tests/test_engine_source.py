"""What a fingerprint sees: the spec, the simulation, and what it imports."""

import json
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulations.engine.canonical import canonical
from simulations.engine.grid import Grid
from simulations.engine.simulation import fingerprint, study
from simulations.engine.source import closure, locate, question
from tests import toy

FILES = {
    "__init__.py": "from planet.unused import thing\n",
    "question.py": '"""How far?\n\nMore."""\nfrom planet.used import far\n',
    "used.py": "def far():\n    from . import lazy\n    from .deep import inner\n",
    "lazy.py": "import numpy\nx = 1\n",
    "unused.py": "thing = 1\n",
    "deep/__init__.py": "from planet import unused\n",
    "deep/inner.py": "from ..lazy import x\nfrom ..moon import *\n",
    "moon.py": "",
}


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Any spec will do."""

    seed: int = 0


@pytest.fixture
def planet(tmp_path, monkeypatch):
    """Return the folder of a package that only this test can import."""
    folder = tmp_path / "planet"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return folder


def test_the_closure_holds_what_is_imported_directly_or_not(planet):
    inside = ["deep.inner", "lazy", "moon", "question", "used"]
    assert list(closure("planet.question")) == [f"planet.{name}" for name in inside]


def test_importing_a_package_means_its_init(planet):
    (planet / "question.py").write_text("from planet import thing\n")
    expected = ["planet", "planet.question", "planet.unused"]
    assert list(closure("planet.question")) == expected
    (planet / "question.py").write_text("import planet.lazy\n")
    assert "planet" in closure("planet.question")
    (planet / "question.py").write_text("import planet.lazy as lazy\n")
    assert list(closure("planet.question")) == ["planet.lazy", "planet.question"]


@pytest.mark.parametrize("name", ["question.py", "used.py", "lazy.py", "moon.py"])
def test_touching_an_imported_module_changes_the_fingerprint(planet, name):
    before = fingerprint(Spec(), "planet.question")
    with (planet / name).open("a") as file:
        file.write("# a word\n")
    assert fingerprint(Spec(), "planet.question") != before


@pytest.mark.parametrize("name", ["unused.py", "__init__.py", "deep/__init__.py"])
def test_touching_an_unrelated_module_leaves_the_fingerprint(planet, name):
    before = fingerprint(Spec(), "planet.question")
    with (planet / name).open("a") as file:
        file.write("# a word\n")
    assert fingerprint(Spec(), "planet.question") == before


def test_line_endings_leave_the_fingerprint(planet):
    before = fingerprint(Spec(), "planet.question")
    for path in planet.glob("*.py"):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert fingerprint(Spec(), "planet.question") == before


def test_docstrings_leave_the_fingerprint_and_code_beside_them_does_not(planet):
    code = 'def far():\n    """{}\n\n    Far."""\n    return {}\n'
    marks = []
    for words, value in (("Say", 1), ("Tell", 1), ("Tell", 2)):
        (planet / "used.py").write_text(code.format(words, value))
        marks.append(fingerprint(Spec(), "planet.question"))
    assert marks[0] == marks[1] != marks[2]
    for default in ("1", "2"):
        (planet / "used.py").write_text(f'def far(x={default}): "Far."\n')
        marks.append(fingerprint(Spec(), "planet.question"))
    assert marks[3] != marks[4]


def test_the_fingerprint_tells_specs_and_modules_apart(planet):
    (planet / "again.py").write_text((planet / "question.py").read_text())
    marks = {
        fingerprint(Spec(), "planet.question"),
        fingerprint(Spec(seed=1), "planet.question"),
        fingerprint(Spec(), "planet.again"),
    }
    assert len(marks) == 3
    assert all(len(mark) == 16 and int(mark, 16) >= 0 for mark in marks)


def test_the_library_counts_and_its_index_and_the_engine_do_not():
    assert list(closure("tests.toy")) == [
        "halfspace._check",
        "halfspace._random",
        "tests.toy",
    ]
    assert "simulations.engine.source" not in closure("tests.test_engine_source")
    assert "simulations" not in closure("tests.test_cli")


def test_a_question_is_read_without_running_its_module(planet):
    (planet / "question.py").write_text('"""How far?"""\n1 / 0\n')
    assert question("planet.question") == "How far?"
    assert question("planet.nowhere") == ""


@pytest.mark.parametrize("name", ["planet.nowhere", "..planet", "ast", "a b.c", ""])
def test_what_is_no_module_of_a_package_is_not_located(planet, name):
    assert locate(name) is None


def test_a_study_is_all_that_its_results_depend_on():
    it = study("tests.toy", "test")
    assert it.question == toy.__doc__.splitlines()[0]
    assert [cell["index"] for cell in it.cells.values()] == [5, 4, 3, 2, 1, 0]
    assert it.fingerprint == fingerprint(toy.SCALES["test"], "tests.toy")
    assert it.fingerprint != study("tests.toy", "quick").fingerprint


def test_unknown_names_and_scales_name_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'tightness'"):
        study("tightnes", "test")
    with pytest.raises(ValueError, match="Did you mean 'paper'"):
        study("tests.toy", "papr")
    with pytest.raises(ValueError, match=r"dotted name of a module, got no\.such"):
        study("no.such", "test")


def test_a_module_that_is_no_simulation_is_refused(monkeypatch):
    with pytest.raises(TypeError, match="got no `SCALES`"):
        study("halfspace._random", "test")
    monkeypatch.setattr(toy, "cells", lambda spec: [{"i": 1}, {"i": 1}])
    with pytest.raises(ValueError, match=r'`cells` of tests.toy .* got {"i":1} twice'):
        study("tests.toy", "test")
    monkeypatch.setitem(toy.SCALES, "test", replace(toy.SCALES["test"], seed=None))
    with pytest.raises(TypeError, match="must be dataclasses with an int `seed`"):
        study("tests.toy", "test")
    monkeypatch.delattr(toy, "cells")
    with pytest.raises(TypeError, match="got no `cells`"):
        study("tests.toy", "test")


def test_a_grid_is_a_dictionary_that_is_walked_once_for_all_its_cells():
    walks = []

    def generate():
        walks.append(None)
        return iter([{"i": (1, 2)}, {"i": 0.5}, {"i": "x"}])

    grid = Grid("toy", generate)
    expected = {'{"i":[1,2]}': {"i": (1, 2)}, '{"i":0.5}': {"i": 0.5}}
    expected['{"i":"x"}'] = {"i": "x"}
    assert dict(grid) == expected
    walks.clear()
    assert list(grid) == list(expected)
    assert list(grid.items()) == list(expected.items())
    assert list(grid.values()) == list(expected.values())
    assert len(grid) == 3
    assert len(walks) == 3
    with pytest.raises(KeyError):
        grid["{}"]
    with pytest.raises(ValueError, match=r"`cell` must be finite, got nan at `i`"):
        Grid("toy", lambda: [{"i": float("nan")}])
    with pytest.raises(ValueError, match=r"hold only JSON values, got a builtins\.set"):
        Grid("toy", lambda: [{"i": {1}}])


floats = st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | floats | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@settings(max_examples=50, deadline=None)
@given(value=values)
def test_canonical_text_is_one_ascii_line_and_reads_back(value):
    text = canonical("value", value)
    assert json.loads(text) == value
    assert text.isascii()
    assert "\n" not in text


@settings(max_examples=30, deadline=None)
@given(value=st.dictionaries(st.text(), values), data=st.data())
def test_canonical_text_forgets_the_order_of_keys(value, data):
    keys = data.draw(st.permutations(list(value)))
    shuffled = {key: value[key] for key in keys}
    assert canonical("value", shuffled) == canonical("value", value)


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"a": [1.0, float("inf")]}, "`row` must be finite, got inf at `a[1]`"),
        ({"a": {"b": float("nan")}}, "`row` must be finite, got nan at `a.b`"),
        ({"a": 1j}, "`row` must hold only JSON values, got a builtins.complex at `a`"),
        ({"a": {1: 2}}, "`row` must have str keys, got 1 at `a`"),
    ],
)
def test_what_is_not_json_is_refused_by_name_and_place(row, sentence):
    with pytest.raises(ValueError) as caught:  # noqa: PT011  # compared just below
        canonical("row", row)
    assert str(caught.value) == sentence
