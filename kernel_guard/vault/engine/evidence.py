"""What the rules of the exact route need to know of a table's cells, beyond the values themselves.

- Everything is in terms of patients: how many stand behind a cell, and how much the largest of them make up.
- A patient's part in a cell is the number of their rows, or the sum of their values in whole steps of the exact grid.
- Absolute parts are used, so that dominance has an answer where values are negative.
- Sets of patients, and of rows, are for comparison with earlier answers.
- Evidence is as secret as rows are: it ends in a verdict, or with a checker, and never in an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kernel_guard.plan.aggregates import CountPatients, Mean, Sum

LARGEST = 4
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class CellEvidence:
    """One measure over the cells of a request, in their order.

    - patients: distinct patients with a value; rows: rows with one
    - total: exact sums of whole steps (0 for counts)
    - nonzero: patients whose part is not 0: where they are few, a sum or a mean is a count of them
    - largest: per cell the `LARGEST` largest absolute parts of one patient, falling; absolute: the sum of all of them
    """

    patients: Integers
    rows: Integers
    total: tuple[int, ...]
    nonzero: Integers
    largest: Floats
    absolute: Floats


@dataclass(frozen=True)
class Members:
    """Elements of the cells of one measure: `patients[i]` (and `records[i]`) stands in cell `cells[i]`."""

    cells: npt.NDArray[np.int32]
    patients: Codes
    records: Codes | None

    def by_cell(self, number: int) -> list[tuple[Codes, Codes | None]]:
        """Patients and records of each cell."""
        order = np.argsort(self.cells, kind="stable")
        ends = np.searchsorted(self.cells[order], np.arange(number + 1))
        patients = self.patients[order]
        records = None if self.records is None else self.records[order]
        return [
            (patients[a:b], None if records is None else records[a:b]) for a, b in zip(ends[:-1], ends[1:], strict=True)
        ]


def has_parts(measure: object) -> bool:
    """Whether patients' parts matter in a measure; in a count of patients each is one."""
    return not isinstance(measure, CountPatients)


Evidence = Mapping[str, CellEvidence]


def is_summed(measure: object) -> bool:
    """Whether the patients' parts are sums of values; otherwise they are numbers of rows."""
    return isinstance(measure, Sum | Mean)


def collect(rows: list[tuple[int, dict[str, Any]]], names: list[str], cells: int) -> Evidence:
    """Evidence from one dictionary per non-empty cell: `{name}__patients`, `__rows`, `__nonzero`, `__total`,
    `__absolute`, and `__largest` (a list) or `__largest0`, `__largest1` … (numbers)."""
    made: dict[str, CellEvidence] = {}
    for name in names:
        patients, counted, nonzero = (np.zeros(cells, np.int64) for _ in range(3))
        largest, absolute = np.zeros((cells, LARGEST)), np.zeros(cells)
        total = [0] * cells
        for index, row in rows:
            patients[index] = int(row[f"{name}__patients"] or 0)
            counted[index] = int(row[f"{name}__rows"] or 0)
            nonzero[index] = int(row.get(f"{name}__nonzero") or 0)
            total[index] = int(row.get(f"{name}__total") or 0)
            absolute[index] = float(row.get(f"{name}__absolute") or 0)
            listed = row.get(f"{name}__largest") or [row.get(f"{name}__largest{i}") for i in range(LARGEST)]
            top = [float(v) for v in listed if v is not None]
            largest[index, : len(top)] = top
        made[name] = CellEvidence(patients, counted, tuple(total), nonzero, largest, absolute)
    return made
