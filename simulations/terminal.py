"""What every command line of this project does: one line per error, and its status."""

import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import typer


def say(line: str) -> None:
    """Print one line on standard error, whatever `line` holds."""
    print(" ".join(line.split()), file=sys.stderr)


@contextmanager
def termination_interrupts() -> Iterator[None]:
    """Let SIGTERM, sent by batch systems, do what Ctrl-C does, in the main thread."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():
        yield  # which is the only one that hears signals
        return
    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


#: The root of all that click raises, wherever typer keeps its click.
_ClickError = cast(type[Exception], typer.BadParameter.__mro__[2])


def run(app: typer.Typer, program: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command line; return the exit status.

    Parameters
    ----------
    app, program
        The commands, and what the help calls them.
    arguments : sequence of str, optional
        Those of the process if omitted.

    Returns
    -------
    int
        0 if all is well, 1 if a cell or a claim fails, 2 after bad input, which is said
        in one line on standard error, 130 after an interrupt.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    command = typer.main.get_command(app)
    try:
        code = command.main(given, program, standalone_mode=False, obj=given)
        return int(code or 0)
    except typer.Abort:
        return 130
    except _ClickError as error:
        reason = cast(Any, error).format_message()
    except LookupError as error:
        again = "run `python -m simulations run all` at this scale again"
        reason = f"`results` must be of this version, got no {error}: {again}"
    except (ValueError, TypeError, OSError, ImportError, SyntaxError) as error:
        reason = str(error) or type(error).__name__
    say(f"error: {reason}")
    return 2
