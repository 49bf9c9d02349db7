"""For tables that are too large for the exact solver: quick, safe, and not minimal.

- `by_programs`: each need that is not yet met gets the move that costs least (one linear program); the cells that move
  are masked (after Kelly, Golden and Assad 1992). A clean-up unmasks what the needs can do without.
- `by_totals`: every total over a masked cell is masked. Whatever the numbers are, any value of a masked cell then fits
  the table, at the price of those totals. It needs no solver and always works.
"""

from __future__ import annotations

import time

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from kernel_guard.vault.disclosure.suppression.attacker import Need, is_protected, unprotected
from kernel_guard.vault.disclosure.suppression.table import Floats, Linear, Mask


def by_programs(table: Linear, masked: Mask, wanted: list[Need], cost: Floats, seconds: float) -> Mask | None:
    """Masks that satisfy every need, or None when the time is up."""
    deadline = time.monotonic() + seconds
    chosen = masked.copy()
    for need in sorted(wanted, key=lambda n: -n.amount):
        if is_protected(table, chosen, need):
            continue
        moved = _cheapest_move(table, chosen, need, cost)
        if moved is None or time.monotonic() > deadline:
            return None
        chosen |= moved
    return _clean(table, masked, chosen, wanted, cost, deadline)


def by_totals(table: Linear, masked: Mask) -> Mask:
    """All totals over a masked cell, upwards until nothing changes."""
    chosen = masked.copy()
    changed = True
    while changed:
        changed = False
        for total, parts in table.equations:
            if not chosen[total] and chosen[list(parts)].any():
                chosen[total] = changed = True
    return chosen


def _cheapest_move(table: Linear, chosen: Mask, need: Need, cost: Floats) -> Mask | None:
    n = len(table.values)
    price = np.where(chosen, 0.0, cost)
    above, below = table.upper - table.values, table.values - table.lower
    up, down = np.column_stack([np.zeros(n), above]), np.column_stack([np.zeros(n), below])
    (up if need.sign > 0 else down)[need.cell] = need.amount
    (down if need.sign > 0 else up)[need.cell] = 0
    solved = linprog(
        np.concatenate([price, price]), A_eq=sparse.hstack([table.matrix, -table.matrix]),
        b_eq=np.zeros(table.matrix.shape[0]), bounds=np.vstack([up, down]), method="highs",
    )  # fmt: skip
    if solved.status != 0:
        return None
    return np.asarray(solved.x[:n] + solved.x[n:]) > 1e-7


def _clean(table: Linear, masked: Mask, chosen: Mask, wanted: list[Need], cost: Floats, deadline: float) -> Mask:
    """Unmask the dearest secondary cells that the needs can do without."""
    for cell in sorted(np.flatnonzero(chosen & ~masked), key=lambda c: -cost[c]):
        if time.monotonic() > deadline:
            break
        fewer = chosen.copy()
        fewer[cell] = False
        if not unprotected(table, fewer, wanted):
            chosen = fewer
    return chosen
