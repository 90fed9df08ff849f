"""What people use today for noisy labels: cleanlab, biquality-learn, scikit-learn.

The first two are optional, the extra `peers`; they are imported where they are needed.
"""

import importlib
import warnings
from collections.abc import Mapping
from importlib.metadata import version
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.semi_supervised import LabelSpreading, SelfTrainingClassifier
from sklearn.utils.validation import validate_data

from halfspace._check import Ints
from simulations.contenders import Method, Task, regression

#: What must import for a method.
NEEDS: Mapping[str, str] = MappingProxyType(
    {
        "CleanLearning": "cleanlab",
        "IRBL": "bqlearn",
        "IRLNL": "bqlearn",
        "PluginCorrection": "bqlearn",
    }
)

#: What installs these modules.
PACKAGES: Mapping[str, str] = MappingProxyType(
    {"cleanlab": "cleanlab", "bqlearn": "biquality-learn"}
)


def lacking(method: str) -> str:
    """Return why a method cannot run here, or nothing."""
    needed = NEEDS.get(method)
    if needed is None:
        return ""
    try:
        importlib.import_module(needed)
    except ImportError:
        return f"{needed} does not import"
    return ""


def versions(method: str) -> dict[str, str]:
    """Return the versions of the packages, beyond the core, that a method runs on."""
    needed = NEEDS.get(method)
    packages = ["scikit-learn", *([PACKAGES[needed]] if needed else ())]
    return {name: version(name) for name in packages}


def clean_learning(task: Task) -> Ints:
    """Run cleanlab's default pipeline on all rows, around the same regression."""
    from cleanlab.classification import CleanLearning

    found = CleanLearning(
        regression(), seed=task.seed, find_label_issues_kwargs={"n_jobs": 1}
    )
    with warnings.catch_warnings():
        # It says where a class has few rows: teachers may name one hardly ever.
        warnings.filterwarnings("ignore", "May not flag all label issues", UserWarning)
        warnings.filterwarnings("ignore", "The least populated class", UserWarning)
        return np.asarray(found.fit(task.all_x, task.all_y).predict(task.test_x))


def irbl(task: Task) -> Ints:
    """Weight noisy rows by the ratio of two models, of clean and of noisy rows."""
    from bqlearn.irbl import IRBL

    return _biquality(task, IRBL(regression(), regression()))


def irlnl(task: Task) -> Ints:
    """Weight noisy rows by a transition matrix, from a model's view of clean rows."""
    from bqlearn.irlnl import IRLNL

    return _biquality(task, IRLNL(regression(), regression(), transition_matrix="gold"))


def plug_in(task: Task) -> Ints:
    """Invert that matrix on the predictions of a model of the noisy rows."""
    from bqlearn.plugin import PluginCorrection

    return _biquality(task, PluginCorrection(regression(), transition_matrix="gold"))


def _validate_data(self: Any, X: Any, y: Any = "no_validation", **options: Any) -> Any:
    """Stand in for a method that scikit-learn had until 1.6."""
    if "force_all_finite" in options:
        options["ensure_all_finite"] = options.pop("force_all_finite")
    return validate_data(self, X, y, **options)


def _biquality(task: Task, model: Any) -> Ints:
    """Fit one of biquality-learn: clean rows are trusted, and noisy ones are not.

    Version 0.1.0 calls a method of scikit-learn that is gone since 1.7. It gets it back
    for as long as it runs; nothing else is changed.
    """
    trusted = np.repeat([0, 1], [len(task.said), len(task.clean_y)])
    put_back = patch.object(
        BaseEstimator, "_validate_data", _validate_data, create=True
    )
    with warnings.catch_warnings(), put_back:
        # Some weights of IRLNL are negative, and its loss then has no minimum.
        warnings.filterwarnings("ignore", "overflow encountered", RuntimeWarning)
        model.fit(task.all_x, task.all_y, sample_quality=trusted)
        return np.asarray(model.predict(task.test_x))


def self_training(task: Task) -> Ints:
    """Label noisy rows by the model, where it is sure; noisy labels are unused."""
    return _semi_supervised(task, SelfTrainingClassifier(regression()))


def label_spreading(task: Task) -> Ints:
    """Spread the clean labels along nearest neighbours; noisy labels are unused.

    The default kernel is so narrow that on standardised data most rows have no other
    near: it divides 0 by 0. So the kernel is the other that scikit-learn has.
    """
    return _semi_supervised(task, LabelSpreading(kernel="knn"))


def _semi_supervised(task: Task, model: Any) -> Ints:
    y = np.concatenate([np.full(len(task.x), -1), task.clean_y])
    with warnings.catch_warnings():
        # After 30 steps, the default, some labels may still move a little; rows that
        # no clean row reaches have no label.
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.filterwarnings("ignore", "invalid value", RuntimeWarning)
        return np.asarray(model.fit(task.all_x, y).predict(task.test_x))


PEERS: Mapping[str, Method] = MappingProxyType(
    {
        "CleanLearning": clean_learning,
        "IRBL": irbl,
        "IRLNL": irlnl,
        "PluginCorrection": plug_in,
        "self-training": self_training,
        "label spreading": label_spreading,
    }
)
