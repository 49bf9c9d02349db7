"""Choose masks: the exact solver where it can, the heuristics where it cannot, and the same after-check for all.

| cells of the table | way |
|---|---|
| up to `EXACT_CELLS` | exact, within `SECONDS` |
| up to `PROGRAM_CELLS`, or the time was up | `heuristic.by_programs` |
| more, or the time was up again | `heuristic.by_totals` |
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from kernel_guard.errors import InternalError
from kernel_guard.vault.disclosure.suppression import exact, heuristic
from kernel_guard.vault.disclosure.suppression.attacker import needs, unprotected
from kernel_guard.vault.disclosure.suppression.table import Floats, Linear, Mask

EXACT_CELLS = 250
PROGRAM_CELLS = 2_500
SECONDS = 3.0


@dataclass(frozen=True)
class Suppression:
    """All masks, and how they were chosen: "none needed", "exact", "heuristic" or "totals"."""

    masked: Mask
    method: str


def suppress(
    table: Linear, primary: Mask, up: Floats, down: Floats, cost: Floats | None = None, *, seconds: float = SECONDS
) -> Suppression:
    """Masks that let every primary cell move `up` and `down` at least.

    `cost` is what masking a cell loses; by default every cell costs alike, larger ones a little more.
    """
    wanted = needs(primary, np.minimum(up, table.upper - table.values), np.minimum(down, table.values - table.lower))
    few = len(table.values) <= PROGRAM_CELLS
    if not wanted or not unprotected(table, primary, wanted, one_by_one=few):
        return Suppression(primary, "none needed")
    if cost is None:
        size = np.abs(table.values)
        cost = 1.0 + size / max(1.0, float(size.max())) / (2.0 * len(size))
    chosen, method = None, "exact"
    if len(table.values) <= EXACT_CELLS:
        chosen = exact.solve(table, primary, wanted, cost, seconds)
    if chosen is None and few:
        chosen, method = heuristic.by_programs(table, primary, wanted, cost, seconds), "heuristic"
    if chosen is None or unprotected(table, chosen, wanted):
        chosen, method = heuristic.by_totals(table, primary), "totals"
        if unprotected(table, chosen, wanted, one_by_one=few):
            raise InternalError("No choice of masks protects this table; nothing was released.")
    return Suppression(chosen, method)
