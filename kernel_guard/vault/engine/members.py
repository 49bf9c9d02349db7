"""Who stands behind each cell of an exact table: patients by their codes, and rows by their place in the table.

- A patient's code is their number, which the ingest gave and keeps in every later version of the data.
- Where a patient has at most one row, the patient is all there is to know.
- Elsewhere the rows matter: two populations of the same patients may differ in one patient's visit.
- Sets of patients are as secret as rows. They are compared, and never shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import CountPatients, Measure
from kernel_guard.plan.columns import columns_read
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.schema import Study, Table
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.dialects import Dialect, code
from kernel_guard.vault.engine.evidence import Codes, Members
from kernel_guard.vault.engine.exact import ExactQueries
from kernel_guard.vault.engine.relations import PATIENT, RECORD, Relations, recorded_table

Arrays = Callable[[Any], Mapping[str, npt.NDArray[Any]]]  # the columns of an answer, all of them whole numbers


def members(request: PartialRequest, study: Study, arrays: Arrays, dialect: Dialect) -> dict[str, Members]:
    """Who stands behind the cells of each measure."""
    relations = Relations(study, lambda name: recorded_table(study.table(name)), columns_read(request.plan))
    shape = relations.shape(request.plan.source)
    table = relations.table(request.plan.source)
    queries = _MemberQueries(
        request, table, lambda _: [], b"", dialect, one_row=shape.one_row_per_patient, key=shape.patient_key
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
        wanted = {"__cell": self._place(table).cast("int32"), "__code": code(table[PATIENT])}
        if by_patient:
            chosen = table.select(**wanted)
            found = arrays(chosen if self._one_row else chosen.distinct())
            return Members(_plain(found["__cell"], np.int32), _codes(found["__code"]), None)
        found = arrays(table.select(**wanted, __row=code(table[RECORD])))
        return Members(_plain(found["__cell"], np.int32), _codes(found["__code"]), _codes(found["__row"]))


def owners(table: Table, arrays: Arrays) -> Codes:
    """The patient of each stored row of a table, by the row's place."""
    raw = recorded_table(table)
    known = raw.filter(raw[str(table.patient_key)].notnull())
    found = arrays(known.select(__row=known[RECORD], __code=code(known[str(table.patient_key)])))
    made = np.zeros(int(found["__row"].max(initial=-1)) + 1, np.uint32)
    made[found["__row"]] = _codes(found["__code"])
    return made


def _codes(found: npt.NDArray[Any]) -> Codes:
    """Codes of patients; a key that is no number from 0 to 2³² − 1 cannot be one, and ends the question."""
    if len(found) and (int(found.min()) < 0 or int(found.max()) >= 2**32):
        raise InternalError("This data set's patients are not numbered.", hint="Tell the operator of the vault.")
    return _plain(found, np.uint32)


def _plain(found: npt.NDArray[Any], kind: type[Any]) -> npt.NDArray[Any]:
    return np.asarray(found).astype(kind, copy=False)
