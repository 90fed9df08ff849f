"""Does a narrow student that starts from its teacher close part of the gap to it?

Claim G3: bags of tokens whose classes are those of a known random network; a wide
teacher is trained, then students of several widths from random weights and from the
teacher's, on few labelled bags, with and without more that the teacher labels.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from halfspace._check import Ints
from halfspace._logits import Floats
from halfspace._random import stream
from halfspace.distill.guide import compress, evenly
from halfspace.distill.mlp import scores
from halfspace.distill.network import Layer, Network, Parameters, initial
from halfspace.distill.training import Training, fit


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    A bag holds each of `tokens` a Poisson number of times, `bag` in all on average. The
    truth embeds them in `dim` dimensions and has one hidden layer of `units`.
    """

    tokens: int = 100
    bag: float = 6.0
    dim: int = 16
    units: int = 24
    classes: int = 5
    teacher: int = 64
    widths: tuple[int, ...] = (4, 8, 16, 32)
    teacher_rows: int = 3000
    labelled: int = 300
    unlabelled: int = 1500
    test_rows: int = 2000
    epochs: tuple[int, int, int] = (20, 40, 10)  # teacher, labelled alone, distilled
    trials: int = 20
    seed: int = 0


SCALES = {
    "test": Spec(
        tokens=20,
        widths=(2, 4),
        teacher=8,
        teacher_rows=100,
        labelled=70,
        unlabelled=70,
        test_rows=50,
        epochs=(1, 1, 1),
        trials=5,
    ),
    "quick": Spec(
        widths=(4, 16), teacher_rows=1500, unlabelled=1000, test_rows=1000, trials=8
    ),
    "paper": Spec(),
}


class Bags(NamedTuple):
    """Counts of tokens, (trials, n, V), and their classes, (trials, n)."""

    x: Floats
    y: Ints


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the widths of students."""
    for width in spec.widths:
        yield {"width": width}


def measure(spec: Spec, *, width: int) -> dict[str, Any]:
    """Return how many test bags each start has right, by trial, after each training."""
    # The width is in no stream's name: all students see the same bags and teacher.
    rngs = stream(spec.seed, "guide_start").spawn(4)
    train, few, more, test = bags(spec, rngs[0])
    network = Network(inputs=spec.tokens, classes=spec.classes, hidden=(spec.teacher,))
    start = initial(network, rng=rngs[1], trials=(spec.trials,))
    teacher = fit(
        network, start, *rows(train), rng=rngs[2], training=lasting(spec.epochs[0])
    ).parameters
    said = scores(network, teacher, more.x).argmax(axis=-1)
    both = Bags(
        *(np.concatenate(it, 1) for it in zip(few, (more.x, said), strict=True))
    )
    student = Network(inputs=spec.tokens, classes=spec.classes, hidden=(width,))
    starts = {
        "random": initial(student, rng=rngs[3], trials=(spec.trials,)),
        "thinned": thinned(teacher, width),
        "guide": thinned(compressed(teacher, width), width),
    }
    found: dict[str, Any] = {"rows": spec.test_rows}
    found["teacher"] = right(network, teacher, test)
    for name, each in starts.items():
        found[name] = {"start": right(student, each, test)}
        for kind, seen, epochs in (
            ("labelled", few, spec.epochs[1]),
            ("distilled", both, spec.epochs[2]),
        ):
            order = stream(spec.seed, "guide_start", "order", kind)
            end = fit(student, each, *rows(seen), rng=order, training=lasting(epochs))
            found[name][kind] = right(student, end.parameters, test)
    return found


def bags(spec: Spec, rng: np.random.Generator) -> list[Bags]:
    """Draw a truth for each trial, and four sets of bags, that of the teacher first.

    The truth is a network without biases, of normal weights.
    """
    rngs, trials = rng.spawn(5), (spec.trials,)
    shapes = (spec.tokens, spec.dim), (spec.dim, spec.units), (spec.units, spec.classes)
    table, first, last = (rngs[0].standard_normal(trials + it) for it in shapes)
    found = []
    sizes = (spec.teacher_rows, spec.labelled, spec.unlabelled, spec.test_rows)
    for n, each in zip(sizes, rngs[1:], strict=True):
        x = each.poisson(spec.bag / spec.tokens, (*trials, n, spec.tokens))
        hidden = np.maximum(x @ table @ first, 0)
        found.append(Bags(x.astype(np.float32), (hidden @ last).argmax(axis=-1)))
    return found


def rows(it: Bags) -> tuple[Floats, tuple[Ints]]:
    """Return bags and targets as `fit` takes them."""
    return it.x, (it.y,)


def lasting(epochs: int) -> Training:
    """Return how networks are trained."""
    return Training(epochs=epochs)


def compressed(teacher: Parameters, size: int) -> Parameters:
    """Return the teacher with a first layer of this rank: GUIDE, before thinning.

    The network has no table of its own: its first layer is E W, here with E that layer
    and W the identity.
    """
    table = teacher[0].w.astype(float)
    units = table.shape[-1]
    same = np.broadcast_to(np.eye(units), (*table.shape[:-2], units, units))
    start = compress(table, same, size)
    first = (start.table @ start.first).astype(teacher[0].w.dtype)
    return (teacher[0]._replace(w=first), *teacher[1:])


def thinned(teacher: Parameters, width: int) -> Parameters:
    """Return the student that keeps evenly spaced hidden units of its teacher."""
    (first, last), keep = teacher, evenly(teacher[0].w.shape[-1], width)
    return (
        Layer(first.w[..., keep], first.b[..., keep], first.gain),
        last._replace(w=last.w[..., keep, :]),
    )


def right(network: Network, parameters: Parameters, test: Bags) -> list[int]:
    """Return how many test bags each trial has right."""
    said = scores(network, parameters, test.x).argmax(axis=-1)
    count: list[int] = (said == test.y).sum(axis=-1).tolist()
    return count
