"""The loop of training over (trials, batch): everything in place, in few buffers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Array, Ints
from halfspace._logits import Bools, Floats
from halfspace.distill import _passes
from halfspace.distill._lean import Kernel, lean_cross_entropy
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
    patience: int | None
    held: tuple[Floats, Any] | None


@dataclass(slots=True)
class State:
    """What changes: all arrays have a row for each trial."""

    flat: Floats
    gradient: Floats
    layers: Parameters
    slopes: Parameters
    memory: Memory
    kept: Floats
    best: Array
    waited: Ints
    epochs: Ints
    still: Bools
    diverged_at: Ints
    diverged_step: Array
    rooms: dict[int, tuple[Floats, tuple[Buffers, ...]]]
    update: int = 0


def begin(flat: Floats, shapes: Parameters, optimiser: Optimiser) -> State:
    """Return the state before the first update."""
    trials, gradient = len(flat), np.zeros_like(flat)
    return State(
        flat=flat,
        gradient=gradient,
        layers=_passes.views(flat, shapes),
        slopes=_passes.views(gradient, shapes),
        memory=optimiser.memory(flat),
        kept=flat.copy(),
        best=np.full(trials, np.inf),
        waited=np.zeros(trials, np.int64),
        epochs=np.zeros(trials, np.int64),
        still=np.zeros(trials, np.bool_),
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
    run.x.rows.take(offset(run.x, at), axis=0, out=x, mode="clip")
    step = step_now(run, state.update)
    said = _passes.forward(state.layers, x, buffers, run.network.activation)
    finite = np.isfinite(said)
    if not finite.all():
        _diverge(state, np.asarray(~finite.all(axis=(1, 2))), step)
        said[state.still] = 0
    value, slope = run.loss(said, *(pick(target, at) for target in run.targets))
    share = pick(weight, at)
    slope = slope * (share / at.shape[1])[..., None]
    _passes.backward(state.layers, x, slope, buffers, state.slopes)
    if state.still.any():
        state.gradient[state.still] = 0
    if run.optimiser.decay:
        for layer in state.layers:
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


def _diverge(state: State, trials: Bools, step: float) -> None:
    """Note when trials diverged, and stop them."""
    state.diverged_at[trials], state.diverged_step[trials] = state.update, step
    _stop(state, trials)


def _stop(state: State, trials: Bools) -> None:
    """Set trials to 0 and keep them there: their best parameters are kept apart."""
    state.still |= trials
    for array in (state.flat, *state.memory):
        array[trials] = 0


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


def keep(run: Run, state: State, found: Array, held: Array) -> None:
    """Keep the parameters that are better than those before, and stop who has to."""
    sound = np.isfinite(found) & np.isfinite(state.flat).all(axis=-1)
    _diverge(state, ~sound & ~state.still, step_now(run, state.update))
    good = ~state.still
    if run.held is not None:
        good &= held < state.best
    state.best[good] = held[good]
    state.kept[good] = state.flat[good]
    state.epochs[good] = state.update // -(-run.rows[-1] // run.batch)
    state.waited = np.where(good, 0, state.waited + 1)
    if run.patience is not None:
        _stop(state, state.waited >= run.patience)
