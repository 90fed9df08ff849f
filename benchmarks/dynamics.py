"""The learning loops over the time to draw their random numbers alone."""

from collections.abc import Iterator
from functools import partial

import numpy as np

from benchmarks.timing import Row, ratio, seconds
from halfspace import RCN, Learner, Shell, blocks, reduced, run

CHANNEL, LEARNER = RCN(rate=0.1), Learner(rate=0.1)


def reduced_over_draws() -> Iterator[Row]:
    """Reduced dynamics against Beta and uniform draws, and against its own draws."""
    law, trials, steps = Shell(dim=401, margin=0.05), 2000, 2000
    rng = np.random.default_rng(0)

    def learn() -> None:
        reduced.run(LEARNER, law, CHANNEL, at=[steps], trials=trials, rng=rng)

    def beta_and_uniform() -> None:
        for _ in range(steps):
            rng.beta(law.dim / 2 - 1, law.dim / 2 - 1, trials)
            rng.random(trials)

    def own() -> None:
        normal, gamma, label = rng.spawn(3)
        for _ in range(steps):
            normal.standard_normal(trials)
            gamma.standard_gamma(law.dim / 2 - 1, trials)
            label.random(trials)

    what = "reduced, 2000 trials, a trial-step"
    yield Row(what, "Beta and uniform draws", ratio(learn, beta_and_uniform), 1.5)
    yield Row(what, "its own draws (normal, gamma, uniform)", ratio(learn, own), 1.8)


def online_over_draws(dim: int) -> Iterator[Row]:
    """Full dynamics against drawing the same data."""
    law, trials = Shell(dim=dim, margin=0.1), 64
    steps = 256_000 // dim

    def learn() -> None:
        rng = np.random.default_rng(0)
        run(LEARNER, blocks(law, CHANNEL, trials=trials, rng=rng), at=[steps])

    def draw() -> None:
        rng = np.random.default_rng(0)
        drawn = 0
        for block in blocks(law, CHANNEL, trials=trials, rng=rng):
            drawn += block.y.shape[1]
            if drawn >= steps:
                return

    what = f"online, d = {dim}, {trials} trials"
    yield Row(what, "drawing the same data", ratio(learn, draw), 1.25)


def reduced_over_online() -> Iterator[Row]:
    """The same result from the reduced and from the full dynamics, per trial."""
    law, steps = Shell(dim=401, margin=0.05), 2000

    def full() -> None:
        data = blocks(law, CHANNEL, trials=64, rng=np.random.default_rng(0))
        run(LEARNER, data, at=[steps])

    def two() -> None:
        rng = np.random.default_rng(0)
        reduced.run(LEARNER, law, CHANNEL, at=[steps], trials=2000, rng=rng)

    faster = ratio(full, two, rounds=5) * 2000 / 64
    yield Row("online at gamma = 0.05", "reduced, a trial", faster, 80, at_most=False)


def fluid_seconds() -> Iterator[Row]:
    """Fluid curves to T = 1e14 against half a second."""
    from halfspace.fluid import curve

    for rule in ("slam", "slam_sigmoid"):
        learner = Learner(rule=rule, rate=0.1)
        work = partial(
            curve, learner, Shell(dim=100, margin=0.1), CHANNEL, at=[1e4, 1e14]
        )
        took = min(seconds(work) for _ in range(3))
        yield Row(f"fluid curve of {rule} to 1e14", "one second", took, 0.5)


ALL = (
    reduced_over_draws,
    partial(online_over_draws, 64),
    partial(online_over_draws, 512),
    reduced_over_online,
    fluid_seconds,
)
