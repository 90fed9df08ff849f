"""Deterministic learning curves: the fluid limit of the reduced dynamics, claim A11.

With h = -step s c(s z, s y), z = s w.x, the coordinates of w drift as
du/dt = E[h a] and d(rho^2)/dt = 2 rho E[h b c] + E[h^2 b^2], b = sqrt(1 - a^2).
The mean iterate follows, since its part orthogonal to w is not pushed on average. In a
ball the projection takes away what the squared norm would grow by.
"""

import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import integrate

from halfspace._check import Array, check_instance, check_range, shown
from halfspace._drift import Drift, quadrature_drift, sign_drift
from halfspace.learner import Learner, check_constant
from halfspace.noise import RCN
from halfspace.reduced import Pair
from halfspace.rules import RULES
from halfspace.symmetric import Symmetric

__all__ = ["Curve", "Drift", "curve", "quadrature_drift", "sign_drift"]

_START = 1e-4  # the curve leaves w = 0 along a straight line, which ends here
_DEPTH = 1e-3  # of the edge of a ball, relative to its squared radius
_LOST = 5e-5  # the error below which the drift has no digits left at d = 3


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


def curve(learner: Learner, law: Symmetric, channel: RCN, *, at: ArrayLike) -> Curve:
    """Predict the learning curve from w = 0, in a fraction of a second.

    Parameters
    ----------
    learner : Learner
        Any rule, with or without a ball, told a rate.
    law : Symmetric
        d at least 3.
    channel : RCN
        The learner may be told another rate.
    at : array, shape (k,)
        Horizons T, increasing, each in [1, 1e18].

    Returns
    -------
    Curve

    Raises
    ------
    TypeError
        If `law` is not Symmetric or `channel` is not RCN.
    ValueError
        If d = 2, the learner is told no rate, or `at` is not increasing and in
        [1, 1e18].

    Notes
    -----
    Claim A11. An approximation, not a bound, and for margins up to about 0.2: w and its
    fluctuations grow alike, so at one margin and dimension the error has a limit that
    is not zero. It is poor in the first few steps, in very few dimensions, and from d
    of the order of 1/gamma^4 on, where w.w* fluctuates about 0 (A5). Over A1's bound it
    gives the constant of claim A4.

    Examples
    --------
    >>> from halfspace import Shell
    >>> law = Shell(dim=25, margin=0.1)
    >>> found = curve(Learner(rate=0.1), law, RCN(rate=0.1), at=[1e4, 1e14])
    >>> [f"{error:.4g}" for error in found.average_error]
    ['0.03724', '3.669e-07']
    """
    check_constant(learner)
    check_instance("law", law, Symmetric)
    check_instance("channel", channel, RCN)
    at = np.atleast_1d(check_range("at", at, 1, 1e18))
    if law.dim < 3:
        msg = f"`law` must have dim at least 3 for a fluid limit, got {law.dim}"
        raise ValueError(msg)
    if at.ndim != 1 or not (np.diff(at) > 0).all():
        msg = f"`at` must be strictly increasing, got {shown(at)}"
        raise ValueError(msg)
    drift = sign_drift if learner.rule == "slam" else quadrature_drift
    sharp = learner.rule == "slam" and law.dim == 3 and channel.rate > 0
    return _integrate(
        lambda u, rho: drift(learner, law, channel, u, rho), learner, law, at, sharp
    )


def _inward(learner: Learner, square: float, growth: float) -> float:
    """Return the rate at which projection shrinks w, of this squared norm.

    On the sphere it undoes all growth of the norm; at the edge of a ball, given a
    little depth so that the solver sees no jump, all that leads outward.
    """
    if learner.radius == np.inf:
        return 0.0
    edge = square / learner.radius**2
    if RULES[learner.rule].sphere:
        return growth / (2 * square)
    return max(growth, 0.0) / 2 / square * min(max((edge - 1) / _DEPTH + 1, 0.0), 2.0)


def _start(learner: Learner, first: Drift) -> Array:
    """Return the state shortly after w = 0: on a line, or on the sphere."""
    t = _START
    if RULES[learner.rule].sphere:
        one = np.ones(())
        size = learner.step * float(np.abs(learner.coefficient(0 * one, one)))
        u = learner.radius * first.along / size
        square = learner.radius**2 - u**2
        return np.array([u, square, first.error * t, u * t, square * t, square * t**2])
    return np.array(
        [
            first.along * t,
            first.spread * t,
            first.error * t,
            first.along * t**2 / 2,
            first.spread * t**2 / 2,
            first.spread * t**3 / 3,
        ]
    )


def _integrate(
    drift: Callable[[float, float], Drift],
    learner: Learner,
    law: Symmetric,
    at: Array,
    sharp: bool,
) -> Curve:
    """Solve for u, rho^2, the sum of errors, and the sum of iterates, in log time.

    The sum S of iterates enters as S.w*, S.w_rest and |S_rest|^2.
    """

    def slope(log_time: float, state: Array) -> Array:
        u, square, _, _, overlap, _ = state
        rho = np.sqrt(max(square, 0.0))
        step = drift(u, rho)
        change = 2 * rho * step.across + step.spread
        inward = _inward(learner, u * u + square, 2 * u * step.along + change)
        turned = overlap * (step.across / rho - inward) if rho > 0 else 0.0
        rates = [
            step.along - inward * u,
            change - 2 * inward * square,
            step.error,
            u,
            turned + square,
            2 * overlap,
        ]
        return float(np.exp(log_time)) * np.array(rates)

    def edge(log_time: float, state: Array) -> float:
        return drift(state[0], np.sqrt(max(state[1], 0.0))).error - _LOST

    edge.terminal = True  # type: ignore[attr-defined]
    start = _start(learner, drift(0.0, 1e-9))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what goes wrong is said below
        solution = integrate.solve_ivp(
            slope,
            (np.log(_START), np.log(at[-1])),
            start,
            method="LSODA",
            t_eval=np.log(at),
            events=edge if sharp else None,
            rtol=1e-6,
            atol=1e-10 * np.abs(start) + 1e-300,
        )
    if solution.status == 1:
        end = np.exp(solution.t_events[0][0])
        msg = (
            f"`at` must be at most {end:.3g} for this law in three dimensions, where "
            f"the drift then loses its digits, got {at[-1]:g}"
        )
        raise ValueError(msg)
    if solution.status != 0:
        msg = f"`law` must have a drift that can be integrated, got {law}"
        raise ValueError(msg)
    u, square, errors, sum_u, _, sum_square = solution.y
    last = Pair(u, np.sqrt(square))
    averaged = Pair(sum_u / at, np.sqrt(sum_square) / at)
    return Curve(
        at, errors / at, law.error_at(*last), law.error_at(*averaged), last, averaged
    )
