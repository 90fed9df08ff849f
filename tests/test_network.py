"""What a network is, and the law of its first parameters."""

import numpy as np
import pytest

from halfspace import stream
from halfspace.distill.network import Layer, Network, check_parameters, initial
from tests.networks import drawn, equal, trial

RNG = np.random.default_rng(0)


def test_a_size_that_was_counted_by_hand():
    """3 x 4 + 4, then 4 x 2 + 2; and a gain for each of the 4 hidden units."""
    assert Network(inputs=3, hidden=(4,), classes=2).size == 26
    assert Network(inputs=3, hidden=(4,), classes=2, layer_norm=True).size == 30
    assert Network(inputs=3, hidden=(), classes=2, layer_norm=True).size == 8


def test_first_weights_are_normal_with_the_stated_variances():
    """Exact: 2 / inputs, in the last layer 1 / inputs, times its own normal draws."""
    network = Network(inputs=6, hidden=(4, 5), classes=3)
    found = initial(network, rng=stream(2, "w"), dtype="float64")
    child = stream(2, "w").spawn(1)[0]
    for layer, variance in zip(found, (2 / 6, 2 / 4, 1 / 5), strict=True):
        normal = child.standard_normal(layer.w.shape)
        np.testing.assert_allclose(layer.w, np.sqrt(variance) * normal, rtol=1e-12)


def test_first_biases_are_0_and_gains_1():
    network = Network(inputs=3, hidden=(4,), classes=2, layer_norm=True)
    first, last = initial(network, rng=stream(0, "w"))
    assert not first.b.any()
    assert not last.b.any()
    assert (first.gain == 1).all()
    assert last.gain.size == 0


def test_more_trials_extend_fewer():
    network = Network(inputs=3, classes=2)
    few = initial(network, rng=stream(1, "w"), trials=(2,))
    many = initial(network, rng=stream(1, "w"), trials=(5,))
    one = initial(network, rng=stream(1, "w"))
    for i in range(2):
        assert equal(trial(few, i), trial(many, i))
    assert equal(one, trial(many, 0))
    assert not equal(trial(many, 0), trial(many, 1))


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_parameters_have_the_precision_asked_for(dtype):
    for layer in initial(Network(inputs=3, classes=2), rng=RNG, dtype=dtype):
        assert all(a.dtype == dtype for a in layer)


def test_checked_parameters_are_a_copy():
    network = Network(inputs=3, hidden=(4,), classes=2)
    given = drawn(network, (2,), RNG)
    flat, lead = check_parameters(network, given)
    flat[:] = 0
    assert lead == (2,)
    assert all(layer.w.all() for layer in given)


BAD = [
    ("inputs", {"inputs": 0}),
    ("inputs", {"inputs": 2.0}),
    ("classes", {"classes": 1}),
    ("classes", {"classes": True}),
    (r"hidden\[0\]", {"hidden": (0,)}),
    (r"hidden\[1\]", {"hidden": (3, -1)}),
    ("hidden", {"hidden": 64}),
    ("hidden", {"hidden": [64]}),
    ("activation", {"activation": "tanh"}),
    ("layer_norm", {"layer_norm": 1}),
]


@pytest.mark.parametrize(("name", "change"), BAD)
def test_a_bad_network_is_refused(name, change):
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        Network(**{"inputs": 3, "classes": 2, **change})


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("network", {"network": None}),
        ("rng", {"rng": 0}),
        ("trials", {"trials": 3}),
        (r"trials\[0\]", {"trials": (0,)}),
        ("dtype", {"dtype": "float16"}),
    ],
)
def test_a_bad_start_is_refused(name, change):
    good = {"network": Network(inputs=3, classes=2), "rng": RNG}
    with pytest.raises((ValueError, TypeError), match=rf"^`{name}` must .*, got ."):
        initial(**{**good, **change})


def spoil(layer, **change):
    return (layer._replace(**change),)


LINE = Layer(np.zeros((3, 2)), np.zeros(2), np.zeros(0))


@pytest.mark.parametrize(
    "bad",
    [
        None,
        (),
        (1, 2),
        spoil(LINE, w=np.zeros((2, 3))),
        spoil(LINE, b=np.zeros(3)),
        spoil(LINE, b=np.zeros((2, 2))),
        spoil(LINE, gain=np.zeros(2)),
        spoil(LINE, w=np.zeros((3, 2), dtype=int)),
        spoil(LINE, w=np.full((3, 2), np.nan)),
        spoil(LINE, b=np.full(2, np.inf)),
        (LINE, LINE),
    ],
)
def test_bad_parameters_are_refused(bad):
    network = Network(inputs=3, hidden=(), classes=2)
    with pytest.raises((ValueError, TypeError), match=r"^`parameters` must .*, got ."):
        check_parameters(network, bad)
