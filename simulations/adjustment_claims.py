"""The claims about forward and backward adjustment, section B of the guide."""

from simulations import comparisons
from simulations.claim import Claim

CLAIMS = (
    *(
        Claim(
            id=name,
            kind="equal",
            claim=claim,
            predicted=0.0,
            measure=comparisons.deviation(name),
            tolerance=1e-12,
        )
        for name, claim in {
            "B1": "Forward's mean slope less a weight times the clean slope",
            "B2": "Forward's largest slope less what is claimed",
            "B3": "Backward's mean slope less the clean slope, every loss",
            "B4": "Variances of both slopes less what is claimed",
            "B7": "Matched slope less beta times backward's",
        }.items()
    ),
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
)
