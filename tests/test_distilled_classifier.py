"""DistilledClassifier: who learns what from whom, fallbacks and refusals."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Perceptron
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from halfspace import stream, three_atoms
from halfspace.distill.teacher import top_margin
from halfspace.estimators import DistilledClassifier, SLaMClassifier
from halfspace.estimators._weighted import refitted_weights


def rows(seed, n=300, labelled=60, k=3):
    """Draw points around k centres, -1 for most of the labels, and the truth."""
    rng = stream(seed, "rows", n, k)
    truth = np.arange(n) % k
    x = rng.standard_normal((n, 2)) + 2 * np.eye(k, 2)[truth]
    y = np.where(np.arange(n) < labelled, truth, -1)
    return x, y, truth


class Recorder(ClassifierMixin, BaseEstimator):
    """A student that keeps what it is fitted to."""

    def fit(self, X, y, accuracy=None, sample_weight=None):
        self.seen_ = (X, y, accuracy, sample_weight)
        self.classes_ = np.unique(y)
        return self


class Told(ClassifierMixin, BaseEstimator):
    """A teacher that says what its first feature is, with a certainty of .9."""

    def __init__(self, turn=0):
        self.turn = turn

    def fit(self, X, y):
        self.rows_ = X
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        k = len(self.classes_)
        said = (X[:, 0].astype(int) + self.turn) % k
        return (
            np.full((len(X), k), 0.1 / (k - 1))
            + (0.9 - 0.1 / (k - 1)) * np.eye(k)[said]
        )


def taught(method, turn=0, wrong=0, size=12):
    """Distil a teacher that says feature 0, with some of the labels wrong.

    The second feature numbers the rows; the first two thirds have labels.
    """
    number, labelled = np.arange(float(size)), 2 * size // 3
    x = np.column_stack([number // 2 % 2, number])
    y = np.where(number < labelled, x[:, 0], -1.0)
    y[:wrong] = 1 - y[:wrong]
    model = DistilledClassifier(Told(turn), Recorder(), method=method, random_state=0)
    return model.fit(x, y), x, y


def test_slam_tells_the_student_labels_and_accuracies():
    """Unlabelled rows with the estimate, labelled ones with 1."""
    model, x, y = taught("slam")
    seen, labels, accuracy, weight = model.student_.seen_
    np.testing.assert_array_equal(seen, np.vstack([x[8:], x[:8]]))
    np.testing.assert_array_equal(labels, np.append(x[8:, 0], y[:8]))
    np.testing.assert_array_equal(accuracy, np.ones(12))
    assert weight is None


def test_the_accuracy_is_that_of_rows_that_the_teacher_did_not_see():
    model, x, y = taught("slam", wrong=20, size=120)
    x, y = x[:80], y[:80]
    unseen = ~np.isin(x[:, 1], model.teacher_.rows_[:, 1])
    assert unseen.sum() == 24  # .3 of them
    p = model.teacher_.predict_proba(x[unseen])
    right = p.argmax(axis=1) == y[unseen]
    assert 0 < (~right).sum() < 20
    np.testing.assert_allclose(model.accuracy_.values, right.mean())
    alpha = model.student_.seen_[2]
    np.testing.assert_allclose(alpha[:40], right.mean())
    np.testing.assert_array_equal(alpha[40:], np.ones(80))


def test_each_row_is_told_with_the_accuracy_at_its_margin(seed):
    x, y, _ = rows(seed, n=400, labelled=200)
    model = DistilledClassifier(LogisticRegression(), Recorder(), random_state=0)
    model.fit(x, y)
    said = model.teacher_.predict_proba(x[200:])
    told = model.student_.seen_[2][:200]
    np.testing.assert_array_equal(told, model.accuracy_.step(top_margin(said)))
    assert len(np.unique(told)) > 1


def test_hard_labels_are_taken_for_true():
    model, x, y = taught("hard")
    _, labels, accuracy, weight = model.student_.seen_
    np.testing.assert_array_equal(labels, np.append(x[8:, 0], y[:8]))
    assert accuracy is None
    assert weight is None


def test_soft_labels_are_weights_of_copies():
    model, x, y = taught("soft")
    seen, labels, _, weight = model.student_.seen_
    assert len(seen) == 4 * 2 + 8
    np.testing.assert_array_equal(seen[:8, 1], np.repeat(x[8:, 1], 2))
    np.testing.assert_array_equal(labels[:8], [0, 1] * 4)
    said = np.where(labels[:8] == seen[:8, 0], 0.9, 0.1)
    np.testing.assert_allclose(weight, np.append(said, np.ones(8)))
    np.testing.assert_array_equal(labels[8:], y[:8])


def test_soft_copies_are_cross_entropy_with_soft_labels(seed):
    """The same student, by weights or by probabilities."""
    x, y, _ = rows(seed)
    model = DistilledClassifier(LogisticRegression(), method="soft", random_state=0)
    model.fit(x, y)
    p = np.vstack([model.teacher_.predict_proba(x[60:]), np.eye(3)[y[:60]]])
    expected = SLaMClassifier().fit(np.vstack([x[60:], x[:60]]), p)
    np.testing.assert_allclose(model.student_.coef_, expected.coef_, atol=1e-3)


def test_a_teacher_at_chance_teaches_nothing():
    """It is always wrong: the student is fitted to labelled rows, and that is said."""
    model, x, y = taught("slam", turn=1)
    seen, labels, accuracy, _ = model.student_.seen_
    np.testing.assert_array_equal(seen, x[:8])
    np.testing.assert_array_equal(labels, y[:8])
    assert accuracy is None
    assert model.warning_.startswith("the teacher is right on 0 of 2 validation rows")


def test_without_unlabelled_rows_it_is_the_student(seed):
    x, _, truth = rows(seed)
    model = DistilledClassifier(LogisticRegression()).fit(x, truth)
    expected = SLaMClassifier().fit(x, truth)
    np.testing.assert_array_equal(model.predict_proba(x), expected.predict_proba(x))
    assert model.teacher_ is None
    assert model.accuracy_ is None
    assert model.warning_ == ""


def test_minus_one_is_a_class_beside_only_one_other(seed):
    x, _, truth = rows(seed, k=2)
    signs = 2 * truth - 1
    model = DistilledClassifier(LogisticRegression()).fit(x, signs)
    assert model.classes_.tolist() == [-1, 1]
    assert model.warning_ == "`y` holds -1 and only 1 besides: -1 was read as a class"


def test_names_of_classes_come_in_object_arrays(seed):
    x, y, _ = rows(seed)
    names = np.array(["cat", "dog", "eel"], dtype=object)
    mixed = np.where(y < 0, -1, names[y])
    by_name, by_number = (
        DistilledClassifier(KNeighborsClassifier(), random_state=0).fit(x, labels)
        for labels in (mixed, y)
    )
    np.testing.assert_array_equal(by_name.predict(x), names[by_number.predict(x)])


def test_sparse_rows_give_the_same_student(seed):
    x, y, _ = rows(seed)
    for method in ("slam", "soft", "hard"):
        dense, thin = (
            DistilledClassifier(
                LogisticRegression(), method=method, random_state=0
            ).fit(points, y)
            for points in (x, sparse.csr_array(x))
        )
        np.testing.assert_allclose(
            dense.predict_proba(x), thin.predict_proba(sparse.csr_array(x)), atol=1e-6
        )


def test_the_split_is_random_and_repeatable(seed):
    x, y, _ = rows(seed)
    parts = [
        DistilledClassifier(LogisticRegression(), random_state=state).fit(x, y)
        for state in (0, 0, 1)
    ]
    first, again, other = (part.teacher_.coef_ for part in parts)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_it_works_in_a_pipeline_and_a_search(seed):
    x, y, truth = rows(seed)
    frame = pd.DataFrame(x, columns=["a", "b"])
    model = DistilledClassifier(LogisticRegression(), random_state=0)
    grid = {"distilledclassifier__method": ["slam", "hard", "soft"]}
    pipe = make_pipeline(StandardScaler().set_output(transform="pandas"), model)
    search = GridSearchCV(pipe, grid, cv=3).fit(frame[:60], y[:60])
    assert search.best_estimator_[-1].feature_names_in_.tolist() == ["a", "b"]
    search.set_params(estimator__distilledclassifier__teacher__C=10.0)
    assert pipe.fit(frame, y).score(frame[60:], truth[60:]) > 0.6


class Sure(Recorder):
    """A student that says class 0 with certainty `p` left of 0 and 1 - `p` right."""

    def __init__(self, p=0.8):
        self.p = p

    def predict_proba(self, X):
        zero = np.where(X[:, 0] < 0, self.p, 1 - self.p)
        return np.column_stack([zero, 1 - zero])


def weighted(true, said, student=None):
    """Return weights of two taught rows, left and right, by two kept rows on each."""
    left_right = np.array([[-1.0], [-1.1], [1.0], [1.1]])
    return refitted_weights(
        student or Sure(),
        (np.array([[-1.05], [1.05]]), np.array([0, 1])),
        (np.array([[-2.0], [2.0]]), np.array([0, 1])),
        (left_right, np.array(true), np.array(said)),
    )


def test_weights_are_true_loss_over_loss_on_the_teachers_labels(monkeypatch):
    """Claim E1: by hand, where the teacher is wrong on one of two rows on the left."""
    monkeypatch.setattr("halfspace.estimators._weighted.NEIGHBOURS", 2)
    right, wrong = -np.log(0.8), -np.log(0.2)
    found = weighted([0, 0, 1, 1], [0, 1, 1, 1])
    np.testing.assert_allclose(found, [2 * right / (right + wrong), 1])
    found = weighted([0, 1, 1, 1], [0, 0, 1, 1])  # where it is as wrong as the teacher
    np.testing.assert_allclose(found, [(right + wrong) / (2 * right), 1])


def test_weights_stay_finite_where_a_student_is_sure():
    found = weighted([0, 0, 1, 1], [0, 1, 1, 1], Sure(1.0))
    assert np.isfinite(found).all()
    assert found.min() >= 0


def test_weights_are_refitted_with_those_of_before():
    """The second student is fitted with the weights that the first one gives."""
    fitted = []

    class Counting(Sure):
        def fit(self, X, y, sample_weight):
            fitted.append((X[:, 0].tolist(), y.tolist(), sample_weight.tolist()))
            return super().fit(X, y, sample_weight=sample_weight)

    found = weighted([0, 0, 1, 1], [0, 1, 1, 1], Counting())
    rows, labels, first = fitted[0]
    assert rows == [-1.05, 1.05, -2.0, 2.0]  # no row that is kept
    assert (labels, first) == ([0, 1, 0, 1], [1.0] * 4)
    assert fitted[1][2] == [*found.tolist(), 1.0, 1.0]  # Sure says the same again


def test_a_teacher_that_is_right_has_weights_of_one(seed):
    """Then it is the method "hard": and where it is wrong, it is not."""
    for wrong, same in ((0, True), (30, False)):
        x, y, truth = rows(seed, n=400, labelled=200, k=2)
        x = np.column_stack([truth, x])
        y[:wrong] = 1 - y[:wrong]
        found = [
            DistilledClassifier(
                Told(), LogisticRegression(), method=method, random_state=0
            ).fit(x, y)
            for method in ("hard", "weighted")
        ]
        hard, weighted = (model.student_.coef_ for model in found)
        assert np.allclose(hard, weighted, atol=1e-8) == same


def test_the_weights_reach_the_student(monkeypatch):
    """Those of taught rows are estimated, those of labelled rows are 1."""
    marks = iter(np.linspace(0.1, 0.4, 4))
    monkeypatch.setattr(
        "halfspace.estimators.distilled.refitted_weights",
        lambda student, taught, seen, kept: np.array([next(marks) for _ in taught[1]]),
    )
    model = DistilledClassifier(Told(), Sure(), method="weighted", random_state=0)
    x = np.column_stack([np.arange(12.0) // 2 % 2, np.arange(12.0)])
    y = np.where(np.arange(12) < 8, x[:, 0], -1.0)
    weight = model.fit(x, y).student_.seen_[3]
    np.testing.assert_allclose(weight, [0.1, 0.2, 0.3, 0.4, *np.ones(8)])


def test_slam_beats_hard_labels_of_a_teacher_that_errs_on_an_atom(seed):
    """Claim H1, on the three atoms: the teacher is right with .8 at every point."""
    law, rng = three_atoms(0.1), stream(seed, "teacher")
    x, s = law.sample((6000,), rng=rng)
    noisy = np.where(rng.random(len(s)) < 0.2, -s, s)
    x = np.column_stack([(noisy + 1) / 2, x])  # the teacher's own feature comes first
    y = np.where(np.arange(len(s)) < 400, (s + 1) / 2, -1)
    errors = {}
    for method in ("slam", "hard"):
        model = DistilledClassifier(Told(), method=method, random_state=0)
        student = model.set_params(student=Blind()).fit(x, y)
        errors[method] = np.mean(student.predict(x) != (s + 1) / 2)
    assert errors["slam"] == 0.0
    assert errors["hard"] > 0.2


class Blind(SLaMClassifier):
    """A student that does not see the first feature."""

    def fit(self, X, y, accuracy=None, sample_weight=None):
        return super().fit(X[:, 1:], y, accuracy, sample_weight)

    def predict(self, X):
        return super().predict(X[:, 1:])


X = np.arange(8.0)[:, None]
Y = np.array([0, 0, 1, 1, -1, -1, -1, -1])
LOGISTIC = LogisticRegression()
REFUSED = [
    (
        {"y": [0, 1, 1, 1, -1, -1, -1, -1]},
        {},
        "`y` must hold at least 2 labelled rows of",
    ),
    (
        {"y": [-1] * 8},
        {},
        "`y` must hold labels of at least 2 classes, got 8 rows of -1",
    ),
    ({"y": [1] * 8}, {}, "`y` must hold at least 2 classes, got one class: "),
    ({"X": X * np.nan}, {}, "Input X contains NaN"),
    (
        {},
        {"method": "mixed"},
        "`method` must be one of hard, slam, soft, weighted, got 'mix",
    ),
    (
        {},
        {"method": "weighted", "student": KNeighborsClassifier()},
        "`student` must take `sample_weight` in fit for the method weighted",
    ),
    (
        {},
        {"method": "weighted", "student": LinearSVC()},
        "`student` must have predict_proba for the method weighted, got LinearSVC",
    ),
    (
        {"X": sparse.csr_array(X)},
        {"method": "weighted"},
        "`X` must be dense for the method weighted, got a sparse matrix",
    ),
    ({}, {"student": LOGISTIC}, "`student` must take `accuracy` in fit for the method"),
    (
        {},
        {"teacher": Perceptron()},
        "`teacher` must have predict_proba, got Perceptron",
    ),
    (
        {},
        {"validation_fraction": 1.0},
        "`validation_fraction` must be in (0, 1), got 1",
    ),
    ({}, {"lower": -0.1}, "`lower` must be in [0, 1], got -0.1"),
]


@pytest.mark.parametrize("case", REFUSED, ids=[row[2][:40] for row in REFUSED])
def test_bad_input_is_refused_in_one_sentence(case):
    data, options, sentence = case
    with pytest.raises((ValueError, TypeError)) as caught:
        DistilledClassifier(**({"teacher": LOGISTIC} | options)).fit(
            **({"X": X, "y": Y} | data)
        )
    assert sentence in str(caught.value)


def test_a_forest_may_teach_and_learn():
    """It has a length, and none before it is fitted."""
    forest = RandomForestClassifier(3, random_state=0)
    model = DistilledClassifier(forest, forest, method="soft", random_state=0)
    assert model.fit(X, Y).predict_proba(X).shape == (8, 2)


def test_a_student_without_probabilities_gives_none():
    model = DistilledClassifier(LOGISTIC, Perceptron(), method="hard").fit(X, Y)
    assert not hasattr(model, "predict_proba")
    assert model.decision_function(X).shape == (8,)
