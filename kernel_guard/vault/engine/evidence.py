"""What the rules of the exact route need to know of a table's cells, beyond the values themselves.

- Everything is in terms of patients: how many stand behind a cell, and how much the largest of them make up.
- A patient's part in a cell is the number of their rows, the sum of their values in whole steps of the exact grid, or
  the sum of their deviations from the cell's mean, squared or (two columns) multiplied. A measure may have several such
  lines: a rate is judged by its events and by its time.
- Absolute parts are used, so that dominance has an answer where values are negative.
- Sets of patients, and of rows, are for comparison with earlier answers.
- Evidence is as secret as rows are: it ends in a verdict, or with a checker, and never in an answer.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from kernel_guard.plan.aggregates import CountPatients, Covariance, Mean, Measure, Rate, Sum, Variance
from kernel_guard.vault.engine.moments import grid_name

LARGEST = 4
Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class CellEvidence:
    """One measure over the cells of a request, in their order.

    - patients: distinct patients with a value; rows: rows with one
    - filled: rows with a value that is not 0; total: exact sums of whole steps (both 0 but for
      sums; the first only where the request asks for it)
    - nonzero: patients whose part is not 0: where they are few, the number is a count of them. For deviations: patients
      with a value off the commonest one; where two columns have two values each, the least cell of their table
    - largest: per cell the `LARGEST` largest absolute parts of one patient, falling; absolute: the sum of all of them
    """

    patients: Integers
    rows: Integers
    filled: Integers
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


Evidence = Mapping[str, CellEvidence]


class Kind(enum.Enum):
    """What a patient's part in a cell is: one, their rows, the sum of a column, or of deviations from the mean."""

    ONE = "one"
    ROWS = "rows"
    SUM = "sum"
    SPREAD = "spread"


@dataclass(frozen=True)
class Line:
    """One way to measure the parts of patients in a measure; the first line has the measure's name.

    `columns`: what is summed, or the two columns (or one, twice) whose deviations are multiplied; `grids`: their grids'
    names.
    """

    name: str
    kind: Kind
    columns: tuple[str, ...] = ()
    grids: tuple[str, ...] = ()

    @property
    def crossed(self) -> bool:
        """Whether deviations of two different columns are multiplied."""
        return len(set(self.columns)) == 2


def lines_of(measure: Measure) -> tuple[Line, ...]:
    """All lines of a measure."""
    name, first, second = measure.name, grid_name(measure, 0), grid_name(measure, 1)
    match measure:
        case CountPatients():
            return (Line(name, Kind.ONE),)
        case Sum() | Mean():
            return (Line(name, Kind.SUM, (measure.column,), (first,)),)
        case Rate():
            return (
                Line(name, Kind.SUM, (measure.column,), (first,)),
                Line(f"{name}__time", Kind.SUM, (measure.time,), (second,)),
            )
        case Variance():
            return (
                Line(name, Kind.SUM, (measure.column,), (first,)),
                Line(f"{name}__spread", Kind.SPREAD, (measure.column,) * 2, (first,) * 2),
            )
        case Covariance():
            return (
                Line(name, Kind.SPREAD, (measure.column, measure.other), (first, second)),
                Line(f"{name}__spread", Kind.SPREAD, (measure.column,) * 2, (first,) * 2),
                Line(f"{name}__other", Kind.SPREAD, (measure.other,) * 2, (second,) * 2),
            )
    return (Line(name, Kind.ROWS),)


def collect(rows: list[tuple[int, dict[str, Any]]], names: list[str], cells: int) -> Evidence:
    """Evidence from one dictionary per non-empty cell: `{name}__patients`, `__rows`, `__filled`, `__nonzero`,
    `__total`, `__absolute`, and `__largest` (a list) or `__largest0`, `__largest1` … (numbers)."""
    at = np.array([index for index, _ in rows], np.int64)
    made: dict[str, CellEvidence] = {}
    for name in names:
        patients, counted, filled, nonzero = (
            _column(rows, f"{name}__{part}", at, np.zeros(cells, np.int64))
            for part in ("patients", "rows", "filled", "nonzero")
        )
        absolute = _column(rows, f"{name}__absolute", at, np.zeros(cells))
        largest = np.zeros((cells, LARGEST))
        if rows:
            largest[at] = [_top(row, name) for _, row in rows]
        total = [0] * cells
        for index, row in rows:
            total[index] = int(row.get(f"{name}__total") or 0)
        made[name] = CellEvidence(patients, counted, filled, tuple(total), nonzero, largest, absolute)
    return made


def _column(rows: list[tuple[int, dict[str, Any]]], name: str, at: Integers, into: Any) -> Any:
    """One column of the rows at the places of their cells."""
    into[at] = [row.get(name) or 0 for _, row in rows]
    return into


def _top(row: dict[str, Any], name: str) -> list[float]:
    """The largest parts in one cell, and zeros for those that are not there."""
    listed = row.get(f"{name}__largest") or [row.get(f"{name}__largest{i}") for i in range(LARGEST)]
    return [float(v or 0) for v in (*listed, *(0.0,) * LARGEST)][:LARGEST]
