"""What does a student lose that starts from its teacher's compressed table?

Claims G1 and G2 on random tables: errors of table and pre-activations against what is
predicted, and against other ways to keep as many dimensions.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from halfspace._check import Array
from halfspace._random import stream
from halfspace.distill.guide import compress, evenly
from halfspace.theory.guide import preactivation_error, table_error

#: Of each size: deviations and ratios, the worst of all tables; then sums of shares.
COLUMNS = (
    *("G1", "G2", "least_rival", "over_bound"),
    *("svd", "predicted", "centred", "evenly"),
)


@dataclass(frozen=True, kw_only=True)
class Spec:
    """Everything the result depends on besides the code.

    Row i of a table is normal with standard deviations j^-power of its coordinates,
    turned at random, about a mean of norm `mean`.
    """

    powers: tuple[float, ...] = (0.0, 0.5, 1.0)
    tokens: int = 200
    dim: int = 32
    units: int = 24
    mean: float = 3.0
    sizes: tuple[int, ...] = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32)
    tables: int = 200
    seed: int = 0


SCALES = {
    "test": Spec(tokens=12, dim=5, units=3, sizes=(1, 3, 5), tables=2),
    "quick": Spec(tables=15),
    "paper": Spec(),
}


def cells(spec: Spec) -> Iterator[dict[str, Any]]:
    """Yield how fast the spectra fall."""
    for power in spec.powers:
        yield {"power": power}


def measure(spec: Spec, *, power: float) -> dict[str, Any]:
    """Return errors for each size, as shares of the table's energy, and deviations."""
    rngs = stream(spec.seed, "guide", str(power)).spawn(3)
    table = tables(spec, power, rngs[0])
    first = rngs[1].standard_normal((spec.tables, spec.dim, spec.units))
    energy = (table**2).sum(axis=(-2, -1))
    sigma = np.linalg.svd(table, compute_uv=False)
    gain = np.linalg.norm(first, 2, axis=(-2, -1))
    turned = rotations(spec.dim, spec.tables, rngs[2])
    found: dict[str, list[float]] = {key: [] for key in COLUMNS}
    for size in spec.sizes:
        start = compress(table, first, size)
        predicted = table_error(sigma, size)
        svd = lost(table, start.basis)
        rivals = {
            "centred": lost(table, centred_basis(table, size)),
            "evenly": lost(table, np.eye(spec.dim)[:, evenly(spec.dim, size)]),
            "turned": lost(table, turned[..., :size]),
        }
        own = start.table @ start.first
        same = table @ (start.basis @ start.basis.swapaxes(-1, -2)) @ first
        moved = ((table @ first - own) ** 2).sum(axis=(-2, -1))
        found["G1"].append(float(np.abs(own - same).max() / np.abs(same).max()))
        found["G2"].append(float((np.abs(svd - predicted) / energy).max()))
        if size < spec.dim:
            least = min(float((it / svd).min()) for it in rivals.values())
            bound = preactivation_error(sigma, size, gain)
            found["least_rival"].append(least)
            found["over_bound"].append(float((moved / bound).max()))
        shares = {"svd": svd, "predicted": predicted} | rivals
        for key in COLUMNS[4:]:
            found[key].append(float((shares[key] / energy).sum()))
    return {
        "sizes": list(spec.sizes),
        "tables": spec.tables,
        "repeated": repeated(spec.tokens),
        **found,
    }


def tables(spec: Spec, power: float, rng: np.random.Generator) -> Array:
    """Return random tables, (tables, V, d)."""
    rngs = rng.spawn(3)
    spread = np.arange(1, spec.dim + 1) ** -power
    rows = spread * rngs[0].standard_normal((spec.tables, spec.tokens, spec.dim))
    mean = rngs[1].standard_normal((spec.tables, 1, spec.dim))
    mean *= spec.mean / np.linalg.norm(mean, axis=-1, keepdims=True)
    found: Array = rows @ rotations(spec.dim, spec.tables, rngs[2]) + mean
    return found


def rotations(dim: int, count: int, rng: np.random.Generator) -> Array:
    """Return random orthogonal matrices, (count, d, d)."""
    q: Array = np.linalg.qr(rng.standard_normal((count, dim, dim)))[0]
    return q


def centred_basis(table: Array, size: int) -> Array:
    """Return the first principal directions of the rows about their mean."""
    about = table - table.mean(axis=-2, keepdims=True)
    rows: Array = np.linalg.svd(about, full_matrices=False)[2]
    return rows[..., :size, :].swapaxes(-1, -2)


def lost(table: Array, basis: Array) -> Array:
    """Return the squared distance of tables to what a basis keeps of them."""
    found: Array = ((table - table @ basis @ basis.swapaxes(-1, -2)) ** 2).sum(
        axis=(-2, -1)
    )
    return found


def repeated(most: int) -> int:
    """Return how many choices of up to `most` units hold one twice, or leave a range.

    Every size of teacher and student; the ends must be kept.
    """
    count = 0
    for n in range(1, most + 1):
        for kept in range(1, n + 1):
            it = evenly(n, kept)
            ends = it[0] == 0 and (kept == 1 or it[-1] == n - 1)
            count += not (ends and (np.diff(it) > 0).all())
    return count
