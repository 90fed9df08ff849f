"""Peak memory of a long run: it must not grow with the number of steps."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.timing import Row

_RUN = """
import numpy as np
from halfspace import RCN, Learner, Shell, blocks, run
law, rng = Shell(dim=5, margin=0.3), np.random.default_rng(0)
data = blocks(law, RCN(rate=0.1), trials=100, rng=rng)
run(Learner(rate=0.1), data, at=[{steps}])
"""
_PRINT = """
import resource
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def peak(code: str) -> float:
    """Return the peak resident megabytes of a process that runs this code."""
    command = [sys.executable, "-c", code + _PRINT]
    out = subprocess.run(command, capture_output=True, check=True)
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return int(out.stdout.split()[-1]) / unit


def streaming() -> Iterator[Row]:
    """10^6 steps of 100 trials against 10^4, and against 300 MB."""
    short, long = (peak(_RUN.format(steps=steps)) for steps in (10**4, 10**6))
    yield Row("peak memory, 10^6 steps x 100 trials", "10^4 steps", long / short, 1.1)
    yield Row("peak memory, 10^6 steps x 100 trials", "300 MB", long / 300, 1)
