"""Training: what an update is, what a stack is, when it stops, what it keeps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halfspace import stream
from halfspace._logits import ValueAndGradient
from halfspace.distill._lean import LEAN
from halfspace.distill.mlp import scores, value_and_gradient
from halfspace.distill.network import Layer, Network, initial
from halfspace.distill.optimisers import SGD, Adam
from halfspace.distill.training import Training, fit
from halfspace.transition import cross_entropy
from tests.networks import blobs, drawn, equal, plus, tasks, trial
from tests.strategies import seeds

NETWORK = Network(inputs=2, hidden=(8,), classes=3)
FAST = Training(epochs=15, batch=10, optimiser=Adam(step=0.02))


def child(i, seed=1):
    """Return a generator whose next child is child `i` of the stream."""
    rng = stream(seed, "order")
    rng.spawn(i)
    return rng


def begin(network=NETWORK, trials=(), dtype="float32", seed=0):
    return initial(network, rng=stream(seed, "start"), trials=trials, dtype=dtype)


def train(x, y, start=None, network=NETWORK, seed=1, training=FAST, **more):
    start = begin(network) if start is None else start
    rng = child(0, seed)
    return fit(network, start, x, (y,), rng=rng, training=training, **more)


@pytest.mark.parametrize("optimiser", [Adam(step=0.02), SGD(step=0.05)])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("layer_norm", [False, True])
def test_an_easy_task_is_learned(optimiser, activation, layer_norm, seed):
    """Not vacuous, for every kind of network: clusters apart by six of their sizes."""
    x, y = blobs(stream(seed, "easy"), trials=(3,))
    network = Network(
        inputs=2,
        hidden=(16,),
        classes=3,
        activation=activation,
        layer_norm=layer_norm,
    )
    training = Training(epochs=30, batch=10, optimiser=optimiser)
    start = begin(network, (3,))
    found = train(x, y, start, network, training=training)
    said = scores(network, found.parameters, x).argmax(axis=-1)
    assert (said == y).mean() > 0.98
    assert (found.losses[:, -1] < 0.1 * found.losses[:, 0]).all()
    assert (found.epochs == 30).all()
    assert np.isnan(found.validation).all()
    assert not found.diverged_at.any()


def test_training_is_the_same_to_the_bit_when_run_again(seed):
    x, y = blobs(stream(seed, "again"))
    one, again, other = (train(x, y, seed=s) for s in (1, 1, 2))
    assert equal(one.parameters, again.parameters)
    assert np.array_equal(one.losses, again.losses)
    assert not equal(one.parameters, other.parameters)


@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("hidden", [(8,), ()])
def test_a_stack_of_trials_is_a_loop_over_trials(shared, hidden, seed):
    """To the bit, with early stopping and a trial that diverges."""
    x, y = blobs(stream(seed, "stack"), trials=(4,))
    x[2] *= 1e30
    x, y = (x[0], y[0]) if shared else (x, y)
    network = Network(inputs=2, hidden=hidden, classes=3)
    start = begin(network, trials=(4,))
    training = Training(
        epochs=8, batch=13, patience=2, optimiser=SGD(step=0.1, decay=0.1)
    )
    held = blobs(stream(seed, "held"))
    stack = train(x, y, start, network, training=training, validation=held)
    assert bool(stack.diverged_at.any()) != shared
    for i in range(4):
        own = (x, y) if shared else (x[i], y[i])
        one = fit(
            network,
            trial(start, i),
            own[0],
            (own[1],),
            rng=child(i),
            training=training,
            validation=held,
        )
        assert equal(one.parameters, trial(stack.parameters, i))
        for name in ("epochs", "losses", "validation", "diverged_at", "diverged_step"):
            a, b = getattr(one, name), getattr(stack, name)[i]
            assert np.array_equal(a, b, equal_nan=True), name


@pytest.mark.parametrize("trials", [(), (2, 3)])
def test_every_axis_in_front_is_a_trial(trials, seed):
    x, y = blobs(stream(seed, "axes"), trials=trials)
    found = train(x, y, begin(trials=trials))
    assert found.losses.shape == (*trials, FAST.epochs)
    assert found.epochs.shape == found.diverged_at.shape == trials
    assert scores(NETWORK, found.parameters, x).shape == (*trials, 60, 3)


@given(task=tasks(trials=(2,)))
def test_an_update_of_all_rows_goes_down_the_gradient(task):
    """Exact: SGD without momentum, one epoch, one batch."""
    network, start, x, told = task
    weight = told["accuracy"]
    slope = value_and_gradient(network, start, x, (told["soft"],), weight=weight)
    training = Training(epochs=1, batch=6, optimiser=SGD(step=0.3, momentum=0.0))
    found = train(x, told["soft"], start, network, training=training, weight=weight)
    for p, q in zip(found.parameters, plus(start, slope.gradient, -0.3), strict=True):
        for a, b in zip(p, q, strict=True):
            np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.losses[:, 0], slope.value, rtol=1e-12)


def test_an_epoch_goes_down_the_gradient_of_each_minibatch(seed):
    """Exact: the last minibatch is smaller, and its mean is over its own rows."""
    x, y = blobs(stream(seed, "epoch"), n=23)
    w = start = begin(dtype="float64")
    order = child(0).spawn(1)[0].permutation(23)
    for rows in (order[:10], order[10:20], order[20:]):
        slope = value_and_gradient(NETWORK, w, x[rows], (y[rows],)).gradient
        w = plus(w, slope, -0.3)
    training = Training(epochs=1, batch=10, optimiser=SGD(step=0.3, momentum=0.0))
    found = train(x, y, start, training=training).parameters
    for p, q in zip(found, w, strict=True):
        np.testing.assert_allclose(p.w, q.w, rtol=1e-9, atol=1e-12)


def test_softmax_regression_ends_where_the_slope_is_0(seed):
    """Certificate: the loss is convex in it, so that is the minimum."""
    rng = stream(seed, "convex")
    x, y = rng.standard_normal((40, 2)), rng.integers(0, 3, 40)
    network = Network(inputs=2, hidden=(), classes=3)
    training = Training(epochs=600, batch=40, optimiser=SGD(step=1.0))
    start = begin(network, dtype="float64")
    found = train(x, y, start, network, training=training)
    slope = value_and_gradient(network, found.parameters, x, (y,)).gradient
    assert all(np.abs(a).max() < 1e-9 for a in slope[0][:2])


class Recorded:
    """A loss that notes which rows it was shown."""

    def __init__(self):
        self.seen = []

    def __call__(self, said, row):
        self.seen.append(row.copy())
        return ValueAndGradient(np.zeros(row.shape, said.dtype), np.zeros_like(said))


def test_each_epoch_shows_each_row_once_in_an_order_of_each_trial():
    loss, rows = Recorded(), np.broadcast_to(np.arange(23), (2, 23))
    training = Training(epochs=3, batch=10)
    x = np.zeros((2, 23, 2))
    start = begin(trials=(2,))
    fit(NETWORK, start, x, (rows,), rng=child(0), loss=loss, training=training)
    first, *seen = loss.seen
    assert np.array_equal(first, rows)  # all are looked at before training
    assert [part.shape[1] for part in seen] == [10, 10, 3] * 3
    orders = [np.concatenate(seen[i : i + 3], axis=1) for i in (0, 3, 6)]
    assert all(np.array_equal(np.sort(order, axis=1), rows) for order in orders)
    every = [tuple(row) for order in orders for row in order]
    assert len(set(every)) == 6


def test_the_loss_that_is_reported_is_the_mean_of_those_that_were_seen():
    x, y = np.zeros((23, 2)), np.arange(23) % 3
    zero = tuple(Layer(*(0 * a for a in p)) for p in begin(dtype="float64"))
    still = Training(epochs=2, batch=10, optimiser=SGD(step=1e-12))
    found = train(x, y, zero, training=still)
    np.testing.assert_allclose(found.losses, np.log(3), rtol=1e-9)


def test_only_ratios_of_weights_matter_and_rows_of_weight_0_do_not(seed):
    x, y = blobs(stream(seed, "weights"))
    weight = np.tile([0.0, 1, 2], 20)
    spoiled = np.where(weight == 0, (y + 1) % 3, y)
    start = begin(dtype="float64")
    one, other = (
        train(x, y, start, weight=weight),
        train(x, y, start, weight=weight / 3),
    )
    third = train(x, spoiled, start, weight=weight)
    plain = train(x, spoiled, start)
    for p, q, r in zip(one.parameters, other.parameters, third.parameters, strict=True):
        np.testing.assert_allclose(p.w, q.w, rtol=1e-6)
        assert np.array_equal(p.w, r.w)
    assert not equal(third.parameters, plain.parameters)


def test_weights_may_depend_on_what_was_learned_in_the_epoch_before(seed):
    x, y = blobs(stream(seed, "reweight"))
    given = []

    def reweight(parameters):
        given.append(tuple(Layer(*(a.copy() for a in p)) for p in parameters))
        return np.arange(60.0) if len(given) > 1 else np.ones(60)

    start = begin()
    two = Training(epochs=2, batch=10, optimiser=Adam(step=0.02))
    one = Training(epochs=1, batch=10, optimiser=Adam(step=0.02))
    found = train(x, y, start, training=two, weight=reweight)
    assert len(given) == 2
    assert equal(given[0], start)
    assert equal(given[1], train(x, y, start, training=one).parameters)
    assert not equal(found.parameters, train(x, y, start, training=two).parameters)


def test_the_best_epoch_on_the_validation_rows_is_kept(seed):
    """Labels are all noise, so that training soon makes the validation loss worse."""
    rng = stream(seed, "noise")
    x, held = rng.standard_normal((2, 4, 40, 2))
    y, truth = rng.integers(0, 3, (2, 4, 40))
    training = Training(epochs=40, batch=10, patience=3, optimiser=Adam(step=0.05))
    start = begin(trials=(4,))
    found = train(x, y, start, training=training, validation=(held, truth))
    assert (found.epochs < 37).all()
    for i in range(4):
        ran = int(np.isfinite(found.losses[i]).sum())
        curve = found.validation[i, :ran]
        assert found.epochs[i] == np.argmin(curve) + 1 == ran - 3
        assert np.isnan(found.validation[i, ran:]).all()
        said = scores(NETWORK, trial(found.parameters, i), held[i])
        expected = cross_entropy(said, truth[i]).value.mean()
        np.testing.assert_allclose(curve.min(), expected, rtol=1e-6)


def test_validation_without_patience_runs_to_the_end(seed):
    x, y = blobs(stream(seed, "end"))
    found = train(x, y, validation=(x, np.eye(3)[y]))
    assert np.isfinite(found.validation).all()
    assert found.epochs == np.argmin(found.validation) + 1


def test_divergence_is_a_result(seed):
    """SGD with steps of 1e30 overflows: what is kept is the last that was sound."""
    x, y = blobs(stream(seed, "diverge"))
    wild = Training(epochs=3, batch=10, optimiser=SGD(step=1e30, schedule="cosine"))
    found = train(x, y, training=wild)
    assert 1 < found.diverged_at <= 18
    share = (1 + np.cos(np.pi * (found.diverged_at - 1) / 18)) / 2
    np.testing.assert_allclose(found.diverged_step, 1e30 * share)
    ran = (int(found.diverged_at) - 1) // 6
    assert found.epochs == ran
    assert equal(found.parameters, begin()) == (ran == 0)
    assert np.isfinite(scores(NETWORK, found.parameters, x)).all()
    assert np.isnan(found.losses[ran + 1 :]).all()


def test_divergence_after_good_epochs_keeps_the_last_of_them(seed):
    """The weights of the third epoch single out a row that is far too long."""
    x, y = blobs(stream(seed, "late"))
    x[0] = 1e30
    calls = []

    def reweight(parameters):
        calls.append(1)
        weight = np.ones(60)
        weight[0] = 1e-35 if len(calls) < 3 else 1
        return weight

    start = tuple(Layer(*(a * 1e-3 for a in p)) for p in begin())
    training = Training(epochs=5, batch=10, optimiser=SGD(step=0.1))
    found = train(x, y, start, training=training, weight=reweight)
    good = Training(epochs=2, batch=10, optimiser=SGD(step=0.1))
    calls.clear()
    before = train(x, y, start, training=good, weight=reweight)
    assert found.epochs == 2
    assert 12 < found.diverged_at <= 19
    assert equal(found.parameters, before.parameters)


def test_a_trial_that_has_stopped_does_not_diverge_later(seed):
    """Two trials on the same rows: the labels that judge the first one are wrong."""
    x, y = blobs(stream(seed, "later"))
    x[0] = 1e30
    calls = []

    def reweight(parameters):
        calls.append(1)
        weight = np.ones(60)
        weight[0] = 1e-35 if len(calls) < 6 else 1
        return weight

    start = tuple(Layer(*(1e-3 * a for a in p)) for p in begin(trials=(2,)))
    rows, truth = np.stack([x[1:]] * 2), np.stack([(y[1:] + 1) % 3, y[1:]])
    training = Training(epochs=9, batch=10, patience=3, optimiser=SGD(step=0.1))
    held = (rows, truth)
    found = train(x, y, start, training=training, weight=reweight, validation=held)
    assert found.diverged_at[0] == 0
    assert 30 < found.diverged_at[1] <= 37
    assert np.isfinite(found.losses).sum(axis=-1)[0] == found.epochs[0] + 3 < 6
    assert found.epochs[1] == 5


def test_weights_decay_and_biases_do_not():
    """Exact: without a gradient, after updates of these steps of a cosine."""
    optimiser = SGD(step=0.5, decay=0.2, schedule="cosine")
    start = drawn(NETWORK, (), stream(0, "decay"))
    training = Training(epochs=2, batch=10, optimiser=optimiser)
    rows = np.arange(20)
    found = fit(
        NETWORK,
        start,
        np.zeros((20, 2)),
        (rows,),
        rng=child(0),
        loss=Recorded(),
        training=training,
    )
    left = np.prod([1 - 0.1 * (1 + np.cos(np.pi * t / 4)) / 2 for t in range(4)])
    for before, after in zip(start, found.parameters, strict=True):
        np.testing.assert_allclose(after.w, left * before.w, rtol=1e-12)
        assert np.array_equal(after.b, before.b)


def test_progress_is_told_after_each_epoch(seed):
    x, y = blobs(stream(seed, "progress"), trials=(2,))
    told = []
    found = train(x, y, begin(trials=(2,)), progress=lambda *now: told.append(now))
    assert [epoch for epoch, _ in told] == list(range(FAST.epochs))
    for epoch, losses in told:
        assert np.array_equal(losses, found.losses[:, epoch])


@given(task=tasks(), scale=st.sampled_from([1, 1000]))
def test_losses_without_checks_are_those_with_checks(task, scale):
    network, _, x, told = task
    z = scale * stream(0, "z").standard_normal((network.classes, *x.shape[:-1]))
    z = np.moveaxis(z, 0, -1)
    layouts = (z, z.copy())
    cases = [(z, kind) for z in layouts for kind in ("hard", "soft")]
    for loss, lean in LEAN.items():
        for z, kind in cases:
            slow, fast = loss(z, told[kind]), lean(z, told[kind])
            np.testing.assert_allclose(fast.value, slow.value, rtol=1e-12)
            np.testing.assert_allclose(fast.gradient, slow.gradient, atol=1e-12)


def test_what_is_given_is_not_changed(seed):
    x, y = blobs(stream(seed, "frozen"))
    start = begin()
    for array in (x, y, *(a for layer in start for a in layer)):
        array.flags.writeable = False
    train(x, y, start, validation=(x, y))


@given(seed=seeds)
def test_precision_is_kept(seed):
    x, y = blobs(stream(seed, "precision"), n=10)
    once = Training(epochs=1, batch=5)
    for dtype in ("float32", "float64"):
        found = train(x, y, begin(dtype=dtype), training=once)
        assert all(a.dtype == dtype for layer in found.parameters for a in layer)


X, Y = np.zeros((12, 2)), np.arange(12) % 3
ONCE = Training(epochs=1, batch=4)
BAD = [
    ("network", {"network": None}),
    ("parameters", {"start": None}),
    ("x", {"x": np.zeros((12, 3))}),
    ("x", {"x": np.full((12, 2), np.nan)}),
    ("x", {"x": np.zeros((3, 12, 2))}),
    ("targets", {"targets": Y}),
    (r"targets\[0\]", {"targets": (Y[:5],)}),
    ("labels", {"targets": (Y + 1,)}),
    ("labels", {"targets": (np.full((12, 3), 0.5),)}),
    ("rng", {"rng": 0}),
    ("weight", {"weight": -np.ones(12)}),
    ("weight", {"weight": np.ones(11)}),
    ("weight", {"weight": 0.0}),
    ("weight", {"weight": np.nan}),
    ("weight", {"weight": lambda parameters: np.full(12, np.inf)}),
    ("training", {"training": 20}),
    ("batch", {"training": Training(batch=13)}),
    ("validation", {"training": Training(batch=4, patience=2)}),
    ("validation", {"validation": X}),
    ("validation", {"validation": (X, Y[:5])}),
    ("labels", {"validation": (X, Y + 1)}),
    ("x", {"validation": (X[:, :1], Y)}),
]


@pytest.mark.parametrize(("name", "change"), BAD)
def test_bad_input_is_refused(name, change):
    good = {"network": NETWORK, "start": begin(), "x": X, "targets": (Y,)}
    good |= {"rng": child(0), "training": ONCE}
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        fit(**{**good, **change})


@pytest.mark.parametrize(
    "change",
    [
        {"epochs": 0},
        {"epochs": 2.0},
        {"batch": 0},
        {"batch": None},
        {"patience": 0},
        {"patience": 1.5},
        {"optimiser": None},
        {"optimiser": "adam"},
    ],
)
def test_a_bad_training_is_refused(change):
    (name,) = change
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        Training(**change)
