"""Training: minibatches of all trials in step, early stopping, divergence as a result.

Trials never meet: each has its own order of rows, its own stop and its own best.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints, check_count, check_generator, check_instance
from halfspace._logits import Floats
from halfspace.distill import _loop
from halfspace.distill._lean import LEAN
from halfspace.distill._loop import Reweight
from halfspace.distill._minibatch import table
from halfspace.distill._passes import views
from halfspace.distill._setup import held_out, tables
from halfspace.distill.mlp import Loss
from halfspace.distill.network import (
    Network,
    Parameters,
    check_inputs,
    check_parameters,
)
from halfspace.distill.optimisers import Adam, Optimiser
from halfspace.transition import cross_entropy

#: Called after each epoch with its number, from 0, and the mean losses of its trials.
Progress = Callable[[int, Floats], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How to train.

    Attributes
    ----------
    epochs : int
        Passes over the rows, at least 1.
    batch : int
        Rows of a minibatch, at least 1; the last of an epoch may be smaller.
    optimiser : Optimiser
        `Adam` or `SGD`.
    patience : int, optional
        Epochs without a lower validation loss after which a trial stops, at least 1.

    Raises
    ------
    TypeError
        If a number is not an int, or the optimiser not one.
    ValueError
        If a number is below 1.

    Examples
    --------
    >>> Training(epochs=5).batch
    64
    """

    epochs: int = 20
    batch: int = 64
    optimiser: Optimiser = field(default_factory=Adam)
    patience: int | None = None

    def __post_init__(self) -> None:
        check_count("epochs", self.epochs)
        check_count("batch", self.batch)
        check_instance("optimiser", self.optimiser, Optimiser)
        if self.patience is not None:
            check_count("patience", self.patience)


class Fit(NamedTuple):
    """What training found.

    Attributes
    ----------
    parameters : tuple of Layer
        Of the last epoch; with validation rows, of the epoch with the lowest loss on
        them; of a trial that diverged, of the best epoch before. All are finite.
    epochs : int array, shape (...)
        After how many epochs these parameters were there; 0 is the start.
    losses : array, shape (..., epochs)
        Mean of the loss in each epoch, while it trained; NaN once a trial has stopped.
    validation : array, shape (..., epochs)
        Cross-entropy on the validation rows after each epoch; NaN without them.
    diverged_at : int array, shape (...)
        The update, from 1, whose scores or loss were not finite; 0 if there was none.
    diverged_step : array, shape (...)
        The optimiser's step in that update; NaN if there was none.
    """

    parameters: Parameters
    epochs: Ints
    losses: Floats
    validation: Floats
    diverged_at: Ints
    diverged_step: Floats


def fit(
    network: Network,
    start: Parameters,
    x: ArrayLike,
    targets: tuple[ArrayLike, ...],
    *,
    rng: np.random.Generator,
    loss: Loss = cross_entropy,
    weight: ArrayLike | Reweight = 1.0,
    training: Training | None = None,
    validation: tuple[ArrayLike, ArrayLike] | None = None,
    progress: Progress | None = None,
) -> Fit:
    """Train a stack of networks on a stack of samples, or on one that they share.

    Parameters
    ----------
    network : Network
    start : tuple of Layer
        As from `initial`, arrays of shape (..., ·); training is in their precision.
    x : array, shape (..., n, inputs) or (n, inputs)
        Trials as those of `start`, or shared by all.
    targets : tuple of arrays, shape (..., n) or (..., n, k)
        What the loss takes after the scores; trials as those of `x`.
    rng : numpy.random.Generator
        For the order of the rows: every trial has a child of it.
    loss : function
        From scores (..., n, classes) and targets to losses (..., n) and gradients:
        `cross_entropy`, `mixing`, a partial of one, or your own.
    weight : array, broadcast to the rows of `x`, or a function
        At least 0; the mean is weighted, so only ratios matter. A function is given
        the parameters before each epoch, and returns the weights of that epoch.
    training : Training, optional
    validation : pair of arrays, optional
        Clean rows (..., m, inputs) and their labels, as those of `cross_entropy`.
    progress : function, optional
        Called after each epoch with its number, from 0, and the losses (...).

    Returns
    -------
    Fit
        A trial whose scores stop being finite is left as it was after its best epoch,
        and the others go on: see its `diverged_at`.

    Raises
    ------
    TypeError
        If an argument is of the wrong type.
    ValueError
        If there is a NaN or infinity, a shape is wrong, the batch is larger than n, a
        weight is negative, or there is patience without validation; and what the loss
        raises, such as for a label that is not a class.

    Examples
    --------
    >>> from halfspace.distill.mlp import scores
    >>> from halfspace.distill.network import initial
    >>> x, y = np.array([[-1.0], [1.0]] * 8), np.array([0, 1] * 8)
    >>> network = Network(inputs=1, classes=2, hidden=(4,))
    >>> start = initial(network, rng=np.random.default_rng(0), trials=(3,))
    >>> training = Training(batch=4, epochs=20, optimiser=Adam(step=0.05))
    >>> rng = np.random.default_rng(1)
    >>> found = fit(network, start, x, (y,), rng=rng, training=training)
    >>> bool((scores(network, found.parameters, x).argmax(axis=-1) == y).all())
    True
    """
    flat, lead = check_parameters(network, start)
    children = check_generator(rng).spawn(len(flat))
    plan = Training() if training is None else training
    check_instance("training", plan, Training)
    points = check_inputs(network, x, lead, flat.dtype)
    held = held_out(network, validation, lead, flat.dtype)
    if held is None and plan.patience is not None:
        msg = "`validation` must be given if there is patience, got None"
        raise ValueError(msg)
    if plan.batch > points.shape[-2]:
        msg = f"`batch` must be at most n = {points.shape[-2]}, got {plan.batch}"
        raise ValueError(msg)
    rows = points.shape[:-1]
    run = _loop.Run(
        network=network,
        lead=lead,
        x=table(points, len(rows) - 1),
        targets=tables(targets, loss, rows, network.classes, flat.dtype),
        rows=rows,
        loss=LEAN.get(loss, loss),
        weight=weight,
        optimiser=plan.optimiser,
        batch=plan.batch,
        updates=plan.epochs * -(-rows[-1] // plan.batch),
        patience=plan.patience,
        held=held,
    )
    return _train(run, flat, plan, children, progress)


def _train(
    run: _loop.Run,
    flat: Floats,
    plan: Training,
    children: list[np.random.Generator],
    progress: Progress | None,
) -> Fit:
    """Go through the epochs, and keep what is best in each trial."""
    state = _loop.begin(flat, run.network.shapes, plan.optimiser)
    losses = np.full((len(flat), plan.epochs), np.nan)
    validation = losses.copy()
    for epoch in range(plan.epochs):
        active = ~state.still
        if not active.any():
            break
        with np.errstate(all="ignore"):
            found = _loop.epoch(run, state, children)
            after = _loop.validate(run, state)
            _loop.keep(run, state, found, after)
        losses[active, epoch], validation[active, epoch] = found[active], after[active]
        if progress is not None:
            progress(epoch, losses[:, epoch].reshape(run.lead))
    return Fit(
        views(state.kept.reshape(*run.lead, -1), run.network.shapes),
        state.epochs.reshape(run.lead),
        losses.reshape(*run.lead, -1),
        validation.reshape(*run.lead, -1),
        state.diverged_at.reshape(run.lead),
        state.diverged_step.reshape(run.lead),
    )
