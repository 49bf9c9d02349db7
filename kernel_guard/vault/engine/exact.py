"""The exact route's own queries: evidence per cell, and who stands behind each.

- First per cell and patient, then per cell: the same work as counting distinct patients.
- Sums are of whole numbers wide enough for any number of rows, so that every engine finds the same.
- The largest parts are an aggregate where the database has one, else found by rank.
"""

from __future__ import annotations

from typing import Any

import ibis
import ibis.expr.datatypes as dt

from kernel_guard.plan.aggregates import Measure
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.dialects import Dialect, wide
from kernel_guard.vault.engine.evidence import LARGEST, Evidence, collect, has_parts, is_summed
from kernel_guard.vault.engine.partials import PartialQueries, Run
from kernel_guard.vault.engine.relations import PATIENT, quantised


@ibis.udf.agg.builtin(name="max")  # type: ignore[untyped-decorator]
def largest_of(value: float, number: int) -> dt.Array[dt.float64]:
    """The largest values, falling; DuckDB has it."""
    raise AssertionError("the database's own, never called")


class ExactQueries(PartialQueries):
    """The evidence of one request over `table`."""

    def evidence(self) -> Evidence:
        """Patients, rows, sums and largest parts of every cell."""
        measures, largest = self._request.plan.measures, self._dialect.largest
        per = self._sized(self._parts_of_rows(measures) if self._one_row else self._parts_of_patients(measures))
        per = per if largest else self._ranked(per)
        made: dict[str, Any] = {}
        for m in measures:
            n = per[f"{m.name}__n"]
            made |= {f"{m.name}__patients": (n > 0).sum(), f"{m.name}__rows": n.sum()}
            if has_parts(m):
                made |= _about_parts(per, m.name) | (_largest(per, m.name) if largest else _by_rank(per, m.name))
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

    def _sized(self, per: Any) -> Any:
        """Beside each part its absolute size; missing where the patient has no value."""
        sizes = {
            f"{m.name}__size": ibis.ifelse(per[f"{m.name}__n"] > 0, per[f"{m.name}__part"].abs(), ibis.null())
            for m in self._request.plan.measures
            if has_parts(m)
        }
        return per.mutate(**sizes)

    def _ranked(self, per: Any) -> Any:
        """Beside each size its rank in the cell, the largest first."""
        ranks = {}
        for m in filter(has_parts, self._request.plan.measures):
            order = ibis.desc(per[f"{m.name}__size"].fill_null(-1))
            ranks[f"{m.name}__rank"] = ibis.row_number().over(group_by=self._keys, order_by=order)
        return per.mutate(**ranks)

    def _steps(self, measure: Any) -> Any:
        return wide(quantised(self._table[measure.column], self._request.grids[measure.name]))

    def _present(self, measure: Measure) -> Any:
        names = [n for n in columns_of(measure) if n != self._patient_key]
        found = self._table[PATIENT].notnull()
        for name in names:
            found = found & self._table[name].notnull()
        return found


def evidence(request: PartialRequest, table: Any, run: Run, dialect: Dialect, *, one_row: bool, key: str) -> Evidence:
    """The evidence of a request."""
    return ExactQueries(request, table, run, b"", dialect, one_row=one_row, key=key).evidence()


def _about_parts(per: Any, name: str) -> dict[str, Any]:
    size = per[f"{name}__size"]
    return {
        f"{name}__nonzero": (size > 0).sum(),
        f"{name}__total": per[f"{name}__part"].sum(),
        f"{name}__absolute": size.sum(),
    }


def _largest(per: Any, name: str) -> dict[str, Any]:
    return {f"{name}__largest": largest_of(per[f"{name}__size"].cast("float64"), LARGEST)}


def _by_rank(per: Any, name: str) -> dict[str, Any]:
    size, rank = per[f"{name}__size"], per[f"{name}__rank"]
    return {f"{name}__largest{i}": size.max(where=rank == i) for i in range(LARGEST)}
