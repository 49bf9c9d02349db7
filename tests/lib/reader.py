"""What a reader with exact arithmetic can work out from released counts: the bounds of every number that is masked.

- The unknowns are the numbers of people for each combination of all keys, none below zero. A published number is a sum
  of some of them; whatever fits all published numbers could be true.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from scipy.optimize import linprog

Cell = Mapping[str, Any]  # key → value; a key that is absent or None is summed over


class Reader:
    """Knows the keys and their public values, and what it was told."""

    def __init__(self, keys: Mapping[str, Sequence[Any]]) -> None:
        self._names = list(keys)
        self._atoms = list(itertools.product(*keys.values()))
        self._told: list[tuple[Any, float]] = []

    def tell(self, cell: Cell, number: float) -> None:
        """A published number."""
        self._told.append((self._row(cell), float(number)))

    def bounds(self, cell: Cell) -> tuple[float, float]:
        """The least and the greatest number that the cell can have."""
        row = self._row(cell)
        matrix = np.array([r for r, _ in self._told]) if self._told else None
        right = np.array([n for _, n in self._told]) if self._told else None
        low, high = (linprog(sign * row, A_eq=matrix, b_eq=right, bounds=(0, None), method="highs") for sign in (1, -1))
        assert low.status == 0, "what was published contradicts itself"
        return float(low.fun), float(-high.fun) if high.status == 0 else float("inf")

    def _row(self, cell: Cell) -> Any:
        wanted = {k: v for k, v in cell.items() if v is not None}
        fits = (all(wanted.get(n, v) == v for n, v in zip(self._names, atom, strict=True)) for atom in self._atoms)
        return np.fromiter(fits, float, len(self._atoms))


def cells(statement: Mapping[str, Any], value: str = "n") -> Iterable[tuple[dict[str, Any], Any]]:
    """Keys and number of each cell of a statement that was asked for this number; None where it is masked."""
    columns = statement["columns"]
    keys = [i for i, c in enumerate(columns) if c["role"] == "key" and c["name"] != "table"]
    at = next(i for i, c in enumerate(columns) if c["name"] == value)
    status = next(i for i, c in enumerate(columns) if c["role"] == "status" and c["of"] == value)
    for row in statement["rows"]:
        if row[status] != "not asked in this table":
            yield {columns[i]["name"]: row[i] for i in keys}, row[at]
