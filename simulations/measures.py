"""How each claim is measured: from a scale and a results folder to an interval.

Where a claim speaks of every cell, the interval is that of the worst, and covers it
together with all others (Bonferroni).
"""

from pathlib import Path

import numpy as np

from halfspace import stats, theory
from halfspace.stats import Interval
from simulations.analysis import (
    CONFIDENCE,
    furthest_ratio,
    pooled,
    series,
    slope,
    trials,
    worst_ratio,
)
from simulations.engine.results import load
from simulations.intervals import exact, least

CURVES = ("rate_in_error", "rate_in_margin", "rate_in_noise", "dimension", "tightness")


def error_over_bound(scale: str, folder: Path) -> Interval:
    """A1: measured average error over `theory.average_error`, the largest."""
    return worst_ratio([c for name in CURVES for c in series(name, scale, folder)])


def mistakes_over_bound(scale: str, folder: Path) -> Interval:
    """A2: the most mistakes of any trial without noise, over `theory.mistake_bound`."""
    worst = 0.0
    for name in CURVES:
        table = load(name, scale, folder)
        for curve in series(name, scale, folder):
            known = table["spec"] | curve.cell
            if known["rate"] == 0:
                bound = round(float(theory.mistake_bound(known["margin"])), 9)
                worst = max(worst, curve.most_mistakes / bound)
    return exact(worst)


def exponent_in_error(scale: str, folder: Path, rate: float) -> Interval:
    """A3: the exponent of eps between the two smallest targets."""
    errors = sorted(load("rate_in_error", scale, folder)["spec"]["errors"])[:2]
    (curve,) = series("rate_in_error", scale, folder, rate=rate)
    return slope([(curve, error) for error in errors], errors)


def exponent_in_noisy_error(scale: str, folder: Path) -> Interval:
    """A3: the exponent of eps at the noisiest rate."""
    rates = load("rate_in_error", scale, folder)["spec"]["rates"]
    return exponent_in_error(scale, folder, max(rates))


def exponent_in_clean_error(scale: str, folder: Path) -> Interval:
    """A3: the exponent of eps without noise."""
    return exponent_in_error(scale, folder, 0.0)


def exponent_in_margin(scale: str, folder: Path) -> Interval:
    """A3: the fitted exponent of gamma at eta = 0.1."""
    error = load("rate_in_margin", scale, folder)["spec"]["error"]
    curves = series("rate_in_margin", scale, folder, rate=0.1)
    return slope([(c, error) for c in curves], [c.cell["margin"] for c in curves])


def exponent_in_noise(scale: str, folder: Path) -> Interval:
    """A3: the fitted exponent of eps + `theory.noise_factor`, over the noise rates."""
    error = load("rate_in_noise", scale, folder)["spec"]["error"]
    curves = series("rate_in_noise", scale, folder)
    return slope(
        [(c, error) for c in curves], [c.row["noise_factor"] + error for c in curves]
    )


def tightness_at_the_end(scale: str, folder: Path) -> Interval:
    """A4: measured over bound at the last T, the smallest of all cells."""
    curves = series("tightness", scale, folder)
    level = 1 - (1 - CONFIDENCE) / len(curves)
    ends = [[part[-1] for part in c.ratio(confidence=level)] for c in curves]
    return least(ends)


def tightness_growth(scale: str, folder: Path) -> Interval:
    """A4: how much that ratio grew over the last decade of T, the least of all."""
    curves = series("tightness", scale, folder)
    level = 1 - (1 - CONFIDENCE) / len(curves)
    grown = [stats.mean(c.growth(), confidence=level) for c in curves]
    return least([float(end) for end in ends] for ends in grown)


def fluid_tightness(scale: str, folder: Path) -> Interval:
    """A4: the fluid limit over the bound at the far horizon, the smallest."""
    table = load("tightness", scale, folder)
    hard = table["spec"]["margin"] ** -2 + 1e-9
    rows = [it["row"] for it in table["rows"] if it["cell"]["dim"] <= hard]
    lowest = min(
        row["fluid_average_error"][-1] / row["fluid_bound"][-1] for row in rows
    )
    return exact(lowest)


def dimension_over_bound(scale: str, folder: Path) -> Interval:
    """A5: measured average error over the bound, the largest over d and T."""
    return worst_ratio(series("dimension", scale, folder))


def error_over_high_dimension_limit(scale: str, folder: Path) -> Interval:
    """A5: measured over `theory.high_dimension_error`, at the largest d and T."""
    curves = series("dimension", scale, folder)
    ends = max(curves, key=lambda c: c.cell["dim"]).ratio("limit_average_error")
    return Interval(*(float(end[-1]) for end in ends))


def hit_in_time(scale: str, folder: Path) -> Interval:
    """A7: the fraction of trials that hit eps within N(eps), the smallest."""
    rows = [entry["row"] for entry in load("hitting_time", scale, folder)["rows"]]
    hits = [(counts[-1], row["trials"]) for row in rows for counts in row["hits"]]
    return _least_fraction(hits)


def _least_fraction(hits: list[tuple[int, int]]) -> Interval:
    level = 1 - (1 - CONFIDENCE) / len(hits)
    found = [stats.binomial(count, of, confidence=level) for count, of in hits]
    return least(found)


def coupling(scale: str, folder: Path) -> Interval:
    """A8: the largest relative difference on the full run's own draws."""
    rows = [entry["row"] for entry in load("reduction", scale, folder)["rows"]]
    worst = max(row["largest_difference"] for row in rows)
    return exact(worst)


def distribution_gap(scale: str, folder: Path) -> Interval:
    """A8: the largest sup |F - G|, by the Dvoretzky-Kiefer-Wolfowitz inequality."""
    rows = [entry["row"] for entry in load("reduction", scale, folder)["rows"]]
    gaps = [
        gap / row["trials"]
        for row in rows
        for gap in row["largest_count_difference"].values()
    ]
    # Both samples have n trials; each is within `reach` of its law but for delta / 2.
    share = (1 - CONFIDENCE) / (2 * len(gaps))
    reach = 2 * np.sqrt(np.log(2 / share) / (2 * rows[0]["trials"]))
    worst = max(gaps)
    return Interval(worst, max(0.0, worst - reach), worst + reach)


def selection(scale: str, folder: Path) -> Interval:
    """A9: the fraction of trials whose selected iterate is within eps of the best."""
    entries = load("link", scale, folder)["rows"]
    hits = [
        (
            sum(row["close_to_best"] for row in rows),
            trials(rows),
        )
        for _, rows in pooled(entries, ("rate", "rule"))
    ]
    return _least_fraction(hits)


def sigmoid_over_bound(scale: str, folder: Path) -> Interval:
    """A10: average error over `theory.sigmoid_average_error`, the largest."""
    return worst_ratio(series("link", scale, folder, rule="slam_sigmoid"))


def error_over_fluid(scale: str, folder: Path) -> Interval:
    """A11: measured over fluid average error where it should be good, the furthest."""
    curves = [
        c
        for c in series("fluid", scale, folder, rule="slam")
        if c.cell["margin"] <= 0.2
        and 100 <= c.cell["dim"] <= 4 / c.cell["margin"] ** 2 + 1e-9
    ]
    return furthest_ratio(curves, "fluid_average_error", first=1000)
