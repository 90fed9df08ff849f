"""TODO
"""

from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from figures import panels
from halfspace import stats
from simulations.active_loop_claims import CONFIDENCE
from simulations.active_loop_tables import STRATEGIES, teacher
from simulations.engine.results import load

#: The teachers that are drawn, of those that were run.
SHOWN = (("random", 0.6), ("near", 0.6), ("near", 0.8), ("svm", None))
