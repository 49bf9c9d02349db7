"""The exact route's own queries: evidence per cell, and who stands behind each.

- First per cell and patient, then per cell: the same work as counting distinct patients.
- `members` gives patients by their dense codes, and the stored rows where a patient may have several.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt

from kernel_guard.plan.aggregates import Measure
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.evidence import LARGEST, Evidence, collect, columns_of, has_parts, is_summed
from kernel_guard.vault.engine.partials import PartialQueries, Run
from kernel_guard.vault.engine.relations import PATIENT, quantised


@ibis.udf.agg.builtin(name="max")  # type: ignore[untyped-decorator]
def largest_of(value: float, number: int) -> dt.Array[dt.float64]:
    """The largest values, falling."""
    raise NotImplementedError


class ExactQueries(PartialQueries):
    """The evidence of one request over `table`."""

    def evidence(self) -> Evidence:
        """Patients, rows, sums and largest parts of every cell."""
        measures = self._request.plan.measures
        one = self._one_row
        per = self._parts_of_rows(measures) if one else self._parts_of_patients(measures)
        made: dict[str, Any] = {}
        for m in measures:
            n, part = per[f"{m.name}__n"], per[f"{m.name}__part"]
            here = n > 0
            made[f"{m.name}__patients"] = here.sum()
            made[f"{m.name}__rows"] = n.sum()
            if has_parts(m):
                size = part.cast("float64").abs()
                made[f"{m.name}__nonzero"] = (size > 0).sum()
                made[f"{m.name}__total"] = part.sum()
                made[f"{m.name}__absolute"] = size.sum(where=here)
                made[f"{m.name}__largest"] = largest_of(ibis.ifelse(here, size, ibis.null("float64")), LARGEST)
        rows = [(self._cell(row), dict(row)) for row in self._run(self._grouped(per).aggregate(**made))]
        return collect(rows, [m.name for m in measures], len(self._index))

    def _parts_of_rows(self, measures: tuple[Measure, ...]) -> Any:
        """One row per patient: a row is the patient's part."""
        made: dict[str, Any] = {}
        for m in measures:
            here = self._present(m)
            made[f"{m.name}__n"] = ibis.ifelse(here, 1, 0)
            made[f"{m.name}__part"] = self._steps(m) if is_summed(m) else ibis.ifelse(here, 1, 0)
        return self._table.select(*self._keys, **made)

    def _parts_of_patients(self, measures: tuple[Measure, ...]) -> Any:
        made: dict[str, Any] = {}
        for m in measures:
            made[f"{m.name}__n"] = self._present(m).sum()
            made[f"{m.name}__part"] = self._steps(m).sum() if is_summed(m) else self._present(m).sum()
        return self._table.group_by(PATIENT, *self._keys).aggregate(**made)

    def _steps(self, measure: Any) -> Any:
        return quantised(self._table[measure.column], self._request.grids[measure.name])

    def _present(self, measure: Measure) -> Any:
        names = [n for n in columns_of(measure) if n != self._patient_key]
        found = self._table[PATIENT].notnull()
        for name in names:
            found = found & self._table[name].notnull()
        return found


def evidence(request: PartialRequest, table: Any, run: Run, *, one_row: bool, key: str) -> Evidence:
    """The evidence of a request."""
    return ExactQueries(request, table, run, b"", one_row=one_row, key=key).evidence()
