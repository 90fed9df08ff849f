"""The accuracy of a teacher, estimated on clean rows, as a scikit-learn estimator."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, column_or_1d, validate_data

from halfspace._check import Array, check_instance, shown
from halfspace.distill.teacher import fit_accuracy
from halfspace.distill.top_k import TopK
from halfspace.estimators._labels import label, names_of, places


class TeacherAccuracy(BaseEstimator):
    """How often a teacher is right, by how far its first class leads the second.

    Parameters
    ----------
    lower : float, optional
        The least accuracy, in [0, 1]; by default 1/k, where a label says nothing.
    interpolate : bool, default=False
        Whether the fit is joined by straight lines. Without, it is a step function, the
        lower value between two rows: accuracies told too low are safe (C3).
    classes : array, shape (k,), optional
        The teacher's classes, in the order of the columns; by default 0..k-1.

    Attributes
    ----------
    accuracy_ : halfspace.distill.teacher.Accuracy
    warning_ : str
        Why it should not be trusted; empty if all is well.
    classes_ : array, shape (k,)
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn; a feature is the score of a class.

    Notes
    -----
    Claims D1 and D3. Scores may be probabilities or logits: only their order, and that
    of the leads of different rows, matters to a step function.

    Examples
    --------
    >>> scores = [[0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.1, 0.9]]
    >>> alpha = TeacherAccuracy().fit(scores, [1, 0, 1, 1])
    >>> alpha.predict([[0.45, 0.55], [0.0, 1.0]]).tolist()
    [0.5, 1.0]
    """

    def __init__(
        self,
        *,
        lower: float | None = None,
        interpolate: bool = False,
        classes: ArrayLike | None = None,
    ) -> None:
        self.lower = lower
        self.interpolate = interpolate
        self.classes = classes

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Fit to rows that the teacher was not trained on.

        Parameters
        ----------
        X : array, shape (n, k)
            The teacher's scores of its classes, k at least 2.
        y : array, shape (n,)
            True classes. The teacher is never right on one that it does not know.

        Returns
        -------
        TeacherAccuracy
        """
        check_instance("interpolate", self.interpolate, bool)
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_features=2)
        k = X.shape[1]
        names = np.arange(k) if self.classes is None else names_of(self.classes)
        if len(names) != k:
            rule = f"have a name for each of {k} columns"
            msg = f"`classes` must {rule}, got {len(names)}"
            raise ValueError(msg)
        y = column_or_1d(y, warn=True)
        own, known = places(y, names)
        if not known.any():
            rule = f"hold some of the classes {shown(names.tolist())}"
            msg = f"`y` must {rule}, got {label(y, 0)}"
            raise ValueError(msg)
        # The place of the true class, from 0; behind all if the teacher lacks it.
        place = np.where(known, (_order(X) == own[:, None]).argmax(axis=1), k)
        lead, lower = _lead(X), 1 / k if self.lower is None else self.lower
        self.accuracy_ = fit_accuracy(lead, place == 0, lower=lower)
        self._top = TopK(
            tuple(fit_accuracy(lead, place < i, lower=0.0) for i in range(1, k + 1))
        )
        self.warning_, self.classes_ = self.accuracy_.warning, names
        return self

    def predict(self, X: Any) -> Array:
        """Return the accuracy on each row, shape (n,)."""
        lead = _lead(self._scores(X))
        alpha = self.accuracy_
        return alpha.interpolate(lead) if self.interpolate else alpha.step(lead)

    def top_k(self, X: Any, threshold: float = 0.95) -> NDArray[np.bool_]:
        """Mark the fewest first classes, two at least, that hold the truth so often.

        Parameters
        ----------
        X : array, shape (n, k)
            The teacher's scores.
        threshold : float
            The top-k accuracy to reach, in (0, 1].

        Returns
        -------
        bool array, shape (n, k)
        """
        X = self._scores(X)
        sizes = np.maximum(self._top.size(_lead(X), threshold), 2)
        rank = np.argsort(_order(X), axis=1)
        return np.asarray(rank < sizes[:, None])

    def _scores(self, X: Any) -> Array:
        check_is_fitted(self)
        found: Array = validate_data(self, X, dtype=np.float64, reset=False)
        return found


def _lead(scores: Array) -> Array:
    """Return by how much the first class leads the second."""
    two = np.partition(scores, -2, axis=1)[:, -2:]
    return np.asarray(two[:, 1] - two[:, 0])


def _order(scores: Array) -> NDArray[np.intp]:
    """Return the classes, the likeliest first; of equals, the first."""
    return np.argsort(-scores, axis=1, kind="stable")
