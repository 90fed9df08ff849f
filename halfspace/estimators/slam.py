"""The linear student as a scikit-learn classifier."""

import warnings
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils.validation import check_is_fitted, validate_data

from halfspace._check import (
    Array,
    check_choice,
    check_count,
    check_instance,
    check_scalar,
)
from halfspace.distill._kernels import Rows
from halfspace.distill._told import as_rows
from halfspace.distill.linear import fit_rows
from halfspace.distill.streaming import Stream, advance
from halfspace.estimators._labels import (
    CHECKED,
    Labels,
    as_labels,
    marked,
    same_classes,
)


class SLaMClassifier(ClassifierMixin, BaseEstimator):
    r"""Logistic regression that is told how often its labels are right.

    The student predicts f; a teacher that is right with probability alpha, and else
    names another of its k likeliest classes, then says i with probability

    .. math:: \mathrm{mix}_i = \alpha f_i + \frac{1 - \alpha}{k - 1} (1 - f_i)

    and the loss is cross-entropy of the teacher's label against that.

    Parameters
    ----------
    C : float, default=1.0
        Inverse of the L2 penalty, as in `sklearn.linear_model.LogisticRegression`; inf
        for none.
    fit_intercept : bool, default=True
        Whether there is one; it is not penalised.
    k : int, optional
        How many of a teacher's likeliest classes it may confuse, at least 2; by default
        all. Less than all needs `y` to be probabilities.
    normalised : bool, default=True
        Whether these classes share 1 - alpha or each have it.
    labels : {"soft", "hard"}, default="soft"
        Whether a row of probabilities is a soft label, or stands for its likeliest
        class, of which alpha is the accuracy.
    classes : array, shape (k,), optional
        Names of the classes, in the order of the columns of probabilities. By default
        0..k-1 for these, else the labels that occur.
    tol : float, default=1e-4
        The largest entry of the gradient at which L-BFGS stops.
    max_iter : int, default=1000
        Of L-BFGS.

    Attributes
    ----------
    classes_ : array, shape (k,)
    coef_ : array, shape (1, d) or (k, d)
    intercept_ : array, shape (1,) or (k,)
    n_iter_ : int
        Iterations of L-BFGS, or calls of `partial_fit`.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    Claims C1 to C3, B3 and B7; [1]_. Without `accuracy` this is `LogisticRegression`.
    With it the loss is not convex: see `halfspace.distill.linear.fit_linear` for where
    it starts. An accuracy told too low is safe, one told too high shrinks predictions
    (C3). A row whose accuracy is 1/k says nothing; with all classes and below 1/k it
    speaks against its label.

    References
    ----------
    .. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with
       unlabeled examples", NeurIPS 2023, arXiv:2302.03806.

    Examples
    --------
    >>> X, y = [[-2.0], [-1.0], [1.0], [2.0]], ["no", "yes", "yes", "yes"]
    >>> student = SLaMClassifier().fit(X, y, accuracy=[0.9, 0.1, 0.9, 0.9])
    >>> student.predict([[-1.0], [3.0]]).tolist()
    ['no', 'yes']
    """

    def __init__(
        self,
        *,
        C: float = 1.0,
        fit_intercept: bool = True,
        k: int | None = None,
        normalised: bool = True,
        labels: str = "soft",
        classes: ArrayLike | None = None,
        tol: float = 1e-4,
        max_iter: int = 1000,
    ) -> None:
        self.C = C
        self.fit_intercept = fit_intercept
        self.k = k
        self.normalised = normalised
        self.labels = labels
        self.classes = classes
        self.tol = tol
        self.max_iter = max_iter

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def fit(
        self,
        X: Any,
        y: Any,
        accuracy: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Fit to labels of a teacher.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, d)
        y : array, shape (n,) or (n, k)
            Labels of any kind, or probabilities.
        accuracy : float or array, shape (n,), optional
            alpha = P[the label is right], in (0, 1]; without it, 1.
        sample_weight : array, shape (n,), optional
            At least 0.

        Returns
        -------
        SLaMClassifier
        """
        rows, labels = self._read(X, y, self.classes, accuracy, sample_weight, True)
        found = fit_rows(
            rows,
            len(labels.classes),
            penalty=_penalty(self.C),
            intercept=self.fit_intercept,
            tol=self.tol,
            max_iter=self.max_iter,
        )
        if not found.converged:
            why = f"`max_iter` must be larger for `tol` {self.tol}, got {self.max_iter}"
            more = "; scaled features need fewer iterations"
            warnings.warn(why + more, ConvergenceWarning, stacklevel=2)
        self.classes_, self.n_iter_ = labels.classes, found.n_iter
        self.coef_, self.intercept_ = found.coef, found.intercept
        self._stream: Stream | None = None
        return self

    def partial_fit(
        self,
        X: Any,
        y: Any,
        classes: ArrayLike | None = None,
        accuracy: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> Self:
        """Go on with one block of a stream, in memory of the size of `coef_`.

        The first call after `fit` begins anew, with the classes of `fit`. The student
        is the mean iterate of dual averaging, on a convex loss whose mean under the
        noise is abs(beta) times the clean cross-entropy, with no step to tune:
        `halfspace.distill.streaming.advance` says what is guaranteed. There is no
        penalty: `C`, `tol` and `max_iter` play no part, nor does `normalised`. A block
        whose accuracies are all 1/k changes nothing but the count of rows.

        Parameters
        ----------
        X, y, accuracy, sample_weight
            As for `fit`.
        classes : array, shape (k,), optional
            Needed in the first call of all, if `y` is labels: here or in the
            constructor.

        Returns
        -------
        SLaMClassifier
        """
        state = getattr(self, "_stream", None)
        fresh = state is None
        names = self.classes if classes is None else classes
        if hasattr(self, "classes_"):
            names = same_classes(names, self.classes_)
        elif names is None and np.ndim(y) == 1:
            msg = "`classes` must be given in the first call of partial_fit, got None"
            raise ValueError(msg)
        rows, labels = self._read(X, y, names, accuracy, sample_weight, fresh)
        check_instance("fit_intercept", self.fit_intercept, bool)
        state = advance(state, rows, len(labels.classes), self.fit_intercept)
        self.classes_, self._stream = labels.classes, state
        self.coef_, self.intercept_ = state.mean[:, :-1], state.mean[:, -1]
        self.n_iter_ = 1 if fresh else self.n_iter_ + 1
        return self

    def _read(
        self,
        X: Any,
        y: Any,
        classes: Any,
        accuracy: ArrayLike | None,
        sample_weight: ArrayLike | None,
        fresh: bool,
    ) -> tuple[Rows, Labels]:
        """Return rows and labels, or say what is wrong with them."""
        X, y = validate_data(self, X, y, multi_output=True, reset=fresh, **CHECKED)
        hard = check_choice("labels", self.labels, ("soft", "hard")) == "hard"
        k = None if self.k is None else check_count("k", self.k, 2)
        labels = marked(as_labels(y, classes), k, hard)
        size = len(labels.classes)
        rows = as_rows(
            X, labels.y, size, accuracy, labels.top, self.normalised, sample_weight
        )
        return rows, labels

    def decision_function(self, X: Any) -> Array:
        """Return scores: log odds of the second class (n,), or logits (n, k)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **CHECKED)
        scores = np.asarray(X @ self.coef_.T) + self.intercept_
        return scores[:, 0] if scores.shape[1] == 1 else scores

    def predict_proba(self, X: Any) -> Array:
        """Return the student's own probabilities f, unmixed, shape (n, k)."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.column_stack([special.expit(-scores), special.expit(scores)])
        return np.asarray(special.softmax(scores, axis=1))

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the likeliest class of each row, shape (n,)."""
        scores = self.decision_function(X)
        best = scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(int)
        return np.asarray(self.classes_[best])


def _penalty(C: float) -> float:
    """Return 1/C, for C positive or inf."""
    if isinstance(C, float) and np.inf == C:
        return 0.0
    return 1 / check_scalar("C", C, 0, np.inf, "()")
