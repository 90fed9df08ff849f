"""The claims about robust active distillation, section F of the guide.

Nothing is sampled but the instances: each is judged exactly, but for the rounding of
numbers, and that of the solver of linear programs.
"""

from collections.abc import Iterator

from simulations.claim import Claim, Measure
from simulations.intervals import of_rows

#: What a linear program is good for, and what a sum of rounded numbers is.
SOLVED, ROUNDED = 1e-8, 1e-12


def largest(*keys: str) -> Measure:
    """Return what measures the largest of these numbers over all instances."""

    return of_rows(
        "active",
        lambda rows: max(row[key] for row in rows for key in keys if key in row),
    )


def _equal(name: str, claim: str, tolerance: float, *keys: str) -> Claim:
    return Claim(
        id=name,
        kind="equal",
        claim=claim,
        predicted=0.0,
        measure=largest(*keys),
        tolerance=tolerance,
    )


def _at_most(name: str, claim: str, *keys: str) -> Claim:
    return Claim(
        id=name,
        kind="upper",
        claim=claim,
        predicted=0.0,
        measure=largest(*keys),
        tolerance=ROUNDED,
    )


def _claims() -> Iterator[Claim]:
    yield _equal("F1", "Worth by the formula less by linear program", SOLVED, "formula")
    yield _equal("F1", "Worth of the draw less by linear program", SOLVED, "draw")
    yield _equal("F1", "The same with a budget, weights up to 1/b", SOLVED, "capped")
    yield _equal("F2", "Water level less the worth, exactly known", ROUNDED, "level")
    yield _equal(
        "F2", "Sum or sizes not as said, of any instance", 0.0, "share", "support"
    )
    yield _equal("F3", "Probability of a point less the given one", ROUNDED, "marginal")
    yield _equal("F3", "Points drawn less b, every outcome", 0.0, "count")
    yield _at_most("F3", "Covariance of two points, the largest", "covariance")
    yield _at_most("F4", "Worth of uniform and greedy less the best", "rival")
    yield _at_most("F4", "The same with a budget", "capped_rival")
    yield _equal(
        "F4", "A tie where none is said to be, or the reverse", 0.0, "uniform", "greedy"
    )


CLAIMS = tuple(_claims())
