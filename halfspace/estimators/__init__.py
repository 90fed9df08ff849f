"""Learners with the scikit-learn interface: thin faces over the functions.

`import halfspace` does not import scikit-learn; this does.
"""

from halfspace.estimators.distilled import DistilledClassifier
from halfspace.estimators.mlp import MLPStudent
from halfspace.estimators.online import HalfspaceClassifier
from halfspace.estimators.slam import SLaMClassifier
from halfspace.estimators.teacher_accuracy import TeacherAccuracy

__all__ = [
    "DistilledClassifier",
    "HalfspaceClassifier",
    "MLPStudent",
    "SLaMClassifier",
    "TeacherAccuracy",
]
