"""Who stands behind each cell of an exact table: patients by their codes, and rows by their place in the table.

- A patient's code is their number, which the ingest gave and keeps in every later version of the data.
- Where a patient has at most one row, the patient is all there is to know.
- Elsewhere the rows matter: two populations of the same patients may differ in one patient's visit.
- Sets of patients are as secret as rows. They are compared, and never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import numpy.typing as npt

from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import CountPatients, Measure
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.schema import Study, Table
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.exact import ExactQueries
from kernel_guard.vault.engine.relations import PATIENT, RAW, TYPES, Relations, _clean

RECORD = "__record"
Arrays = Callable[[Any], Mapping[str, npt.NDArray[Any]]]
Codes = npt.NDArray[np.uint32]


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


class RecordRelations(Relations):
    """Plan relations whose rows keep their place in the stored table; reductions to patients lose it."""

    def __init__(self, study: Study) -> None:
        super().__init__(study, lambda name: recorded_table(study.table(name)))

    def _source(self, node: rel.Source) -> Any:
        raw, shape = self._read(node.table), self.shape(node)
        open_columns = [c for c in shape.columns if not c.blocked and c.name != shape.patient_key]
        kept = {c.name: _clean(raw[c.name], c) for c in open_columns}
        made = raw.select(**{PATIENT: raw[shape.patient_key], RECORD: raw[RECORD]}, **kept)
        return made.filter(ibis._[PATIENT].notnull())

    def _join(self, node: rel.Join) -> Any:
        left, right = self.table(node.left), self.table(node.right)
        right = right.drop(RECORD) if RECORD in right.columns else right
        added = [c for c in right.columns if c != PATIENT]
        left = left.drop(*[c for c in left.columns if c in added])
        other = right.rename({"__other": PATIENT})
        return left.join(other, left[PATIENT] == other["__other"], how=node.how).drop("__other")


def recorded_table(table: Table) -> Any:
    """The stored table with the place of each row."""
    stored = {c.name: TYPES[c.type] for c in table.columns if not c.blocked or c.name == table.patient_key}
    return ibis.table({**stored, RECORD: "int64"}, name=f"{RAW}{table.name}")


def members(request: PartialRequest, study: Study, arrays: Arrays) -> dict[str, Members]:
    """Who stands behind the cells of each measure."""
    relations = RecordRelations(study)
    shape = relations.shape(request.plan.source)
    table = relations.table(request.plan.source)
    queries = _MemberQueries(
        request, table, lambda _: [], b"", one_row=shape.one_row_per_patient, key=shape.patient_key
    )
    known: dict[tuple[Any, ...], Members] = {}
    found: dict[str, Members] = {}
    for measure in request.plan.measures:
        by_patient = shape.one_row_per_patient or isinstance(measure, CountPatients)
        same = (by_patient, *(n for n in columns_of(measure) if n != shape.patient_key))
        if same not in known:
            known[same] = queries.members(measure, arrays, by_patient=by_patient)
        found[measure.name] = known[same]
    return found


class _MemberQueries(ExactQueries):
    def members(self, measure: Measure, arrays: Arrays, *, by_patient: bool) -> Members:
        table = self._table.filter(self._present(self._table, measure))
        place = self._place(table).cast("int32")
        if by_patient:
            chosen = table.select(__cell=place, __code=code_of(table[PATIENT]))
            found = arrays(chosen if self._one_row else chosen.distinct())
            return Members(found["__cell"], found["__code"].astype(np.uint32), None)
        found = arrays(table.select(__cell=place, __code=code_of(table[PATIENT]), __row=table[RECORD].cast("uint32")))
        return Members(found["__cell"], found["__code"].astype(np.uint32), found["__row"].astype(np.uint32))


def owners(table: Table, arrays: Arrays) -> Codes:
    """The patient of each stored row of a table, by the row's place."""
    raw = recorded_table(table)
    known = raw.filter(raw[str(table.patient_key)].notnull())
    found = arrays(known.select(__row=known[RECORD], __code=code_of(known[str(table.patient_key)])))
    made = np.zeros(int(found["__row"].max(initial=-1)) + 1, np.uint32)
    made[found["__row"]] = found["__code"]
    return made


def code_of(key: Any) -> Any:
    """The code of a patient; a key that is no number from 0 to 2³² − 1 cannot be one, and ends the question."""
    return key.cast("uint32")
