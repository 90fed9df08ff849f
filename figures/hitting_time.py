"""When some iterate first has error at most ε, in units of N(ε). Top: in every trial
before N(ε); one curve for every η and ε. Bottom: with probability 50%, 90% and 99%, the
last within a third of N(ε).
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy import stats

from figures import panels
from halfspace._check import Array
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load

#: The quantiles of the bottom panel.
CHANCES = (0.5, 0.9, 0.99)


class Law(NamedTuple):
    """How many trials hit an error within each fraction of N(error)."""

    rate: float
    error: float
    trials: int
    fractions: Array
    hits: Array

    def quantile(self, chance: float) -> Interval:
        """Return the fraction of N within which trials hit with this probability.

        The interval is between order statistics, so exact but for the grid of
        fractions, which widens it; its upper end is infinite if trials are too few.
        """
        tail = (1 - CONFIDENCE) / 2
        low, high = stats.binom.ppf([tail, 1 - tail], self.trials, chance)
        grid = np.concatenate([[0.0], self.fractions, [np.inf]])
        ranks = [chance * self.trials, low, high + 1]
        at = [int(np.searchsorted(self.hits, rank)) + 1 for rank in ranks]
        return Interval(*(float(grid[i]) for i in (at[0], at[1] - 1, at[2])))


def read(scale: str, folder: Path) -> list[Law]:
    """Return the laws, ordered by rate and error."""
    table = load("hitting_time", scale, folder)
    found = []
    for entry in table["rows"]:
        row, rate = entry["row"], entry["cell"]["rate"]
        fractions = np.asarray(row["fractions"])
        for error, hits in zip(table["spec"]["errors"], row["hits"], strict=True):
            found.append(Law(rate, error, row["trials"], fractions, np.asarray(hits)))
    return sorted(found, key=lambda it: it[:2])


def check(laws: list[Law]) -> None:
    """Assert the caption."""
    for it in laws:
        missed = it.trials - it.hits[it.fractions <= 1][-1]
        assert missed == 0, f"η = {it.rate}, ε = {it.error}: {missed} trials too late"
        late = it.quantile(0.99)
        assert late.high < 1 / 3, f"η = {it.rate}, ε = {it.error}: {late} of N(ε)"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the distribution functions, and their quantiles against ε."""
    laws = read(scale, folder)
    if scale in panels.JUDGED:
        check(laws)
    figure, (above, below) = panels.stacked(
        0.9, 1.1, sharex=False, labels=("P[hit ε by T]", "T / N(ε)")
    )
    rates = sorted({it.rate for it in laws})
    looks = dict(zip(rates, panels.looks(), strict=False))
    for it in laws:
        panels.line(above, it.fractions, it.hits / it.trials, looks[it.rate])
    for index, rate in enumerate(rates):
        those = [it for it in laws if it.rate == rate]
        x = panels.aside([it.error for it in those], index, len(rates), by=1.15)
        found = np.array([[it.quantile(q) for it in those] for q in CHANCES])
        for quantiles in found:
            panels.points(below, x, np.minimum(quantiles, 2).T, looks[rate])
        panels.between(below, x, found[0, :, 0], found[-1, :, 0], looks[rate])
    for chance, (height, *_) in zip(CHANCES, found[:, -1], strict=True):
        panels.beside(below, x[-1], height, f"{chance:.0%}", level=True)
    entries = {f"η = {rate:g}": looks[rate] for rate in rates}
    panels.legend(above, entries, "upper left")
    panels.upright(above, 1)
    above.set(xscale="log", xlim=(0.01, 1.2), xlabel="T / N(ε)", ylim=(0, 1.05))
    panels.numbers(above.xaxis, (1, 3))
    below.set(xscale="log", yscale="log", xlabel="target error ε", ylim=(0.03, 0.5))
    panels.numbers(below.xaxis)
    panels.numbers(below.yaxis, (1, 3))
    return figure
