"""What one sample does on average to w: in closed form, or by quadrature."""

from itertools import pairwise
from typing import NamedTuple

import numpy as np

from halfspace import _cap
from halfspace._check import Array
from halfspace.learner import Learner, check_constant
from halfspace.noise import RCN
from halfspace.rules import RULES
from halfspace.symmetric import Symmetric, quotient

_X, _W = np.polynomial.legendre.leggauss(16)
# Of (0, 1), crowded towards both ends, where a saturated sigmoid may turn.
_UNIFORM = (1 + _X) / 2
_NODES = _UNIFORM**2 * (3 - 2 * _UNIFORM)
_WEIGHTS = 3 * _UNIFORM * (1 - _UNIFORM) * _W


class Drift(NamedTuple):
    """What one sample does on average to w = u w* + rho e.

    Attributes
    ----------
    along : float
        E[h a], to u.
    across : float
        E[h b c], to the rest of w.
    spread : float
        E[h^2 b^2], to the squared norm of the rest.
    error : float
        P[sign(w.x) != s].
    """

    along: float
    across: float
    spread: float
    error: float


def _nodes(law: Symmetric, u: float, rho: float) -> tuple[Array, Array]:
    """Return the law's nodes that count, cut where the error of w ends."""
    a, weight = law.nodes(rho / np.hypot(u, rho))
    return a[weight > 1e-10], weight[weight > 1e-10]


def sign_drift(
    learner: Learner, law: Symmetric, channel: RCN, u: float, rho: float
) -> Drift:
    """Return the drift of SLaM with the sign link in closed form (A11).

    Examples
    --------
    >>> from halfspace import Shell
    >>> law, channel = Shell(dim=4, margin=0.6), RCN(rate=0.2)
    >>> drift = sign_drift(Learner(rate=0.2), law, channel, 2.0, 3.0)
    >>> [round(value, 9) for value in drift]
    [0.18, -0.18, 0.64, 0.25]
    """
    told, true = 1 - 2 * check_constant(learner), 1 - 2 * channel.rate
    a, weight = _nodes(law, u, rho)
    b = np.sqrt((1 - a) * (1 + a))
    r = quotient(a * u, b * rho)
    wrong = _cap.tail(r, law.dim)
    step = learner.step
    means = (
        step * a * (true - told + 2 * told * wrong),
        step * 2 * told * b * _cap.moment(r, law.dim),
        (step * b) ** 2 * (1 + told**2 - 2 * told * true * (1 - 2 * wrong)),
        wrong,
    )
    return Drift(*(float(weight @ mean) for mean in means))


def quadrature_drift(
    learner: Learner, law: Symmetric, channel: RCN, u: float, rho: float
) -> Drift:
    """Return the drift of any odd rule by quadrature over the height and the cosine.

    With c = sin(phi) the density of phi is proportional to cos(phi)^(d-3), smooth from
    d = 3 on; the range is split where w.x = 0 and where the rule says that it bends.

    Examples
    --------
    >>> from halfspace import Shell
    >>> law, channel = Shell(dim=4, margin=0.6), RCN(rate=0.2)
    >>> drift = quadrature_drift(Learner(rate=0.2), law, channel, 2.0, 3.0)
    >>> [round(value, 9) for value in drift]
    [0.18, -0.18, 0.64, 0.25]
    """
    a, weight = _nodes(law, u, rho)
    a, weight = a[:, None], weight[:, None]
    b = np.sqrt((1 - a) * (1 + a))
    end = min(np.pi / 2, 7 / np.sqrt(law.dim - 2))  # beyond it: below e^-24
    bend = RULES[learner.rule].bend(learner.margin or 0.0)
    splits = [
        np.clip(np.arcsin(np.clip(quotient(z - a * u, b * rho), -1, 1)), -end, end)
        for z in {-bend, 0.0, bend}
    ]
    ends = np.full_like(a, end)
    edges = np.sort([-ends, *splits, 0 * ends, ends], axis=0)
    pieces = [(low, high - low) for low, high in pairwise(edges)]
    phi = np.concatenate([low + width * _NODES for low, width in pieces], axis=-1)
    width = np.concatenate([width * _WEIGHTS for _, width in pieces], axis=-1)
    width *= np.cos(phi) ** (law.dim - 3)
    width *= weight / width.sum(axis=-1, keepdims=True)
    c = np.sin(phi)
    z = a * u + b * rho * c
    right = -learner.step * learner.coefficient(z, np.ones_like(z))
    wrong = -learner.step * learner.coefficient(z, -np.ones_like(z))
    mean = (1 - channel.rate) * right + channel.rate * wrong
    square = (1 - channel.rate) * right**2 + channel.rate * wrong**2
    means = (mean * a, mean * b * c, square * b * b, z < 0)
    return Drift(*(float(np.sum(width * value)) for value in means))
