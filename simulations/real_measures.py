"""How claim H2 is measured: errors on real data, and their paired differences.

An interval covers the mean over splits of these data sets, and speaks of no others.
"""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from halfspace import stats
from halfspace._check import Array
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE
from simulations.claim import Measure
from simulations.engine.results import load
from simulations.intervals import UNKNOWN
from simulations.real_data import ANY, WITHOUT

#: Which SLaM is judged: told the accuracy by the score that there is. Labels that were
#: flipped at random have none, so one rate.
JUDGED: Mapping[str, str] = MappingProxyType(
    {
        "uniform": "SLaM, one rate",
        "by class": "SLaM, one rate",
        "by margin": "SLaM, one rate",
        "teacher": "SLaM, by margin",
    }
)

#: Data, noise and its level.
Place = tuple[str, str, Any]


class Errors(NamedTuple):
    """Test errors (splits,) by place and method, and why others have none."""

    found: dict[Place, dict[str, Array]]
    missing: dict[Place, dict[str, str]]


def errors(scale: str, folder: Path) -> Errors:
    """Read the errors; methods that use no noisy label have theirs at every noise."""
    table = load("real_data", scale, folder)
    spec = table["spec"]
    keys = ("data", "noise", "level", "method")
    rows = {tuple(it["cell"][key] for key in keys): it["row"] for it in table["rows"]}
    result = Errors({}, {})
    for data in spec["data"]:
        for noise, level in spec["noises"]:
            found = result.found.setdefault((data, noise, level), {})
            missing = result.missing.setdefault((data, noise, level), {})
            for method in spec["methods"]:
                row = rows[
                    data, *(ANY if method in WITHOUT else (noise, level)), method
                ]
                if "skipped" in row:
                    missing[method] = row["skipped"]
                else:
                    found[method] = np.asarray(row["wrong"]) / row["test"]
    return result


def difference(found: Errors, noise: str, method: str, rival: str) -> Array | None:
    """Return by how much a method errs less than a rival under a noise, (splits,).

    The mean over data sets and levels in each split; None unless both are everywhere.
    """
    at = [row for (_, kind, _), row in found.found.items() if kind == noise]
    if not at or not all(method in row and rival in row for row in at):
        return None
    less: Array = np.mean([row[rival] - row[method] for row in at], axis=0)
    return less


def gain(noise: str) -> Measure:
    """H2: by how much SLaM errs less than plain logistic regression under a noise.

    The intervals of all kinds of noise hold together.
    """

    def measured(scale: str, folder: Path) -> Interval:
        less = difference(errors(scale, folder), noise, JUDGED[noise], "plain")
        if less is None:
            return UNKNOWN
        level = 1 - (1 - CONFIDENCE) / len(JUDGED)
        return Interval(*(float(end) for end in stats.mean(less, confidence=level)))

    return measured
