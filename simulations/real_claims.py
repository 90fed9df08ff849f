"""The claims about real data, section H of the guide.

The predictions are signs, written before anything was run at paper scale.
"""

from simulations import real_measures as measures
from simulations.claim import Claim

NAMES = {
    "uniform": "uniform flips, told one rate",
    "by class": "flips by class, told one rate",
    "by margin": "flips by margin, told one rate",
    "teacher": "labels of weak teachers, told accuracy by margin",
}

CLAIMS = tuple(
    Claim(
        id="H2",
        kind="lower",
        claim=f"Plain logistic regression's error less SLaM's: {name}",
        predicted=0.0,
        measure=measures.gain(noise),
    )
    for noise, name in NAMES.items()
)
