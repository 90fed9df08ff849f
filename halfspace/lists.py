"""A decision list of halfspaces for Massart noise."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from halfspace._check import Array, check_count, check_margin, check_real
from halfspace._leaky import check_leak, ends, scale_of
from halfspace.batch import check_samples
from halfspace.rules import sign

#: A curvature below this is that of a linear loss.
FLAT = 1e-12


@dataclass(frozen=True, slots=True)
class DecisionList:
    """A list of k halfspaces; a point is labelled by the first that is sure of it.

    Attributes
    ----------
    w : array, shape (..., k, d)
        Normals, in no special units; 0 beyond the end of a list.
    threshold : array, shape (..., k)
        A halfspace is sure of x if abs(w.x) >= threshold; 0 at the end of a list.
    converged : bool array, shape (...)
        Whether every halfspace is a minimiser, within the tolerance.
    """

    w: Array
    threshold: Array
    converged: NDArray[np.bool_]

    def predict(self, x: ArrayLike) -> Array:
        """Return labels in {-1, +1}, shape (..., n), of points (..., n, d).

        Raises
        ------
        TypeError
            If `x` is not numeric.
        ValueError
            If there is a NaN or infinity, or the shape does not match the list's.

        Examples
        --------
        >>> w, threshold = np.eye(2), np.array([0.5, 0.0])
        >>> DecisionList(w, threshold, np.array(True)).predict([[0.6, -1], [0.4, -1]])
        array([ 1., -1.])
        """
        points = check_real("x", x)
        trials, dim = self.w.shape[:-2], self.w.shape[-1]
        if points.ndim < 2 or not (
            points.shape[-1] == dim and trials in ((), points.shape[:-2])
        ):
            rule = ", ".join(map(str, (*trials, "n", dim)))
            msg = f"`x` must have shape ({rule}) to match the list, got {points.shape}"
            raise ValueError(msg)
        t = np.matmul(points, self.w.swapaxes(-1, -2))
        first = np.argmax(np.abs(t) >= self.threshold[..., None, :], axis=-1)
        return sign(np.take_along_axis(t, first[..., None], axis=-1)[..., 0])


def decision_list(
    x: ArrayLike,
    y: ArrayLike,
    *,
    rate: float,
    margin: float,
    accuracy: float = 0.05,
    steps: int = 1000,
) -> DecisionList:
    r"""Learn a decision list: take what a halfspace is sure of, go on with the rest.

    Parameters
    ----------
    x : array, shape (..., n, d)
        Points of any length: they are divided by the largest norm of the trial.
    y : array, shape (..., n)
        Noisy labels in {-1, +1}; one class alone is allowed.
    rate : float
        Bound eta on P[flip] at every point, in [0, 1/2).
    margin : float
        gamma in (0, 1], in units of that norm. Too large a value makes the search blind
        to small abs(w.x), too small a one makes it slow.
    accuracy : float
        In (0, 1/2): the leak is min(eta + accuracy, 1/2); a halfspace takes at least
        this share of the points left, and the last one what is less of the sample.
    steps : int
        Cap on the steps of the search for one halfspace, at least 1.

    Returns
    -------
    DecisionList
        Improper: not a halfspace, unless it has one entry.

    Raises
    ------
    TypeError
        If an array is not numeric, or an argument is not a number.
    ValueError
        If there is a NaN or infinity, a shape is wrong, a label is not -1 or +1, or
        a number is out of range.

    Notes
    -----
    Claim I3, the algorithm of [1]_: minimise the LeakyReLU loss over the unit ball on
    the points left, choose T, let this halfspace label the points with
    abs(w.x) >= T, go on with the others. The paper was not read: this is reconstructed
    from its idea. Ours are: the threshold, the least one whose error cannot be told
    from the best one's within :math:`1/\sqrt k` (two standard errors at most) on both
    sides, k points being taken, since the plain minimum is mostly luck; and the search,
    an accelerated projected gradient on the loss with abs(t) rounded off below gamma.
    That costs nothing: abs(w*.x) is not below gamma, so the smoothed minimum is at most
    :math:`-\gamma\,\text{accuracy}` in the mean, and it is found within a twentieth of
    that. Trials run one after another; shorter lists are padded.

    References
    ----------
    .. [1] I. Diakonikolas, T. Gouleakis, C. Tzamos, "Distribution-independent PAC
       learning of halfspaces with Massart noise", NeurIPS 2019, arXiv:1906.10075.

    Examples
    --------
    >>> from halfspace import RCN, Sphere, flip
    >>> law, rng = Sphere(dim=20, margin=0.1), np.random.default_rng(0)
    >>> x, s = law.sample((5000,), rng=rng)
    >>> y = flip(RCN(rate=0.2), x, s, rng=rng)
    >>> found = decision_list(x, y, rate=0.2, margin=0.1)
    >>> float(np.mean(found.predict(x) != s).round(3)), bool(found.converged)
    (0.004, True)
    """
    points, labels = check_samples(x, y)
    leak = check_leak(rate, accuracy)
    margin, steps = check_margin(margin), check_count("steps", steps)
    shape = points.shape[:-2]
    lists = {
        i: _list(points[i], labels[i], leak, margin, accuracy, steps)
        for i in np.ndindex(shape)
    }
    longest = max(len(entries) for entries, _ in lists.values())
    w = np.zeros((*shape, longest, points.shape[-1]))
    threshold, converged = np.zeros((*shape, longest)), np.zeros(shape, dtype=bool)
    for i, (entries, good) in lists.items():
        converged[i] = good
        for j, (own, least) in enumerate(entries):
            w[(*i, j)], threshold[(*i, j)] = own, least
    return DecisionList(w, threshold, converged)


def _list(
    x: Array, y: Array, leak: float, margin: float, accuracy: float, steps: int
) -> tuple[list[tuple[Array, float]], bool]:
    """Return the entries of one trial's list, and whether all searches converged."""
    scale, few, converged = scale_of(x), accuracy * len(y), True
    entries: list[tuple[Array, float]] = []
    while True:
        w, good = _minimise(x, y, scale, leak, margin, margin * accuracy / 20, steps)
        converged &= good
        w = w * scale
        t = x @ w
        order, count = _sure(np.abs(t), sign(t) != y, accuracy)
        rest = np.sort(order[count:])
        if len(rest) < few:
            return [*entries, (w, 0.0)], converged
        entries.append((w, float(np.abs(t[order[count - 1 : count + 1]]).mean())))
        x, y = x[rest], y[rest]


def _sure(
    size: Array, wrong: NDArray[np.bool_], accuracy: float
) -> tuple[NDArray[np.intp], int]:
    """Return the points, the surest first, and how many of them to take."""
    order = np.argsort(-size)
    count = np.arange(1, len(size) + 1)
    error, slack = np.cumsum(wrong[order]) / count, 1 / np.sqrt(count)
    allowed = ends(size[order]) & (count >= accuracy * len(size))
    best = np.min((error + slack)[allowed])
    return order, int(count[allowed & (error - slack <= best)][-1])


def _minimise(
    x: Array,
    y: Array,
    scale: float,
    leak: float,
    margin: float,
    tolerance: float,
    steps: int,
) -> tuple[Array, bool]:
    """Minimise the smoothed LeakyReLU loss over the unit ball; say whether it is done.

    It is done when slope.w + ||slope|| <= tolerance, which bounds the excess loss; but
    not at the start, w = 0, which would answer nothing.
    """
    mean = (y / len(y)) @ x * (scale / 2)
    bend = 0.5 - leak
    curvature = bend / margin * scale**2 * np.linalg.eigvalsh(x.T @ x / len(y))[-1]
    slow = fast = np.zeros(x.shape[1])
    for i in range(steps):
        pace = 2 / (i + 2)
        w = (1 - pace) * slow + pace * fast
        link = np.clip(x @ w * (scale / margin), -1, 1)
        slope = (link / len(y)) @ x * (scale * bend) - mean
        if i > 0 and slope @ w + np.linalg.norm(slope) <= tolerance:
            return w, True
        fast = fast - slope / max(pace * curvature, FLAT)
        fast = fast / max(1.0, float(np.linalg.norm(fast)))
        slow = (1 - pace) * slow + pace * fast
    return slow, False
