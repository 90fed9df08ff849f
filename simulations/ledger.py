"""The claims: what each predicts, which results measure it, and the verdict."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from halfspace.stats import Interval
from simulations import measures

#: How far an exponent may lie from its prediction: the interval must be inside.
EXPONENT_TOLERANCE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One sentence that the results can refute.

    Attributes
    ----------
    id : str
        Of ``paper_repro.md``.
    kind : str
        "upper" or "lower" (a bound), "equal" or "rate" (a value, to `tolerance`).
    claim : str
        The sentence.
    predicted : float
        The bound or value.
    measure : function
        From a scale and a results folder to an interval.
    tolerance : float
        For "equal" and "rate": how far the whole interval may be from the prediction.
    """

    id: str
    kind: str
    claim: str
    predicted: float
    measure: Callable[[str, Path], Interval]
    tolerance: float = 0.0


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


CLAIMS = (
    Claim(
        id="A1",
        kind="upper",
        claim="Average error over its bound, all cells, all T",
        predicted=1.0,
        measure=measures.error_over_bound,
    ),
    Claim(
        id="A2",
        kind="upper",
        claim="Mistakes x gamma^2 without noise, any trial",
        predicted=1.0,
        measure=measures.mistakes_over_bound,
    ),
    Claim(
        id="A3",
        kind="rate",
        claim="Exponent of eps where noise rules, eta = 0.3",
        predicted=-2.0,
        measure=measures.exponent_in_noisy_error,
        tolerance=EXPONENT_TOLERANCE,
    ),
    Claim(
        id="A3",
        kind="rate",
        claim="Exponent of eps without noise",
        predicted=-1.0,
        measure=measures.exponent_in_clean_error,
        tolerance=EXPONENT_TOLERANCE,
    ),
    Claim(
        id="A3",
        kind="rate",
        claim="Exponent of gamma, eta = 0.1, d = 1/gamma^2",
        predicted=-2.0,
        measure=measures.exponent_in_margin,
        tolerance=EXPONENT_TOLERANCE,
    ),
    Claim(
        id="A3",
        kind="rate",
        claim="Exponent of eps + eta(1-eta)/(1-2eta)^2",
        predicted=1.0,
        measure=measures.exponent_in_noise,
        tolerance=EXPONENT_TOLERANCE,
    ),
    Claim(
        id="A4",
        kind="lower",
        claim="Average error over its bound at the last T, every cell",
        predicted=0.75,
        measure=measures.tightness_at_the_end,
    ),
    Claim(
        id="A4",
        kind="lower",
        claim="Its growth over the last decade of T, every cell",
        predicted=0.0,
        measure=measures.tightness_growth,
    ),
    Claim(
        id="A4",
        kind="lower",
        claim="Its fluid limit at T = 10^14, d <= 1/gamma^2",
        predicted=0.95,
        measure=measures.fluid_tightness,
    ),
    Claim(
        id="A5",
        kind="upper",
        claim="Average error over its bound, d = 3 to 10^9",
        predicted=1.0,
        measure=measures.dimension_over_bound,
    ),
    Claim(
        id="A5",
        kind="equal",
        claim="Average error over its limit of large d, d = 10^9, last T",
        predicted=1.0,
        measure=measures.error_over_high_dimension_limit,
        tolerance=0.1,
    ),
    Claim(
        id="A7",
        kind="lower",
        claim="P[some error <= eps within N(eps)], every cell",
        predicted=0.99,
        measure=measures.hit_in_time,
    ),
    Claim(
        id="A8",
        kind="equal",
        claim="Reduced less full run on its own draws, relative",
        predicted=0.0,
        measure=measures.coupling,
        tolerance=1e-12,
    ),
    Claim(
        id="A8",
        kind="equal",
        claim="Largest gap between the two distribution functions",
        predicted=0.0,
        measure=measures.distribution_gap,
        tolerance=0.05,
    ),
    Claim(
        id="A9",
        kind="lower",
        claim="P[selected within eps of the best], every cell",
        predicted=0.9,
        measure=measures.selection,
    ),
    Claim(
        id="A10",
        kind="upper",
        claim="Sigmoid link: average error over its bound, all T",
        predicted=1.0,
        measure=measures.sigmoid_over_bound,
    ),
    Claim(
        id="A11",
        kind="equal",
        claim="Error over fluid limit: gamma <= .2, 100 <= d <= 4/gamma^2, T >= 1000",
        predicted=1.0,
        measure=measures.error_over_fluid,
        tolerance=0.02,
    ),
)


def verdicts(scale: str, folder: Path) -> list[Verdict]:
    """Return the verdict on every claim, from the results at a scale.

    Raises
    ------
    FileNotFoundError
        If results are missing; the message is the command that makes them.
    """
    found = [(claim, claim.measure(scale, folder)) for claim in CLAIMS]
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
