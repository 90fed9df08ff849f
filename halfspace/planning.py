"""How many labels do I need: the theorem's answer beside the fluid limit's."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from halfspace import theory
from halfspace._check import Array, check_count, check_margin, check_rate, check_scalar
from halfspace.fluid import curve
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.problems import Shell


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Labels that SLaM (sign link) needs on the shell; all counts.

    Attributes
    ----------
    bound : int
        A1: the average error is at most the target, in expectation. A theorem, for
        every law with this margin.
    average : int
        A11: the same average error, predicted for the shell.
    last : int
        A11: the error of the last iterate, predicted for the shell.
    rough : bool
        Whether `average` and `last` may be off by more than a tenth (A11): the margin
        is above 0.2, d is below 10 or above 1/(2 gamma^4), or fewer than ten mistakes
        are predicted.
    """

    bound: int
    average: int
    last: int
    rough: bool


def plan(*, margin: float, rate: float, dim: int, error: float) -> Plan:
    """Say how many labels bring SLaM's error down to `error`, in milliseconds.

    Parameters
    ----------
    margin : float
        gamma in (0, 1).
    rate : float
        eta = P[flip], in [0, 1/2).
    dim : int
        d, at least 3. The bound does not depend on it.
    error : float
        The target, in [1e-12, 1/2).

    Returns
    -------
    Plan

    Raises
    ------
    TypeError
        If `dim` is not an int or another argument not a number.
    ValueError
        If an argument is outside its range, A1's bound is above 1e18, or the error is
        below what can be integrated in three dimensions.

    Notes
    -----
    Claims A1 and A11. The fluid prediction is an approximation: see `fluid.curve`.

    Examples
    --------
    >>> plan(margin=0.1, rate=0.1, dim=100, error=0.05)
    Plan(bound=7625, average=4981, last=1161, rough=False)
    """
    check_margin(margin)
    check_scalar("margin", margin, 0, 1, "()")
    check_rate(rate)
    check_count("dim", dim, 3)
    check_scalar("error", error, 1e-12, 0.5, "[)")
    bound = float(theory.sample_size(error, margin, rate))
    if bound > 1e18:
        msg = f"`error` must be such that A1's bound is at most 1e18, got {error:g}"
        raise ValueError(msg)
    law, learner = Shell(dim=dim, margin=margin), Learner(rate=rate)
    at = np.geomspace(1, bound, 500)
    try:
        predicted = curve(learner, law, RCN(rate=rate), at=at)
    except ValueError as lost:
        msg = f"`error` must be larger for a fluid limit at dim {dim}, got {error:g}"
        raise ValueError(msg) from lost
    average = _first(at, predicted.average_error, error)
    return Plan(
        bound=ceil(bound),
        average=average,
        last=_first(at, predicted.last_error, error),
        rough=margin > 0.2 or not 10 <= dim <= 0.5 / margin**4 or average * error < 10,
    )


def _first(at: Array, errors: Array, target: float) -> int:
    """Return where errors, falling along `at`, reach the target; log-log between."""
    floor = np.maximum(errors, np.finfo(float).tiny)
    return ceil(float(np.exp(np.interp(-np.log(target), -np.log(floor), np.log(at)))))
