"""``python -m figures``: draw what the results show, if it is what the captions say."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

import figures
from simulations import cli, terminal
from simulations.engine import tables

PROGRAM = "python -m figures"
_HERE = Path(figures.__file__).parent

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.command()
def draw(
    names: Annotated[list[str] | None, typer.Argument(help="Figures, or all.")] = None,
    scale: cli.Scale = "quick",
    results: cli.Results = _HERE.parent / "simulations" / "results",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder to draw into.",
            show_default="figures at paper scale, else figures/SCALE",
        ),
    ] = None,
) -> None:
    """Draw figures from results, each only if its caption holds."""
    chosen = names or ["all"]
    if "all" in chosen:
        chosen = list(figures.NAMES)
    modules = {name: figures.module(name) for name in chosen}
    folder = _folder(scale, out)
    from figures.panels import JUDGED, save

    said, bad = tables.console(), False
    for name, module in modules.items():
        try:
            figure = module.draw(scale, results)
        except AssertionError as error:
            terminal.say(f"failed: {name}: the caption does not hold: {error}")
            bad = True
            continue
        except LookupError as error:
            again = f"run `python -m simulations run {name} --scale {scale}` again"
            msg = (
                f"`results` of {name} must be of this version, got no {error}: {again}"
            )
            raise ValueError(msg) from error
        path = folder / f"{name}.svg"
        folder.mkdir(exist_ok=True)
        save(figure, path)
        note = "" if scale in JUDGED else " (too few trials to check the caption)"
        said.print(f"{name}: {_short(path)}{note}", soft_wrap=True)
    if bad:
        raise typer.Exit(1)


def _folder(scale: str, out: Path | None) -> Path:
    """Return the folder to draw into, or say before the work why it cannot be used."""
    from halfspace._check import check_choice
    from simulations.engine.simulation import SCALES

    check_choice("scale", scale, SCALES)
    folder = out or (_HERE if scale == "paper" else _HERE / scale)
    there = folder if folder.exists() else folder.parent
    if not there.is_dir() or not os.access(there, os.W_OK):
        msg = f"`out` must be a folder to write in, got {folder}"
        raise NotADirectoryError(msg)
    return folder


def _short(path: Path) -> Path:
    """Return the path from the working directory if it is inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return 0, 1 if a caption fails, 2 after bad input."""
    return terminal.run(app, PROGRAM, arguments)


if __name__ == "__main__":
    sys.exit(main())
