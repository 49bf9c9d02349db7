"""The independent audit: what a reader of the published table can work out about each masked cell.

- It sees what the reader sees: published numbers, masks, which numbers are totals of which, and the public bounds.
- The feasible interval of a masked cell is computed by two linear programs over the masked cells (HiGHS); linear
  relaxation gives a reader at least as much as whole numbers would, up to the last whole number.
- It knows nothing of how the masks were chosen.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linprog

from kernel_guard.vault.disclosure.suppression.table import Equation, Floats, equation_matrix


@dataclass(frozen=True)
class Interval:
    """The least and the greatest value that a masked cell can have."""

    low: float
    high: float


def audit(
    published: Sequence[float | None], equations: Sequence[Equation], lower: Floats, upper: Floats,
    *, of: Iterable[int] | None = None, slack: float = 0.0,
) -> Mapping[int, Interval]:  # fmt: skip
    """The feasible interval of every masked cell (`None` in `published`), or of the cells in `of`.

    `slack` is half a rounding base: a rounded number says no more than that. A table whose equations cannot hold
    gives no interval for its cells (an empty one would hide a mistake), so it raises `ValueError`.
    """
    masked = np.array([v is None for v in published])
    wanted = np.flatnonzero(masked) if of is None else np.array(sorted(of), int)
    low = np.array([lower[i] if v is None else v - slack for i, v in enumerate(published)], float)
    high = np.array([upper[i] if v is None else v + slack for i, v in enumerate(published)], float)
    matrix = equation_matrix(equations, len(published))
    used = np.asarray((matrix[:, masked] != 0).sum(axis=1)).ravel() > 0 if slack == 0 else np.ones(len(equations), bool)
    free = masked if slack == 0 else np.ones(len(published), bool)
    right = np.zeros(used.sum()) if slack else -(matrix[used][:, ~free] @ low[~free])
    place = {int(cell): i for i, cell in enumerate(np.flatnonzero(free))}
    bounds = np.column_stack([low[free], high[free]])
    found: dict[int, Interval] = {}
    for cell in wanted:
        ends = []
        for sign in (1.0, -1.0):
            cost = np.zeros(len(bounds))
            cost[place[int(cell)]] = sign
            solved = linprog(cost, A_eq=matrix[used][:, free], b_eq=right, bounds=bounds, method="highs")
            if solved.status != 0:
                raise ValueError("The published table contradicts itself.")
            ends.append(sign * float(solved.fun))
        found[int(cell)] = Interval(*ends)
    return found
