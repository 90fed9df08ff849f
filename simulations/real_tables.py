"""Tables of the guide about real data, claim H2."""

from pathlib import Path

import numpy as np

from halfspace import stats
from halfspace._check import Array
from simulations.analysis import CONFIDENCE
from simulations.engine.results import load
from simulations.markdown import table
from simulations.real_measures import JUDGED, Errors, Place, errors

SCALE = "paper"
#: It is told what nobody knows, and is no rival.
ORACLE = "SLaM, told"


def named(noise: str, level: object) -> str:
    """Return what a noise is called: its kind and rate, or its teacher."""
    return str(level) if noise == "teacher" else f"{noise}, {level:g}"


def compared(less: Array, comparisons: int) -> int:
    """Return 1 if the mean of `less` (splits,) is above 0, -1 if below, 0 if unsure.

    All so many comparisons together are right with the usual confidence.

    >>> compared(np.array([0.9, 1.0, 1.1]), 1), compared(np.array([-1.0, 1.0]), 1)
    (1, 0)
    """
    if np.ptp(less) == 0:
        return int(np.sign(less[0]))
    level = 1 - (1 - CONFIDENCE) / comparisons
    _, low, high = stats.mean(less, confidence=level)
    return int(low > 0) - int(high < 0)


def _cells(row: dict[str, Array], methods: list[str]) -> list[str]:
    """Return errors in percent: the best in bold, what may be as good in italics."""
    rivals = {name: it for name, it in row.items() if name != ORACLE}
    best = min(rivals, key=lambda name: float(rivals[name].mean()))
    texts = []
    for name in methods:
        if name not in row:
            texts.append("—")
            continue
        centre, low, high = stats.mean(100 * row[name], confidence=CONFIDENCE)
        text = f"{centre:.1f} ± {(high - low) / 2:.1f}"
        close = compared(row[name] - row[best], len(rivals) - 1) <= 0
        mark = "**" if name == best else "*" if close and name != ORACLE else ""
        texts.append(mark + text + mark)
    return texts


def comparison(folder: Path) -> list[str]:
    """Return the test error of each method, in percent, and why one has none."""
    found, results = errors(SCALE, folder), load("real_data", SCALE, folder)
    methods = list(results["spec"]["methods"])
    rows = [
        (f"{data}, {named(noise, level)}", *_cells(row, methods))
        for (data, noise, level), row in found.found.items()
    ]
    used = {
        f"{name} {number}"
        for entry in results["rows"]
        for name, number in entry["row"].get("versions", {}).items()
    }
    made = [f"\nRun with {', '.join(sorted(used))}."] if used else []
    return [*table(("test error, %", *methods), rows), *_reasons(found), *made]


def _reasons(found: Errors) -> list[str]:
    """Return a line for each reason for a dash."""
    why: dict[tuple[str, str], list[str]] = {}
    for (data, noise, level), missing in found.missing.items():
        for method, reason in missing.items():
            why.setdefault((method, reason), []).append(
                f"{data}, {named(noise, level)}"
            )
    return [
        f"\n— {method} ({'; '.join(places)}): {reason}."
        for (method, reason), places in why.items()
    ]


def rates(folder: Path) -> list[str]:
    """Return how many labels are wrong: by the law, and in the splits that were run."""
    results = load("real_data", SCALE, folder)
    rows = {
        (it["cell"]["data"], it["cell"]["noise"], it["cell"]["level"]): it["row"]
        for it in results["rows"]
        if it["cell"]["method"] == "plain"
    }
    lines = []
    for data in results["spec"]["data"]:
        texts = []
        for noise, level in results["spec"]["noises"]:
            row = rows[data, noise, level]
            shares = [
                float(np.mean(row[key])) / row["train"]
                for key in ("predicted_flipped", "flipped")
            ]
            law = "" if noise == "teacher" else f"{shares[0]:.3f} / "
            texts.append(f"{law}{shares[1]:.3f}")
        lines.append((data, *texts))
    heads = (named(noise, level) for noise, level in results["spec"]["noises"])
    return table(("wrong: by law / drawn", *heads), lines)


def verdict_of(places: dict[Place, dict[str, Array]]) -> dict[str, dict[Place, int]]:
    """Return where SLaM errs less (1) or more (-1) than each rival, or unsure (0)."""
    ours = set(JUDGED.values()) | {ORACLE}
    pairs = [
        (rival, place, row[rival] - row[JUDGED[place[1]]])
        for place, row in places.items()
        for rival in row
        if rival not in ours
    ]
    found: dict[str, dict[Place, int]] = {}
    for rival, place, less in pairs:
        found.setdefault(rival, {})[place] = compared(less, len(pairs))
    return found


def _tally(signs: list[int]) -> str:
    return f"{signs.count(1)} / {signs.count(-1)} / {signs.count(0)}"


def wins(folder: Path) -> list[str]:
    """Return how often SLaM wins, loses and ties against each rival, and a sentence."""
    found = verdict_of(errors(SCALE, folder).found)
    rows = [
        (
            rival,
            *(
                _tally([s for at, s in it.items() if at[1] == noise])
                for noise in JUDGED
            ),
        )
        for rival, it in found.items()
    ]
    lines = table(("SLaM wins / loses / unsure", *JUDGED), rows)
    return [*lines, "", sentence(found)]


def sentence(found: dict[str, dict[Place, int]]) -> str:
    """Return in words against whom SLaM wins and loses.

    >>> place = ("wine", "uniform", 0.2)
    >>> sentence({"plain": {place: 1}, "IRBL": {place: 0}})
    'Of 2 comparisons SLaM wins 1, loses 0 and 1 are unsure. It wins against plain (1).'
    """
    signs = [sign for it in found.values() for sign in it.values()]
    words = [
        f"Of {len(signs)} comparisons SLaM wins {signs.count(1)}, loses "
        f"{signs.count(-1)} and {signs.count(0)} are unsure."
    ]
    for sign, verb in ((1, "wins against"), (-1, "loses to")):
        counts = {
            rival: sum(each == sign for each in it.values())
            for rival, it in found.items()
        }
        parts = [
            f"{rival} ({count})"
            for rival, count in sorted(counts.items(), key=lambda it: -it[1])
            if count
        ]
        if parts:
            words.append(f"It {verb} {', '.join(parts)}.")
    return " ".join(words)
