"""The arithmetic of a network: forward and backward through its layers, in buffers.

All arrays have trials first. With a layer norm, a hidden layer is

    activation(gain * (z - mean z) / sqrt(var z + EPSILON) + b),   z = h w,

mean and variance over its units; without one it is activation(h w + b).
"""

from collections.abc import Callable, Mapping
from math import prod
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np
from scipy import special

from halfspace._logits import Floats

#: Added to the variance, so that a layer of equal units can be normalised.
EPSILON = 1e-5


class Layer(NamedTuple):
    """The arrays of one layer, or their shapes.

    Attributes
    ----------
    w : array, shape (..., before, after)
    b : array, shape (..., after)
    gain : array, shape (..., after)
        Of the layer norm; (..., 0) without one.
    """

    w: Any
    b: Any
    gain: Any


Parameters = tuple[Layer, ...]


class Buffers(NamedTuple):
    """Where the passes write, for one hidden or last layer; all (..., n, after).

    `out` has what the layer says, `slope` the activation's derivative, `normed` and
    `spread` (..., n, 1) what the layer norm needs again, `delta` the loss's gradient.
    """

    out: Floats
    slope: Floats
    delta: Floats
    normed: Floats
    spread: Floats


def views(flat: Floats, shapes: tuple[Layer, ...]) -> Parameters:
    """Return views of flat parameters (..., size), one for each array."""
    found, start = [], 0
    for layer in shapes:
        arrays = []
        for shape in layer:
            stop = start + prod(shape)
            arrays.append(flat[..., start:stop].reshape(*flat.shape[:-1], *shape))
            start = stop
        found.append(Layer(*arrays))
    return tuple(found)


def room(
    shapes: tuple[Layer, ...], rows: tuple[int, ...], dtype: Any
) -> tuple[Buffers, ...]:
    """Return room for passes over rows (..., n)."""
    found = []
    for layer in shapes:
        out, slope, delta = (np.empty((*rows, *layer.b), dtype) for _ in range(3))
        normed = np.empty((*rows, *layer.gain), dtype)
        spread = np.empty((*rows, 1), dtype)
        found.append(Buffers(out, slope, delta, normed, spread))
    return tuple(found)


def forward(
    parameters: Parameters, x: Floats, buffers: tuple[Buffers, ...], activation: str
) -> Floats:
    """Return the scores, in the last buffer, and leave what `backward` needs."""
    activate, last = ACTIVATIONS[activation], len(parameters) - 1
    h = x
    for i, (layer, own) in enumerate(zip(parameters, buffers, strict=True)):
        z = np.matmul(h, layer.w, out=own.out)
        if layer.gain.shape[-1]:
            _normalise(layer, own)
        z += layer.b[..., None, :]
        if i < last:
            activate(z, own.slope)
        h = z
    return h


def backward(
    parameters: Parameters,
    x: Floats,
    slope: Floats,
    buffers: tuple[Buffers, ...],
    gradient: Parameters,
) -> None:
    """Write the gradient in the parameters, from the slope in the scores."""
    delta = slope
    for i in range(len(parameters) - 1, -1, -1):
        layer, found = parameters[i], gradient[i]
        np.add.reduce(delta, axis=-2, out=found.b)
        if layer.gain.shape[-1]:
            delta = _back_normalise(layer, found, buffers[i], delta)
        before = buffers[i - 1].out if i else x
        np.matmul(before.swapaxes(-1, -2), delta, out=found.w)
        if i:
            below = buffers[i - 1]
            delta = np.matmul(delta, layer.w.swapaxes(-1, -2), out=below.delta)
            delta *= below.slope


def _normalise(layer: Layer, room: Buffers) -> None:
    """Replace z by gain times z normalised over the units."""
    z, normed, spread = room.out, room.normed, room.spread
    np.mean(z, axis=-1, keepdims=True, out=spread)
    np.subtract(z, spread, out=normed)
    np.vecdot(normed, normed, out=spread[..., 0])
    spread /= z.shape[-1]
    spread += EPSILON
    np.sqrt(spread, out=spread)
    normed /= spread
    np.multiply(normed, layer.gain[..., None, :], out=z)


def _back_normalise(layer: Layer, found: Layer, room: Buffers, delta: Floats) -> Floats:
    """Return the gradient in z, and write that in the gain."""
    normed = room.normed
    np.add.reduce(delta * normed, axis=-2, out=found.gain)
    delta = delta * layer.gain[..., None, :]
    along = np.vecdot(delta, normed)[..., None] / normed.shape[-1]
    delta -= np.mean(delta, axis=-1, keepdims=True)
    delta -= normed * along
    delta /= room.spread
    return delta


def relu(z: Floats, slope: Floats) -> None:
    """Replace z by max(0, z), whose slope at 0 is 0."""
    np.greater(z, 0, out=slope)
    z *= slope


def gelu(z: Floats, slope: Floats) -> None:
    """Replace z by z Phi(z), Phi the normal distribution function."""
    phi = np.exp(-0.5 * z * z)
    phi *= z.dtype.type(1 / np.sqrt(2 * np.pi))
    phi *= z
    special.ndtr(z, out=slope)
    z *= slope
    slope += phi


#: From z to the layer's output, in place, and its slope.
ACTIVATIONS: Mapping[str, Callable[[Floats, Floats], None]] = MappingProxyType(
    {"gelu": gelu, "relu": relu}
)
