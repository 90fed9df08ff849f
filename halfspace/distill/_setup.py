"""What training is given, checked once."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import shown
from halfspace._logits import Floats
from halfspace.distill._minibatch import Table, check_rows, table
from halfspace.distill.mlp import Loss
from halfspace.distill.network import Network, check_inputs
from halfspace.transition import cross_entropy


def tables(
    targets: tuple[ArrayLike, ...],
    loss: Loss,
    rows: tuple[int, ...],
    classes: int,
    dtype: Any,
) -> tuple[Table, ...]:
    """Return the targets as tables, once the loss has had a look at all of them."""
    if not isinstance(targets, tuple):
        msg = f"`targets` must be a tuple of arrays, got {shown(targets)}"
        raise TypeError(msg)
    found = tuple(
        check_rows(f"targets[{i}]", target, rows, dtype)
        for i, target in enumerate(targets)
    )
    loss(np.zeros((*rows, classes), dtype), *found)
    return tuple(table(target, len(rows) - 1) for target in found)


def held_out(
    network: Network,
    validation: tuple[ArrayLike, ArrayLike] | None,
    lead: tuple[int, ...],
    dtype: Any,
) -> tuple[Floats, Any] | None:
    """Return the validation rows and their labels, checked."""
    if validation is None:
        return None
    if not isinstance(validation, tuple) or len(validation) != 2:
        msg = f"`validation` must be a pair of arrays, got {shown(validation)}"
        raise TypeError(msg)
    x = check_inputs(network, validation[0], lead, dtype)
    labels = check_rows("validation", validation[1], x.shape[:-1], dtype)
    cross_entropy(np.zeros((*x.shape[:-1], network.classes), dtype), labels)
    return x, labels
