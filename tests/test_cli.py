"""The command line: what it prints, and how it ends."""

import json
import subprocess
import sys
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

import simulations
from simulations.cli import main
from simulations.engine.lock import alone
from tests import toy

ROOT = Path(__file__).parents[1]


@pytest.fixture
def options(tmp_path):
    """Return the options that keep a run to a folder of its own."""
    folder = str(tmp_path)
    return ["--scale", "test", "--store", f"{folder}/s", "--results", folder]


@pytest.fixture
def only_toy(monkeypatch):
    """Make the toy the only simulation there is."""
    monkeypatch.setattr(simulations, "NAMES", ("tests.toy",))


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Missing command"),
        (["runn"], "No such command 'runn'"),
        (["list", "extra"], "unexpected extra argument"),
        (["run", "--nope"], "No such option: --nope"),
        (["run", "--store"], "'--store' requires an argument"),
        (["run", "--jobs", "two"], "'--jobs'"),
        (["run", "tests.toy", "--jobs", "0"], "`jobs` must be at least 1, got 0"),
        (["run", "tightnes"], "Did you mean 'tightness'?"),
        (["run", "no.such"], "`name` must be a simulation or the dotted name"),
        (["run", "halfspace._random"], "got no `SCALES`"),
        (["run", "tests.toy", "--scale", "papr"], "Did you mean 'paper'?"),
        (["status", "--scale", "x"], "`scale` must be one of paper, quick, test"),
        (["run", "tests.toy", "--store", "{tmp}"], "`store` must be a file"),
        (["run", "tests.toy", "--store", "{tmp}/no/s"], "`store` must lie in a folder"),
        (["run", "tests.toy", "--store", "{tmp}/text"], "which is not one"),
        (["run", "tests.toy", "--results", "{tmp}/text"], "`results` must be a folder"),
        (["run", "tests.toy", "--results", "{tmp}/no/r"], "`results` must be a folder"),
        (["status", "--store", "{tmp}/no/s"], "`store` must lie in a folder"),
        (["run", "tests.toy", "--cell-seconds", "0"], "`cell_seconds` must be in (0,"),
        (["run", "--cell-megabytes", "nan"], "`cell_megabytes` must be finite"),
        (["salvage", "{tmp}/no", "{tmp}/new"], "`old` must be a store, got no file"),
        (["salvage", "{tmp}/text", "{tmp}/text"], "`new` must not exist"),
        (["verify", "--scale", "x"], "no such scale"),
        (["report", "--results", "{tmp}/text"], "cannot read"),
        (["plan"], "Missing option '--margin'"),
        (
            ["plan", "--margin", "1", "--rate", "x"],
            "'--rate'",
        ),
        (
            ["plan", "--margin", "2", "--rate", "0", "--dim", "9", "--error", "0.1"],
            "`margin` must be in (0, 1], got 2",
        ),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    tmp_path, capsys, monkeypatch, arguments, sentence
):
    def refuse(error):
        def function(*args, **kwargs):
            raise error

        return function

    (tmp_path / "text").write_text("my thesis")
    _provide(monkeypatch, "ledger", verdicts=refuse(ValueError("no such\nscale")))
    _provide(monkeypatch, "report", write=refuse(PermissionError("cannot read")))
    refusal = refuse(ValueError("`margin` must be in (0, 1], got 2"))
    monkeypatch.setattr("halfspace.plan", refusal, raising=False)
    assert main([each.format(tmp=tmp_path) for each in arguments]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert sentence in err
    assert (tmp_path / "text").read_text() == "my thesis"
    assert [each.name for each in tmp_path.iterdir()] == ["text"]


def _provide(monkeypatch, name, **parts):
    monkeypatch.setitem(sys.modules, f"simulations.{name}", SimpleNamespace(**parts))


def test_help_names_every_command(capsys):
    assert main(["--help"]) == 0
    out, err = capsys.readouterr()
    commands = "list run status salvage diff verify report plan"
    for command in commands.split():
        assert f"  {command} " in out
    assert err == ""


def test_list_prints_questions_and_imports_little():
    code = (
        "import sys, simulations; simulations.NAMES = ('tests.toy',);"
        "from simulations.cli import main; code = main(['list']);"
        "assert not {'numpy', 'scipy', 'tests.toy', 'sqlite3'} & set(sys.modules);"
        "sys.exit(code)"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")
    words = " ".join(found.stdout.split())
    assert f"tests.toy {toy.__doc__.splitlines()[0]}" in words


def test_run_status_and_failures(only_toy, options, tmp_path, capsys, monkeypatch):
    assert main(["status", *options]) == 0
    assert "tests.toy 0 6 0 missing" in " ".join(capsys.readouterr().out.split())
    assert not list(tmp_path.iterdir())  # asking makes nothing
    (tmp_path / "s").touch()  # as SQLite leaves it until the first commit
    assert main(["status", *options]) == 0
    assert "tests.toy 0 6 0 missing" in " ".join(capsys.readouterr().out.split())

    monkeypatch.setenv("TOY_FAIL", "4")
    assert main(["run", "all", "--jobs", "1", *options]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("tests.toy (test): 5 of 6 cells, 1 failed; ")
    assert out.count("\n") == 1
    why = '{"index":4,"label":"n0"}: ArithmeticError: `index` was told to fail, got 4\n'
    assert err == f"failed: tests.toy (test) {why}"
    assert main(["status", *options]) == 0
    out = capsys.readouterr().out
    assert "tests.toy 5 6 1 missing" in " ".join(out.split())
    assert out.endswith(f"failed: tests.toy (test) {why}")

    monkeypatch.delenv("TOY_FAIL")
    assert main(["run", "--jobs", "1", *options]) == 0
    out, err = capsys.readouterr()
    assert out.startswith("tests.toy (test): 6 of 6 cells, 5 of them from the store; ")
    assert err == ""
    assert (tmp_path / "tests.toy.test.json").is_file()
    for busy in (False, True):
        with alone(tmp_path / "s", pytest.fail) if busy else nullcontext():
            assert main(["status", *options]) == 0
        out = capsys.readouterr().out
        assert "tests.toy 6 6 0 current" in " ".join(out.split())
        assert (f"A run writes to {tmp_path}/s.\n" in out) == busy


def test_an_interrupt_says_how_to_resume(options, capsys, monkeypatch):
    def interrupted(spec, *, index, label):
        if index == 2:
            raise KeyboardInterrupt
        return {"index": index}

    monkeypatch.setattr(toy, "measure", interrupted)
    arguments = ["run", "tests.toy", "--jobs", "1", *options]
    assert main(arguments) == 130
    out, err = capsys.readouterr()
    assert out == ""
    again = " ".join(arguments)
    assert err == (
        f"stopped: finished cells are kept, `python -m simulations {again}` resumes\n"
    )
    monkeypatch.setattr(toy, "measure", lambda spec, *, index, label: {"index": index})
    assert main(arguments) == 0
    assert "3 of them from the store" in capsys.readouterr().out


def test_salvage_says_what_it_kept(options, tmp_path, capsys):
    assert main(["run", "tests.toy", "--jobs", "1", *options]) == 0
    capsys.readouterr()
    store = tmp_path / "s"
    store.write_bytes(store.read_bytes().replace(b'"share":0.5', b'"share":0.6'))
    assert main(["run", "tests.toy", *options]) == 2
    err = capsys.readouterr().err
    assert f"`python -m simulations salvage {store} NEW` keeps what" in err
    assert main(["salvage", str(store), f"{tmp_path}/new"]) == 0
    assert capsys.readouterr().out == f"5 finished cells are kept in {tmp_path}/new\n"
    (tmp_path / "tests.toy.test.json").rename(tmp_path / "before")
    options[options.index("--store") + 1] = f"{tmp_path}/new"
    assert main(["run", "tests.toy", "--jobs", "1", *options]) == 0
    assert "5 of them from the store" in capsys.readouterr().out
    after = tmp_path / "tests.toy.test.json"
    assert main(["diff", f"{tmp_path}/before", str(after)]) == 0
    assert capsys.readouterr().out == "identical\n"


def test_a_cell_whose_worker_dies_fails_alone(options, capsys, monkeypatch):
    monkeypatch.setenv("TOY_DIE", "5")
    assert main(["run", "tests.toy", "--jobs", "2", *options]) == 1
    out, err = capsys.readouterr()
    assert out.startswith("tests.toy (test): 5 of 6 cells, 1 failed; ")
    assert err == (
        'failed: tests.toy (test) {"index":5,"label":"n1"}: WorkerDied: the process '
        "ended with code 9, perhaps for lack of memory\n"
    )


def test_the_command_runs_as_a_module_from_anywhere_it_is_found(options, tmp_path):
    command = [sys.executable, "-m", "simulations", "run", "tests.toy", "--jobs", "1"]
    found = subprocess.run(
        [*command, *options], cwd=ROOT, capture_output=True, text=True
    )
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("tests.toy (test): 6 of 6 cells; ")
    table = json.loads((tmp_path / "tests.toy.test.json").read_text())
    assert len(table["rows"]) == 6


@dataclass(frozen=True)
class Verdict:
    """As the ledger's."""

    id: str
    kind: str
    claim: str
    predicted: float | None
    measured: float | None
    low: float | None
    high: float | None
    verdict: str


HOLDS = Verdict(
    "A10",
    "upper",
    "The average error after N samples is at most eps [with any margin], and it takes "
    "O(1 / ((1 - 2 eta) gamma eps)^2) of them",
    0.123456,
    1234567.0,
    -0.00012345,
    12345678.0,
    "holds",
)
FAILS = Verdict("B2", "rate", "It is slow", None, -1.5, -1.6, -1.4, "fails")
OPEN = Verdict("C3", "open", "Nobody knows", None, None, None, None, "open")


@pytest.mark.parametrize(
    ("found", "status"), [([HOLDS, OPEN], 0), ([HOLDS, FAILS, OPEN], 1)]
)
def test_verify_prints_a_table_or_json(monkeypatch, capsys, tmp_path, found, status):
    def verdicts(scale, folder):
        assert (scale, folder) == ("paper", tmp_path)
        return found

    _provide(monkeypatch, "ledger", verdicts=verdicts)
    monkeypatch.delenv("COLUMNS", raising=False)
    results = ["--results", str(tmp_path)]
    assert main(["verify", *results]) == status
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    words = out.split()
    for it in found:
        assert {it.id, it.kind, it.verdict} <= set(words)
        assert set(it.claim.split()) <= set(words)
    assert "0.1235 1.235e+06 [-0.0001234, 1.235e+07]" in " ".join(words)

    assert main(["verify", "--json", *results]) == status
    assert json.loads(capsys.readouterr().out) == [vars(it) for it in found]


def test_verify_is_about_the_paper_scale_and_the_committed_results(monkeypatch):
    asked = []
    _provide(monkeypatch, "ledger", verdicts=lambda *args: asked.append(args) or [])
    assert main(["verify"]) == 0
    assert asked == [("paper", ROOT / "simulations" / "results")]


def test_report_names_what_it_wrote(monkeypatch, capsys, tmp_path):
    written = [tmp_path / "a.md", tmp_path / "b.md"]
    _provide(monkeypatch, "report", write=lambda folder: written)
    assert main(["report"]) == 0
    assert capsys.readouterr().out.split() == [str(path) for path in written]


def test_results_of_another_version_are_one_line(monkeypatch, capsys):
    def old(scale, folder):
        return {}["limit"]

    _provide(monkeypatch, "ledger", verdicts=old)
    assert main(["verify"]) == 2
    err = capsys.readouterr().err
    assert err.startswith("error: `results` must be of this version, got no 'limit'")
    assert err.count("\n") == 1


@dataclass(frozen=True)
class Plan:
    """As the library's."""

    bound: int = 1234567
    average: int = 890
    last: int = 12
    rough: bool = True


def test_plan_prints_a_table_or_json(monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(
        "halfspace.plan", lambda **given: asked.append(given) or Plan(), raising=False
    )
    given = {"margin": 0.1, "rate": 0.2, "dim": 30, "error": 0.05}
    options = [
        text for name, value in given.items() for text in (f"--{name}", f"{value}")
    ]
    assert main(["plan", *options]) == 0
    lines = capsys.readouterr().out
    for line in (
        "A1's bound (theorem) 1,234,567",
        "average error, fluid limit 890",
        "last iterate, fluid limit 12",
        "The fluid limit is only rough here",
    ):
        assert line in " ".join(lines.split())
    assert main(["plan", "--json", *options]) == 0
    assert json.loads(capsys.readouterr().out) == vars(Plan())
    assert asked == [given, given]
