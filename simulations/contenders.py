"""What learns from noisy rows beside few clean ones, each with its defaults at C = 1.

Every method gets the same rows. The clean rows are the only ones whose truth it may
use; all that can learn from them do.
"""

import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from scipy import optimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict

from halfspace._check import Array, Ints
from halfspace.distill.rate import noise_rate
from halfspace.distill.teacher import fit_accuracy, top_margin
from halfspace.estimators.slam import SLaMClassifier
from halfspace.transition import backward, cross_entropy, forward


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Task:
    """What a method may see.

    Attributes
    ----------
    k : int
        Classes, 0..k-1.
    x, said : array, shape (n, d) and (n,)
        Points and their noisy labels.
    clean_x, clean_y, clean_said : array, shape (m, d), (m,) and (m,)
        The clean rows; they have a noisy label too, made like the others.
    scores, clean_scores : array, shape (n, k) and (m, k), or None
        The teacher's probabilities, if labels are a teacher's.
    accuracy : array, shape (n,)
        alpha, for the oracle alone: the chance that a label is right, by the law of the
        noise at this row and its true class; of a teacher, its true share of right
        labels as a function of its margin.
    test_x : array, shape (t, d)
    seed : int
        For methods that draw at random.
    """

    k: int
    x: Array
    said: Ints
    clean_x: Array
    clean_y: Ints
    clean_said: Ints
    scores: Array | None
    clean_scores: Array | None
    accuracy: Array
    test_x: Array
    seed: int

    @property
    def all_x(self) -> Array:
        """Noisy rows, and clean ones below."""
        return np.concatenate([self.x, self.clean_x])

    @property
    def all_y(self) -> Ints:
        """Their labels: noisy ones, and true ones below."""
        return np.concatenate([self.said, self.clean_y])


#: From a task to classes of the test's rows.
Method = Callable[[Task], Ints]


def regression() -> Any:
    """Return scikit-learn's logistic regression, with its defaults."""
    return LogisticRegression(max_iter=1000)


def plain(task: Task) -> Ints:
    """Take every label as true."""
    return np.asarray(regression().fit(task.all_x, task.all_y).predict(task.test_x))


def clean_rows(task: Task) -> Ints:
    """Learn from the clean rows alone."""
    return np.asarray(regression().fit(task.clean_x, task.clean_y).predict(task.test_x))


def one_rate(task: Task) -> Ints:
    """Tell SLaM one accuracy: the share of clean rows whose noisy label is right."""
    rate = noise_rate(task.clean_said == task.clean_y).estimate
    return _student(task, np.full(len(task.x), max(1 - rate, 1 / task.k)))


def by_margin(task: Task) -> Ints:
    """Tell SLaM the accuracy by the margin of the teacher, or of a model of the labels.

    Where there is no teacher the model is logistic regression on noisy rows, asked
    about rows that it was not fitted to. Its own margin says how hard a row is, not
    whether the row's label is right, as C1 supposes.
    """
    scores, clean = task.scores, task.clean_scores
    if scores is None or clean is None:
        model = regression()
        folds = StratifiedKFold(5, shuffle=True, random_state=task.seed)
        with warnings.catch_warnings():
            # A class may have fewer rows than there are folds; its fold is no worse.
            warnings.filterwarnings("ignore", "The least populated class", UserWarning)
            scores = cross_val_predict(
                model, task.x, task.said, cv=folds, method="predict_proba"
            )
        clean = model.fit(task.x, task.said).predict_proba(task.clean_x)
    right = task.clean_said == task.clean_y
    alpha = fit_accuracy(top_margin(clean), right, lower=1 / task.k)
    return _student(task, alpha.step(top_margin(scores)))


def told(task: Task) -> Ints:
    """Tell SLaM what only an oracle knows."""
    return _student(task, task.accuracy)


def _student(task: Task, accuracy: Array) -> Ints:
    told = np.append(accuracy, np.ones(len(task.clean_y)))
    student = SLaMClassifier().fit(task.all_x, task.all_y, accuracy=told)
    return np.asarray(student.predict(task.test_x))


def transition(task: Task) -> Array:
    """Return the shares of noisy labels in each class of the clean rows, (k, k).

    One right label a class is added, so that a class is never always wrong.
    """
    counts = np.eye(task.k)
    np.add.at(counts, (task.clean_y, task.clean_said), 1)
    shares: Array = counts / counts.sum(axis=1, keepdims=True)
    return shares


def backward_corrected(task: Task) -> Ints:
    """Minimise the backward-corrected loss, told the transition of the clean rows.

    Where that is singular it cannot be inverted: the clean rows alone are left.
    """
    w = _backward(task)
    return clean_rows(task) if w is None else _classes(task, w)


def forward_corrected(task: Task) -> Ints:
    """Minimise the forward-corrected loss from where backward's, convex, ends.

    As SLaM starts from its own convex loss: from 0 both may stall (B9).
    """
    return _classes(task, _corrected(task, forward, _backward(task)))


def _backward(task: Task) -> Array | None:
    try:
        return _corrected(task, backward, None)
    except np.linalg.LinAlgError:
        return None


def _corrected(task: Task, loss: Any, start: Array | None) -> Array:
    """Minimise a corrected loss of noisy rows and plain loss of clean ones, at C = 1.

    Weights (m, d + 1), the intercept last and without penalty; m = 1 for two classes,
    as in logistic regression, else k.
    """
    known, n, x = transition(task), len(task.said), _with_ones(task.all_x)
    m = 1 if task.k == 2 else task.k
    shape = (m, x.shape[1])
    free = np.append(np.ones(shape[1] - 1), 0.0)

    def objective(flat: Array) -> tuple[float, Array]:
        w = flat.reshape(shape)
        z = _logits(w, x)
        noisy = loss(z[:n], task.said, known)
        clean = cross_entropy(z[n:], task.clean_y)
        slope = np.concatenate([noisy.gradient, clean.gradient])[:, -m:]
        total = noisy.value.sum() + clean.value.sum() + np.sum(free * w**2) / 2
        return float(total), (slope.T @ x + free * w).ravel()

    at = np.zeros(shape) if start is None else start
    found = optimize.minimize(
        objective,
        at.ravel(),
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": 1000, "gtol": 1e-4 * n},
    )
    return np.asarray(found.x.reshape(shape))


def _with_ones(x: Array) -> Array:
    return np.hstack([x, np.ones((len(x), 1))])


def _logits(w: Array, x: Array) -> Array:
    """Return logits (n, k); with one row of weights, class 0 has the logit 0."""
    z = x @ w.T
    return np.hstack([np.zeros_like(z), z]) if len(w) == 1 else z


def _classes(task: Task, w: Array) -> Ints:
    return np.asarray(_logits(w, _with_ones(task.test_x)).argmax(axis=1))


#: What the package does, and what it is compared with that needs scikit-learn alone.
OWN: Mapping[str, Method] = MappingProxyType(
    {
        "plain": plain,
        "clean rows": clean_rows,
        "SLaM, one rate": one_rate,
        "SLaM, by margin": by_margin,
        "SLaM, told": told,
        "forward": forward_corrected,
        "backward": backward_corrected,
    }
)
