"""The tasks that tell learners apart: a law, its noise, and what learners are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from halfspace.finite import long_servedio, three_atoms, trap
from halfspace.gaussian import ckmy_mixture
from halfspace.law import Law
from halfspace.noise import RCN, ByRegion, Channel
from halfspace.problems import Shell, Sphere


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A law with noise, and the margin and rate that learners are told.

    Where the rate varies with x they are told its largest value, unless they take the
    rate of each sample.
    """

    law: Law
    channel: Channel
    margin: float
    rate: float


TASKS: Mapping[str, Task] = MappingProxyType(
    {
        "sphere": Task(
            law=Sphere(dim=25, margin=0.1),
            channel=RCN(rate=0.2),
            margin=0.1,
            rate=0.2,
        ),
        "shell": Task(
            law=Shell(dim=25, margin=0.1),
            channel=RCN(rate=0.2),
            margin=0.1,
            rate=0.2,
        ),
        "three atoms": Task(
            law=three_atoms(0.1), channel=RCN(rate=0.2), margin=0.1, rate=0.2
        ),
        "Long-Servedio": Task(
            law=long_servedio(0.05), channel=RCN(rate=0.3), margin=0.05, rate=0.3
        ),
        "trap": Task(
            law=trap(0.1),
            channel=ByRegion(normal=(0.0, 1.0), inside=0.2),
            margin=0.1,
            rate=0.2,
        ),
        "CKMY": Task(law=ckmy_mixture(), channel=RCN(rate=0.2), margin=0.1, rate=0.2),
    }
)
