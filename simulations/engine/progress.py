"""What a run shows: bars on a terminal, elsewhere a line a minute, and at the end."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from simulations.engine.runner import Observe, Tally
from simulations.engine.simulation import Study

#: Seconds between two lines where there is no terminal.
QUIET = 60


def pace(tallies: Iterable[Tally], seconds: float) -> str:
    """Return how fast a run is and how long it still takes, `seconds` into it.

    The time left is that of the work left, by the cost of each cell, at the pace of the
    work done.

    >>> pace([Tally(total=4, before=0, done=1, work=100, spent=25)], 30)
    '0.0333 cells/s, about 0:01:30 left'
    >>> pace([Tally(total=4, before=0, work=100)], 30)
    ''
    """
    latest = list(tallies)
    attempted = sum(it.done + it.failed for it in latest)
    spent, work = (sum(getattr(it, key) for it in latest) for key in ("spent", "work"))
    if not spent or not seconds:
        return ""
    left = timedelta(seconds=round((work - spent) / spent * seconds))
    return f"{attempted / seconds:.3g} cells/s, about {left} left"


def describe(study: Study, tally: Tally, seconds: float) -> str:
    """Return the line that says where a study is, `seconds` into the run."""
    parts = [f"{tally.before + tally.done} of {tally.total} cells"]
    if tally.before:
        parts.append(f"{tally.before} of them from the store")
    if tally.failed:
        parts.append(f"{tally.failed} failed")
    return f"{study.name} ({study.scale}): {', '.join(parts)}; {seconds:.1f} s"


@contextmanager
def _lines(console: Console) -> Iterator[Observe]:
    start = last = monotonic()
    latest: dict[str, Tally] = {}

    def show(study: Study, tally: Tally) -> None:
        nonlocal last
        latest[study.fingerprint] = tally
        now = monotonic()
        if tally.finished or now - last >= QUIET:
            line = describe(study, tally, now - start)
            if not tally.finished:
                last = now
                line = ", ".join(
                    filter(None, (line, pace(latest.values(), now - start)))
                )
            console.print(line, soft_wrap=True, markup=False, highlight=False)

    yield show


@contextmanager
def _bars(console: Console) -> Iterator[Observe]:
    start = monotonic()
    tasks: dict[str, TaskID] = {}
    latest: dict[str, Tally] = {}
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[pace]}"),
        TextColumn("{task.fields[note]}", style="red"),
        console=console,
    ) as progress:
        everything = progress.add_task("all", total=0, note="", pace="", visible=False)

        def show(study: Study, tally: Tally) -> None:
            key = study.fingerprint
            if key not in tasks:
                tasks[key] = progress.add_task(
                    study.name, total=tally.total, note="", pace=""
                )
            latest[key] = tally
            several = len(latest) > 1
            speed = pace(latest.values(), monotonic() - start)
            progress.update(
                tasks[key],
                completed=tally.attempted,
                note=f"{tally.failed} failed" if tally.failed else "",
                pace="" if several else speed,
            )
            progress.update(
                everything,
                total=sum(each.total for each in latest.values()),
                completed=sum(each.attempted for each in latest.values()),
                visible=several,
                pace=speed,
            )

        yield show


@contextmanager
def watch(console: Console) -> Iterator[Observe]:
    """Provide the `observe` of `runner.run` that suits the console."""
    with (_bars if console.is_terminal else _lines)(console) as show:
        yield show
