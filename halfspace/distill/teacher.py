"""How often a teacher is right, as a function of how sure it is.

Clean validation rows say where the teacher was right. Its accuracy alpha is taken to
grow with a score, such as its margin, and fitted by isotonic regression.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import isotonic_regression

from halfspace import stats
from halfspace._check import (
    Array,
    check_count,
    check_range,
    check_real,
    check_scalar,
    shown,
)
from halfspace._logits import Bools, Floats, check_probabilities
from halfspace.distill._rows import (
    check_length,
    check_right,
    check_row,
    check_weight,
)


def top_margin(probabilities: ArrayLike) -> Floats:
    """Return the largest probability less the second largest.

    Parameters
    ----------
    probabilities : array, shape (..., k)
        The teacher's, float32 or float64, k at least 2.

    Returns
    -------
    array, shape (...)
        In [0, 1], 0 where two classes tie for the first place.

    Raises
    ------
    TypeError
        If probabilities are not floats.
    ValueError
        If they are empty, negative, not finite, or do not sum to 1.

    Notes
    -----
    The score of claim D1.

    Examples
    --------
    >>> top_margin([[0.5, 0.25, 0.25], [0.0, 1.0, 0.0]]).tolist()
    [0.25, 1.0]
    """
    p = check_probabilities("probabilities", probabilities)
    first_two = np.partition(p, -2, axis=-1)[..., -2:]
    margin: Floats = np.subtract(first_two[..., 1], first_two[..., 0])
    return margin


@dataclass(frozen=True, slots=True, eq=False)
class Accuracy:
    """The accuracy of a teacher, a nondecreasing function of its score.

    It is constant below the first threshold and above the last.

    Attributes
    ----------
    thresholds : array, shape (m,)
        Scores, strictly increasing: the ends of each interval of equal values.
    values : array, shape (m,)
        The accuracy there, nondecreasing, in [0, 1].
    count : int
        How many rows it was fitted on.
    warning : str
        Why it should not be trusted; empty if all is well.

    Raises
    ------
    ValueError
        If the arrays are empty, of two lengths, not finite or not in order.

    Examples
    --------
    >>> alpha = Accuracy(np.array([0.0, 0.5]), np.array([0.75, 1.0]), count=9)
    >>> alpha.step([-1.0, 0.25, 0.5]).tolist()
    [0.75, 0.75, 1.0]
    >>> alpha.interpolate([-1.0, 0.25, 0.5]).tolist()
    [0.75, 0.875, 1.0]
    """

    thresholds: Array
    values: Array
    count: int
    warning: str = ""

    def __post_init__(self) -> None:
        thresholds = check_row("thresholds", self.thresholds)
        values = check_range("values", self.values, 0, 1)
        check_length("values", values, "thresholds", thresholds.size)
        check_count("count", self.count)
        if not (thresholds[1:] > thresholds[:-1]).all():
            msg = f"`thresholds` must be strictly increasing, got {shown(thresholds)}"
            raise ValueError(msg)
        if not (values[1:] >= values[:-1]).all():
            msg = f"`values` must be nondecreasing, got {shown(values)}"
            raise ValueError(msg)
        object.__setattr__(self, "thresholds", thresholds)
        object.__setattr__(self, "values", values)

    def step(self, scores: ArrayLike) -> Array:
        """Return the value at the last threshold that is not above each score.

        Between the scores of two rows the data do not say; this is the lower value.

        Raises
        ------
        ValueError
            If a score is not finite.
        """
        found = check_real("scores", scores)
        last = np.searchsorted(self.thresholds, found, side="right") - 1
        return self.values[np.maximum(last, 0)]

    def interpolate(self, scores: ArrayLike) -> Array:
        """Return values between thresholds on straight lines.

        Raises
        ------
        ValueError
            If a score is not finite.
        """
        found = np.interp(check_real("scores", scores), self.thresholds, self.values)
        # Rounding must not lead out of the range, to accuracies above 1.
        inside: Array = np.clip(found, self.values[0], self.values[-1])
        return inside


def fit_accuracy(
    scores: ArrayLike,
    right: ArrayLike,
    *,
    lower: float,
    upper: float = 1.0,
    sample_weight: ArrayLike | None = None,
) -> Accuracy:
    """Fit the accuracy of a teacher by isotonic regression within bounds.

    Of all nondecreasing functions of the score with values in [lower, upper] it has the
    least (weighted) sum of squared differences to `right`.

    Parameters
    ----------
    scores : array, shape (n,)
        Any numbers that grow with how sure the teacher is, such as `top_margin`.
    right : array of bool, or of 0 and 1, shape (n,)
        Whether the teacher was right, on rows that it was not trained on.
    lower, upper : float
        Bounds, 0 <= lower <= upper <= 1. Where the fit is 1/k for k classes, labels
        carry no information: take a larger `lower` if a loss needs some.
    sample_weight : array, shape (n,), optional
        Not negative, without units; rows of weight 0 count for nothing.

    Returns
    -------
    Accuracy
        With a `warning` if the overall accuracy is not significantly above `lower` (99%
        interval, exact without weights). A teacher that is no better gets `lower`, or
        what the surest of its rows happen to show.

    Raises
    ------
    TypeError
        If an array is not of numbers.
    ValueError
        If there are no rows, lengths differ, a number is not finite or outside its
        range, or all weights are 0.

    Notes
    -----
    Claim D1: pool-adjacent-violators, then clip. The mean squared error falls as
    n^(-2/3) where alpha is smooth, as (log n)/n where it has steps (D2). SLaM takes it
    as alpha, with the margin as score [1]_.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> alpha = fit_accuracy([0.1, 0.2, 0.3, 0.4], [0, 1, 0, 1], lower=0.25)
    >>> alpha.thresholds.tolist(), alpha.values.tolist()
    ([0.1, 0.2, 0.3, 0.4], [0.25, 0.5, 0.5, 1.0])
    """
    scores, right = check_row("scores", scores), check_right(right)
    check_length("right", right, "scores", scores.size)
    weight = check_weight(sample_weight, scores.size)
    lower = check_scalar("lower", lower, 0, 1)
    upper = check_scalar("upper", upper, lower, 1)
    if not weight.all():
        kept = weight > 0
        scores, right, weight = scores[kept], right[kept], weight[kept]
    thresholds, mean, mass = _pool_ties(scores, right, weight)
    fitted = isotonic_regression(mean, weights=mass).x
    values = np.clip(fitted, lower, upper)
    ends = _ends(values)
    doubt = _doubt(right, weight, lower)
    return Accuracy(thresholds[ends], values[ends], count=scores.size, warning=doubt)


def _pool_ties(
    scores: Array, right: Array, weight: Array
) -> tuple[Array, Array, Array]:
    """Return the different scores in order, with the weighted mean and weight of each.

    The fit is a function of the score: rows of equal score have one value.
    """
    order = np.argsort(scores)
    ordered = scores[order]
    starts = np.flatnonzero(np.append(True, ordered[1:] != ordered[:-1]))
    mass = np.add.reduceat(weight[order], starts)
    total = np.add.reduceat((weight * right)[order], starts)
    return ordered[starts], total / mass, mass


def _ends(values: Array) -> Bools:
    """Mark the first and the last of each run of equal values."""
    changes = values[1:] != values[:-1]
    found: Bools = np.append(True, changes) | np.append(changes, True)
    return found


def _doubt(right: Array, weight: Array, lower: float) -> str:
    """Return a warning unless the teacher is right significantly more than `lower`.

    Weighted rows count as (sum w)^2 / sum w^2 rows of equal weight.
    """
    weight = weight / weight.max()
    rows = int(np.rint(weight.sum() ** 2 / (weight @ weight)))
    found = stats.binomial(int(np.rint(rows * np.average(right, weights=weight))), rows)
    if found.low > lower:
        return ""
    return (
        f"the teacher's accuracy {found.estimate:.3g} (99% interval {found.low:.3g} to "
        f"{found.high:.3g}, {rows} rows) is not significantly above `lower` {lower:g}: "
        "its labels may carry no information"
    )
