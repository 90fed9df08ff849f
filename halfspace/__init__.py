"""Learning margin halfspaces from noisy labels: the learners and their theorems.

The same learners run in the full space (`run`, `fit`), in two coordinates that are
equal in law (`reduced.run`), and as a deterministic curve (`fluid.curve`). `theory`
holds what is proved about them, `stats` the intervals for what is measured, and
`sequential` those that may be looked at while trials are added. References that need a
solver are in `halfspace.convex` and `halfspace.exact`.
"""

from halfspace import (
    correction,
    fluid,
    losses,
    mixing,
    reduced,
    sequential,
    stats,
    theory,
    transition,
)
from halfspace._random import stream
from halfspace.batch import class_mean, sq_perceptron
from halfspace.finite import Atoms, long_servedio, three_atoms, trap
from halfspace.gaussian import Gaussians, ckmy_mixture
from halfspace.law import Law
from halfspace.learner import Learner, default_learner
from halfspace.lists import DecisionList, decision_list
from halfspace.noise import RCN, ByFunction, ByMargin, ByRegion, Channel, flip
from halfspace.online import Trajectory, fit, run
from halfspace.planning import Plan, plan
from halfspace.problems import Shell, Shells, Sphere
from halfspace.regression import logistic_regression
from halfspace.rules import RULES
from halfspace.samples import Block, blocks, take
from halfspace.selection import select
from halfspace.slabs import filtertron
from halfspace.symmetric import Symmetric

__all__ = [
    "RCN",
    "RULES",
    "Atoms",
    "Block",
    "ByFunction",
    "ByMargin",
    "ByRegion",
    "Channel",
    "DecisionList",
    "Gaussians",
    "Law",
    "Learner",
    "Plan",
    "Shell",
    "Shells",
    "Sphere",
    "Symmetric",
    "Trajectory",
    "blocks",
    "ckmy_mixture",
    "class_mean",
    "correction",
    "decision_list",
    "default_learner",
    "filtertron",
    "fit",
    "flip",
    "fluid",
    "logistic_regression",
    "long_servedio",
    "losses",
    "mixing",
    "plan",
    "reduced",
    "run",
    "select",
    "sequential",
    "sq_perceptron",
    "stats",
    "stream",
    "take",
    "theory",
    "three_atoms",
    "transition",
    "trap",
]
