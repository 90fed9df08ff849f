"""The verdict on every claim: its prediction beside its measurement."""

from dataclasses import dataclass
from pathlib import Path

from halfspace.stats import Interval
from simulations.claims import CLAIMS


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A claim beside its measurement; `verdict` is "holds", "fails" or "open"."""

    id: str
    kind: str
    claim: str
    predicted: float
    measured: float
    low: float
    high: float
    verdict: str


def judge(kind: str, predicted: float, found: Interval, tolerance: float) -> str:
    """Return "holds" if the whole interval agrees, "fails" if none of it does.

    >>> judge("upper", 1.0, Interval(0.9, 0.8, 0.95), 0.0)
    'holds'
    >>> judge("rate", -2.0, Interval(-2.05, -2.2, -1.9), 0.1)
    'open'
    """
    least = predicted - tolerance if kind != "upper" else float("-inf")
    most = predicted + tolerance if kind != "lower" else float("inf")
    if least <= found.low and found.high <= most:
        return "holds"
    return "fails" if found.high < least or found.low > most else "open"


def verdicts(scale: str, folder: Path, only: str | None = None) -> list[Verdict]:
    """Return the verdict on every claim, or those of one id, from results at a scale.

    Raises
    ------
    FileNotFoundError
        If results are missing; the message is the command that makes them.
    """
    asked = [claim for claim in CLAIMS if only in (None, claim.id)]
    found = [(claim, claim.measure(scale, folder)) for claim in asked]
    return [
        Verdict(
            id=claim.id,
            kind=claim.kind,
            claim=claim.claim,
            predicted=claim.predicted,
            measured=interval.estimate,
            low=interval.low,
            high=interval.high,
            verdict=judge(claim.kind, claim.predicted, interval, claim.tolerance),
        )
        for claim, interval in found
    ]
