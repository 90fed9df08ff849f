"""What most simulations measure: average error against steps, in two coordinates."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from halfspace._check import Ints
from halfspace.learner import Learner
from halfspace.noise import RCN
from halfspace.reduced import run
from halfspace.symmetric import Symmetric


def checkpoints(last: float, *, first: int = 10, per_decade: int = 20) -> Ints:
    """Return increasing whole numbers from `first` to `last`, evenly in the logarithm.

    >>> checkpoints(1000, per_decade=2).tolist()
    [10, 32, 100, 316, 1000]
    """
    end = int(np.ceil(last))
    first = min(first, end)
    count = max(2, round(per_decade * np.log10(end / first)) + 1)
    return np.unique(np.rint(np.geomspace(first, end, count)).astype(np.int64))


def summed(values: ArrayLike, groups: int) -> Any:
    """Return sums over groups of trials, of values (trials, ...), as lists.

    >>> summed([[1, 2], [3, 4], [5, 6], [7, 8]], 2)
    [[4, 6], [12, 14]]
    """
    found = np.asarray(values)
    return found.reshape(groups, -1, *found.shape[1:]).sum(axis=1).tolist()


def mistake_counts(
    learner: Learner,
    law: Symmetric,
    channel: RCN,
    *,
    at: Ints,
    trials: int,
    groups: int,
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Return mistakes so far, summed over `groups` of trials, for the bootstrap.

    >>> from halfspace import Shell, stream
    >>> law, channel = Shell(dim=9, margin=0.5), RCN(rate=0.0)
    >>> row = mistake_counts(Learner(), law, channel, at=np.array([10, 20]),
    ...                      trials=4, groups=2, rng=stream(0, "doctest"))
    >>> row["steps"], row["group_trials"], row["most_mistakes"] <= 4
    ([10, 20], 2, True)
    """
    mistakes = run(learner, law, channel, at=at, trials=trials, rng=rng).mistakes
    return {
        "steps": at.tolist(),
        "group_trials": trials // groups,
        "mistakes": summed(mistakes, groups),
        "most_mistakes": int(mistakes.max()),
    }
