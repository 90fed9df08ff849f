"""How many labels do I need: the theorem's answer beside the fluid limit's."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from halfspace import theory
from halfspace._check import Array, check_count, check_margin, check_rate, check_scalar
from halfspace.fluid import curve
from halfspace.noise import RCN
from halfspace.problems import Shell
from halfspace.rules import Learner


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
        Whether `average` and `last` are only rough: fewer than ten mistakes are
        predicted, or d is far above 1/gamma^2, where the fluid limit lacks the
        fluctuations that matter (A5).
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
        If an argument is outside its range, or the error is below what can be
        integrated in three dimensions.

    Notes
    -----
    Claims A1 and A11. The fluid prediction is an approximation: see `fluid.curve`.
    In a few dimensions it is some percent too high.

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
        rough=average * error < 10 or dim > 100 / margin**2,
    )


def _first(at: Array, errors: Array, target: float) -> int:
    """Return where errors, falling along `at`, reach the target; log-log between."""
    floor = np.maximum(errors, np.finfo(float).tiny)
    return ceil(float(np.exp(np.interp(-np.log(target), -np.log(floor), np.log(at)))))
