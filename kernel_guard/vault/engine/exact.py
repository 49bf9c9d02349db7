"""The exact route's own queries: evidence per cell, and who stands behind each.

- First per cell and patient, then per cell: the same work as counting distinct patients.
- Sums are of whole numbers wide enough for any number of rows, so that every engine finds the same.
- Deviations need the cell's mean and commonest values first: one more pass, for the measures judged by them. Of values
  that are equally common the least counts, so that every engine finds the same.
- The largest parts are an aggregate where the database has one, else found by rank.
"""

from __future__ import annotations

import itertools
from typing import Any

import ibis
import ibis.expr.datatypes as dt

from kernel_guard.plan.aggregates import Measure
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.dialects import Dialect, wide
from kernel_guard.vault.engine.evidence import LARGEST, Evidence, Kind, Line, collect, lines_of
from kernel_guard.vault.engine.partials import PartialQueries, Run
from kernel_guard.vault.engine.relations import PATIENT, quantised

_CENTRE, _COMMON = "{}__centre{}".format, "{}__common{}".format
_LEAST, _MOST = "{}__least{}".format, "{}__most{}".format
CORNERS = 4


@ibis.udf.agg.builtin(name="max")  # type: ignore[untyped-decorator]
def largest_of(value: float, number: int) -> dt.Array[dt.float64]:
    """The largest values, falling; DuckDB has it."""
    raise AssertionError("the database's own, never called")


class ExactQueries(PartialQueries):
    """The evidence of one request over `table`."""

    def evidence(self) -> Evidence:
        """Patients, rows, sums and largest parts of every cell."""
        lines = [(m, line) for m in self._request.plan.measures for line in lines_of(m)]
        largest = self._dialect.largest
        per = _sized(self._parts(self._centred(lines), lines), lines)
        per = per if largest else self._ranked(per, lines)
        made: dict[str, Any] = {}
        for _, line in lines:
            n = per[f"{line.name}__n"]
            made |= {f"{line.name}__patients": (n > 0).sum(), f"{line.name}__rows": n.sum()}
            if line.kind is not Kind.ONE:
                made |= _about_parts(per, line)
                made |= _largest(per, line.name) if largest else _by_rank(per, line.name)
        rows = [(self._cell(row), dict(row)) for row in self._run(self._grouped(per).aggregate(**made))]
        return collect(rows, [line.name for _, line in lines], len(self._index))

    def _parts(self, table: Any, lines: list[tuple[Measure, Line]]) -> Any:
        """One row per patient and cell; with one row per patient anyway, a row is the patient's part."""
        made: dict[str, Any] = {}
        for measure, line in lines:
            here = self._present(table, measure)
            each = self._each(table, measure, line, here)
            if self._one_row:
                made |= {f"{line.name}__n": ibis.ifelse(here, 1, 0), **each}
            else:
                made[f"{line.name}__n"] = self._rows(table, measure)
                made |= {name: value.sum() for name, value in each.items()}
            if line.kind is Kind.ROWS:
                made[f"{line.name}__part"] = made[f"{line.name}__n"]
        return table.select(*self._keys, **made) if self._one_row else table.group_by(PATIENT, *self._keys).agg(**made)

    def _rows(self, table: Any, measure: Measure) -> Any:
        """How many rows count; every row has a patient."""
        names = [n for n in columns_of(measure) if n != self._patient_key]
        if len(names) == 1:
            return table[names[0]].count()
        return table.count(where=self._present(table, measure)) if names else table.count()

    def _each(self, table: Any, measure: Measure, line: Line, here: Any) -> dict[str, Any]:
        """What a row adds to its patient's part, and whether it is off the commonest value."""
        name = line.name
        if line.kind in (Kind.ONE, Kind.ROWS):
            return {}
        first, last = self._steps(table, line, 0), self._steps(table, line, -1)
        if line.kind is Kind.SUM:
            filled = {f"{name}__filled": ibis.ifelse(here & (first != 0), 1, 0)} if self._request.filled else {}
            alone = len(columns_of(measure)) == 1  # then a step is missing where the row does not count
            return {f"{name}__part": wide(first if alone else ibis.ifelse(here, first, ibis.null("int64"))), **filled}
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
        table = self._table
        spreads = [(measure, line) for measure, line in lines if line.kind is Kind.SPREAD]
        for measure, line in spreads:
            here = self._table.filter(self._present(self._table, measure))
            for i in (0, 1) if line.crossed else (0,):
                table = self._beside(table, self._commonest(here, line, i))
            table = self._beside(table, self._means(here, line))
        return table

    def _means(self, here: Any, line: Line) -> Any:
        made: dict[str, Any] = {}
        for i in (0, 1):
            steps = self._steps(here, line, i)
            made[_CENTRE(line.name, i)] = steps.mean().cast("float64")
            if line.crossed:
                made |= {_LEAST(line.name, i): steps.min(), _MOST(line.name, i): steps.max()}
        return self._grouped(here).aggregate(**made)

    def _commonest(self, here: Any, line: Line, which: int) -> Any:
        """Each cell's commonest value of a column: of several the least."""
        values = here.select(*self._keys, __value=self._steps(here, line, which))
        counts = values.group_by(*self._keys, "__value").aggregate(__times=values.count())
        ranks = ibis.row_number().over(
            group_by=self._keys or None, order_by=[ibis.desc(counts["__times"]), counts["__value"]]
        )
        first = counts.mutate(__rank=ranks)
        first = first.filter(first["__rank"] == 0)
        both = (which,) if line.crossed else (0, 1)
        return first.select(*self._keys, **{_COMMON(line.name, i): first["__value"] for i in both})

    def _beside(self, table: Any, cells: Any) -> Any:
        """A row without its cell there has no value, and counts for nothing."""
        if not self._keys:
            return table.cross_join(cells)
        joined = table.left_join(cells, self._keys, rname="{name}__right")
        return joined.drop(*(f"{key}__right" for key in self._keys))

    def _ranked(self, per: Any, lines: list[tuple[Measure, Line]]) -> Any:
        """Beside each size its rank in the cell, the largest first."""
        ranks = {}
        for _, line in lines:
            if line.kind is not Kind.ONE:
                order = ibis.desc(per[f"{line.name}__size"].fill_null(-1))
                ranks[f"{line.name}__rank"] = ibis.row_number().over(group_by=self._keys, order_by=order)
        return per.mutate(**ranks)

    def _steps(self, table: Any, line: Line, which: int) -> Any:
        return quantised(table[line.columns[which]], self._request.grids[line.grids[which]])

    def _present(self, table: Any, measure: Measure) -> Any:
        names = [n for n in columns_of(measure) if n != self._patient_key]
        found = table[PATIENT].notnull()
        for name in names:
            found = found & table[name].notnull()
        return found


def evidence(request: PartialRequest, table: Any, run: Run, dialect: Dialect, *, one_row: bool, key: str) -> Evidence:
    """The evidence of a request."""
    return ExactQueries(request, table, run, b"", dialect, one_row=one_row, key=key).evidence()


def _sized(per: Any, lines: list[tuple[Measure, Line]]) -> Any:
    """Beside each part its absolute size; missing where the patient has no value."""
    sizes = {
        f"{line.name}__size": ibis.ifelse(per[f"{line.name}__n"] > 0, per[f"{line.name}__part"].abs(), ibis.null())
        for _, line in lines
        if line.kind is not Kind.ONE
    }
    return per.mutate(**sizes)


def _about_parts(per: Any, line: Line) -> dict[str, Any]:
    name = line.name
    size = per[f"{name}__size"]
    made = {f"{name}__absolute": size.sum()}
    if line.kind is Kind.SPREAD:
        off = (per[f"{name}__off"] > 0).sum()
        return made | {f"{name}__nonzero": _least_corner(per, name, off) if line.crossed else off}
    made[f"{name}__nonzero"] = (size > 0).sum()
    if line.kind is Kind.SUM:
        made[f"{name}__total"] = per[f"{name}__part"].sum()
        if f"{name}__filled" in per.columns:
            made[f"{name}__filled"] = per[f"{name}__filled"].sum()
    return made


def _least_corner(per: Any, name: str, off: Any) -> Any:
    """Patients off the commonest values; where both columns have two values, those in their least corner."""
    corners = [(per[f"{name}__corner{i}"] > 0).sum() for i in range(CORNERS)]
    return ibis.ifelse(per[f"{name}__inside"].sum() == 0, ibis.least(*corners), off)


def _largest(per: Any, name: str) -> dict[str, Any]:
    return {f"{name}__largest": largest_of(per[f"{name}__size"].cast("float64"), LARGEST)}


def _by_rank(per: Any, name: str) -> dict[str, Any]:
    size, rank = per[f"{name}__size"], per[f"{name}__rank"]
    return {f"{name}__largest{i}": size.max(where=rank == i) for i in range(LARGEST)}
