"""The claims about forward and backward adjustment, section B of the guide."""

from simulations import comparisons, landscape_measures
from simulations.claim import EXPONENT_TOLERANCE, Claim, exponent

_IDENTITIES = {
    "B1": "Forward's mean slope less a weight times the clean slope",
    "B2": "Forward's largest slope less what is claimed",
    "B3": "Backward's mean slope less the clean slope, every loss",
    "B4": "Variances of both slopes less what is claimed",
    "B7": "Matched slope less beta times backward's",
}


def _identity(name: str) -> Claim:
    return Claim(
        id=name,
        kind="equal",
        claim=_IDENTITIES[name],
        predicted=0.0,
        measure=comparisons.deviation(name),
        tolerance=1e-12,
    )


CLAIMS = (
    *map(_identity, ("B1", "B2", "B3", "B4")),
    Claim(
        id="B5",
        kind="lower",
        claim="-grad.w* over gamma D(|w|), least of all random laws and w",
        predicted=1.0,
        measure=landscape_measures.least_progress,
        tolerance=1e-9,
    ),
    Claim(
        id="B6",
        kind="rate",
        claim="Growth of log steps of forward with c gamma, two deepest starts",
        predicted=1.0,
        measure=landscape_measures.forward_exponent,
        tolerance=EXPONENT_TOLERANCE,
    ),
    Claim(
        id="B6",
        kind="equal",
        claim="Forward's steps over the closed form, c gamma >= 8, every cell",
        predicted=1.0,
        measure=landscape_measures.escape_over_theory,
        tolerance=0.05,
    ),
    Claim(
        id="B6",
        kind="upper",
        claim="Sign link from -c w*: average error over its bound, every cell",
        predicted=1.0,
        measure=landscape_measures.far_error_over_bound,
    ),
    exponent(
        "B6",
        "c in the sign link's steps, d = 10^6",
        1.0,
        landscape_measures.sign_exponent,
    ),
    _identity("B7"),
    Claim(
        id="B8",
        kind="equal",
        claim="Error of logistic and hinge minimisers on two laws",
        predicted=0.5,
        measure=comparisons.convex_error,
    ),
    Claim(
        id="B8",
        kind="equal",
        claim="Error of SLaM and forward, largest of all margins and rates",
        predicted=0.0,
        measure=comparisons.mixed_error,
    ),
    Claim(
        id="B9",
        kind="equal",
        claim="Laws of two atoms with a trap where none is said to be, or the reverse",
        predicted=0.0,
        measure=landscape_measures.wrong_traps,
    ),
    Claim(
        id="B9",
        kind="lower",
        claim="Share of forward runs stuck, step .1, where the mean descent from 0 is",
        predicted=0.5,
        measure=landscape_measures.stuck_where_the_flow_is,
    ),
    Claim(
        id="B9",
        kind="upper",
        claim="Share of forward runs stuck at equal norms, step 1, the largest",
        predicted=0.05,
        measure=landscape_measures.stuck_at_equal_norms,
    ),
    Claim(
        id="B9",
        kind="upper",
        claim="Share of runs stuck, sign and sigmoid link, backward, Perspectron type",
        predicted=0.25,
        measure=landscape_measures.stuck_others,
    ),
)
