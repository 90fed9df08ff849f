"""Correction of k-class losses by a transition matrix, in logarithms.

Float32 stays float32, and no array is larger than the logits or the matrix.
"""

import numpy as np
from numpy.typing import ArrayLike

from halfspace._logits import (
    Floats,
    ValueAndGradient,
    check_floats,
    check_logits,
    check_targets,
    check_transition,
    first,
    highest,
    logarithm,
    softmax,
)

#: A transition matrix is known to about this relative error: a condition number above
#: one over it leaves no digit of the inverse.
PRECISION = 1e-9


def cross_entropy(logits: ArrayLike, labels: ArrayLike) -> ValueAndGradient:
    """Return cross-entropy of the softmax f of the logits, without correction.

    Parameters
    ----------
    logits : array, shape (..., k)
        float32 or float64, k at least 2.
    labels : array, shape (...) or (..., k)
        Hard labels, ints in 0..k-1; or soft ones, probabilities as floats.

    Returns
    -------
    ValueAndGradient
        -sum_i y_i log f_i, and f - y.

    Raises
    ------
    TypeError
        If logits are not floats, or labels not numbers.
    ValueError
        If a logit is not finite, a shape is wrong, a label is not a class, or soft
        labels are not probabilities.

    Examples
    --------
    >>> value, gradient = cross_entropy([[0.0, 0.0], [1000.0, -1000.0]], [0, 1])
    >>> value.round(3).tolist(), gradient.tolist()
    ([0.693, 2000.0], [[-0.5, 0.5], [1.0, -1.0]])
    """
    z = check_logits(logits)
    y, hard = check_targets(labels, z.shape)
    p, shifted, total = softmax(z)
    if not hard:
        y = y.astype(z.dtype)
        return ValueAndGradient(_against(shifted, total, y), p - y)
    at = y[..., None]
    value = (total - np.take_along_axis(shifted, at, axis=-1))[..., 0]
    own = np.take_along_axis(p, at, axis=-1)
    np.put_along_axis(p, at, own - 1, axis=-1)
    return ValueAndGradient(value, p)


def _against(shifted: Floats, total: Floats, target: Floats) -> Floats:
    """Return -sum_i y_i log f_i, where the y_i sum to 1."""
    value: Floats = total[..., 0] - np.vecdot(shifted, target)
    return value


def forward(
    logits: ArrayLike, labels: ArrayLike, transition: ArrayLike
) -> ValueAndGradient:
    r"""Return the forward-corrected cross-entropy, -log (f T)_y, f the softmax.

    Parameters
    ----------
    logits : array, shape (..., k)
        float32 or float64, k at least 2.
    labels : array, shape (...) or (..., k)
        Noisy labels: ints in 0..k-1; or soft ones, probabilities as floats.
    transition : array, shape (k, k)
        Row-stochastic; entry [i, j] is P(noisy = j | clean = i).

    Returns
    -------
    ValueAndGradient
        The gradient is f - r, r the law of the clean class given the label.

    Raises
    ------
    TypeError
        If logits or the matrix are not floats, or labels not numbers.
    ValueError
        If a logit is not finite, a shape is wrong, labels are not classes or
        probabilities, a row of the matrix is not a probability vector, or a label has
        probability 0 whatever the clean class.

    Notes
    -----
    Claims B1 and B2 at k = 2; [1]_, Theorem 2: it is minimised by the clean law.

    References
    ----------
    .. [1] G. Patrini et al., "Making deep neural networks robust to label noise: a
       loss correction approach", CVPR 2017, arXiv:1609.03683.

    Examples
    --------
    >>> t = [[0.9, 0.1], [0.3, 0.7]]
    >>> forward(np.log([[0.8, 0.2], [0.35, 0.65]]), [0, 0], t).value.round(6).tolist()
    [0.248461, 0.673345]
    """
    z = check_logits(logits)
    y, hard = check_targets(labels, z.shape)
    t = check_transition(transition, z.shape[-1])
    seen = np.asarray(t.any(axis=0))
    bad = np.asarray(~seen[y] if hard else (y > 0) & ~seen)
    if bad.any():
        msg = f"`labels` must be possible under `transition`, got {first(bad, y)}"
        raise ValueError(msg)
    p, shifted, total = softmax(z)
    weight = logarithm(t).astype(z.dtype)
    if hard:
        r, below = _posterior(shifted, weight.T[y])
        return ValueAndGradient(total[..., 0] - below, np.subtract(p, r, out=r))
    value = total[..., 0].copy()
    for j in np.flatnonzero(seen):
        share = y[..., j].astype(z.dtype)
        r, below = _posterior(shifted, weight[:, j])
        value -= share * below
        p -= share[..., None] * r
    return ValueAndGradient(value, p)


def _posterior(shifted: Floats, log_likelihood: Floats) -> tuple[Floats, Floats]:
    """Return the softmax of the sum and its log sum exp, shape (...)."""
    r = shifted + log_likelihood
    top = highest(r)
    r -= top
    np.exp(r, out=r)
    total = np.einsum("...k->...", r)[..., None]
    r /= total
    below: Floats = (np.log(total) + top)[..., 0]
    return r, below


def backward(
    logits: ArrayLike, labels: ArrayLike, transition: ArrayLike
) -> ValueAndGradient:
    r"""Return the backward-corrected cross-entropy, sum_j (T^-1)_yj (-log f_j).

    It is cross-entropy against the labels y T^-1, which may lie outside [0, 1].

    Parameters
    ----------
    logits : array, shape (..., k)
        float32 or float64, k at least 2.
    labels : array, shape (...) or (..., k)
        Noisy labels: ints in 0..k-1; or soft ones, probabilities as floats.
    transition : array, shape (k, k)
        Row-stochastic, invertible; entry [i, j] is P(noisy = j | clean = i).

    Returns
    -------
    ValueAndGradient
        Values may be negative.

    Raises
    ------
    TypeError
        If logits or the matrix are not floats, or labels not numbers.
    ValueError
        If a logit is not finite, a shape is wrong, labels are not classes or
        probabilities, or a row of the matrix is not a probability vector.
    numpy.linalg.LinAlgError
        If the matrix is singular to the precision of its entries.

    Notes
    -----
    Claim B3; [1]_, Theorem 1.

    References
    ----------
    .. [1] G. Patrini et al., "Making deep neural networks robust to label noise: a
       loss correction approach", CVPR 2017, arXiv:1609.03683.

    Examples
    --------
    >>> t = [[0.9, 0.1], [0.3, 0.7]]
    >>> backward(np.log([[0.8, 0.2], [0.35, 0.65]]), [0, 0], t).value.round(6).tolist()
    [-0.007906, 1.152995]
    """
    z = check_logits(logits)
    y, hard = check_targets(labels, z.shape)
    inverse = backward_losses(np.eye(z.shape[-1]), transition).T.astype(z.dtype)
    target = inverse[y] if hard else y.astype(z.dtype) @ inverse
    p, shifted, total = softmax(z)
    return ValueAndGradient(_against(shifted, total, target), p - target)


def backward_losses(losses: ArrayLike, transition: ArrayLike) -> Floats:
    r"""Correct losses of all classes so that their noisy mean is the clean loss.

    Solves :math:`T \tilde\ell = \ell`.

    Parameters
    ----------
    losses : array, shape (..., k)
        Loss of each of the k classes, in any unit; float32 or float64.
    transition : array, shape (k, k)
        Row-stochastic, invertible; entry [i, j] is P(noisy = j | clean = i).

    Returns
    -------
    array, shape (..., k)

    Raises
    ------
    TypeError
        If an argument is not floats.
    ValueError
        If a shape is wrong, or a row of the matrix is not a probability vector.
    numpy.linalg.LinAlgError
        If the matrix is singular to the precision of its entries.

    Notes
    -----
    Claim B3.

    Examples
    --------
    >>> backward_losses([0.0, 1.0], [[0.9, 0.1], [0.2, 0.8]]).round(3)
    array([-0.143,  1.286])
    """
    found = check_floats("losses", losses)
    if found.ndim < 1 or found.shape[-1] < 2:
        msg = f"`losses` must have shape (..., k) with k >= 2, got {found.shape}"
        raise ValueError(msg)
    t = check_transition(transition, found.shape[-1])
    condition = float(np.linalg.cond(t))
    if not condition < 1 / PRECISION:
        msg = f"`transition` must be invertible, got condition number {condition:.3g}"
        raise np.linalg.LinAlgError(msg)
    solved = np.linalg.solve(t, found[..., None])[..., 0]
    return np.asarray(solved.astype(found.dtype))
