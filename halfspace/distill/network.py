"""A small multilayer perceptron: what it is, and where it starts.

Parameters are a tuple of layers, each a tuple of arrays. Trials come first, so that a
stack of networks of one shape is one set of parameters.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import prod
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import (
    as_array,
    check_choice,
    check_count,
    check_generator,
    check_instance,
    check_shape,
)
from halfspace._logits import Floats, check_floats
from halfspace.distill._passes import ACTIVATIONS, Layer, Parameters, views

__all__ = ["Layer", "Network", "Parameters", "initial"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network of full layers; without hidden ones it is softmax regression.

    Attributes
    ----------
    inputs, classes : int
        At least 1, and at least 2.
    hidden : tuple of int
        Units of each hidden layer, at least 1.
    activation : str
        "relu" or "gelu", max(0, z) or z Phi(z).
    layer_norm : bool
        Whether hidden layers are normalised before the activation, over the units.

    Raises
    ------
    TypeError
        If a size is not an int, `hidden` not a tuple, or `layer_norm` not a bool.
    ValueError
        If a size is too small, or the activation is unknown.

    Examples
    --------
    >>> Network(inputs=64, hidden=(32,), classes=10).size
    2410
    """

    inputs: int
    classes: int
    hidden: tuple[int, ...] = (64,)
    activation: str = "relu"
    layer_norm: bool = False

    def __post_init__(self) -> None:
        check_count("inputs", self.inputs)
        check_count("classes", self.classes, 2)
        if self.hidden != ():
            check_shape("hidden", self.hidden)
        check_choice("activation", self.activation, tuple(ACTIVATIONS))
        check_instance("layer_norm", self.layer_norm, bool)

    @property
    def shapes(self) -> tuple[Layer, ...]:
        """The shape of each array of each layer, without trials."""
        sizes = (self.inputs, *self.hidden, self.classes)
        shapes = []
        for i, (before, after) in enumerate(pairwise(sizes)):
            normed = self.layer_norm and i < len(self.hidden)
            shapes.append(Layer((before, after), (after,), (after if normed else 0,)))
        return tuple(shapes)

    @property
    def size(self) -> int:
        """How many parameters one network has."""
        return sum(prod(shape) for layer in self.shapes for shape in layer)


def initial(
    network: Network,
    *,
    rng: np.random.Generator,
    trials: tuple[int, ...] = (),
    dtype: str = "float32",
) -> Parameters:
    """Draw parameters to start from: weights N(0, 2/inputs), the last N(0, 1/inputs).

    Parameters
    ----------
    network : Network
    rng : numpy.random.Generator
        Every trial has a child of it, so that more trials extend fewer.
    trials : tuple of int
        Axes in front, () for one network.
    dtype : str
        "float32" or "float64".

    Returns
    -------
    tuple of Layer
        Biases are 0, gains 1.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If a number of trials is below 1, or the precision is another.

    References
    ----------
    .. [1] K. He et al., "Delving deep into rectifiers", ICCV 2015, arXiv:1502.01852.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> start = initial(Network(inputs=3, classes=2), rng=rng, trials=(5,))
    >>> [layer.w.shape for layer in start]
    [(5, 3, 64), (5, 64, 2)]
    """
    check_instance("network", network, Network)
    check_generator(rng)
    lead = () if trials == () else check_shape("trials", trials)
    check_choice("dtype", dtype, ("float32", "float64"))
    flat = np.empty((prod(lead), network.size), dtype)
    for row, child in zip(flat, rng.spawn(len(flat)), strict=True):
        for i, layer in enumerate(views(row, network.shapes)):
            scale = (2 if i < len(network.hidden) else 1) / len(layer.w)
            layer.w[:] = np.sqrt(scale) * child.standard_normal(layer.w.shape)
            layer.b[:], layer.gain[:] = 0, 1
    return views(flat.reshape(*lead, -1), network.shapes)


def check_parameters(
    network: Network, parameters: Parameters
) -> tuple[Floats, tuple[int, ...]]:
    """Return a copy of the parameters, one row for each trial, and the trials."""
    check_instance("network", network, Network)
    shapes = network.shapes
    try:
        found = [Layer(*map(np.asarray, layer)) for layer in parameters]
        lead = found[0].w.shape[:-2]
        given = [tuple(np.shape(a) for a in layer) for layer in found]
    except (TypeError, ValueError, IndexError, AttributeError):
        msg = "`parameters` must be a tuple of layers (w, b, gain), got another thing"
        raise TypeError(msg) from None
    rule = [tuple((*lead, *shape) for shape in layer) for layer in shapes]
    if given != rule:
        msg = f"`parameters` must have shapes {rule} for this network, got {given}"
        raise ValueError(msg)
    check_floats("parameters", found[0].w)
    rows = prod(lead)
    arrays = [a.reshape(rows, -1) for layer in found for a in layer if a.size]
    flat = np.concatenate(arrays, axis=-1, dtype=found[0].w.dtype)
    return check_floats("parameters", flat), lead


def check_inputs(
    network: Network, x: ArrayLike, lead: tuple[int, ...], dtype: Any
) -> Floats:
    """Return points (..., n, inputs) in the precision of the parameters."""
    found = as_array("x", x)
    if found.dtype not in (np.float32, np.float64):
        found = check_floats("x", found)  # says what is wrong
    if found.ndim < 2 or found.shape[-1] != network.inputs:
        rule = f"have shape (..., n, {network.inputs}) for this network"
        msg = f"`x` must {rule}, got {found.shape}"
        raise ValueError(msg)
    if found.shape[:-2] not in ((), lead):
        msg = f"`x` must have trials {lead} or none, got {found.shape[:-2]}"
        raise ValueError(msg)
    with np.errstate(over="ignore"):
        return check_floats("x", found.astype(dtype, copy=False))
