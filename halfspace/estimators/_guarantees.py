"""What is proved of each online rule, for points in the unit ball with a margin."""

from collections.abc import Mapping
from types import MappingProxyType

NONE = "none under label noise"
_MASSART = (
    "average excess noisy error at most eps after ((1-rate)/(margin eps))^2 rows, also "
    "where the rate varies below `rate` (I1); not for the mean iterate"
)

GUARANTEES: Mapping[str, str] = MappingProxyType(
    {
        "perceptron": "at most 1/margin^2 mistakes on clean labels (A2), none on noisy",
        "slam": "average error at most eps after 1/(margin^2 eps) + "
        "rate (1-rate)/((1-2 rate) margin eps)^2 rows at a constant rate (A1); similar "
        "where each row tells its accuracy (A6)",
        "slam_projected": "average excess noisy error at most eps after "
        "((1-rate)/(margin eps))^2 rows at a constant rate (I)",
        "slam_sigmoid": "average error at most 2 sqrt(1.557/n) / ((1-2 rate) margin), "
        "also where each row tells its accuracy (A10)",
        "forward": "no spurious stationary point (B5), but no rate: it may stall (B9)",
        "backward": "its loss has the clean loss as noisy mean (B3)",
        "perspectron": _MASSART,
        "diakonikolas_zarifis": _MASSART,
        "sigmoidal": NONE,
        "logistic": NONE,
        "hinge": NONE,
        "gce": NONE,
        "sigmoid_loss": NONE,
        "unhinged": NONE,
    }
)
