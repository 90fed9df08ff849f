"""What the theorems predict: one function a claim, nothing estimated, no data.

Everything broadcasts over arrays. Ids are those of ``paper_repro.md``, where the
constants are proved; [1]_ states the rates.

.. [1] V. Kontonis et al., "SLaM: student-label mixing for distillation with unlabeled
   examples", NeurIPS 2023, arXiv:2302.03806.
"""

from halfspace.theory.iterates import hitting_size, holdout_size
from halfspace.theory.links import SIGMOID_COST, sigmoid_average_error
from halfspace.theory.massart import (
    average_excess_risk,
    excess_sample_size,
    perspectron_progress,
    projected_excess_risk,
)
from halfspace.theory.rcn import (
    MARGIN_EXPONENT,
    average_error,
    error_exponent,
    high_dimension_error,
    mistake_bound,
    noise_factor,
    sample_size,
    tightness,
)

__all__ = [
    "MARGIN_EXPONENT",
    "SIGMOID_COST",
    "average_error",
    "average_excess_risk",
    "error_exponent",
    "excess_sample_size",
    "high_dimension_error",
    "hitting_size",
    "holdout_size",
    "mistake_bound",
    "noise_factor",
    "perspectron_progress",
    "projected_excess_risk",
    "sample_size",
    "sigmoid_average_error",
    "tightness",
]
