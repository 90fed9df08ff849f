"""Learning margin halfspaces from noisy labels: the learners and their theorems.

The same learners run in the full space (`run`, `fit`), in two coordinates that are
equal in law (`reduced.run`), and as a deterministic curve (`fluid.curve`). `theory`
holds what is proved about them, `stats` the intervals for what is measured.
"""

from halfspace import fluid, reduced, stats, theory
from halfspace._random import stream
from halfspace.noise import RCN, Channel, flip
from halfspace.online import Trajectory, fit, run
from halfspace.planning import Plan, plan
from halfspace.problems import Shell, Shells, Sphere
from halfspace.rules import RULES, Learner
from halfspace.samples import Block, blocks
from halfspace.selection import select
from halfspace.symmetric import Symmetric

__all__ = [
    "RCN",
    "RULES",
    "Block",
    "Channel",
    "Learner",
    "Plan",
    "Shell",
    "Shells",
    "Sphere",
    "Symmetric",
    "Trajectory",
    "blocks",
    "fit",
    "flip",
    "fluid",
    "plan",
    "reduced",
    "run",
    "select",
    "stats",
    "stream",
    "theory",
]
