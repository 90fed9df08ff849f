"""What a run shows: bars on a terminal, one line per finished simulation elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from simulations.engine.runner import Observe, Tally
from simulations.engine.simulation import Study

#: Seconds over which the speed is averaged: cells may take minutes.
MEMORY = 3600


def describe(study: Study, tally: Tally, seconds: float) -> str:
    """Return the line that says how a study ended, `seconds` into the run."""
    parts = [f"{tally.before + tally.done} of {tally.total} cells"]
    if tally.before:
        parts.append(f"{tally.before} of them from the store")
    if tally.failed:
        parts.append(f"{tally.failed} failed")
    return f"{study.name} ({study.scale}): {', '.join(parts)}; {seconds:.1f} s"


@contextmanager
def _lines(console: Console) -> Iterator[Observe]:
    start = monotonic()

    def show(study: Study, tally: Tally) -> None:
        if tally.finished:
            line = describe(study, tally, monotonic() - start)
            console.print(line, soft_wrap=True, markup=False, highlight=False)

    yield show


@contextmanager
def _bars(console: Console) -> Iterator[Observe]:
    tasks: dict[str, TaskID] = {}
    latest: dict[str, Tally] = {}
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("elapsed,"),
        TimeRemainingColumn(),
        TextColumn("left"),
        TextColumn("{task.fields[note]}", style="red"),
        console=console,
        speed_estimate_period=MEMORY,
    ) as progress:
        everything = progress.add_task("all", total=0, note="", visible=False)

        def show(study: Study, tally: Tally) -> None:
            key = study.fingerprint
            if key not in tasks:
                tasks[key] = progress.add_task(
                    study.name, total=tally.total, completed=tally.attempted, note=""
                )
            latest[key] = tally
            note = f"{tally.failed} failed" if tally.failed else ""
            progress.update(tasks[key], completed=tally.attempted, note=note)
            progress.update(
                everything,
                total=sum(each.total for each in latest.values()),
                completed=sum(each.attempted for each in latest.values()),
                visible=len(latest) > 1,
            )

        yield show


@contextmanager
def watch(console: Console) -> Iterator[Observe]:
    """Provide the `observe` of `runner.run` that suits the console."""
    with (_bars if console.is_terminal else _lines)(console) as show:
        yield show
