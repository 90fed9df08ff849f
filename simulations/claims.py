"""The claims: what each predicts, and how it is measured from results."""

from simulations import adjustment_claims, comparisons, convergence_claims, measures
from simulations.claim import EXPONENT_TOLERANCE, Claim, Measure


def _exponent(of: str, predicted: float, measure: Measure) -> Claim:
    return Claim(
        id="A3",
        kind="rate",
        claim=f"Exponent of {of}",
        predicted=predicted,
        measure=measure,
        tolerance=EXPONENT_TOLERANCE,
    )


CLAIMS = (
    Claim(
        id="A0",
        kind="equal",
        claim="SLaM less LeakyReLU descent, less SQ-Perceptron, relative",
        predicted=0.0,
        measure=comparisons.identity,
        tolerance=1e-12,
    ),
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
    _exponent(
        "eps where noise rules, eta = 0.3", -2.0, measures.exponent_in_noisy_error
    ),
    _exponent("eps without noise", -1.0, measures.exponent_in_clean_error),
    _exponent("gamma, eta = 0.1, d = 1/gamma^2", -2.0, measures.exponent_in_margin),
    _exponent("eps + eta(1-eta)/(1-2eta)^2", 1.0, measures.exponent_in_noise),
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
        id="A6",
        kind="upper",
        claim="Average excess risk over its bound, each rate told, all T",
        predicted=1.0,
        measure=comparisons.excess_over_bound,
    ),
    Claim(
        id="A6",
        kind="lower",
        claim="Error of the mean iterate on the trap, told one rate",
        predicted=0.2,
        measure=comparisons.trapped,
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
    Claim(
        id="A11",
        kind="equal",
        claim="The same for every rule, with and without a ball, T >= 1000",
        predicted=1.0,
        measure=comparisons.rules_over_fluid,
        tolerance=0.1,
    ),
    *adjustment_claims.CLAIMS,
    *convergence_claims.CLAIMS,
    Claim(
        id="I1",
        kind="lower",
        claim="Slack of the lemma, least of all random laws",
        predicted=0.0,
        measure=comparisons.least_slack,
    ),
    Claim(
        id="I1",
        kind="upper",
        claim="Excess noisy error over (1-eta)/(gamma sqrt T), unit ball, all T",
        predicted=1.0,
        measure=comparisons.excess_over_guarantee,
    ),
    Claim(
        id="I1",
        kind="lower",
        claim="The same of a mean iterate, which it does not cover",
        predicted=1.0,
        measure=comparisons.mean_iterate_over_guarantee,
    ),
    Claim(
        id="I2",
        kind="lower",
        claim="Of last iterates' differences over .05, the share that selection hides",
        predicted=0.5,
        measure=comparisons.differences_hidden,
    ),
    Claim(
        id="I2",
        kind="upper",
        claim="Spread of rules after selection over that of last iterates",
        predicted=0.5,
        measure=comparisons.spread_hidden,
    ),
    Claim(
        id="I2",
        kind="lower",
        claim="Averaged less selected error, Perspectron type on the trap",
        predicted=0.1,
        measure=comparisons.average_is_not_covered,
    ),
)
