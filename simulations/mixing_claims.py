"""The claims about the optimum of the mixed loss, section C of the guide."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from halfspace.stats import Interval
from simulations.claim import Claim, Measure
from simulations.engine.results import load


def _of_rows(statistic: Callable[[list[Any]], float]) -> Measure:
    """Return what measures a number of the rows, in which nothing is sampled."""

    def measured(scale: str, folder: Path) -> Interval:
        rows = [entry["row"] for entry in load("consistency", scale, folder)["rows"]]
        value = statistic(rows)
        return Interval(value, value, value)

    return measured


def disagreements(variant: str) -> Measure:
    """C2: accuracies and sizes where the certified optimum is not as predicted."""

    def count(rows: list[Any]) -> float:
        pairs = [row["truth"][variant] for row in rows]
        return sum(
            found is not predicted
            for it in pairs
            for found, predicted in zip(it["holds"], it["predicted"], strict=True)
        )

    return _of_rows(count)


CLAIMS = (
    Claim(
        id="C1",
        kind="equal",
        claim="Mix less the law of the teacher's label",
        predicted=0.0,
        measure=_of_rows(lambda rows: max(row["law"] for row in rows)),
        tolerance=1e-12,
    ),
    *(
        Claim(
            id="C2",
            kind="equal",
            claim=f"Cells where the certified optimum is not as predicted: {name}",
            predicted=0.0,
            measure=disagreements(variant),
        )
        for variant, name in {
            "normalised": "normalised",
            "unnormalised": "unnormalised mix, teacher's labels",
            "unnormalised, mixed truth": "unnormalised mix, mix of the truth",
        }.items()
    ),
    Claim(
        id="C3",
        kind="equal",
        claim="Optimum told another accuracy less what is claimed",
        predicted=0.0,
        measure=_of_rows(lambda rows: max(row["deviation"] for row in rows)),
        tolerance=1e-12,
    ),
)
