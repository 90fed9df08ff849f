"""The claims about students that start from their teachers, section G of the guide."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from halfspace.stats import Interval
from simulations.claim import Claim, Measure
from simulations.engine.results import load

ROUNDED = 1e-12


def of_rows(statistic: Callable[[list[dict[str, Any]]], float]) -> Measure:
    """Return what measures a number of the rows, each judged exactly."""

    def measured(scale: str, folder: Path) -> Interval:
        value = statistic([it["row"] for it in load("guide", scale, folder)["rows"]])
        return Interval(value, value, value)

    return measured


CLAIMS = (
    Claim(
        id="G1",
        kind="equal",
        claim="Student's pre-activations less the teacher's on the compressed table",
        predicted=0.0,
        measure=of_rows(lambda rows: max(max(row["G1"]) for row in rows)),
        tolerance=ROUNDED,
    ),
    Claim(
        id="G2",
        kind="equal",
        claim="Squared error of the table less the dropped part, relative",
        predicted=0.0,
        measure=of_rows(lambda rows: max(max(row["G2"]) for row in rows)),
        tolerance=ROUNDED,
    ),
    Claim(
        id="G2",
        kind="lower",
        claim="Error of other bases over it: centred, coordinates, random; the least",
        predicted=1.0,
        measure=of_rows(lambda rows: min(min(row["least_rival"]) for row in rows)),
    ),
    Claim(
        id="G2",
        kind="upper",
        claim="Squared error of pre-activations over its bound, the largest",
        predicted=1.0,
        measure=of_rows(lambda rows: max(max(row["over_bound"]) for row in rows)),
    ),
    Claim(
        id="G2",
        kind="equal",
        claim="Sizes up to 200 for which evenly spaced units repeat or miss an end",
        predicted=0.0,
        measure=of_rows(lambda rows: max(row["repeated"] for row in rows)),
    ),
)
