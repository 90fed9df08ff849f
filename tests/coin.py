"""How likely is each coin to show heads? Tosses are added until that is known.

``COIN_LOG`` is a file that gets a line per block; ``COIN_FAIL`` is the one that fails.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from halfspace import sequential
from halfspace._random import stream


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """Coins, how narrow the interval is to be, and how many blocks at most."""

    coins: tuple[float, ...] = (0.02, 0.3, 0.5)
    width: float = 0.2
    tosses: int = 50
    budget: int = 10
    seed: int = 0


SCALES = {"test": Spec(), "quick": Spec(coins=(0.5,)), "paper": Spec(width=0.01)}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield the coins."""
    for coin in spec.coins:
        yield {"coin": coin}


def measure(spec: Spec, *, coin: float, block: int) -> dict[str, Any]:
    """Return the heads of one block of tosses."""
    if "COIN_LOG" in os.environ:
        with open(os.environ["COIN_LOG"], "a") as file:
            file.write(f"{coin} {block}\n")
    if os.environ.get("COIN_FAIL") == f"{coin} {block}":
        raise ArithmeticError
    rng = stream(spec.seed, "coin", str(coin), block)
    return {"heads": int(rng.binomial(spec.tosses, coin)), "tosses": spec.tosses}


def enough(spec: Spec, rows: Sequence[dict[str, Any]], *, coin: float) -> bool:
    """Whether the interval is narrow, or the budget spent."""
    heads, tosses = (sum(row[key] for row in rows) for key in ("heads", "tosses"))
    found = sequential.binomial(heads, tosses)
    return found.high - found.low <= spec.width or len(rows) >= spec.budget
