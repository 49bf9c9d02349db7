"""The exact route's own queries: evidence per cell, and who stands behind each.

- First per cell and patient, then per cell: the same work as counting distinct patients.
- Deviations need the cell's mean first: one more pass, for the measures that are judged by them.
- `members` gives patients by their dense codes, and the stored rows where a patient may have several.
"""

from __future__ import annotations

import itertools
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from kernel_guard.plan.aggregates import Measure
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.evidence import LARGEST, Evidence, Kind, Line, collect, lines_of
from kernel_guard.vault.engine.partials import PartialQueries, Run
from kernel_guard.vault.engine.relations import PATIENT, quantised

_CENTRE, _COMMON = "{}__centre{}".format, "{}__common{}".format
_LEAST, _MOST = "{}__least{}".format, "{}__most{}".format
CORNERS = 4


@ibis.udf.agg.builtin(name="max")  # type: ignore[untyped-decorator]
def largest_of(value: float, number: int) -> dt.Array[dt.float64]:
    """The largest values, falling."""
    raise NotImplementedError


class ExactQueries(PartialQueries):
    """The evidence of one request over `table`."""

    def evidence(self) -> Evidence:
        """Patients, rows, sums and largest parts of every cell."""
        lines = [(m, line) for m in self._request.plan.measures for line in lines_of(m)]
        per = self._parts(self._centred(lines), lines)
        made: dict[str, Any] = {}
        for _, line in lines:
            made |= self._collected(per, line)
        rows = [(self._cell(row), dict(row)) for row in self._run(self._grouped(per).aggregate(**made))]
        return collect(rows, [line.name for _, line in lines], len(self._index))

    def _collected(self, per: Any, line: Line) -> dict[str, Any]:
        """What is kept of the patients' parts."""
        name = line.name
        n = per[f"{name}__n"]
        here = n > 0
        made = {f"{name}__patients": here.sum(), f"{name}__rows": n.sum()}
        if line.kind is Kind.ONE:
            return made
        part = per[f"{name}__part"]
        size = part.cast("float64").abs()
        off = per[f"{name}__off"] > 0 if line.kind is Kind.SPREAD else size > 0
        made |= {
            f"{name}__nonzero": off.sum() if not line.crossed else self._least_corner(per, name),
            f"{name}__absolute": size.sum(where=here),
            f"{name}__largest": largest_of(ibis.ifelse(here, size, ibis.null("float64")), LARGEST),
        }
        if line.kind is Kind.SUM:
            made |= {f"{name}__filled": per[f"{name}__filled"].sum(), f"{name}__total": part.sum()}
        return made

    def _least_corner(self, per: Any, name: str) -> Any:
        """Patients off the commonest values; where both columns have two values, those in their least corner."""
        corners = [(per[f"{name}__corner{i}"] > 0).sum() for i in range(CORNERS)]
        return ibis.ifelse(per[f"{name}__inside"].sum() == 0, ibis.least(*corners), (per[f"{name}__off"] > 0).sum())

    def _parts(self, table: Any, lines: list[tuple[Measure, Line]]) -> Any:
        """One row per patient and cell; with one row per patient anyway, a row is the patient's part."""
        made: dict[str, Any] = {}
        for measure, line in lines:
            here = self._present(table, measure)
            each = {f"{line.name}__n": ibis.ifelse(here, 1, 0), **self._each(table, line, here)}
            made |= each if self._one_row else {name: value.sum() for name, value in each.items()}
        return table.select(*self._keys, **made) if self._one_row else table.group_by(PATIENT, *self._keys).agg(**made)

    def _each(self, table: Any, line: Line, here: Any) -> dict[str, Any]:
        """What a row adds to its patient's part, and whether it is off the commonest value."""
        name = line.name
        if line.kind is Kind.ONE:
            return {}
        if line.kind is Kind.ROWS:
            return {f"{name}__part": ibis.ifelse(here, 1, 0)}
        first, last = self._steps(table, line, 0), self._steps(table, line, -1)
        if line.kind is Kind.SUM:
            filled = {f"{name}__filled": ibis.ifelse(here & (first != 0), 1, 0)}
            return {f"{name}__part": ibis.ifelse(here, first, ibis.null("int64")), **filled}
        apart = (first - table[_CENTRE(name, 0)]) * (last - table[_CENTRE(name, 1)])
        off = (first != table[_COMMON(name, 0)]) & (last != table[_COMMON(name, 1)])
        made = {
            f"{name}__part": ibis.ifelse(here, apart, ibis.null("float64")),
            f"{name}__off": ibis.ifelse(here & off, 1, 0),
        }
        if line.crossed:
            ends = [[s == table[end(name, i)] for end in (_LEAST, _MOST)] for i, s in enumerate((first, last))]
            at_ends = (ends[0][0] | ends[0][1]) & (ends[1][0] | ends[1][1])
            made[f"{name}__inside"] = ibis.ifelse(here & ~at_ends, 1, 0)
            for i, (one, other) in enumerate(itertools.product(*ends)):
                made[f"{name}__corner{i}"] = ibis.ifelse(here & one & other, 1, 0)
        return made

    def _centred(self, lines: list[tuple[Measure, Line]]) -> Any:
        """The table with the mean and the commonest value of its cell beside each row, for the lines that need them."""
        table, made = self._table, dict[str, Any]()
        for measure, line in lines:
            if line.kind is Kind.SPREAD:
                here = self._present(table, measure)
                for i in (0, 1):
                    steps = ibis.ifelse(here, self._steps(table, line, i), ibis.null("int64"))
                    made |= {_CENTRE(line.name, i): steps.mean(), _COMMON(line.name, i): steps.mode()}
                    if line.crossed:
                        made |= {_LEAST(line.name, i): steps.min(), _MOST(line.name, i): steps.max()}
        if not made:
            return table
        cells = self._grouped(table).aggregate(**made)
        return table.join(cells, self._keys) if self._keys else table.cross_join(cells)

    def _steps(self, table: Any, line: Line, which: int) -> Any:
        return quantised(table[line.columns[which]], self._request.grids[line.grids[which]])

    def _present(self, table: Any, measure: Measure) -> Any:
        names = [n for n in columns_of(measure) if n != self._patient_key]
        found = table[PATIENT].notnull()
        for name in names:
            found = found & table[name].notnull()
        return found


def evidence(request: PartialRequest, table: Any, run: Run, *, one_row: bool, key: str) -> Evidence:
    """The evidence of a request."""
    return ExactQueries(request, table, run, b"", one_row=one_row, key=key).evidence()
