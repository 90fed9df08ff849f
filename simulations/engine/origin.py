"""What a row was made with and when: machine, versions, day."""

import os
import time
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from platform import machine, processor, python_version

from simulations.engine.canonical import canonical

#: The packages that a row may depend on.
PACKAGES = ("cvxpy", "halfspace", "numpy", "scikit-learn", "scipy")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "none"


@cache
def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages, here."""
    return {"python": python_version(), **{name: _version(name) for name in PACKAGES}}


@cache
def cpu() -> str:
    """Return the model of the processor, or the nearest that the system tells."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").split(
            "\n"
        ):
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    return processor() or machine() or "unknown"


@cache
def origin() -> str:
    """Return the processor and the versions of this process, as canonical text."""
    return canonical("origin", {"cpu": cpu(), **versions()})


def today() -> str:
    """Return the day in UTC, or that of SOURCE_DATE_EPOCH where it is set.

    >>> len(today())
    10
    """
    now = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return time.strftime("%Y-%m-%d", time.gmtime(now))
