"""The loop of training over (trials, batch): everything in place, in few buffers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, Ints
from halfspace._logits import Bools, Floats
from halfspace.distill import _passes
from halfspace.distill._kernels import Kernel, lean_cross_entropy
from halfspace.distill._minibatch import (
    Table,
    check_weight,
    offset,
    orders,
    parts,
    pick,
    table,
)
from halfspace.distill._passes import Buffers, Parameters
from halfspace.distill.mlp import unchecked_scores
from halfspace.distill.network import Network
from halfspace.distill.optimisers import SCHEDULES, Memory, Optimiser

#: From the parameters before an epoch to the weights of the rows in it.
Reweight = Callable[[Parameters], ArrayLike]


class Run(NamedTuple):
    """What does not change while training."""

    network: Network
    lead: tuple[int, ...]
    x: Table
    targets: tuple[Table, ...]
    rows: tuple[int, ...]
    loss: Kernel
    weight: ArrayLike | Reweight
    optimiser: Optimiser
    batch: int
    updates: int
    held: tuple[Floats, Any] | None


@dataclass(slots=True)
class State:
    """What changes: all arrays have a row for each trial."""

    flat: Floats
    gradient: Floats
    memory: Memory
    kept: Floats
    best: Array
    waited: Ints
    epochs: Ints
    diverged_at: Ints
    diverged_step: Array
    rooms: dict[int, tuple[Floats, tuple[Buffers, ...]]]
    update: int = 0


def begin(flat: Floats, optimiser: Optimiser) -> State:
    """Return the state before the first update."""
    trials = len(flat)
    return State(
        flat=flat,
        gradient=np.zeros_like(flat),
        memory=optimiser.memory(flat),
        kept=flat.copy(),
        best=np.full(trials, np.inf),
        waited=np.zeros(trials, np.int64),
        epochs=np.zeros(trials, np.int64),
        diverged_at=np.zeros(trials, np.int64),
        diverged_step=np.full(trials, np.nan),
        rooms={},
    )


def epoch(run: Run, state: State, children: list[np.random.Generator]) -> Array:
    """Go through all rows once, and return the mean loss of each trial."""
    n = run.rows[-1]
    order = orders(children, n)
    weight = table(_weights(run, state), len(run.rows) - 1)
    total = np.zeros(len(order))
    for part in parts(n, run.batch):
        total += _update(run, state, order[:, part], weight)
    return total / n


def _weights(run: Run, state: State) -> Floats:
    """Return the weights of this epoch, with mean 1 in every trial."""
    weight = run.weight
    if callable(weight):
        flat = state.flat.reshape(*run.lead, -1)
        weight = weight(_passes.views(flat, run.network.shapes))
    return check_weight(weight, run.rows, state.flat.dtype)


def _update(run: Run, state: State, at: Ints, weight: Table) -> Floats:
    """Make one update of all trials, and return the sums of their losses."""
    state.update += 1
    x, buffers = _room(run, state, at.shape)
    np.take(run.x.rows, offset(run.x, at), axis=0, out=x, mode="clip")
    layers = _passes.views(state.flat, run.network.shapes)
    step = step_now(run, state.update)
    said = _passes.forward(layers, x, buffers, run.network.activation)
    finite = np.isfinite(said)
    if not finite.all():
        _stand_still(state, np.asarray(~finite.all(axis=(1, 2))), step)
        said[state.diverged_at > 0] = 0
    value, slope = run.loss(said, *(pick(target, at) for target in run.targets))
    share = pick(weight, at)
    slope = slope * (share / at.shape[1])[..., None]
    gradient = _passes.views(state.gradient, run.network.shapes)
    _passes.backward(layers, x, slope, buffers, gradient)
    if state.diverged_at.any():
        state.gradient[state.diverged_at > 0] = 0
    if run.optimiser.decay:
        for layer in layers:
            layer.w[:] *= 1 - step * run.optimiser.decay
    run.optimiser.descend(state.flat, state.gradient, state.memory, state.update, step)
    return np.asarray(np.vecdot(value, share))


def _room(
    run: Run, state: State, rows: tuple[int, int]
) -> tuple[Floats, tuple[Buffers, ...]]:
    """Return room for a minibatch of this size, made once."""
    if rows[1] not in state.rooms:
        shapes, dtype = run.network.shapes, state.flat.dtype
        x = np.empty((*rows, run.network.inputs), dtype)
        state.rooms[rows[1]] = x, _passes.room(shapes, rows, dtype)
    return state.rooms[rows[1]]


def step_now(run: Run, update: int) -> float:
    """Return the step of this update, from 1."""
    schedule = SCHEDULES[run.optimiser.schedule]
    return run.optimiser.step * schedule((update - 1) / run.updates)


def _stand_still(state: State, bad: Bools, step: float) -> None:
    """Set trials that diverged to 0, where nothing moves them, and note when it was."""
    new = bad & (state.diverged_at == 0)
    state.diverged_at[new], state.diverged_step[new] = state.update, step
    state.flat[bad] = 0
    for array in state.memory:
        array[bad] = 0


def validate(run: Run, state: State) -> Array:
    """Return the mean cross-entropy on the held-out rows; NaN if there are none."""
    if run.held is None:
        return np.full(len(state.flat), np.nan)
    x, labels = run.held
    flat = state.flat.reshape(*run.lead, -1)
    layers = _passes.views(flat, run.network.shapes)
    said = unchecked_scores(run.network, layers, x)
    labels = np.broadcast_to(labels, said.shape[: labels.ndim - x.ndim + said.ndim])
    return np.asarray(lean_cross_entropy(said, labels).value.mean(axis=-1)).ravel()


def active(state: State, patience: int | None) -> Bools:
    """Return which trials still train."""
    waiting = state.waited < (np.inf if patience is None else patience)
    return np.asarray((state.diverged_at == 0) & waiting)


def keep(state: State, run: Run, training: Bools, found: Array, held: Array) -> None:
    """Keep the parameters of trials that are better than they were."""
    sound = np.isfinite(found) & np.isfinite(state.flat).all(axis=-1)
    _stand_still(state, training & ~sound, step_now(run, state.update))
    good = training & sound & (state.diverged_at == 0)
    if run.held is not None:
        better = held < state.best
        state.waited += ~better
        good &= better
        state.best[good] = held[good]
        state.waited[good] = 0
    state.kept[good] = state.flat[good]
    state.epochs[good] = state.update // -(-run.rows[-1] // run.batch)
