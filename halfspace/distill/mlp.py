"""What a network says of points, and the slope of a loss of that."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._logits import Floats, ValueAndGradient
from halfspace.distill import _passes
from halfspace.distill._minibatch import check_weight
from halfspace.distill.network import (
    Layer,
    Network,
    Parameters,
    check_inputs,
    check_parameters,
)
from halfspace.transition import cross_entropy

__all__ = ["Layer", "Loss", "ValueAndParameters", "scores", "value_and_gradient"]

#: From scores (..., n, k) and what belongs to each row, (..., n) or (..., n, k), to
#: losses (..., n) and their gradients in the scores: `cross_entropy`, `mixing`, ...
Loss = Callable[..., ValueAndGradient]

#: Rows whose scores are worked out at once.
ROWS = 1024


class ValueAndParameters(NamedTuple):
    """A mean loss, shape (...), and its gradient in the parameters."""

    value: Floats
    gradient: Parameters


def scores(network: Network, parameters: Parameters, x: ArrayLike) -> Floats:
    """Return the scores of the classes, whose softmax the network predicts.

    Parameters
    ----------
    network : Network
    parameters : tuple of Layer
        As from `initial`, arrays of shape (..., ·).
    x : array, shape (..., n, inputs) or (n, inputs)
        Trials as those of the parameters, or shared by all.

    Returns
    -------
    array, shape (..., n, classes)
        In the precision of the parameters.

    Raises
    ------
    TypeError
        If an array is not floats.
    ValueError
        If there is a NaN or infinity, or a shape is wrong.

    Examples
    --------
    >>> network = Network(inputs=2, classes=2, hidden=())
    >>> line = Layer(np.array([[1.0, 0.0], [0.0, 2.0]]), np.zeros(2), np.zeros(0))
    >>> scores(network, (line,), [[3.0, 4.0]])
    array([[3., 8.]])
    """
    flat, lead = check_parameters(network, parameters)
    points = check_inputs(network, x, lead, flat.dtype)
    layers = _passes.views(flat.reshape(*lead, -1), network.shapes)
    return unchecked_scores(network, layers, points)


def unchecked_scores(network: Network, layers: Parameters, x: Floats) -> Floats:
    """Return the scores, a few rows at a time: what is between stays in the cache."""
    lead, n = layers[0].w.shape[:-2], x.shape[-2]
    found = np.empty((*lead, n, network.classes), x.dtype)
    for start in range(0, n, ROWS):
        part = slice(start, start + ROWS)
        few = x[..., part, :]
        room = _passes.room(network.shapes, (*lead, few.shape[-2]), x.dtype)
        found[..., part, :] = _passes.forward(layers, few, room, network.activation)
    return found


def value_and_gradient(
    network: Network,
    parameters: Parameters,
    x: ArrayLike,
    targets: tuple[ArrayLike, ...],
    *,
    loss: Loss = cross_entropy,
    weight: ArrayLike = 1.0,
) -> ValueAndParameters:
    """Return the mean loss over the rows, and its gradient in the parameters.

    Parameters
    ----------
    network : Network
    parameters : tuple of Layer
        As from `initial`, arrays of shape (..., ·).
    x : array, shape (..., n, inputs) or (n, inputs)
        Trials as those of the parameters, or shared by all.
    targets : tuple of arrays
        What the loss takes after the scores.
    loss : function
        From scores (..., n, classes) and targets to losses (..., n) and gradients.
    weight : array, broadcast to shape (..., n)
        At least 0; the mean is weighted, so only ratios matter.

    Returns
    -------
    ValueAndParameters

    Raises
    ------
    TypeError
        If an array is not floats.
    ValueError
        If there is a NaN or infinity, or a shape is wrong; and what the loss raises.

    Examples
    --------
    >>> network = Network(inputs=1, classes=2, hidden=())
    >>> zero = Layer(np.zeros((1, 2)), np.zeros(2), np.zeros(0))
    >>> found = value_and_gradient(network, (zero,), [[1.0], [3.0]], ([0, 1],))
    >>> float(found.value.round(6)), found.gradient[0].w
    (0.693147, array([[ 0.5, -0.5]]))
    """
    flat, lead = check_parameters(network, parameters)
    points = check_inputs(network, x, lead, flat.dtype)
    layers = _passes.views(flat.reshape(*lead, -1), network.shapes)
    room = _passes.room(network.shapes, (*lead, points.shape[-2]), flat.dtype)
    said = _passes.forward(layers, points, room, network.activation)
    value, slope = loss(said, *targets)
    share = check_weight(weight, value.shape, flat.dtype) / points.shape[-2]
    found = np.empty_like(flat).reshape(*lead, -1)
    gradient = _passes.views(found, network.shapes)
    _passes.backward(layers, points, slope * share[..., None], room, gradient)
    return ValueAndParameters(np.vecdot(value, share), gradient)
