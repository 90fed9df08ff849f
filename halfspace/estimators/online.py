"""The online learners of margin halfspaces as a scikit-learn classifier."""

from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import (
    check_is_fitted,
    column_or_1d,
    validate_data,
)

from halfspace._check import (
    Array,
    Ints,
    check_choice,
    check_instance,
    check_margin,
    check_range,
    check_scalar,
)
from halfspace._logits import spread
from halfspace._random import stream
from halfspace.distill.rate import rate_from_holdout
from halfspace.estimators._guarantees import GUARANTEES
from halfspace.estimators._labels import label
from halfspace.learner import Learner, default_learner
from halfspace.online import Trajectory, fit
from halfspace.rules import RULES, sign

#: The rates that are tried when none is told.
GRID = tuple(i / 20 for i in range(10))

#: At most so many checkpoints are candidates, in each run.
CHECKPOINTS = 20


class HalfspaceClassifier(ClassifierMixin, BaseEstimator):
    """Learn a halfspace with a margin by one pass of an online rule.

    Rows are shuffled, and a part is held out; the rule runs once through the others,
    once for each noise rate that is tried; of the iterates on the way and their means,
    the one with the fewest errors on the held-out labels, noisy as they are, is kept.

    Parameters
    ----------
    rule : str, default="slam"
        A name in `halfspace.RULES`.
    rate : float, optional
        eta = P[a label is flipped], in [0, 1/2). By default 0, .05, ... .45 are tried,
        and the held-out labels choose.
    margin : float, default=0.1
        gamma in (0, 1], in the unit ball: rules with a ball or a step take it from
        here; "slam", "perceptron", "slam_sigmoid" and "forward" do not need it.
    fit_intercept : bool, default=True
        Whether points get a constant coordinate.
    validation_fraction : float, default=0.2
        Held out, in (0, 1); at least one row.
    random_state : int, RandomState or None, default=None
        Gives the seed of the package's own stream, which shuffles.

    Attributes
    ----------
    classes_ : array, shape (2,)
    coef_ : array, shape (1, d)
    intercept_ : array, shape (1,)
    rate_ : float
        The rate that the kept iterate was told; with `accuracy` their mean. Many may
        do equally well, and then it is the first: `holdout_.estimate` is of eta.
    holdout_ : halfspace.distill.rate.HoldoutRate
        Errors on held-out labels; `upper` bounds eta without a clean label.
    guarantee_ : str
        What is proved of the rule where it is told the rate, and the margin is not
        less than `margin`. That the best candidate is nearly kept is claim A9.
    warning_ : str
        What to know about this fit; empty if all is well.
    n_features_in_, feature_names_in_
        As everywhere in scikit-learn.

    Notes
    -----
    Claims A1, A6, A9, A10 and I1. Points are scaled by the largest norm R in fit, so
    that they lie in the unit ball: x becomes (x/R, 1)/sqrt(2), or x/R without an
    intercept. A margin is meant there. Time is that of n steps in Python, of about
    10 microseconds; rates that are tried go in step where the rule has no ball.

    Examples
    --------
    >>> from halfspace import RCN, Shell, flip
    >>> law, rng = Shell(dim=5, margin=0.3), np.random.default_rng(0)
    >>> x, s = law.sample((2000,), rng=rng)
    >>> y = flip(RCN(rate=0.2), x, s, rng=rng)
    >>> model = HalfspaceClassifier(random_state=0).fit(x, y)
    >>> model.score(x, s) > 0.99, 0.15 < model.holdout_.estimate < 0.25
    (True, True)
    """

    def __init__(
        self,
        rule: str = "slam",
        *,
        rate: float | None = None,
        margin: float = 0.1,
        fit_intercept: bool = True,
        validation_fraction: float = 0.2,
        random_state: Any = None,
    ) -> None:
        self.rule = rule
        self.rate = rate
        self.margin = margin
        self.fit_intercept = fit_intercept
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags

    def fit(self, X: Any, y: Any, accuracy: ArrayLike | None = None) -> Self:
        """Fit to noisy labels of two classes.

        Parameters
        ----------
        X : array, shape (n, d)
            n at least 2.
        y : array, shape (n,)
        accuracy : float or array, shape (n,), optional
            P[the label is right] of each row, in (1/2, 1], in place of `rate`.

        Returns
        -------
        HalfspaceClassifier
        """
        check_choice("rule", self.rule, tuple(RULES))
        check_instance("fit_intercept", self.fit_intercept, bool)
        check_margin(self.margin)
        X, y = validate_data(self, X, y, dtype=np.float64, ensure_min_samples=2)
        self.classes_, signs = _signs(y)
        n = len(signs)
        told = None
        if accuracy is not None:
            right = check_range("accuracy", accuracy, 0.5, 1, "(]")
            told = 1 - spread("accuracy", right, (n,))
        self._radius = float(np.linalg.norm(X, axis=1).max()) or 1.0
        kept, seen = self._parts(n)
        points = self._lifted(X)
        w, rates = self._runs(
            points[seen], signs[seen], None if told is None else told[seen]
        )
        self.holdout_ = rate_from_holdout(sign(w @ points[kept].T), signs[kept])
        best = self.holdout_.chosen
        self.rate_ = float(rates[best] if told is None else told.mean())
        self._unlift(w[best])
        self.guarantee_, self.warning_ = GUARANTEES[self.rule], self.holdout_.warning
        return self

    def _parts(self, n: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the rows that are held out, and the others, in random order."""
        share = check_scalar(
            "validation_fraction", self.validation_fraction, 0, 1, "()"
        )
        random = check_random_state(self.random_state)
        rng = stream(int(random.randint(2**31 - 1)), "rows")
        order = rng.permutation(n)
        size = int(np.clip(round(share * n), 1, n - 1))
        return order[:size], order[size:]

    def _runs(self, x: Array, y: Array, told: Array | None) -> tuple[Array, Array]:
        """Return the iterates and their means of all runs, and the rate of each."""
        n = len(y)
        at = np.unique(np.geomspace(1, n, CHECKPOINTS).round().astype(int))
        rates: tuple[float, ...] = GRID if self.rate is None else (self.rate,)
        if told is not None:
            rates = (float(told.max()),)
        told_each = told is not None
        learners = [
            default_learner(
                self.rule, margin=self.margin, rate=rate, steps=n, told=told_each
            )
            for rate in rates
        ]
        found = [
            np.concatenate([path.last, path.averaged], axis=-2).reshape(-1, x.shape[1])
            for path in _paths(learners, x, y, at, told)
        ]
        return np.concatenate(found), np.repeat(rates, 2 * len(at))

    def _lifted(self, X: Array) -> Array:
        """Return points in the unit ball, with a last coordinate for the intercept."""
        last = np.full((len(X), 1), float(self.fit_intercept))
        long = np.hstack([X / self._radius, last])
        return np.asarray(long / np.sqrt(1 + self.fit_intercept))

    def _unlift(self, w: Array) -> None:
        """Keep w, a halfspace of lifted points, as one of the points themselves."""
        root = np.sqrt(1 + self.fit_intercept)
        self.coef_ = w[None, :-1] / (self._radius * root)
        self.intercept_ = w[-1:] * self.fit_intercept / root

    def decision_function(self, X: Any) -> Array:
        """Return w.x with the intercept, shape (n,): its sign is the class."""
        check_is_fitted(self)
        X = validate_data(self, X, dtype=np.float64, reset=False)
        return np.asarray(X @ self.coef_[0] + self.intercept_[0])

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the class of each row, shape (n,); the second class at 0."""
        scores = self.decision_function(X)
        return np.asarray(self.classes_[(scores >= 0).astype(int)])


def _paths(
    learners: list[Learner], x: Array, y: Array, at: Ints, told: Array | None
) -> list[Trajectory]:
    """Run learners through the rows: in step, if they differ by their rate alone."""
    alike, size = {replace(it, rate=None) for it in learners}, len(learners)
    if size == 1 or len(alike) > 1:
        return [fit(it, x, y, at=at, rate=told) for it in learners]
    stack = np.broadcast_to(x, (size, *x.shape)), np.broadcast_to(y, (size, len(y)))
    rates = np.array([[it.rate] for it in learners], float)
    return [fit(alike.pop(), *stack, at=at, rate=rates)]


def _signs(y: Any) -> tuple[NDArray[Any], Array]:
    """Return the two classes, and labels in {-1, +1}."""
    y = column_or_1d(y, warn=True)
    kind = type_of_target(y, input_name="y", raise_unknown=True)
    if kind != "binary":
        why = "Only binary classification is supported."
        msg = f"{why} The type of the target is {kind}."
        raise ValueError(msg)
    classes, numbers = np.unique(y, return_inverse=True)
    if len(classes) < 2:
        msg = f"`y` must hold 2 classes, got one class: {label(classes, 0)}"
        raise ValueError(msg)
    return classes, np.where(numbers == 1, 1.0, -1.0)
