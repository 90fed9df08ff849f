"""Hypothesis strategies that speak the package's language; arrays are read-only."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from halfspace import RCN, RULES, Atoms, Learner, Shell, Shells, Sphere, stream

seeds = st.integers(0, 2**32 - 1)
margins = st.floats(0.01, 0.99)
rates = st.floats(0, 0.49)
errors = st.floats(1e-6, 1)
steps = st.floats(1e-3, 1e3)
any_dim = st.integers(2, 60)
few_dims = st.integers(3, 8)  # in the plane, shells have ties w.x = 0
shapes = npst.array_shapes(min_dims=0, max_dims=2, max_side=3)


def frozen(array):
    """Return the array, read-only."""
    array = np.array(array, dtype=float)
    array.flags.writeable = False
    return array


@st.composite
def mixtures(draw, dims=any_dim):
    """Draw a finite mixture of shells."""
    margin = draw(margins)
    parts = st.floats(0, 1)
    spread = draw(st.lists(parts, min_size=1, max_size=4))
    mass = np.array(draw(st.lists(st.floats(0.1, 1), min_size=4, max_size=4)))
    weights = mass[: len(spread)] / mass[: len(spread)].sum()
    values = tuple(margin + (0.999 - margin) * part for part in spread)
    return Shells(
        dim=draw(dims), margin=margin, values=values, weights=tuple(weights.tolist())
    )


def laws(dims=any_dim):
    """Draw a rotationally symmetric law of any kind."""
    kinds = (st.builds(kind, dim=dims, margin=margins) for kind in (Shell, Sphere))
    return st.one_of(*kinds, mixtures(dims))


def channels():
    """Draw random classification noise."""
    return st.builds(RCN, rate=rates)


def learner(rule, *, radius=np.inf, margin=0.3, **more):
    """Return a learner of any rule: one that needs a sphere is given the unit one."""
    if RULES[rule].sphere and radius == np.inf:
        radius = 1.0
    return Learner(rule=rule, radius=radius, margin=margin, **more)


def learners(rules=tuple(RULES), balls=True, told=rates):
    """Draw a learner of any rule, with and without a ball.

    The margin that it is told is not small: else the rules that divide by it are so
    steep that rounding grows from step to step.
    """
    radii = st.floats(0.1, 10) if balls else st.nothing()
    return st.builds(
        learner,
        st.sampled_from(tuple(rules)),
        rate=told,
        step=st.floats(0.1, 3),
        radius=st.just(np.inf) | radii,
        margin=st.floats(0.3, 1),
    )


def projected(learner, w):
    """Return `w` (..., d) in the learner's ball, or on its sphere unless it is 0."""
    norm = np.linalg.norm(w, axis=-1, keepdims=True)
    outside = norm > (0 if RULES[learner.rule].sphere else learner.radius)
    return w * np.divide(learner.radius, norm, out=np.ones_like(norm), where=outside)


@st.composite
def atoms(draw, max_size=4):
    """Draw a finite law of points on a binary grid, where ties w.x = 0 are exact."""
    m, dim = draw(st.integers(1, max_size)), draw(st.integers(2, 4))
    grid = st.integers(-8, 8).map(lambda k: k / 16)
    points = draw(npst.arrays(float, (m, dim), elements=grid))
    points[:, 0] = np.maximum(np.abs(points[:, 0]), 1 / 16)
    mass = np.array(draw(st.lists(st.integers(1, 9), min_size=m, max_size=m)))
    return Atoms(
        points=tuple(map(tuple, points.tolist())),
        weights=tuple((mass / mass.sum()).tolist()),
    )


@st.composite
def samples(draw, trials=shapes, max_size=30, dims=few_dims):
    """Draw (x, y, s): points of a law without ties, noisy and true labels."""
    law, rng = draw(laws(dims)), stream(draw(seeds), "samples")
    shape = (*draw(trials), draw(st.integers(1, max_size)))
    x, s = law.sample(shape, rng=rng)
    y = np.where(rng.random(shape) < draw(rates), -s, s)
    return frozen(x), frozen(y), frozen(s)


@st.composite
def separable(draw, max_size=40):
    """Draw (x, s, margin), s = sign(x_0): coarse points, many ties, any order."""
    n, dim = draw(st.integers(1, max_size)), draw(st.integers(2, 5))
    margin = draw(st.sampled_from([0.1, 0.25, 0.5]))
    coarse = st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])
    rest = draw(npst.arrays(float, (n, dim - 1), elements=coarse))
    height = draw(npst.arrays(float, n, elements=st.sampled_from([margin, 0.5])))
    s = draw(npst.arrays(float, n, elements=st.sampled_from([-1.0, 1.0])))
    norm = np.maximum(np.linalg.norm(rest, axis=-1), 1)
    rest = rest * (np.sqrt(1 - height**2) / norm)[:, None]
    x = np.concatenate([(s * height)[:, None], rest], axis=-1)
    return frozen(x), frozen(s), margin
