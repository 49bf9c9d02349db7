"""How far a masked cell can be moved by a reader who knows the table but for its masks.

- `reach` solves one linear program: the largest move of a cell, up or down, that leaves every equation true while only
  masked cells move. Its dual gives a cut for the exact solver.
- `joint` looks for one move that shifts all given cells at once far enough: where there is one, each of them is
  protected, and one program has answered for many.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from kernel_guard.vault.disclosure.suppression.table import Floats, Linear, Mask


@dataclass(frozen=True)
class Need:
    """A cell must be able to move `amount` up (`sign` 1) or down (−1)."""

    cell: int
    sign: int
    amount: float


def needs(cells: Mask, up: Floats, down: Floats) -> list[Need]:
    """The protection that the primary cells need."""
    found = []
    for cell in np.flatnonzero(cells):
        found += [Need(int(cell), 1, float(up[cell]))] if up[cell] > 0 else []
        found += [Need(int(cell), -1, float(down[cell]))] if down[cell] > 0 else []
    return found


def reach(table: Linear, masked: Mask, need: Need) -> tuple[float, Floats]:
    """How far the cell can move, and the weight of each cell's mask in that (a bound for every other choice of masks).

    By duality the move is at most Σ weight · mask for any masks, so Σ weight · mask ≥ amount is a valid cut.
    """
    above, below = table.upper - table.values, table.values - table.lower
    cost = np.zeros(len(table.values))
    cost[need.cell] = -need.sign
    bounds = np.column_stack([np.where(masked, -below, 0.0), np.where(masked, above, 0.0)])
    zeros = np.zeros(table.matrix.shape[0])
    solved = linprog(cost, A_eq=table.matrix, b_eq=zeros, bounds=bounds, method="highs")
    if solved.status != 0:
        return 0.0, np.ones(len(table.values)) * need.amount
    up, down = -np.asarray(solved.upper.marginals), np.asarray(solved.lower.marginals)
    return -float(solved.fun), np.maximum(up, 0) * above + np.maximum(down, 0) * below


def is_protected(table: Linear, masked: Mask, need: Need) -> bool:
    return reach(table, masked, need)[0] >= need.amount - 1e-6


def joint(table: Linear, masked: Mask, wanted: list[Need]) -> bool:
    """Whether one move satisfies all needs of one sign at once (sufficient, not necessary)."""
    if not wanted:
        return True
    low = np.where(masked, table.lower - table.values, 0.0)
    high = np.where(masked, table.upper - table.values, 0.0)
    for need in wanted:
        if need.sign > 0:
            low[need.cell] = need.amount
        else:
            high[need.cell] = -need.amount
    if (low > high + 1e-9).any():
        return False
    free = np.flatnonzero(masked)
    solved = linprog(
        np.zeros(len(free)), A_eq=table.matrix[:, free], b_eq=np.zeros(table.matrix.shape[0]),
        bounds=np.column_stack([low[free], high[free]]), method="highs",
    )  # fmt: skip
    return bool(solved.status == 0)


def unprotected(table: Linear, masked: Mask, wanted: list[Need], *, one_by_one: bool = True) -> list[Need]:
    """The needs that the masks do not satisfy; not `one_by_one`: all that are not satisfied together."""
    left = []
    for sign in (1, -1):
        side = [n for n in wanted if n.sign == sign]
        if not joint(table, masked, side):
            left += [n for n in side if not one_by_one or not is_protected(table, masked, n)]
    return left
