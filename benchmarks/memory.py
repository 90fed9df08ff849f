"""Peak memory of a long run: it must not grow with the number of steps."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from benchmarks.timing import Row

_RUN = """
import numpy as np
from halfspace import RCN, Learner, Shell, blocks, run
law, rng = Shell(dim=5, margin=0.3), np.random.default_rng(0)
data = blocks(law, RCN(rate=0.1), trials=100, rng=rng)
run(Learner(rate=0.1), data, at=[{steps}])
"""
_PRINT = """
from benchmarks.memory import own_peak
print(own_peak())
"""


def own_peak() -> float:
    """Return the peak resident megabytes of this process.

    Where Linux tells it, of what has run since the last exec: `ru_maxrss` begins with
    the peak of the process that started this one.
    """
    status = Path("/proc/self/status")
    if status.exists():
        fields = dict(line.split(":", 1) for line in status.read_text().splitlines())
        return int(fields["VmHWM"].split()[0]) / 1024
    import resource

    unit = 1024**2 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def peak(code: str) -> float:
    """Return the peak resident megabytes of a new process that runs this code."""
    command = [sys.executable, "-c", code + _PRINT]
    out = subprocess.run(command, capture_output=True, check=True)
    return float(out.stdout.split()[-1])


def streaming() -> Iterator[Row]:
    """10^6 steps of 100 trials against 10^4, and against 300 MB."""
    short, long = (peak(_RUN.format(steps=steps)) for steps in (10**4, 10**6))
    yield Row("peak memory, 10^6 steps x 100 trials", "10^4 steps", long / short, 1.1)
    yield Row("peak memory, 10^6 steps x 100 trials", "300 MB", long / 300, 1)
