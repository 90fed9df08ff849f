"""Thin scikit-learn faces; the only classes with fit and predict."""

from halfspace.estimators.mlp import MLPStudent

__all__ = ["MLPStudent"]
