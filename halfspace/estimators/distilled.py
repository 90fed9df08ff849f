"""Teach a student on unlabelled rows, as a scikit-learn classifier."""

from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.utils import check_random_state, get_tags
from sklearn.utils.metaestimators import available_if
from sklearn.utils.validation import (
    check_is_fitted,
    has_fit_parameter,
    validate_data,
)

from halfspace._check import Array, check_choice, check_scalar
from halfspace.distill.teacher import Accuracy, fit_accuracy, top_margin
from halfspace.estimators._labels import CHECKED, label
from halfspace.estimators._unlabelled import copies, split, stacked, validation
from halfspace.estimators._weighted import refitted_weights
from halfspace.estimators.slam import SLaMClassifier

#: What the student's fit must take, by method.
METHODS = {
    "hard": None,
    "slam": "accuracy",
    "soft": "sample_weight",
    "weighted": "sample_weight",
}


def _student(given: Any) -> Any:
    """Return the student, by default SLaM; a forest has no truth value."""
    return SLaMClassifier() if given is None else given


def _student_has(name: str) -> Any:
    """Return a check that the student has a method."""

    def check(self: Any) -> bool:
        student = getattr(self, "student_", _student(self.student))
        getattr(student, name)
        return True

    return check


class DistilledClassifier(ClassifierMixin, MetaEstimatorMixin, BaseEstimator):
    """Fit a teacher to labelled rows, and a student to what it says of the others.

    Some labelled rows are kept from the teacher, and say how often it is right, by how
    sure it is. The student learns from the teacher's labels of the unlabelled rows, and
    from all labelled rows.

    Parameters
    ----------
    teacher : classifier
        Any with `predict_proba`.
    student : classifier, optional
        By default `SLaMClassifier()`. Its `fit` must take `accuracy` for the method
        "slam", and `sample_weight` for "soft" and "weighted".
    method : {"slam", "soft", "hard", "weighted"}, default="slam"
        Whether the student is told the teacher's likeliest class with the estimated
        accuracy of it; the teacher's probabilities, as weights of a copy of the row for
        each class; the likeliest class as if it were true; or that with the weights
        that make its loss unbiased, estimated from the nearest validation rows and the
        losses of a student that has not seen those.
    validation_fraction : float, default=0.3
        Of the labelled rows, that the teacher does not see; in (0, 1). At least one of
        each class is kept, and one seen.
    lower : float, optional
        The least accuracy that is told, in [0, 1]; by default 1/k, which says nothing.
    random_state : int, RandomState or None, default=None
        For the split.

    Attributes
    ----------
    classes_ : array, shape (k,)
    teacher_ : classifier or None
        None if there are no unlabelled rows.
    student_ : classifier
    accuracy_ : halfspace.distill.teacher.Accuracy or None
        As a function of the teacher's margin.
    warning_ : str
        What to know about this fit; empty if all is well.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    Claims D1, D4, E1 and H1. A teacher that is right on at most 1/k of the validation
    rows teaches nothing: the student is then fitted to the labelled rows alone, and
    `warning_` says so.

    Examples
    --------
    >>> from sklearn.linear_model import LogisticRegression
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> y = np.where(np.arange(200) % 2, -1, X[:, 0] > 0)  # every other label unknown
    >>> student = DistilledClassifier(LogisticRegression(), random_state=0).fit(X, y)
    >>> student.predict([[-0.5], [0.5]]).tolist(), student.warning_
    ([0, 1], '')
    """

    def __init__(
        self,
        teacher: Any,
        student: Any = None,
        *,
        method: str = "slam",
        validation_fraction: float = 0.3,
        lower: float | None = None,
        random_state: Any = None,
    ) -> None:
        self.teacher = teacher
        self.student = student
        self.method = method
        self.validation_fraction = validation_fraction
        self.lower = lower
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        student = get_tags(_student(self.student))
        both = student.input_tags.sparse and get_tags(self.teacher).input_tags.sparse
        tags.input_tags.sparse = both and self.method != "weighted"
        tags.classifier_tags.multi_class = student.classifier_tags.multi_class
        return tags

    def fit(self, X: Any, y: Any) -> Self:
        """Fit the teacher, what it is worth, and the student.

        Parameters
        ----------
        X : array or sparse matrix, shape (n, d)
        y : array, shape (n,)
            Labels, -1 for rows without one. With names of classes it must be an object
            array for that. Where there is but one other label, -1 is a label too.

        Returns
        -------
        DistilledClassifier
        """
        check_choice("method", self.method, tuple(METHODS))
        student = clone(_student(self.student))
        needed = METHODS[self.method]
        if needed is not None and not has_fit_parameter(student, needed):
            rule = f"take `{needed}` in fit for the method {self.method}"
            msg = f"`student` must {rule}, got {type(student).__name__}"
            raise ValueError(msg)
        if self.method == "weighted" and not hasattr(student, "predict_proba"):
            rule = "have predict_proba for the method weighted"
            msg = f"`student` must {rule}, got {type(student).__name__}"
            raise TypeError(msg)
        X, y = validate_data(self, X, y, **CHECKED)
        x, labels, unlabelled, self.warning_ = split(X, y)
        self.classes_ = np.unique(labels)
        if len(self.classes_) < 2:
            msg = f"`y` must hold at least 2 classes, got one class: {label(labels, 0)}"
            raise ValueError(msg)
        self.teacher_: Any = None
        self.accuracy_: Accuracy | None = None
        if unlabelled.shape[0]:
            random = check_random_state(self.random_state)
            parts = validation(labels, self.validation_fraction, random)
            said = self._teach(x, labels, unlabelled, parts)
            if said is not None:
                learned = self._learn(student, x, labels, unlabelled, said, parts)
                self.student_ = learned
                return self
        self.student_ = student.fit(x, labels)
        return self

    def _teach(self, x: Any, labels: Any, unlabelled: Any, parts: Any) -> Array | None:
        """Fit teacher and accuracy, and return what the teacher says, or None."""
        seen, kept = parts
        if not hasattr(self.teacher, "predict_proba"):
            msg = f"`teacher` must have predict_proba, got {self.teacher!r}"
            raise TypeError(msg)
        self.teacher_ = clone(self.teacher).fit(x[seen], labels[seen])
        p, k = _probabilities(self.teacher_, x[kept]), len(self.classes_)
        right = self.classes_[p.argmax(axis=1)] == labels[kept]
        lower = 1 / k if self.lower is None else check_scalar("lower", self.lower, 0, 1)
        self.accuracy_ = fit_accuracy(top_margin(p), right, lower=lower)
        self.warning_ = self.accuracy_.warning
        if right.mean() > 1 / k:
            return _probabilities(self.teacher_, unlabelled)
        self.warning_ = (
            f"the teacher is right on {right.sum()} of {len(right)} validation rows, "
            f"no more than one in {k}: the student was fitted to labelled rows alone"
        )
        return None

    def _learn(
        self, student: Any, x: Any, y: Any, unlabelled: Any, said: Array, parts: Any
    ) -> Any:
        """Fit the student to what the teacher said, and to the labelled rows."""
        clean = np.ones(len(y))
        if self.method == "soft":
            rows, labels = copies(unlabelled, self.classes_)
            weight = np.append(said.ravel(), clean)
            both = stacked(rows, x), np.append(labels, y)
            return student.fit(*both, sample_weight=weight)
        hard = self.classes_[said.argmax(axis=1)]
        both = stacked(unlabelled, x), np.append(hard, y)
        if self.method == "hard":
            return student.fit(*both)
        if self.method == "weighted":
            seen, kept = parts
            answer = _probabilities(self.teacher_, x[kept]).argmax(axis=1)
            known = x[kept], y[kept], self.classes_[answer]
            taught = unlabelled, hard
            weight = refitted_weights(student, taught, (x[seen], y[seen]), known)
            return student.fit(*both, sample_weight=np.append(weight, clean))
        assert self.accuracy_ is not None
        told = self.accuracy_.step(top_margin(said))
        return student.fit(*both, accuracy=np.append(told, clean))

    def _check(self, X: Any) -> Any:
        check_is_fitted(self)
        return validate_data(self, X, reset=False, **CHECKED)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the student's classes, shape (n,)."""
        x = self._check(X)
        return np.asarray(self.student_.predict(x))

    @available_if(_student_has("predict_proba"))
    def predict_proba(self, X: Any) -> Array:
        """Return the student's probabilities, shape (n, k)."""
        x = self._check(X)
        return np.asarray(self.student_.predict_proba(x))

    @available_if(_student_has("decision_function"))
    def decision_function(self, X: Any) -> Array:
        """Return the student's scores, shape (n,) or (n, k)."""
        x = self._check(X)
        return np.asarray(self.student_.decision_function(x))


def _probabilities(teacher: Any, x: Any) -> Array:
    """Return the teacher's probabilities, whose sums are 1 but for rounding."""
    p = np.asarray(teacher.predict_proba(x), dtype=float)
    return np.asarray(p / p.sum(axis=1, keepdims=True))
