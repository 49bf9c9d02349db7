"""Plan relations as Ibis tables: only columns that may be asked about, cleaned at the source.

- Each table has the patient in `PATIENT` beside its columns; rows without a patient are left out.
- Files hold the declared types (the catalogue wrote them so); a missing code, NaN and infinity are missing.
- Where the stored table gives the places of its rows (`RECORD`), rows keep them; a reduction to patients loses them.
- A sum or mean per patient is formed from whole steps of a public grid: the order of rows does not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any

import ibis

from kernel_guard.plan import relations as rel
from kernel_guard.plan.schema import Column, ColumnType, Study, Table
from kernel_guard.plan.shape import Shape
from kernel_guard.plan.typing import shape_of
from kernel_guard.vault.engine.dialects import binary, in_steps, whole_divide
from kernel_guard.vault.engine.expressions import (
    DATES,
    as_float,
    clipped,
    condition,
    finite,
    literal,
    value,
)
from kernel_guard.vault.engine.grids import Grid, exact_grid

PATIENT = "__patient"
HIGH = 2**31  # sums of integers are kept in two halves, so that no sum can overflow
TYPES = {
    ColumnType.INTEGER: "int64", ColumnType.FLOAT: "float64", ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date", ColumnType.DATETIME: "timestamp", ColumnType.STRING: "string",
}  # fmt: skip
RAW = "raw_"
RECORD = "__record"  # the place of a row in its stored table
_MOMENT = "__moment_{}".format
Read = Callable[[str], Any]


def raw_table(table: Table) -> Any:
    """The stored table as declared, without its blocked columns; `RAW` keeps its name apart from everything else."""
    stored = {c.name: TYPES[c.type] for c in table.columns if not c.blocked or c.name == table.patient_key}
    return ibis.table(stored, name=f"{RAW}{table.name}")


def recorded_table(table: Table) -> Any:
    """The stored table with the place of each row."""
    stored = raw_table(table)
    return ibis.table({**stored.schema(), RECORD: "int64"}, name=stored.get_name())


class Relations:
    """Builds tables over one study; `read(name)` gives the raw table, of which the columns in `wanted` are used.

    A database leaves out by itself what nobody reads; writing SQL about it takes longer than answering many a question.
    """

    def __init__(self, study: Study, read: Read, wanted: Collection[str]) -> None:
        self._study = study
        self._read = read
        self._wanted = wanted

    def shape(self, relation: rel.Relation) -> Shape:
        return shape_of(relation, self._study)

    def table(self, relation: rel.Relation) -> Any:
        """The Ibis table of a relation: `PATIENT` and the columns of its shape that are open and wanted."""
        match relation:
            case rel.Source():
                return self._source(relation)
            case rel.Filter():
                table = self.table(relation.source)
                return table.filter(condition(relation.predicate, table, self.shape(relation.source)))
            case rel.Derive():
                return self._derive(relation)
            case rel.Join():
                return self._join(relation)
        return self._per_patient(relation)

    def _source(self, node: rel.Source) -> Any:
        raw, shape = self._read(node.table), self.shape(node)
        made = {PATIENT: raw[shape.patient_key]} | {name: raw[name] for name in raw.columns if name == RECORD}
        open_columns = [c for c in shape.columns if not c.blocked and c.name != shape.patient_key]
        kept = {c.name: _clean(raw[c.name], c) for c in open_columns if c.name in self._wanted}
        return raw.select(**made, **kept).filter(ibis._[PATIENT].notnull())

    def _derive(self, node: rel.Derive) -> Any:
        table, shape = self.table(node.source), self.shape(node.source)
        made = value(node.expression, table, shape)
        if node.lower is not None and node.upper is not None:
            made = clipped(made, node.lower, node.upper)
        return table.mutate(**{node.name: made})

    def _join(self, node: rel.Join) -> Any:
        left, right = self.table(node.left), self.table(node.right)
        right = right.drop(RECORD) if RECORD in right.columns else right
        added = [c for c in right.columns if c != PATIENT]
        left = left.drop(*[c for c in left.columns if c in added])
        other = right.rename({"__other": PATIENT})
        return left.join(other, left[PATIENT] == other["__other"], how=node.how).drop("__other")

    def _per_patient(self, node: rel.PerPatient) -> Any:
        table, shape = self.table(node.source), self.shape(node.source)
        made: dict[str, Any] = {}
        sums: dict[str, tuple[Grid, str]] = {}
        moments = {_MOMENT(r.name): _moment(r, table) for r in node.reductions if r.function in ("first", "last")}
        table = table.mutate(**moments)
        for reduction in node.reductions:
            if reduction.function in ("sum", "mean"):
                grid = exact_grid(shape.column(str(reduction.column)))
                steps = quantised(table[reduction.column], grid)
                made |= halves(steps, reduction.name) | {f"{reduction.name}__n": steps.count()}
                sums[reduction.name] = (grid, reduction.function)
            else:
                made[reduction.name] = _reduced(reduction, table, shape)
        grouped = table.group_by(PATIENT).aggregate(**made)
        wanted = {r.name: _finished(r, grouped, sums) for r in node.reductions}
        return grouped.select(PATIENT, **wanted)


def quantised(column: Any, grid: Grid) -> Any:
    """Whole steps from the grid's centre; the operations of `Grid.quantise`, in its order."""
    apart = clipped(column, grid.lower, grid.upper) - grid.centre
    steps = (in_steps(apart, grid.step) + 0.5).floor().cast("int64")
    limited = ibis.least(ibis.greatest(steps, -grid.half), grid.half)
    return ibis.ifelse(column.isnull(), ibis.null("int64"), limited)


def halves(steps: Any, name: str) -> dict[str, Any]:
    """A sum of integers as two aggregates, high · 2³¹ + low."""
    high = whole_divide(steps, HIGH)
    return {f"{name}__high": high.sum(), f"{name}__low": (steps - high * HIGH).sum()}


def _clean(column: Any, declared: Column) -> Any:
    typed = finite(column) if declared.type is ColumnType.FLOAT else column
    if not declared.missing_codes:
        return typed
    if declared.type in DATES:
        coded = typed.cast("date").cast("string").isin([str(c) for c in declared.missing_codes])
    else:
        codes = [float(c) if declared.type is ColumnType.FLOAT else c for c in declared.missing_codes]
        coded = typed.isin([literal(c) for c in codes])
    return ibis.ifelse(coded.fill_null(False), ibis.null(TYPES[declared.type]), typed)


def _reduced(reduction: rel.Reduction, table: Any, shape: Shape) -> Any:
    if reduction.function == "count":
        limit = reduction.limit or shape.max_rows_per_patient
        return ibis.least(table.count(), limit) if limit else table.count()
    if reduction.function == "exists":
        return table.count() > 0
    column = table[reduction.column]
    if reduction.function in ("min", "max"):
        return column.min() if reduction.function == "min" else column.max()
    # Of two values at one time the least is first and the greatest last: the order of rows does not matter.
    then = table[reduction.order_by] == table[_MOMENT(reduction.name)]
    if column.type().is_boolean():
        picked = _end(reduction, column.cast("int64"), then)
        return ibis.ifelse(picked.isnull(), ibis.null("boolean"), picked == 1)
    return _end(reduction, binary(column) if column.type().is_string() else column, then)


def _moment(reduction: rel.Reduction, table: Any) -> Any:
    """When a patient's first (last) known value was measured, beside each of the patient's rows."""
    known = table[reduction.column].notnull()
    return _end(reduction, table[reduction.order_by], known).over(group_by=PATIENT)


def _end(reduction: rel.Reduction, column: Any, where: Any) -> Any:
    return column.min(where=where) if reduction.function == "first" else column.max(where=where)


def _finished(reduction: rel.Reduction, grouped: Any, sums: dict[str, tuple[Grid, str]]) -> Any:
    if reduction.name not in sums:
        return grouped[reduction.name]
    grid, function = sums[reduction.name]
    count = grouped[f"{reduction.name}__n"]
    high, low = (as_float(grouped[f"{reduction.name}__{half}"]) for half in ("high", "low"))
    total = high * float(HIGH) + low
    made = total * grid.step if function == "sum" else total / as_float(count) * grid.step
    return ibis.ifelse(count > 0, made, ibis.literal(0.0) if function == "sum" else ibis.null("float64"))
