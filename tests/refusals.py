"""What every public function must refuse: the table that `test_bad_input` goes through.

A row is the argument that the refusal must name, a call that takes it, and bad values.
"""

import numpy as np

from halfspace import (
    RCN,
    Atoms,
    Block,
    ByFunction,
    ByMargin,
    ByRegion,
    Gaussians,
    Learner,
    Shell,
    Shells,
    Sphere,
    blocks,
    default_learner,
    fit,
    flip,
    fluid,
    long_servedio,
    plan,
    reduced,
    run,
    select,
    sequential,
    stats,
    stream,
    take,
    three_atoms,
    trap,
)

LAW, NOISE, LEARNER = Shell(dim=3, margin=0.3), RCN(rate=0.1), Learner(rate=0.1)
X, Y = np.array([[0.6, 0.8], [0.6, -0.8], [-1.0, 0.0]]), np.array([1.0, 1.0, -1.0])
SIZE = {"dim": 3, "margin": 0.3}
NAN, INF, MANY = float("nan"), float("inf"), np.linspace(2, 3, 100)
RNG, THREE = np.random.default_rng(0), Block(X, Y, Y)

COUNT = [0, -1, 1.5, True, None, "3", NAN, MANY]
RATE = [0.5, -0.1, 1.0, NAN, INF, None, "0.1", True, 1j, MANY]
MARGIN = [0.0, 1.5, -0.1, NAN, INF, None, "0.1", True, MANY]
GENERATOR = [None, 0, np.random, np.random.RandomState(0), "rng"]
INCREASING = [[], [0], [2, 1], [1, 1], [1.5], [NAN], None, "a", [True], [2**70]]
ANYTHING = [None, 0, "law", MANY]
DRAWN = next(reduced.draws(LAW, NOISE, trials=2, axes=1, rng=RNG))


def simulate(**changes):
    """Run the reduced dynamics with some arguments changed."""
    good = {"learner": LEARNER, "law": LAW, "channel": NOISE, "at": [3], "trials": 2}
    return reduced.run(**({**good, "rng": RNG} | changes))


def hit(**changes):
    """Ask for hitting times with some arguments changed."""
    good = {"learner": LEARNER, "law": LAW, "channel": NOISE, "trials": 2, "rng": RNG}
    return reduced.hitting_times(**(good | {"targets": [0.3], "horizon": 3} | changes))


def planned(**changes):
    """Plan with some arguments changed."""
    return plan(**({"margin": 0.1, "rate": 0.1, "dim": 9, "error": 0.1} | changes))


def curve(learner=LEARNER, law=LAW, channel=NOISE, at=(10.0,)):
    """Predict a curve with some arguments changed."""
    return fluid.curve(learner, law, channel, at=at)


def shells(values=(0.3,), weights=(1.0,)):
    """Return a mixture with some arguments changed."""
    return Shells(dim=3, margin=0.3, values=values, weights=weights)


def atoms(points=((0.6, 0.8), (1.0, 0.0)), weights=(0.5, 0.5)):
    """Return a finite law with some arguments changed."""
    return Atoms(points=points, weights=weights)


def gaussians(covariances=(((1.0, 0.1), (0.1, 1.0)),), weights=(1.0,)):
    """Return a mixture of Gaussians with some arguments changed."""
    return Gaussians(covariances=covariances, weights=weights)


def by_region(normal=(0.0, 1.0), inside=0.1, outside=0.1):
    """Return noise by region with some arguments changed."""
    return ByRegion(normal=normal, inside=inside, outside=outside)


def by_margin(most=0.1, scale=0.1):
    """Return noise by margin with some arguments changed."""
    return ByMargin(most=most, scale=scale)


def by_function(function=lambda x: np.full(x.shape[:-1], 0.1), most=0.3):
    """Use noise by a function with some arguments changed."""
    return ByFunction(function=function, most=most).flip_probability(X, Y)


def default(rule="logistic", **changes):
    """Return a default learner with some arguments changed."""
    return default_learner(rule, **({"margin": 0.1, "rate": 0.1, "steps": 9} | changes))


def fitted(x=X, y=Y, **more):
    """Fit with some arguments changed."""
    return fit(LEARNER, x, y, **more)


def told(rate=(0.1, 0.2, 0.9)):
    """Run on samples that are told rates."""
    return run(Learner(rate=None), [Block(X, Y, Y, rate and np.array(rate))], at=[3])


def draw_blocks(**changes):
    """Draw a block with some arguments changed."""
    good = {"law": LAW, "channel": NOISE, "trials": 2, "rng": RNG} | changes
    return next(blocks(good.pop("law"), good.pop("channel"), **good))


def boot(groups=(1.0, 2.0), statistic=lambda m: m, **more):
    """Bootstrap with some arguments changed."""
    return stats.bootstrap(groups, statistic, **({"rng": RNG} | more))


RAGGED = [[1.0], [1.0, 2.0]]
POINTS = [
    *(
        [],
        [[]],
        [[1.0]],
        X[0],
        2 * X,
        1e200 * X,
        0 * X + NAN,
        X + INF,
        None,
        "x",
        1j * X,
    ),
    *(RAGGED, np.ones((2, 1)), X.astype(str), X > 0),
]
LABELS = [0 * Y, 2 * Y, NAN * Y, Y[:2], Y[None], None, "y", Y > 0, 1j * Y, RAGGED]
FINITE = [NAN, INF, [], None, "a", 1j, True, RAGGED]
SHARE = [0.0, 1.0, NAN, None, "0.9", True, -1]
TOLD = [rate for rate in RATE if rate is not None]  # None: each sample tells its own
OPEN = [0, -1, NAN, INF, None, "1", True, MANY]  # not in (0, inf)
RATES = [1.5, -0.1, NAN, "a", 1j, True, (0.1, 0.2), ((0.1,) * 3,) * 2]
WEIGHTS = [*FINITE, (0.5, 0.4), (1.5, -0.5), (1.0,), ((0.5, 0.5),)]
MATRICES = [
    *(*FINITE, (), (((1.0,),),), np.eye(2), np.ones((1, 2, 3)), np.ones((1, 2, 2))),
    *([[[1.0, 0.0], [0.1, 1.0]]], [[[1.0, 0.0], [0.0, -1.0]]], [NAN * np.eye(2)]),
]

# name of the argument, the call that takes it, what it must refuse
TABLE = [
    ("seed", stream, [-1, 1.5, None, True, "0"]),
    ("key", lambda key: stream(0, key), [1.5, None, ("a",), True]),
    *(
        (name, lambda value, kind=kind, name=name: kind(**{**SIZE, name: value}), bad)
        for kind in (Shell, Sphere)
        for name, bad in (("dim", [1, *COUNT]), ("margin", MARGIN))
    ),
    ("values", shells, [*FINITE, (0.2,), (1.1,)]),
    ("weights", lambda w: shells(weights=w), [*FINITE, (0.5,), (2.0,), (0.5, 0.5)]),
    ("shape", lambda shape: LAW.sample(shape, rng=RNG), [(), 3, [3], None, (2, 0)]),
    ("rng", lambda rng: LAW.sample((2,), rng=rng), GENERATOR),
    ("w", LAW.error, [*FINITE, [1.0, 2.0], 1.0]),
    ("along", lambda value: LAW.error_at(value, 1.0), FINITE),
    ("across", lambda value: LAW.error_at(1.0, value), [*FINITE, -1.0]),
    ("error", LAW.ratio, [0.5, -0.1, NAN, INF, None, "a", True, MANY]),
    ("rate", lambda rate: RCN(rate=rate), RATE),
    ("rule", lambda rule: Learner(rule=rule), ["slan", None, 0, "", MANY]),
    ("rate", lambda rate: Learner(rate=rate), TOLD),
    ("step", lambda step: Learner(step=step), OPEN),
    ("radius", lambda r: Learner(radius=r), [bad for bad in OPEN if bad is not INF]),
    ("radius", lambda r: Learner(rule="sigmoidal", margin=0.1, radius=r), OPEN),
    ("margin", lambda g: Learner(rule="perspectron", margin=g), MARGIN),
    ("margin", lambda g: Learner(margin=g), [bad for bad in MARGIN if bad is not None]),
    ("rule", default, ["slan", None, 0, "", MANY]),
    ("margin", lambda margin: default(margin=margin), MARGIN),
    ("rate", lambda rate: default(rate=rate), RATE),
    ("steps", lambda steps: default(steps=steps), COUNT),
    (
        "points",
        lambda points: atoms(points=points),
        [*FINITE, [], [[1.0]] * 2, [[0.0, 1.0]] * 2, -np.eye(2), [[0.9, 0.9]] * 2],
    ),
    ("weights", lambda weights: atoms(weights=weights), WEIGHTS),
    *(("margin", kind, MARGIN) for kind in (three_atoms, trap, long_servedio)),
    ("covariances", lambda matrices: gaussians(matrices), MATRICES),
    ("weights", lambda weights: gaussians(weights=weights), [*WEIGHTS[:-2], (0.5,)]),
    ("normal", lambda normal: by_region(normal), [*FINITE, (0, 0), 1.0, [[1.0, 0.0]]]),
    ("inside", lambda rate: by_region(inside=rate), RATE),
    ("outside", lambda rate: by_region(outside=rate), RATE),
    ("most", lambda most: by_margin(most), RATE),
    ("scale", lambda scale: by_margin(scale=scale), OPEN),
    ("most", lambda most: by_function(most=most), [-0.1, 1.5, NAN, None, "a", True]),
    ("function", by_function, [None, 0.1, "f"]),
    *(
        ("function", lambda bad: by_function(lambda x: bad), [value])
        for value in (0.1, [0.1], [0.4] * 3, [-0.1] * 3, [NAN] * 3, "a", None)
    ),
    ("x", lambda x: flip(NOISE, x, Y, rng=RNG), POINTS),
    ("s", lambda s: flip(NOISE, X, s, rng=RNG), LABELS),
    ("rng", lambda rng: flip(NOISE, X, Y, rng=rng), GENERATOR),
    ("channel", lambda channel: flip(channel, X, Y, rng=RNG), ANYTHING),
    ("law", lambda law: draw_blocks(law=law), ANYTHING),
    ("channel", lambda channel: draw_blocks(channel=channel), ANYTHING),
    ("trials", lambda trials: draw_blocks(trials=trials), COUNT),
    ("rng", lambda rng: draw_blocks(rng=rng), GENERATOR),
    ("learner", lambda w: run(w, [THREE], at=[1]), ANYTHING),
    ("at", lambda at: run(LEARNER, [THREE], at=at), INCREASING),
    (
        "samples",
        lambda samples: run(LEARNER, samples, at=[3]),
        [[], [Block(X[:2], Y[:2], Y[:2])], [Block(X, Y[:2], Y)], None],
    ),
    ("samples", lambda samples: take(samples, 4), [[], [THREE], None, [None], 3]),
    ("samples", lambda b: take([THREE, b], 4), [Block(X[:, :1], Y, Y), 1, THREE[:3]]),
    ("size", lambda size: take([THREE], size), COUNT),
    ("samples", told, [None, *RATES, (0.1, 0.5, 0.1)]),
    ("learner", lambda learner: fit(learner, X, Y), ANYTHING),
    ("x", fitted, POINTS),
    ("y", lambda y: fitted(y=y), LABELS),
    ("at", lambda at: fitted(at=at), [*(at for at in INCREASING if at), [4]]),
    ("truth", lambda w: fitted(truth=w), [[0, 0], [1, 2, 3], MANY, 1.0, "w", [NAN, 1]]),
    ("margin", lambda m: fitted(truth=[1, 0], margin=m), [0.7, *MARGIN[:4]]),
    ("margin", lambda m: fitted(margin=m), [0.1]),
    ("rate", lambda rate: fitted(rate=rate), RATES),
    (
        "candidates",
        lambda w: select(w, [THREE], size=2),
        [[1.0, 0.0], [[NAN, 1.0]], None, RAGGED],
    ),
    ("samples", lambda b: select([[1.0, 0.0]], b, size=4), [[], [THREE], None]),
    ("samples", lambda b: select([[1.0, 0.0, 0.0]], b, size=2), [[THREE]]),
    ("size", lambda size: select([[1.0, 0.0]], [THREE], size=size), COUNT),
    *(
        (name, lambda value, call=call, name=name: call(**{name: value}), bad)
        for call in (simulate, hit)
        for name, bad in (
            *(("learner", ANYTHING), ("law", ANYTHING), ("channel", ANYTHING)),
            *(("trials", COUNT), ("rng", GENERATOR)),
        )
    ),
    ("at", lambda at: simulate(at=at), INCREASING),
    ("at", lambda at: reduced.replay(LEARNER, [DRAWN], at=at), INCREASING),
    ("samples", lambda d: reduced.replay(LEARNER, d, at=[1]), [[], None]),
    ("learner", lambda w: reduced.replay(w, [DRAWN], at=[1]), ANYTHING),
    ("horizon", lambda horizon: hit(horizon=horizon), COUNT),
    (
        "targets",
        lambda targets: hit(targets=targets),
        [[], [0.1, 0.2], [0.1, 0.1], [0.5], [NAN], [-0.1], ["a"], None, 0.1],
    ),
    ("learner", curve, [*ANYTHING, Learner(rate=None)]),
    ("law", lambda law: curve(law=law), [*ANYTHING, Shell(dim=2, margin=0.3)]),
    ("channel", lambda channel: curve(channel=channel), ANYTHING),
    (
        "at",
        lambda at: curve(at=at),
        [*FINITE, 0.5, 0, -1, [2, 1], MANY[::-1], [[1.0, 2.0]]],
    ),
    ("margin", lambda margin: planned(margin=margin), [1.0, *MARGIN]),
    ("rate", lambda rate: planned(rate=rate), RATE),
    ("dim", lambda dim: planned(dim=dim), [2, *COUNT]),
    ("error", lambda error: planned(error=error), [0, 0.5, 1e-200, NAN, None, True]),
    ("hits", lambda hits: stats.binomial(hits, 3), [4, -1, 1.5, None, True, MANY]),
    ("trials", lambda trials: stats.binomial(0, trials), COUNT),
    ("confidence", lambda share: stats.binomial(1, 3, confidence=share), SHARE),
    ("hits", lambda hits: sequential.binomial(hits, 3), [4, -1, 1.5, None, True, MANY]),
    ("trials", lambda n: sequential.binomial(0, n), [*COUNT, 10**11]),
    ("confidence", lambda share: sequential.binomial(1, 3, confidence=share), SHARE),
    ("hits", lambda hits: sequential.log_evidence(hits, 3, 0.5), [4, -1, 1.5, *FINITE]),
    ("trials", lambda n: sequential.log_evidence(0, n, 0.5), [-1, 1.5, 1e11, *FINITE]),
    ("rate", lambda rate: sequential.log_evidence(1, 3, rate), [0.0, 1.0, *FINITE]),
    ("groups", stats.mean, [*FINITE, [1.0], 1.0]),
    ("confidence", lambda share: stats.mean([1.0, 2.0], confidence=share), SHARE),
    ("groups", boot, [*FINITE, [1.0], 1.0]),
    ("statistic", lambda f: boot(statistic=f), [None]),
    ("confidence", lambda share: boot(confidence=share), SHARE),
    ("draws", lambda draws: boot(draws=draws), COUNT),
    ("rng", lambda rng: boot(rng=rng), GENERATOR),
]
