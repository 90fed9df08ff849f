"""The ledger in paper_repro.md, the claims in the code, and the committed results."""

import ast
import importlib
import re
from itertools import pairwise
from pathlib import Path

import pytest

from halfspace.stats import Interval
from simulations import NAMES, report
from simulations.claims import CLAIMS
from simulations.engine.results import FOLDER, load, stale
from simulations.ledger import judge
from simulations.verdict_tables import SECTIONS

ROOT = Path(__file__).parent.parent
GUIDE = (ROOT / "paper_repro.md").read_text(encoding="utf-8")
LEDGER = [
    [cell.strip(" `") for cell in line.strip("|").split(" | ")]
    for line in GUIDE.split("## Ledger")[1].split("\n\n")[1].splitlines()[2:]
]


def test_the_ledger_holds_every_claim_in_order():
    ids = [row[0] for row in LEDGER]
    adjusted = tuple(f"B{i}" for i in range(1, 11))
    mixed, told = ("C1", "C2", "C3"), tuple(f"D{i}" for i in range(1, 6))
    robust = ("E1", "E2", "E3", "F1", "F2", "F3", "F4", "F5", "G1", "G2", "G3", "H1")
    parts = (*(f"A{i}" for i in range(12)), *adjusted, *mixed, *told, *robust)
    assert ids == [*parts, "H2", "I1", "I2", "I3"]
    assert {claim.id for claim in CLAIMS} == set(ids) - {"I3"}
    kinds = {row[0]: row[1] for row in LEDGER}
    first = {claim.id: claim.kind for claim in reversed(CLAIMS)}
    for name, kind in first.items():
        assert kind == kinds[name]
    assert {claim.kind for claim in CLAIMS} == {"upper", "lower", "equal", "rate"}


@pytest.mark.parametrize("row", LEDGER, ids=lambda row: row[0])
def test_what_a_row_of_the_ledger_names_is_there(row):
    name, _, _, theory, test, simulation = row
    module, function = theory.split(":")
    assert name in getattr(importlib.import_module(module), function).__doc__
    path, _, function = test.partition("::")
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    (found,) = (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == function
    )
    assert re.match(rf"Claim {name}\b", ast.get_docstring(found) or "")
    assert simulation == "—" or simulation in NAMES
    assert f"### {name}." in GUIDE


@pytest.mark.parametrize("name", re.findall(r"\]\((figures/[\w.]+)\)", GUIDE))
def test_every_figure_of_the_guide_is_drawn_by_a_script(name):
    assert (ROOT / name).is_file()
    assert (ROOT / name).with_suffix(".py").is_file()


@pytest.mark.parametrize("path", report.DOCUMENTS, ids=lambda path: path.name)
def test_the_numbers_in_the_documents_are_those_of_the_results(path):
    text = path.read_text(encoding="utf-8")
    assert report.render(text, FOLDER) == text, "run `python -m simulations report`"


def test_a_typed_number_would_be_noticed():
    """Negative control: the last test fails if one digit of a block is changed."""
    block = re.search(r"<!-- begin A1 -->.*<!-- end A1 -->\n", GUIDE, re.DOTALL)[0]
    assert report.render(block, FOLDER) == block
    text = block.replace("**holds**", "**fails**", 1)
    assert report.render(text, FOLDER) == block != text


@pytest.mark.parametrize("name", NAMES)
def test_committed_results_are_those_of_the_committed_code(name):
    assert not stale(name, "paper"), "run `make paper`"
    assert load(name, "paper")["rows"]


def test_the_sections_of_the_summary_are_those_of_the_guide():
    assert {claim.id[0] for claim in CLAIMS} == set(SECTIONS)
    for letter, section in SECTIONS.items():
        assert f"\n## {letter}. {section}" in GUIDE


def test_an_unknown_block_is_refused(tmp_path):
    with pytest.raises(ValueError, match="`block` must be a claim or one of"):
        report.render("<!-- begin nothing -->\n<!-- end nothing -->", tmp_path)


@pytest.mark.parametrize("kind", ["upper", "lower", "rate"])
def test_a_verdict_moves_from_holds_to_open_to_fails(kind):
    side = -1 if kind == "lower" else 1
    shifts = [side * shift for shift in (-0.05, 0.09, 0.2)]
    found = [
        judge(
            kind,
            1.0,
            Interval(1 + x, 1 + x - 0.04, 1 + x + 0.04),
            0.1 * (kind == "rate"),
        )
        for x in shifts
    ]
    expected = ["holds", "open", "fails"] if kind == "rate" else None
    if kind != "rate":
        wide = judge(kind, 1.0, Interval(1.0, 0.9, 1.1), 0.0)
        assert wide == "open"
        expected = ["holds", "fails", "fails"]
    assert found == expected


def test_the_guide_says_what_was_not_read():
    assert "full texts were not at hand" in GUIDE
    sections = re.findall(r"^### ([A-I]\d+)\.", GUIDE, re.MULTILINE)
    assert sections == [row[0] for row in LEDGER]
    heads = [*(f"### {name}." for name in sections), "## What has no verdict"]
    for one, two in pairwise(heads):
        part = GUIDE.split(one)[1].split(two)[0]
        assert "*What is missing.*" in part, one
