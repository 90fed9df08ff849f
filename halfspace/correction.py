"""Losses of two classes adjusted to noisy labels, elementwise in the margin z = y t.

Here y is the noisy label in {-1, +1} and t the score. Backward adjusts the loss,
forward and mixing the prediction. Everything is computed in logarithms, and float32
stays float32. For k classes see `halfspace.transition` and `halfspace.mixing`.
"""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, check_choice, check_range
from halfspace._logits import (
    Floats,
    ValueAndSlope,
    check_margins,
    first,
    spread,
)
from halfspace._mixing import mixed
from halfspace.losses import LOSSES

#: How near alpha k may be to 1.
IDENTIFIABLE = 1e-7


def binary_forward(z: ArrayLike, rate: ArrayLike) -> ValueAndSlope:
    r"""Return forward-corrected cross-entropy, -log(beta sigma(z) + eta).

    Parameters
    ----------
    z : array, any shape
        Margins y t.
    rate : array, broadcast to the shape of z
        eta = P[flip] in [0, 1/2); beta = 1 - 2 eta.

    Returns
    -------
    ValueAndSlope
        The slope never exceeds
        :math:`(\sqrt{1-\eta} - \sqrt\eta) / (\sqrt{1-\eta} + \sqrt\eta)` in size.

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a margin is not finite, or a rate outside [0, 1/2) or of another shape.

    Notes
    -----
    Claims B1, B2 and B4; [1]_. The loss is not convex.

    References
    ----------
    .. [1] G. Patrini et al., "Making deep neural networks robust to label noise: a
       loss correction approach", CVPR 2017, arXiv:1609.03683.

    Examples
    --------
    >>> value, slope = binary_forward([0.0, 1000.0, -1000.0], 0.25)
    >>> value.round(3).tolist(), slope.round(3).tolist()
    ([0.693, 0.288, 1.386], [-0.25, -0.0, -0.0])
    """
    z = check_margins(z)
    eta = spread("rate", check_range("rate", rate, 0, 0.5, "[)"), z.shape)
    return mixed(z, 1 - eta, eta)


def binary_mixing(z: ArrayLike, accuracy: ArrayLike) -> ValueAndSlope:
    """Return cross-entropy of the mixed prediction, alpha sigma(z) + (1-alpha)(1-...).

    Parameters
    ----------
    z : array, any shape
        Margins y t, y the teacher's label.
    accuracy : array, broadcast to the shape of z
        alpha = P[the teacher is right], in [0, 1] and not 1/2. Above 1/2 this is
        `binary_forward` at eta = 1 - alpha.

    Returns
    -------
    ValueAndSlope

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a margin is not finite, or an accuracy outside [0, 1] or of another shape; or
        1/2, where the label says nothing.

    Notes
    -----
    Claims B1, C2 and C3; [1]_.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> binary_mixing([2.0, -2.0], [1.0, 0.0]).value.round(6).tolist()
    [0.126928, 0.126928]
    """
    z = check_margins(z)
    alpha = check_accuracy(accuracy, z.shape)
    check_identifiable(alpha, 2.0)
    return mixed(z, alpha, 1 - alpha)


def binary_matched(z: ArrayLike, accuracy: ArrayLike) -> ValueAndSlope:
    """Return the loss whose slope is mixed prediction less label: (m - y01) y.

    That is the slope of `binary_mixing` without its factor beta p (1-p) / (m (1-m)),
    and the value is alpha l(z) - (1 - alpha) l(-z), l the logistic loss.

    Parameters
    ----------
    z : array, any shape
        Margins y t, y the teacher's label.
    accuracy : array, broadcast to the shape of z
        alpha = P[the teacher is right], in [0, 1].

    Returns
    -------
    ValueAndSlope

    Raises
    ------
    TypeError
        If an argument is not real numbers.
    ValueError
        If a margin is not finite, or an accuracy outside [0, 1] or of another shape.

    Notes
    -----
    Claim B7: at constant alpha it is 2 alpha - 1 times `binary_backward`, logistic.

    Examples
    --------
    >>> float(binary_matched(0.0, 0.75).slope)
    -0.5
    """
    z = check_margins(z)
    alpha = check_accuracy(accuracy, z.shape)
    return _signed_sum("logistic", z, alpha, 1 - alpha)


def binary_backward(
    z: ArrayLike, rate: ArrayLike, *, loss: str = "logistic"
) -> ValueAndSlope:
    r"""Return the backward-corrected loss, whose noisy mean is the clean loss.

    .. math:: \tilde\ell(z) = \frac{(1-\eta)\,\ell(z) - \eta\,\ell(-z)}{1 - 2\eta}

    Parameters
    ----------
    z : array, any shape
        Margins y t.
    rate : array, broadcast to the shape of z
        eta = P[flip] in [0, 1/2).
    loss : str
        A name in `halfspace.losses.LOSSES`.

    Returns
    -------
    ValueAndSlope
        Values may be negative.

    Raises
    ------
    TypeError
        If `z` or `rate` is not real numbers.
    ValueError
        If a margin is not finite, a rate outside [0, 1/2) or of another shape, or there
        is no such loss.

    Notes
    -----
    Claims B3 and B4; [1]_, Lemma 1.

    References
    ----------
    .. [1] N. Natarajan et al., "Learning with noisy labels", NeurIPS 2013.

    Examples
    --------
    >>> binary_backward([0.0, 1.0], 0.25, loss="unhinged").value.tolist()
    [1.0, -1.0]
    """
    z = check_margins(z)
    eta = spread("rate", check_range("rate", rate, 0, 0.5, "[)"), z.shape)
    check_choice("loss", loss, tuple(LOSSES))
    beta = 1 - 2 * eta
    return _signed_sum(loss, z, (1 - eta) / beta, eta / beta)


def _signed_sum(loss: str, z: Floats, own: Array, other: Array) -> ValueAndSlope:
    """Return own l(z) - other l(-z), and its slope."""
    own, other = own.astype(z.dtype), other.astype(z.dtype)
    right, wrong = LOSSES[loss](z), LOSSES[loss](-z)
    value = own * right.value - other * wrong.value
    return ValueAndSlope(value, own * right.slope + other * wrong.slope)


def check_accuracy(accuracy: ArrayLike, shape: tuple[int, ...]) -> Array:
    """Return alpha in [0, 1], broadcast to `shape`."""
    found: Array = spread("accuracy", check_range("accuracy", accuracy, 0, 1), shape)
    return found


def check_identifiable(alpha: Array, k: float | Array) -> None:
    """Say so if alpha k = 1: all predictions then mix to the same law."""
    bad = np.asarray(np.abs(alpha * k - 1) <= IDENTIFIABLE)
    if bad.any():
        why = "differ from 1/k (the student is not identifiable where alpha k = 1)"
        msg = f"`accuracy` must {why}, got {first(bad, alpha)}"
        raise ValueError(msg)
