"""What learners and losses are called in figures."""

from collections.abc import Mapping
from types import MappingProxyType

NAMES: Mapping[str, str] = MappingProxyType(
    {
        "slam, told": "SLaM told α(x)",
        "slam": "SLaM, sign link",
        "slam_projected": "SLaM in the unit ball",
        "slam_sigmoid, told": "sigmoid link told α(x)",
        "slam_sigmoid": "SLaM, sigmoid link",
        "forward": "forward loss",
        "backward": "backward loss",
        "perspectron": "Perspectron type",
        "diakonikolas_zarifis": "Diakonikolas-Zarifis",
        "sigmoidal": "sigmoid of t/γ",
        "perceptron": "Perceptron",
        "logistic": "logistic loss",
        "hinge": "hinge loss",
        "unhinged": "unhinged loss",
        "gce": "generalised CE",
        "sigmoid_loss": "sigmoid loss",
        "logistic ERM": "logistic minimiser",
    }
)


def name(key: str) -> str:
    """Return what figures call a learner: if nothing else, what the results do."""
    return NAMES.get(key, key)
