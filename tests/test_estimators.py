"""Every estimator keeps scikit-learn's contract: one row of the table each."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from halfspace.estimators import SLaMClassifier

ESTIMATORS = [SLaMClassifier()]


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@parametrize_with_checks(ESTIMATORS)
def test_the_estimator_passes_the_checks_of_scikit_learn(estimator, check):
    check(estimator)
