"""The mean forward loss on two atoms (the rare one of mass 0.1, η = 0.2): along w* it
falls everywhere but is not convex, with a plateau on the wrong side. In the plane of
both atoms (lighter is lower) it has no stationary point either. Yet of six descents
from zero some end along the common atom, wrong on the rare one, which is right below
the dashed line.
"""

from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace._check import Array
from halfspace.correction import binary_forward
from halfspace.finite import Atoms
from halfspace.theory.landscape import forward_drift
from simulations.engine.results import load
from simulations.landscape_measures import stalls
from simulations.stall import the_law

HEIGHT, STEP = 0.3, 1.0
#: Of the plane that is drawn: along and across w*.
ALONG, ACROSS = (-4.0, 36.0), (-4.0, 16.0)


def loss(law: Atoms, rate: float, w: Array) -> Array:
    """Return the mean forward loss over points and labels, at w (..., 2)."""
    z = w @ np.array(law.points).T
    right, wrong = binary_forward(z, rate).value, binary_forward(-z, rate).value
    mean: Array = ((1 - rate) * right + rate * wrong) @ np.array(law.weights)
    return mean


def check(law: Atoms, rate: float, line: Array, plane: Array, paths: Array) -> None:
    """Assert the caption."""
    values = loss(law, rate, line)
    assert (np.diff(values) < 0).all(), "the loss rises along w*"
    bend = np.diff(values, 2)
    assert (bend < 0).any(), "it is convex"
    assert (bend > 0).any(), "it is concave"
    points = np.array(law.points)
    push = forward_drift(plane @ points.T, rate) * np.array(law.weights)
    assert (push @ points[:, 0] > 0).all(), "a stationary point"
    wrong = (paths[:, -1] @ points.T)[:, 1] < 0
    assert 0 < wrong.sum() < len(wrong), f"{wrong.sum()} of {len(wrong)} stuck"


@panels.styled
def draw(scale: str, folder: Path) -> Figure:
    """Draw the loss along w*, and the plane with descents from zero."""
    spec = load("stall", scale, folder)["spec"]
    rate, mass = spec["rate"], spec["mass"]
    law = the_law("two", spec["margin"], HEIGHT, mass)
    (entry,) = stalls(
        scale, folder, law="two", rule="forward", step=STEP, height=HEIGHT, mass=mass
    )
    paths = np.array(entry["row"]["paths"])
    u, v = np.linspace(*ALONG, 221), np.linspace(*ACROSS, 161)
    line = np.stack([np.linspace(-80, 80, 321), np.zeros(321)], axis=-1)
    plane = np.stack(np.meshgrid(u, v), axis=-1)
    if scale in panels.JUDGED:
        check(law, rate, line, plane, paths)
    figure, (above, below) = panels.stacked(0.7, 1.3, sharex=False)
    panels.line(above, line[:, 0], loss(law, rate, line), panels.looks()[0])
    above.set(xlabel="w along w*, nothing across", ylabel="mean loss")
    least = loss(law, rate, 1e4 * line[-1])  # what w* itself tends to
    height = np.log10(loss(law, rate, plane) - least)
    below.contourf(u, v, height, levels=np.arange(-4, 0.6, 0.25), cmap="Blues")
    right, wrong = panels.looks()[2], panels.looks()[1]
    for path in paths:
        end = path[-1] @ np.array(law.points)[1]
        look = wrong if end < 0 else right
        at = np.concatenate([np.zeros((1, 2)), path])
        below.plot(*at.T, **look | {"markersize": panels.marker(0.6)})
    first, slope = np.array(law.points)[1], np.array(ALONG)
    below.plot(
        slope, -slope * first[0] / first[1], **panels.predicted() | {"linestyle": "--"}
    )
    below.set(xlabel="w along w*", ylabel="w across", xlim=ALONG, ylim=ACROSS)
    below.grid(visible=False)
    entries = {"ends right": right, "stuck": wrong}
    panels.legend(below, entries, "upper right")
    return figure
