"""Learners with the scikit-learn interface: thin faces over the functions.

`import halfspace` does not import scikit-learn; this does.
"""

from halfspace.estimators.slam import SLaMClassifier

__all__ = ["SLaMClassifier"]
