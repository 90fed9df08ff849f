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
    cluster: Annotated[
        str | None, typer.Option(help="Dask scheduler, as in tcp://host:8786.")
    ] = None,
    cell_seconds: Annotated[
        float | None, typer.Option(help="Most time of one cell.")
    ] = None,
    cell_megabytes: Annotated[
        float | None, typer.Option(help="Most memory of a process with one cell.")
    ] = None,
    store: Store = _STORE,
    results: Results = _RESULTS,
) -> None:
    """Compute what is missing, and write the results; failed cells are tried again."""
    again = f"finished cells are kept, `{PROGRAM} {shlex.join(context.obj)}` resumes"
    try:
        studies = _studies(names or ["all"], scale)
        most = (cell_seconds, cell_megabytes)
        with terminal.termination_interrupts():
            failed = _run(studies, jobs, cluster, most, store, results)
    except KeyboardInterrupt:
        terminal.say(f"stopped: {again}")
        raise typer.Exit(130) from None
    except BrokenExecutor as error:
        terminal.say(f"error: no worker is left ({error}); {again}")
        raise typer.Exit(1) from None
    for line in failed:
        terminal.say(f"failed: {line}")
    if failed:
        raise typer.Exit(1)


def _studies(names: list[str], scale: str) -> list[Any]:
    from simulations.engine.simulation import study

    if "all" in names:
        names = list(simulations.NAMES)
    return [study(name, scale) for name in dict.fromkeys(names)]


def _run(
    studies: list[Any],
    jobs: int | None,
    cluster: str | None,
    most: tuple[float | None, float | None],
    store: Path,
    folder: Path,
) -> list[str]:
    """Run the studies; return a line per cell that failed."""
    from simulations.engine import session

    def waiting() -> None:
        terminal.say(f"waiting: another run writes to {store}, this one goes on then")

    limits = session.limits(*most)
    session.check_folder(folder)
    if store == _STORE:
        session.check_folder(_RESULTS)
    with session.workers(jobs, cluster, limits) as (executor, window):
        return session.run(
            studies,
            executor,
            window=window,
            store=store,
            folder=folder,
            waiting=waiting,
        )


@app.command()
def status(
    scale: Scale = "quick", store: Store = _STORE, results: Results = _RESULTS
) -> None:
    """Print what is done, and which results are current, also while a run goes on."""
    from simulations.engine import lock, runner, session
    from simulations.engine import store as stored
    from simulations.engine.results import state

    there = store != _STORE or store.parent.is_dir()
    studies = _studies(["all"], scale)
    rows = []
    with stored.connect(store if there else Path(":memory:"), readonly=True) as opened:
        for it in studies:
            done = len(it.cells) - sum(1 for _ in runner.missing(opened, it))
            bad = len(stored.failures(opened, it.fingerprint))
            rows.append((it.name, done, len(it.cells), bad, state(it, results)))
        failed = session.failures(opened, studies)
    tables.console().print(tables.progress(rows))
    for line in failed:
        print(f"failed: {line}")
    if lock.held(store):
        print(f"A run writes to {store}.")


@app.command()
def salvage(
    old: Annotated[Path, typer.Argument(help="Damaged store.")],
    new: Annotated[Path, typer.Argument(help="Store to make.")],
) -> None:
    """Copy what can be read of a damaged store to a new one."""
    from simulations.engine.salvage import salvage as copy

    print(f"{copy(old, new)} finished cells are kept in {new}")


@app.command()
def diff(
    first: Annotated[Path, typer.Argument(help="Results file.")],
    second: Annotated[Path, typer.Argument(help="Another, of the same simulation.")],
) -> None:
    """Say whether two results files agree; exit with 1 if they do not."""
    from simulations.engine.agreement import compare
    from simulations.engine.results import read

    found = compare(read(first), read(second))
    print(found.verdict)
    if found.p_value is not None:
        print(f"p-value of one sample: {found.p_value:.3f}")
    if found.fields:
        print(f"beyond rounding: {', '.join(found.fields)}")
    if found.unjudged:
        print(f"without a sampling error of their own: {', '.join(found.unjudged)}")
    if not found.agree:
        raise typer.Exit(1)


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
