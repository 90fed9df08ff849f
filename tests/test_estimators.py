"""Every estimator keeps scikit-learn's contract: one row of the table each."""

import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.utils.estimator_checks import parametrize_with_checks

from halfspace.estimators import (
    DistilledClassifier,
    HalfspaceClassifier,
    MLPStudent,
    SLaMClassifier,
    TeacherAccuracy,
)

ESTIMATORS = [
    DistilledClassifier(LogisticRegression()),
    HalfspaceClassifier(),
    MLPStudent(epochs=40),
    SLaMClassifier(),
    TeacherAccuracy(),
]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(ESTIMATORS)
def test_the_estimator_passes_the_checks_of_scikit_learn(estimator, check, monkeypatch):
    """All of them: without the variable one would be skipped."""
    monkeypatch.setenv("SCIPY_ARRAY_API", "1")
    check(estimator)
