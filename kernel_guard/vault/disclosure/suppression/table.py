"""A table as linear algebra: cells, and the equations that tie totals to their parts.

- Several dimensions, totals and hierarchies are all the same thing here: a total is the sum of its parts.
- Cells keep the order that the caller gives them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Equation = tuple[int, tuple[int, ...]]  # a total, and the cells that it is the sum of


@dataclass(frozen=True)
class Linear:
    """True values, what anybody knows of them beforehand (`lower`, `upper`), and the equations."""

    values: Floats
    lower: Floats
    upper: Floats
    equations: tuple[Equation, ...]

    @cached_property
    def matrix(self) -> sparse.csr_matrix:
        """One row per equation; the values lie in its null space."""
        return equation_matrix(self.equations, len(self.values))


def equation_matrix(equations: Sequence[Equation], cells: int) -> sparse.csr_matrix:
    """Rows of 1 for parts and −1 for the total."""
    rows, columns, numbers = [], [], []
    for i, (total, parts) in enumerate(equations):
        rows += [i] * (len(parts) + 1)
        columns += [total, *parts]
        numbers += [-1.0] + [1.0] * len(parts)
    return sparse.csr_matrix((numbers, (rows, columns)), shape=(len(equations), cells))


def counts(values: Sequence[float] | Floats | npt.NDArray[np.int64], equations: tuple[Equation, ...]) -> Linear:
    """A table of counts: nobody needs to be told that they are not negative, nor that none exceeds the grand total."""
    array = np.asarray(values, float)
    return Linear(array, np.zeros(len(array)), np.full(len(array), 2 * array.max(initial=0.0) + 1000.0), equations)
