"""The claims about how fast corrected losses converge, B10 of the guide.

The exponents are conjectures, stated before anything was run at paper scale; the bounds
are theorems. The tolerance of the second moments is the rounding of a quadrature.
"""

from halfspace.theory import convergence as theory
from simulations import convergence_measures as measures
from simulations.claim import Claim, exponent

CLAIMS = (
    exponent(
        "B10",
        "eps, forward at step 1, eta = 0.3 (conjecture)",
        theory.FORWARD_ERROR_EXPONENT,
        measures.exponent("eps", "forward"),
    ),
    exponent(
        "B10",
        "gamma, forward, d = 1/gamma^2 (conjecture)",
        theory.FORWARD_MARGIN_EXPONENT,
        measures.exponent("gamma", "forward"),
    ),
    exponent(
        "B10",
        "1-2eta, forward, the two noisiest rates (conjecture)",
        theory.FORWARD_ACCURACY_EXPONENT,
        measures.exponent("1-2eta", "forward"),
    ),
    exponent(
        "B10",
        "eps, sigmoid link at step 1, eta = 0.3 (its bound's)",
        theory.LINK_ERROR_EXPONENT,
        measures.exponent("eps", "slam_sigmoid"),
    ),
    Claim(
        id="B10",
        kind="upper",
        claim="Backward's average error over A10's bound, no ball, all cells, all T",
        predicted=1.0,
        measure=measures.backward_over_bound,
    ),
    Claim(
        id="B10",
        kind="upper",
        claim="Forward's second moment over its largest slope squared, every state",
        predicted=1.0,
        measure=measures.forward_moment,
        tolerance=1e-9,
    ),
    Claim(
        id="B10",
        kind="lower",
        claim="Backward's second moment over eta(1-eta)/(1-2eta)^2, every state",
        predicted=1.0,
        measure=measures.backward_moment,
        tolerance=1e-9,
    ),
)
