"""What a claim is: a prediction, and how it is measured from results."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from halfspace.stats import Interval

#: How far an exponent may lie from its prediction: the interval must be inside.
EXPONENT_TOLERANCE = 0.1

Measure = Callable[[str, Path], Interval]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence that the results can refute; its id is of ``paper_repro.md``.

    `kind` is "upper" or "lower" (a bound), "equal" or "rate" (a value, to `tolerance`);
    `measure` goes from a scale and a results folder to an interval.
    """

    id: str
    kind: str
    claim: str
    predicted: float
    measure: Measure
    tolerance: float = 0.0


def exponent(name: str, of: str, predicted: float, measure: Measure) -> Claim:
    """Return the claim, of id `name`, that an exponent is the predicted one."""
    return Claim(
        id=name,
        kind="rate",
        claim=f"Exponent of {of}",
        predicted=predicted,
        measure=measure,
        tolerance=EXPONENT_TOLERANCE,
    )
