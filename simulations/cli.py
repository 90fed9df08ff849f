"""The command line. Everything heavy is imported by the command that needs it."""

import json
import shlex
from collections.abc import Sequence
from concurrent.futures import BrokenExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

import simulations
from simulations import terminal
from simulations.engine import tables

PROGRAM = "python -m simulations"
_RESULTS = Path(simulations.__file__).parent / "results"
_STORE = _RESULTS / "store.sqlite"

Names = Annotated[list[str] | None, typer.Argument(help="Simulations, or all.")]
Scale = Annotated[str, typer.Option(help="test, quick or paper.")]
Store = Annotated[
    Path,
    typer.Option(
        help="File that keeps finished cells.",
        show_default="simulations/results/store.sqlite",
    ),
]
Results = Annotated[
    Path,
    typer.Option(help="Folder of the results.", show_default="simulations/results"),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, not a table.")]

app = typer.Typer(
    help="Run the simulations, and hold what they find against what is claimed.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _print_json(value: object) -> None:
    print(json.dumps(value, indent=2, allow_nan=False))


def _check_folder(folder: Path) -> None:
    """Make the folder of the results, or say before the work why it cannot be used."""
    import os

    if not folder.exists() and folder.parent.is_dir():
        folder.mkdir()
    if not folder.is_dir() or not os.access(folder, os.W_OK):
        msg = f"`results` must be a folder to write in, got {folder}"
        raise NotADirectoryError(msg)


@app.command("list")
def list_() -> None:
    """Print each simulation and the question it answers."""
    from simulations.engine.source import question

    questions = {name: question(_module(name)) for name in simulations.NAMES}
    tables.console().print(tables.listing(questions))


def _module(name: str) -> str:
    return name if "." in name else f"simulations.{name}"


@app.command()
def run(
    context: typer.Context,
    names: Names = None,
    scale: Scale = "quick",
    jobs: Annotated[
        int | None,
        typer.Option(help="Processes.", show_default="number of cores"),
    ] = None,
    store: Store = _STORE,
    results: Results = _RESULTS,
) -> None:
    """Compute what is missing, and write the results."""
    try:
        failed = _run(names or ["all"], scale, jobs, store, results)
    except KeyboardInterrupt:
        again = shlex.join(context.obj)
        terminal.say(f"stopped: finished cells are kept, `{PROGRAM} {again}` resumes")
        raise typer.Exit(130) from None
    except BrokenExecutor:
        terminal.say(
            "error: a worker process died, perhaps for lack of memory; finished cells "
            "are kept, run again with fewer `--jobs`"
        )
        raise typer.Exit(1) from None
    for line in failed:
        terminal.say(f"failed: {line}")
    if failed:
        raise typer.Exit(1)


def _run(
    names: list[str], scale: str, jobs: int | None, path: Path, folder: Path
) -> list[str]:
    """Run the studies; return a line per cell that failed."""
    from halfspace._check import check_count
    from simulations.engine import pool, progress, results, runner, simulation, store

    if "all" in names:
        names = list(simulations.NAMES)
    studies = [simulation.study(name, scale) for name in dict.fromkeys(names)]
    jobs = pool.cores() if jobs is None else check_count("jobs", jobs)
    _check_folder(folder)
    if path == _STORE:
        _check_folder(_RESULTS)
    window = 4 * jobs if jobs > 1 else 1
    with store.connect(path) as opened:
        with pool.pool(jobs) as executor, progress.watch(tables.console()) as show:

            def observe(study: simulation.Study, tally: runner.Tally) -> None:
                if tally.finished:
                    results.export(opened, study, folder)
                show(study, tally)

            runner.run(opened, studies, executor, window=window, observe=observe)
        return _failures(opened, studies)


def _failures(opened: Any, studies: Sequence[Any]) -> list[str]:
    from simulations.engine import store

    return [
        f"{study.name} ({study.scale}) {cell}: {why}"
        for study in studies
        for cell, why in store.failures(opened, study.fingerprint).items()
    ]


@app.command()
def status(
    scale: Scale = "quick", store: Store = _STORE, results: Results = _RESULTS
) -> None:
    """Print what is done, and which results are current."""
    from simulations.engine import runner, simulation
    from simulations.engine import store as stored
    from simulations.engine.results import state

    rows = []
    with stored.connect(_existing(store)) as opened:
        studies = [simulation.study(name, scale) for name in simulations.NAMES]
        for it in studies:
            total, bad = len(it.cells), stored.failures(opened, it.fingerprint)
            done = total - len(runner.missing(opened, it))
            rows.append((it.name, done, total, len(bad), state(it, results)))
        failed = _failures(opened, studies)
    tables.console().print(tables.progress(rows))
    for line in failed:
        print(f"failed: {line}")


def _existing(store: Path) -> Path:
    """Return the store, or in place of one not yet made an empty one in memory."""
    new = not store.exists() and (store == _STORE or store.parent.is_dir())
    return Path(":memory:") if new else store


@app.command()
def verify(
    scale: Scale = "paper", results: Results = _RESULTS, as_json: Json = False
) -> None:
    """Check every claim; exit with 1 if one fails."""
    from simulations.engine.canonical import finite
    from simulations.engine.results import state
    from simulations.engine.simulation import study
    from simulations.ledger import verdicts

    found = verdicts(scale, results)
    studies = [study(name, scale) for name in simulations.NAMES]
    old = [it.name for it in studies if state(it, results) == "stale"]
    if old:
        terminal.say(f"note: made by other code than this: {', '.join(old)}")
    if as_json:
        _print_json([finite(asdict(it)) for it in found])
    else:
        tables.console().print(tables.verdicts(found))
    if any(it.verdict == "fails" for it in found):
        raise typer.Exit(1)


@app.command()
def report(results: Results = _RESULTS) -> None:
    """Write the results into the documents."""
    from simulations.report import write

    for path in write(results):
        print(path)


@app.command()
def plan(
    margin: Annotated[float, typer.Option(help="Margin, in (0, 1).")],
    rate: Annotated[float, typer.Option(help="P[flip], in [0, 1/2).")],
    dim: Annotated[int, typer.Option(help="Dimension, at least 3.")],
    error: Annotated[float, typer.Option(help="Clean error to reach, in (0, 1/2).")],
    as_json: Json = False,
) -> None:
    """Print how many labels SLaM needs to reach an error."""
    from halfspace import plan as predict

    found = predict(margin=margin, rate=rate, dim=dim, error=error)
    if as_json:
        _print_json(asdict(found))
    else:
        tables.console().print(tables.plan(found))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status, as `terminal.run` says."""
    return terminal.run(app, PROGRAM, arguments)
