"""Deterministic learning curves: the fluid limit of the reduced dynamics, claim A11.

With h = -step s c(s z, s y), z = s w.x, the coordinates of w drift as
du/dt = E[h a] and d(rho^2)/dt = 2 rho E[h b c] + E[h^2 b^2], b = sqrt(1 - a^2).
The mean iterate follows, since its part orthogonal to w is not pushed on average.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate

from halfspace import _cap
from halfspace._check import Array, check_instance, check_range
from halfspace.noise import RCN
from halfspace.problems import Symmetric, quotient
from halfspace.reduced import Pair
from halfspace.rules import Learner


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


@dataclass(frozen=True, slots=True)
class Curve:
    """A learning curve at k horizons.

    Attributes
    ----------
    steps : array, shape (k,)
        Horizons T; need not be whole.
    average_error : array, shape (k,)
        (1/T) sum of err(w_t): what claim A1 bounds.
    last_error, averaged_error : array, shape (k,)
        Error of the iterate, and of the mean of the iterates.
    last, averaged : Pair
        Where these two are.
    """

    steps: Array
    average_error: Array
    last_error: Array
    averaged_error: Array
    last: Pair
    averaged: Pair


_START = 1e-4  # the curve leaves w = 0 along a straight line, which ends here
_LOST = 5e-5  # the error below which the drift has no digits left at d = 3
_X, _W = np.polynomial.legendre.leggauss(16)
_NEAR, _WIDTH = ((1 + _X) / 2) ** 3, 1.5 * ((1 + _X) / 2) ** 2 * _W  # of (0, 1)


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
    told, true = 1 - 2 * learner.rate, 1 - 2 * channel.rate
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
    d = 3 on; the rule may jump or bend at w.x = 0, where the range is split.

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
    end = min(np.pi / 2, 9 / np.sqrt(law.dim - 2))  # beyond it: below e^-40
    split = np.clip(-np.arcsin(np.clip(quotient(a * u, b * rho), -1, 1)), -end, end)
    below, above = split + end, end - split
    # The nodes crowd towards the split, where a saturated sigmoid turns.
    phi = np.concatenate([split - below * _NEAR, split + above * _NEAR], axis=-1)
    width = np.concatenate([below * _WIDTH, above * _WIDTH], axis=-1)
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


def curve(learner: Learner, law: Symmetric, channel: RCN, *, at: ArrayLike) -> Curve:
    """Predict the learning curve from w = 0, in milliseconds at any horizon.

    Parameters
    ----------
    learner : Learner
        Any rule without a ball.
    law : Symmetric
        d at least 3.
    channel : RCN
        The learner may be told another rate.
    at : array, shape (k,)
        Horizons T, increasing, each at least 1; 1e14 is as quick as 1e3.

    Returns
    -------
    Curve

    Raises
    ------
    TypeError
        If `law` is not Symmetric or `channel` is not RCN.
    ValueError
        If d = 2, the learner has a ball, or `at` is not increasing and at least 1.

    Notes
    -----
    Claim A11. An approximation, not a bound: its error vanishes as the steps become
    small against w. It is poor in the first few steps and in very few dimensions.

    Examples
    --------
    >>> from halfspace import Shell
    >>> law = Shell(dim=25, margin=0.1)
    >>> curve(Learner(rate=0.1), law, RCN(rate=0.1), at=[1e4, 1e14]).average_error
    array([3.72422575e-02, 3.66926609e-07])
    """
    check_instance("learner", learner, Learner)
    check_instance("law", law, Symmetric)
    check_instance("channel", channel, RCN)
    at = np.atleast_1d(check_range("at", at, 1, 1e300))
    if law.dim < 3:
        msg = f"`law` must have dim at least 3 for a fluid limit, got {law.dim}"
        raise ValueError(msg)
    if learner.radius != np.inf:
        msg = f"`learner` must have no ball for a fluid limit, got {learner.radius}"
        raise ValueError(msg)
    if at.ndim != 1 or not (np.diff(at) > 0).all():
        msg = f"`at` must be strictly increasing, got {at}"
        raise ValueError(msg)
    drift = sign_drift if learner.rule == "slam" else quadrature_drift
    sharp = learner.rule == "slam" and law.dim == 3 and channel.rate > 0
    return _integrate(
        lambda u, rho: drift(learner, law, channel, u, rho), law, at, sharp
    )


def _integrate(
    drift: Callable[[float, float], Drift], law: Symmetric, at: Array, sharp: bool
) -> Curve:
    """Solve for u, rho^2, the sum of errors, and the sum of iterates, in log time.

    The sum S of iterates enters as S.w*, S.w_rest and |S_rest|^2.
    """

    def slope(log_time: float, state: Array) -> Array:
        u, square, _, _, overlap, _ = state
        rho = np.sqrt(max(square, 0.0))
        step = drift(u, rho)
        change = 2 * rho * step.across + step.spread
        turned = overlap * step.across / rho if rho > 0 else 0.0
        rates = [step.along, change, step.error, u, turned + square, 2 * overlap]
        return float(np.exp(log_time)) * np.array(rates)

    def edge(log_time: float, state: Array) -> float:
        return drift(state[0], np.sqrt(max(state[1], 0.0))).error - _LOST

    edge.terminal = True  # type: ignore[attr-defined]
    first = drift(0.0, 1e-9)
    t = _START
    start = np.array(
        [
            first.along * t,
            first.spread * t,
            first.error * t,
            first.along * t**2 / 2,
            first.spread * t**2 / 2,
            first.spread * t**3 / 3,
        ]
    )
    solution = integrate.solve_ivp(
        slope,
        (np.log(t), np.log(at[-1])),
        start,
        method="LSODA",
        t_eval=np.log(at),
        events=edge if sharp else None,
        rtol=1e-6,
        atol=1e-10 * np.abs(start) + 1e-300,
    )
    if solution.status != 0:
        end = np.exp(solution.t_events[0][0]) if solution.status == 1 else at[0]
        msg = (
            f"`at` must be at most {end:.3g} for this law in {law.dim} dimensions, "
            f"where the drift then loses its digits, got {at[-1]:g}"
        )
        raise ValueError(msg)
    u, square, errors, sum_u, _, sum_square = solution.y
    last = Pair(u, np.sqrt(square))
    averaged = Pair(sum_u / at, np.sqrt(sum_square) / at)
    return Curve(
        at, errors / at, law.error_at(*last), law.error_at(*averaged), last, averaged
    )
