"""Average error of learners that are told another noise rate than the true one
(dotted). On three atoms both links of SLaM are best told the truth or up to a quarter
more, and err five times as much told none or nearly half; the forward loss stays below
5% from a quarter of the truth on. On the shell all stay below 5%, but for the sign link
told too little.
"""

from pathlib import Path

from matplotlib.figure import Figure

from figures import panels
from figures.names import name
from halfspace import stats
from halfspace.stats import Interval
from simulations.analysis import CONFIDENCE, series

RULES = ("slam", "slam_sigmoid", "forward")
TASKS = ("three atoms", "shell")
#: The level that the caption speaks of.
LEVEL = 0.05

#: By task and rule: the error at each told rate, the smallest first.
Errors = dict[tuple[str, str], dict[float, Interval]]


def read(scale: str, folder: Path) -> tuple[Errors, float]:
    """Return the average errors, and the true rate."""
    found: Errors = {}
    curves = series("wrong_alpha", scale, folder)
    for curve in sorted(curves, key=lambda it: float(it.cell["told"])):
        cell = curve.cell
        ends = stats.mean(curve.errors[:, -1], confidence=CONFIDENCE)
        those = found.setdefault((cell["task"], cell["rule"]), {})
        those[cell["told"]] = Interval(*(float(end) for end in ends))
    return found, float(curves[0].row["true_rate"])


def check(found: Errors, true: float) -> None:
    """Assert the caption."""
    for rule in RULES[:2]:
        errors = found[TASKS[0], rule]
        best = min(errors, key=lambda told: errors[told].estimate)
        assert true <= best <= 1.25 * true, f"{rule} is best told {best}"
        for told in (min(errors), max(errors)):
            factor = errors[told].low / errors[best].high
            assert factor > 5, f"{rule} told {told} errs only {factor} times as much"
    for told, error in found[TASKS[0], RULES[2]].items():
        good = error.high < LEVEL or told < true / 4
        assert good, f"the forward loss told {told} errs on three atoms: {error}"
    for rule in RULES:
        errors = found[TASKS[1], rule]
        for told, error in errors.items():
            good = error.high < LEVEL or (rule == RULES[0] and told < true)
            assert good, f"{rule} told {told} errs on the shell: {error}"
    none = found[TASKS[1], RULES[0]][min(errors)]
    assert none.low > LEVEL, f"told none, the sign link is good on the shell: {none}"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the average error against the told rate, a panel for each task."""
    found, true = read(scale, folder)
    if scale in panels.JUDGED:
        check(found, true)
    figure, all_axes = panels.stacked(0.85, 0.85, labels=["average error"] * 2)
    looks = dict(zip(RULES, panels.looks(), strict=False))
    for axes, task in zip(all_axes, TASKS, strict=True):
        for rule, look in looks.items():
            errors = found[task, rule]
            panels.line(axes, list(errors), [it[0] for it in errors.values()], look)
            ends = list(zip(*errors.values(), strict=True))
            panels.points(axes, list(errors), ends, look)
        panels.upright(axes, true)
        panels.label(axes, 0.98, 0.03, task, ha="right")
        axes.set_yscale("log")
        panels.numbers(axes.yaxis, (1, 3))
    entries = {name(rule): look for rule, look in looks.items()}
    panels.legend(all_axes[1], entries, "upper right")
    all_axes[1].set_xlabel("noise rate that the learner is told")
    return figure
