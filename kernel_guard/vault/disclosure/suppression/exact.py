"""The exact solver: the fewest (cheapest) masks that protect every primary cell.

- The cell suppression problem after Fischetti and Salazar-González (2001): a master program over 0/1 masks, and one
  attacker's program per need, whose dual is a cut. HiGHS solves both, through SciPy.
- It ends with the optimum, or with None when its time is up.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse
from scipy.optimize import Bounds, LinearConstraint, milp

from kernel_guard.vault.disclosure.suppression.attacker import Need, reach
from kernel_guard.vault.disclosure.suppression.table import Floats, Linear, Mask


def solve(table: Linear, masked: Mask, wanted: list[Need], cost: Floats, seconds: float) -> Mask | None:
    """The cheapest masks that contain `masked` and satisfy every need."""
    deadline = time.monotonic() + seconds
    cuts: list[Floats] = [_line_cut(table, masked, total, parts) for total, parts in _touched(table, masked)]
    lows = [1.0] * len(cuts)
    chosen = masked
    while True:
        added = 0
        for need in wanted:
            moved, weight = reach(table, chosen, need)
            if moved < need.amount - 1e-6:
                cuts.append(np.minimum(weight, need.amount) / need.amount)
                lows.append(1.0)
                added += 1
            if time.monotonic() > deadline:
                return None
        if not added:
            return chosen
        found = _master(cuts, lows, masked, cost, deadline - time.monotonic())
        if found is None:
            return None
        chosen = found


def _master(cuts: list[Floats], lows: list[float], masked: Mask, cost: Floats, seconds: float) -> Mask | None:
    if seconds <= 0:
        return None
    constraint = LinearConstraint(sparse.csr_matrix(np.array(cuts)), lb=np.array(lows) - 1e-7)
    solved = milp(
        np.where(masked, 0.0, cost), constraints=constraint, integrality=np.ones(len(cost)),
        bounds=Bounds(masked.astype(float), np.ones(len(cost))), options={"time_limit": seconds, "mip_rel_gap": 0.0},
    )  # fmt: skip
    return None if solved.status != 0 else np.asarray(solved.x) > 0.5


def _touched(table: Linear, masked: Mask) -> list[tuple[int, tuple[int, ...]]]:
    """Equations with exactly one mask: a second one is needed whatever else is chosen."""
    return [(t, parts) for t, parts in table.equations if masked[[t, *parts]].sum() == 1]


def _line_cut(table: Linear, masked: Mask, total: int, parts: tuple[int, ...]) -> Floats:
    cut = np.zeros(len(table.values))
    cut[[total, *parts]] = 1.0
    cut[masked] = 0.0
    return cut
