"""What the rules of the exact route need to know of a table's cells, beyond the values themselves.

- Everything is in terms of patients: how many stand behind a cell, and how much the largest of them make up.
- A patient's part in a cell is the number of their rows, or the sum of their values in whole steps of the exact grid.
- Absolute parts are used, so that dominance has an answer where values are negative.
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


def has_parts(measure: object) -> bool:
    """Whether patients' parts matter in a measure; in a count of patients each is one."""
    return not isinstance(measure, CountPatients)


Evidence = Mapping[str, CellEvidence]


def columns_of(measure: object) -> tuple[str, ...]:
    """The columns that must not be missing for a row to count in a measure."""
    names = [getattr(measure, name, None) for name in ("column", "other", "event", "time", "group")]
    listed = getattr(measure, "columns", ())
    return tuple(dict.fromkeys(n for n in (*names, *listed) if isinstance(n, str)))


def is_summed(measure: object) -> bool:
    """Whether the patients' parts are sums of values; otherwise they are numbers of rows."""
    return isinstance(measure, Sum | Mean)


def collect(rows: list[tuple[int, dict[str, Any]]], names: list[str], cells: int) -> Evidence:
    """Evidence from one dictionary per non-empty cell: `{name}__patients`, `__rows`, `__nonzero`, `__total`,
    `__largest`, `__absolute`."""
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
            top = [float(v) for v in row.get(f"{name}__largest") or () if v is not None]
            largest[index, : len(top)] = top
        made[name] = CellEvidence(patients, counted, tuple(total), nonzero, largest, absolute)
    return made
