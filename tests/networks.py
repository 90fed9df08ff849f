"""Small networks and tasks for the tests of distillation."""

import numpy as np
from hypothesis import strategies as st

from halfspace import stream
from halfspace.distill.network import Layer, Network
from tests.strategies import seeds


def networks(max_hidden=2):
    """Draw a network of any kind."""
    return st.builds(
        Network,
        inputs=st.integers(1, 4),
        classes=st.integers(2, 4),
        hidden=st.lists(st.integers(1, 5), max_size=max_hidden).map(tuple),
        activation=st.sampled_from(["relu", "gelu"]),
        layer_norm=st.booleans(),
    )


def like(parameters, rng):
    """Draw arrays of the shapes of parameters, N(0, 1)."""
    return tuple(Layer(*(rng.standard_normal(a.shape) for a in p)) for p in parameters)


def drawn(network, trials, rng):
    """Draw parameters of a network, N(0, 1) throughout."""
    shapes = (Layer(*(np.empty((*trials, *s)) for s in p)) for p in network.shapes)
    return like(tuple(shapes), rng)


def trial(parameters, i):
    """Return the parameters of one trial of a stack."""
    return tuple(Layer(*(a[i] for a in layer)) for layer in parameters)


def plus(parameters, way, size):
    """Return parameters moved along a direction."""
    pairs = zip(parameters, way, strict=True)
    return tuple(
        Layer(*(a + size * b for a, b in zip(p, q, strict=True))) for p, q in pairs
    )


def inner(one, other):
    """Return the inner product of two sets of parameters."""
    pairs = zip(one, other, strict=True)
    return sum(np.sum(a * b) for p, q in pairs for a, b in zip(p, q, strict=True))


def equal(one, other):
    """Say whether two sets of parameters are the same to the bit."""
    pairs = zip(one, other, strict=True)
    return all(
        np.array_equal(a, b) for p, q in pairs for a, b in zip(p, q, strict=True)
    )


@st.composite
def tasks(draw, trials=(3,), n=6):
    """Draw a network, parameters, points and everything that losses may be told."""
    network, rng = draw(networks()), stream(draw(seeds), "task")
    k, lead = network.classes, (*trials, n)
    told = {
        "hard": rng.integers(0, k, lead),
        "soft": rng.dirichlet(np.ones(k), lead),
        "accuracy": rng.uniform(0.6, 1, lead),
        "top": np.ones((*lead, k), dtype=bool),
    }
    x = rng.standard_normal((*lead, network.inputs))
    for array in (x, *told.values()):
        array.flags.writeable = False
    return network, drawn(network, trials, rng), x, told


def blobs(rng, n=60, classes=3, trials=()):
    """Return easy points in the plane, one cluster for each class."""
    y = rng.integers(0, classes, (*trials, n))
    angle = 2 * np.pi * y / classes
    centre = 3 * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return centre + 0.5 * rng.standard_normal(centre.shape), y
