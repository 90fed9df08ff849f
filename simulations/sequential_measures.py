"""How claims are measured whose trials were added until they were decided."""

from pathlib import Path

from halfspace.stats import Interval
from simulations import sure_hits
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load
from simulations.intervals import least


def hit_in_time(scale: str, folder: Path) -> Interval:
    """A7: the chance to hit eps within N(eps), the smallest; valid at any stop."""
    blocks: dict[float, list[dict[str, int]]] = {}
    for entry in load("sure_hits", scale, folder)["rows"]:
        blocks.setdefault(entry["cell"]["rate"], []).append(entry["row"])
    return least(
        sure_hits.interval(rows, confidence=CONFIDENCE, cells=len(blocks))
        for rows in blocks.values()
    )
