"""Online learners: each is a scalar c(t, y) in w <- proj(w - step c(t, y) x), t = w.x.

A coefficient takes t and y, the rate eta that is told (one number, or one for each),
and the margin gamma. A new learner is one short function and one line in `RULES`.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from halfspace._check import Array

Rate = float | Array
Coefficient = Callable[[Array, Array, Rate, float], Array]

#: The exponent of generalised cross-entropy: 0 is cross-entropy, 1 the sigmoid loss.
GCE_EXPONENT = 0.7


class Rule(NamedTuple):
    """A row of the table of rules.

    Attributes
    ----------
    coefficient : function of (t, y, rate, margin)
        c(t, y), elementwise.
    largest : function of (rate, margin)
        The supremum of abs(c): the default step is radius / (largest sqrt(steps)).
    ball : str
        By default w is kept in no ball ("none"), in the unit ball ("unit"), or in the
        ball of radius log(steps) / (2 margin) ("wide").
    sphere : bool
        Whether w stays on the sphere instead, where the rule is a gradient.
    margin : bool
        Whether the coefficient needs to know the margin.
    bend : function of margin
        The abs(t), beside 0, at which the coefficient jumps, bends or has faded.
    """

    coefficient: Coefficient
    largest: Callable[[float, float], float]
    ball: str = "none"
    sphere: bool = False
    margin: bool = False
    bend: Callable[[float], float] = lambda margin: 0.0


def sign(t: ArrayLike) -> Array:
    """Return the sign of `t` with sign(0) = sign(-0) = +1.

    >>> sign([-2.0, -0.0, 0.0]).tolist()
    [-1.0, 1.0, 1.0]
    """
    return _signed(1.0, t)


def _signed(size: Rate, t: ArrayLike) -> Array:
    """Return size sign(t), for a positive size."""
    return np.copysign(size, np.add(t, 0.0))  # -0.0 + 0.0 is 0.0


def _right(t: Array, y: Array) -> Array:
    """Return sigma(y t), the probability that the student gives the label."""
    q: Array = special.expit(y * t)
    return q


def perceptron(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Perceptron: -y where y t <= 0, else 0. A2."""
    return np.where(y * t <= 0, -y, 0.0)


def slam(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """SLaM with the sign link: mixed prediction minus label, beta sign(t) - y. A1."""
    return _signed(1 - 2 * rate, t) - y


def slam_projected(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """SLaM with the sign link as a projected subgradient: (beta sign(t) - y)/2."""
    return _signed(0.5 - rate, t) - y / 2


def slam_sigmoid(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """SLaM with the sigmoid link: beta sigma(t) + eta - (y + 1)/2. A10."""
    link: Array = special.expit(t)
    return (1 - 2 * rate) * link + (rate - 0.5 - y / 2)


def forward(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Forward-corrected cross-entropy: -y beta q (1-q) / (beta q + eta), q = sigma(yt).

    Divided by q, so that it is right at every logit. B1.
    """
    grown = np.exp(np.minimum(-y * t, 700.0))
    return -y * (1 - 2 * rate) * _right(t, -y) / (1 - rate + rate * grown)


def backward(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Backward-corrected logistic: sigma(t) - ((y + 1)/2 - eta)/beta. B3."""
    link: Array = special.expit(t)
    return link - 0.5 - y / (2 - 4 * rate)


def perspectron(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Perspectron type: (beta sign(t) - y)/(abs(t) + gamma). I1."""
    return slam(t, y, rate, margin) / (np.abs(t) + margin)


def diakonikolas_zarifis(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Diakonikolas-Zarifis type: (beta sign(t) - y)/max(abs(t), gamma). I1."""
    return slam(t, y, rate, margin) / np.maximum(np.abs(t), margin)


def sigmoidal(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Gradient of sigma(-y t / gamma) on the unit sphere: its scale is the margin."""
    return sigmoid_loss(t / margin, y, rate, margin) / margin


def logistic(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Logistic loss: sigma(t) - (y + 1)/2 = -y sigma(-y t)."""
    return -y * _right(t, -y)


def hinge(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Hinge loss: -y where y t < 1, else 0."""
    return np.where(y * t < 1, -y, 0.0)


def gce(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Generalised cross-entropy: -y q^r (1 - q), q = sigma(y t)."""
    return -y * _right(t, y) ** GCE_EXPONENT * _right(t, -y)


def sigmoid_loss(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Sigmoid loss sigma(-y t): -y q (1 - q), q = sigma(y t)."""
    return -y * _right(t, y) * _right(t, -y)


def unhinged(t: Array, y: Array, rate: Rate, margin: float) -> Array:
    """Unhinged loss 1 - y t: -y, at every t."""
    return -y


def _forward_largest(rate: float, margin: float) -> float:
    """B2: (sqrt(1-eta) - sqrt(eta)) / (sqrt(1-eta) + sqrt(eta))."""
    right, wrong = np.sqrt(1 - rate), np.sqrt(rate)
    return float((right - wrong) / (right + wrong))


def _faded(margin: float) -> float:
    """Return where a sigmoid of t has come near its limits."""
    return 8.0


_GCE_LARGEST = GCE_EXPONENT**GCE_EXPONENT / (1 + GCE_EXPONENT) ** (1 + GCE_EXPONENT)

RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "perceptron": Rule(perceptron, lambda rate, margin: 1.0),
        "slam": Rule(slam, lambda rate, margin: 2 * (1 - rate)),
        "slam_projected": Rule(slam_projected, lambda rate, margin: 1 - rate, "unit"),
        "slam_sigmoid": Rule(slam_sigmoid, lambda rate, margin: 1 - rate, bend=_faded),
        "forward": Rule(forward, _forward_largest, bend=_faded),
        "backward": Rule(
            backward,
            lambda rate, margin: (1 - rate) / (1 - 2 * rate),
            "wide",
            bend=_faded,
        ),
        "perspectron": Rule(
            perspectron,
            lambda rate, margin: 2 * (1 - rate) / margin,
            "unit",
            margin=True,
            bend=lambda margin: 4 * margin,
        ),
        "diakonikolas_zarifis": Rule(
            diakonikolas_zarifis,
            lambda rate, margin: 2 * (1 - rate) / margin,
            "unit",
            margin=True,
            bend=lambda margin: margin,
        ),
        "sigmoidal": Rule(
            sigmoidal,
            lambda rate, margin: 0.25 / margin,
            "unit",
            sphere=True,
            margin=True,
            bend=lambda margin: 8 * margin,
        ),
        "logistic": Rule(logistic, lambda rate, margin: 1.0, "wide", bend=_faded),
        "hinge": Rule(hinge, lambda rate, margin: 1.0, "wide", bend=lambda margin: 1.0),
        "gce": Rule(gce, lambda rate, margin: _GCE_LARGEST, "wide", bend=_faded),
        "sigmoid_loss": Rule(
            sigmoid_loss, lambda rate, margin: 0.25, "wide", bend=_faded
        ),
        "unhinged": Rule(unhinged, lambda rate, margin: 1.0, "wide"),
    }
)
