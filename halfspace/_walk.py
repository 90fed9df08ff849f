"""The state of the reduced dynamics, what it draws, and one step of it."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from halfspace._check import (
    Array,
    check_count,
    check_generator,
    check_instance,
    shown,
)
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.rules import sign
from halfspace.symmetric import Symmetric

#: Trial-steps drawn at a time: they stay in the cache, whatever the number of steps.
BLOCK = 2**14


class Draws(NamedTuple):
    """What n steps draw: x = s (a w* + v), |v|^2 = 1 - a^2.

    Attributes
    ----------
    a : array, shape (n, ...)
        Heights |w*.x|.
    v : array, shape (n, m, ...)
        Parts of v along the rest of w and, if m = 2, along what else the mean has.
    left : array, shape (n, ...)
        The squared length of what is left of v.
    y, s : array, shape (n, ...)
        Noisy labels and truths in {-1, +1}.
    """

    a: Array
    v: Array
    left: Array
    y: Array
    s: Array


def draws(
    law: Symmetric, channel: RCN, *, trials: int, axes: int, rng: np.random.Generator
) -> Iterator[Draws]:
    """Return what `trials` runs draw, block after block; v has 1 or 2 `axes`.

    A coordinate of a uniform point of S^(d-2) is N / sqrt(N^2 + 2 G), N standard normal
    and G ~ Gamma((d-2)/2): as exact for d = 10^9 as for d = 3. One uniform number on
    [-1, 1) makes a label: its sign is the truth, its size says whether it flips.

    >>> from halfspace import Shell
    >>> rng, law = np.random.default_rng(0), Shell(dim=10**9, margin=0.1)
    >>> next(draws(law, RCN(rate=0.1), trials=2048, axes=1, rng=rng)).v.shape
    (8, 1, 2048)
    """
    check_instance("law", law, Symmetric)
    check_instance("channel", channel, RCN)
    check_count("trials", trials)
    if axes not in (1, 2):
        msg = f"`axes` must be 1 or 2, got {shown(axes)}"
        raise ValueError(msg)
    return _drawn(law, channel.rate, (trials, axes), check_generator(rng).spawn(4))


def _drawn(
    law: Symmetric,
    rate: float,
    size: tuple[int, int],
    rngs: list[np.random.Generator],
) -> Iterator[Draws]:
    normal, gamma, label, height = rngs
    trials, axes = size
    real = min(axes, law.dim - 1)  # in the plane there is no second axis
    shape = (max(1, BLOCK // trials), trials)
    while True:
        a = law.heights(shape, rng=height)
        v = normal.standard_normal((shape[0], real, trials))
        left = 2 * gamma.standard_gamma((law.dim - 1 - real) / 2, shape)
        scale = (1 - a) * (1 + a) / (left + np.einsum("nmt,nmt->nt", v, v))
        left *= scale
        v *= np.sqrt(scale)[:, None]
        if real < axes:
            v = np.concatenate([v, np.zeros_like(v)], axis=1)
        uniform = 2 * label.random(shape) - 1
        s = sign(uniform)
        y = np.where(np.abs(uniform) < rate, -s, s)
        yield Draws(np.broadcast_to(a, shape), v, left, y, s)


class Walk:
    """The state of all trials: w = u w* + rho e and, if m = 2, the sum of the iterates.

    That sum is sum_u w* + p e + g f, with f orthogonal to w* and e.
    """

    def __init__(self, trials: tuple[int, ...]) -> None:
        self.u, self.rho, self.sum_u, self.p, self.g = np.zeros((5, *trials))

    def steps(self, learner: Learner, samples: Draws, t: Array) -> Iterator[int]:
        """Take one step a sample, write t = w.x as it was before, yield the index."""
        a, v, left, y, s = samples
        scale = -learner.step * s
        for i in range(len(y)):
            np.multiply(s[i], a[i] * self.u + v[i, 0] * self.rho, out=t[i, ...])
            h = scale[i] * learner.coefficient(t[i], y[i])
            self.u += h * a[i]
            self._turn(h, v[i], h * h * left[i], learner)
            yield i

    def _turn(self, h: Array, v: Array, third: Array, learner: Learner) -> None:
        first = v[0] * h
        first += self.rho
        square = third + first * first
        if len(v) == 2:
            second = v[1] * h
            square += second * second
            norm = np.sqrt(square)
            self._turn_sum(first, second, third, norm)
            self.rho = norm
        else:
            self.rho = np.sqrt(square)
        if learner.radius != np.inf:
            shrink = learner.shrink(self.u * self.u + self.rho * self.rho)
            self.u *= shrink
            self.rho *= shrink
        if len(v) == 2:
            self.sum_u += self.u
            self.p += self.rho

    def pairs(self, steps: int) -> tuple[Array, Array, Array, Array]:
        """Return along and across, of w and of the mean over `steps` iterates."""
        across = np.sqrt(self.p * self.p + self.g * self.g) / steps
        return self.u.copy(), self.rho.copy(), self.sum_u / steps, across

    def _turn_sum(self, first: Array, second: Array, third: Array, norm: Array) -> None:
        """Write the sum in the frame of (first, second, sqrt(third)), of this norm."""
        p, g = self.p, self.g
        size = p * p + g * g
        cross = (p * second - g * first) ** 2 + size * third
        still = norm == 0  # then any frame serves: take the sum itself as first axis
        safe = np.where(still, 1.0, norm)
        self.p = np.where(still, np.sqrt(size), (p * first + g * second) / safe)
        self.g = np.where(still, 0.0, np.sqrt(cross) / safe)
