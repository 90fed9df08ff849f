"""FilterTron: one halfspace for Massart noise, repaired slab by slab."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfspace._check import Array, Ints, check_count
from halfspace._leaky import check_leak, ends, scale_of
from halfspace.batch import check_samples
from halfspace.rules import sign


class FilterTronFit(NamedTuple):
    """What FilterTron found.

    Attributes
    ----------
    w : array, shape (..., d)
        The iterate of least error on the sample, in the unit ball; only its direction
        counts.
    error : array, shape (...)
        Its share of noisy labels that it misses.
    rounds : int array, shape (...)
        How many iterates were looked at.
    certified : bool array, shape (...)
        Whether a last iterate had no bad slab: `error` is then proved to be below
        leak + accuracy (1 - leak). Else the rounds ran out.
    """

    w: Array
    error: Array
    rounds: Ints
    certified: NDArray[np.bool_]


def filtertron(
    x: ArrayLike, y: ArrayLike, *, rate: float, accuracy: float = 0.05, steps: int = 200
) -> FilterTronFit:
    r"""Learn a halfspace: repair the slab abs(w.x) <= r of worst LeakyReLU loss.

    Parameters
    ----------
    x : array, shape (..., n, d)
        Points of any length: they are divided by the largest norm of the trial.
    y : array, shape (..., n)
        Noisy labels in {-1, +1}; one class alone is allowed.
    rate : float
        Bound eta on P[flip] at every point, in [0, 1/2).
    accuracy : float
        In (0, 1/2): the leak is min(eta + accuracy, 1/2), and a slab is looked at if it
        holds at least this share of the sample.
    steps : int
        Cap on the rounds, at least 1; more of them never do worse on the sample.

    Returns
    -------
    FilterTronFit

    Raises
    ------
    TypeError
        If an array is not numeric, or an argument is not a number.
    ValueError
        If there is a NaN or infinity, a shape is wrong, a label is not -1 or +1, or
        a number is out of range.

    Notes
    -----
    Claim I3, FilterTron of [1]_: a step along minus the LeakyReLU slope on the worst
    slab, projection to the unit ball, and the iterate of least empirical error. The
    paper was not read: this is reconstructed from its idea and from the authors'
    experiment code, which takes ten slabs, a fixed step, 2,000 rounds and the last
    iterate. Ours are: all slabs, by one sort; the step 1 / ((1 - leak) sqrt(round));
    and the end, which is when no slab has a mean loss of 0 or more. If every slab of
    the sample has :math:`L(w^*) \le -\gamma\,\text{accuracy}`, as it has in the mean,
    that happens within :math:`(3 (1 - \lambda) / (\gamma\,\text{accuracy}))^2` rounds.
    Trials run one after another, since each has its own slabs and its own end.

    References
    ----------
    .. [1] S. Chen, F. Koehler, A. Moitra, M. Yau, "Classification under
       misspecification: halfspaces, generalized linear models, and connections to
       evolvability", NeurIPS 2020, arXiv:2006.04787.

    Examples
    --------
    >>> from halfspace import RCN, Sphere, flip
    >>> law, rng = Sphere(dim=20, margin=0.1), np.random.default_rng(0)
    >>> x, s = law.sample((5000,), rng=rng)
    >>> found = filtertron(x, flip(RCN(rate=0.2), x, s, rng=rng), rate=0.2)
    >>> float(law.error(found.w).round(3)), bool(found.certified)
    (0.0, True)
    """
    points, labels = check_samples(x, y)
    leak = check_leak(rate, accuracy)
    steps = check_count("steps", steps)
    shape = points.shape[:-2]
    floor = int(np.ceil(accuracy * labels.shape[-1]))
    w, error = np.zeros((*shape, points.shape[-1])), np.zeros(shape)
    rounds, certified = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)
    for i in np.ndindex(shape):
        w[i], error[i], rounds[i], certified[i] = _filter(
            points[i], labels[i], leak, floor, steps
        )
    return FilterTronFit(w, error, rounds, certified)


def _filter(
    x: Array, y: Array, leak: float, floor: int, steps: int
) -> tuple[Array, float, int, bool]:
    """Run FilterTron on one trial; the first step, from 0, is to the class mean."""
    scale = scale_of(x)
    w = best = (y / len(y)) @ x * (scale / 2 / (1 - leak))
    least = np.inf
    for i in range(1, steps + 1):
        t = x @ w * scale
        wrong = sign(t) != y
        if wrong.mean() < least:
            best, least = w, float(wrong.mean())
        slab, loss = _worst_slab(np.abs(t), wrong, leak, floor)
        if loss < 0:
            return best, least, i, True
        c = np.zeros(len(y))
        c[slab] = (1 - 2 * leak) * np.sign(t[slab]) - y[slab]
        w = w - c @ x * (scale / len(slab) / 2 / (1 - leak) / np.sqrt(i + 1))
        w = w / max(1.0, float(np.linalg.norm(w)))
    return best, least, steps, False


def _worst_slab(
    size: Array, wrong: NDArray[np.bool_], leak: float, floor: int
) -> tuple[Ints, float]:
    """Return the points of the slab size <= r of largest mean loss, and that loss."""
    order = np.argsort(size)
    size = size[order]
    mean = np.cumsum((wrong[order] - leak) * size) / np.arange(1, len(size) + 1)
    mean[: floor - 1] = -np.inf
    mean[~ends(size)] = -np.inf
    last = int(np.argmax(mean))
    return order[: last + 1], float(mean[last])
