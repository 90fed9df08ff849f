"""How many of the teacher's first classes hold the truth, by how sure it is."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints, check_real, check_scalar
from halfspace._logits import Floats, check_probabilities, check_targets
from halfspace.distill.teacher import Accuracy, fit_accuracy, top_margin


@dataclass(frozen=True, slots=True, eq=False)
class TopK:
    """The top-k accuracies of a teacher, each a nondecreasing function of its margin.

    Attributes
    ----------
    accuracies : tuple of Accuracy
        Of k = 1, 2, ...; the last is the first that is 1 on every row.
    """

    accuracies: tuple[Accuracy, ...]

    def size(self, scores: ArrayLike, threshold: float) -> Ints:
        """Return k-hat, the smallest k whose top-k accuracy reaches a threshold.

        It never grows with the score, and never falls with the threshold.

        Parameters
        ----------
        scores : array, shape (...)
            Margins of the teacher.
        threshold : float
            In (0, 1].

        Returns
        -------
        int array, shape (...)
            From 1 on. Mixing marks at least two classes: ``np.maximum(k, 2)``.

        Raises
        ------
        ValueError
            If a score is not finite or the threshold is outside its range.

        Notes
        -----
        Claim D3.
        """
        found = check_real("scores", scores)
        check_scalar("threshold", threshold, 0, 1, "(]")
        sizes = np.full(found.shape, len(self.accuracies), dtype=np.int64)
        for k in range(len(self.accuracies) - 1, 0, -1):
            sizes[self.accuracies[k - 1].step(found) >= threshold] = k
        return sizes


def fit_top_k(probabilities: ArrayLike, labels: ArrayLike) -> TopK:
    """Fit the top-k accuracies of a teacher, for every k, by its margin.

    Parameters
    ----------
    probabilities : array, shape (n, L)
        The teacher's, float32 or float64, on rows that it was not trained on.
    labels : int array, shape (n,)
        The true classes, in 0..L-1.

    Returns
    -------
    TopK

    Raises
    ------
    TypeError
        If probabilities are not floats, or labels not ints.
    ValueError
        If there are no rows, probabilities do not sum to 1, or labels are not classes
        of these rows.

    Notes
    -----
    Claim D3. Of equal probabilities the first class leads, as for `mixing.top_k`. The
    accuracies are ordered in k at every margin, as the data are: isotonic regression
    is monotone in what it is fitted to. That they grow with the margin is an
    assumption: of (.5, .5, 0) and (.6, .2, .2), if calibrated, the second has the
    larger margin, and top-2 accuracy .8 in place of 1.

    Examples
    --------
    >>> p = [[0.5, 0.25, 0.25], [0.25, 0.5, 0.25], [1.0, 0.0, 0.0]]
    >>> found = fit_top_k(p, [1, 1, 0])
    >>> found.size([0.25, 1.0], 0.75).tolist()
    [2, 1]
    """
    p = check_probabilities("probabilities", probabilities)
    if p.ndim != 2:
        msg = f"`probabilities` must have shape (n, L), got {p.shape}"
        raise ValueError(msg)
    y, hard = check_targets(labels, p.shape)
    if not hard:
        msg = f"`labels` must be ints of shape {p.shape[:1]}, got {y.dtype}"
        raise TypeError(msg)
    scores, rank = top_margin(p), _rank(p, y)
    return TopK(
        tuple(
            fit_accuracy(scores, rank < k, lower=0.0)
            for k in range(1, int(rank.max()) + 2)
        )
    )


def _rank(p: Floats, y: Ints) -> Ints:
    """Return how many classes come before the true one."""
    own = np.take_along_axis(p, y[:, None], axis=1)
    before = (p == own) & (np.arange(p.shape[1]) < y[:, None])
    rank: Ints = ((p > own) | before).sum(axis=1)
    return rank
