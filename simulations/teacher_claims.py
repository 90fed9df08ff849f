"""The claims about an estimated teacher, section D of the guide.

The exponents and limits of large n are asymptotic: how many rows are many was set on
pilot runs of other seeds. The tolerance of D1's program is what its solver can do.
"""

from halfspace.theory import estimation as theory
from simulations import teacher_measures as measures
from simulations.claim import EXPONENT_TOLERANCE, Claim, exponent
from simulations.intervals import of_rows

CLAIMS = (
    Claim(
        id="D1",
        kind="equal",
        claim="Instances whose fit has no certificate in exact arithmetic",
        predicted=0.0,
        measure=of_rows(
            "isotonic", lambda rows: sum(row["not_certified"] for row in rows)
        ),
    ),
    Claim(
        id="D1",
        kind="equal",
        claim="Largest sum of w (y - f)(g - f) over monotone g within bounds",
        predicted=0.0,
        measure=of_rows("isotonic", lambda rows: max(row["ascent"] for row in rows)),
        tolerance=1e-12,
    ),
    Claim(
        id="D1",
        kind="equal",
        claim="Fit less the solution of the quadratic program, largest",
        predicted=0.0,
        measure=of_rows(
            "isotonic", lambda rows: max(row["from_program"] for row in rows)
        ),
        tolerance=1e-4,
    ),
    exponent(
        "D2",
        "n, squared error of a smooth accuracy, n >= 10^4",
        theory.SMOOTH_EXPONENT,
        measures.exponent("smooth", least=measures.LARGER),
    ),
    Claim(
        id="D2",
        kind="equal",
        claim="Squared error of a smooth accuracy over its law, n >= 1000",
        predicted=1.0,
        measure=measures.furthest("smooth", least=measures.LARGE),
        tolerance=0.1,
    ),
    Claim(
        id="D2",
        kind="upper",
        claim="Squared error of an accuracy with a step over its bound, all n",
        predicted=1.0,
        measure=measures.largest("step"),
    ),
    Claim(
        id="D2",
        kind="rate",
        claim="Exponent of n of the same ratio",
        predicted=0.0,
        measure=measures.exponent("step", relative=True),
        tolerance=EXPONENT_TOLERANCE,
    ),
    Claim(
        id="D2",
        kind="equal",
        claim="Squared error of a flat accuracy over its mean, all n",
        predicted=1.0,
        measure=measures.furthest("flat"),
        tolerance=0.1,
    ),
    exponent(
        "D3",
        "n, share of points whose k-hat is wrong, n >= 1000",
        theory.SIZE_EXPONENT,
        measures.exponent("classes", least=measures.LARGE),
    ),
    Claim(
        id="D3",
        kind="equal",
        claim="That share over its law, n >= 1000",
        predicted=1.0,
        measure=measures.furthest("classes", least=measures.LARGE),
        tolerance=0.2,
    ),
    Claim(
        id="D3",
        kind="equal",
        claim="Instances with top-k accuracies or k-hat out of order",
        predicted=0.0,
        measure=of_rows(
            "isotonic", lambda rows: sum(row["out_of_order"] for row in rows)
        ),
    ),
    Claim(
        id="D4",
        kind="upper",
        claim="(1-2eta) x average error over the bound, told a fit, all n, all T",
        predicted=1.0,
        measure=measures.excess_over_bound,
    ),
    Claim(
        id="D4",
        kind="equal",
        claim="Average error told a fit on the most rows, less told alpha",
        predicted=0.0,
        measure=measures.last_gap,
        tolerance=0.002,
    ),
    Claim(
        id="D4",
        kind="lower",
        claim="The same told one rate for all",
        predicted=0.1,
        measure=measures.blind_gap,
    ),
    Claim(
        id="D5",
        kind="lower",
        claim="P[upper bound of the noise rate, 99%, not below it], every rate",
        predicted=0.99,
        measure=measures.least_covered,
    ),
    Claim(
        id="D5",
        kind="equal",
        claim="Mean least held-out error less the noise rate, every rate",
        predicted=0.0,
        measure=measures.rate_bias,
        tolerance=0.02,
    ),
)
