"""The schema that a relation has, inferred from the study and nothing else, and the check of a whole plan.

Client, vault, mock run and reference engine all ask here what columns a relation has and whether it has one row per
patient; what an expression makes is in `expression_types`.

- A name that the schema lacks, a blocked column, or an operation on the wrong type is refused with the place.
- Where bounds cannot be inferred a `Derive` must declare them before they are used.
"""

from __future__ import annotations

from dataclasses import replace

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.expression_types import type_of
from kernel_guard.plan.measures import check_company, check_declared, check_measure, check_name, rows_per_cell
from kernel_guard.plan.schema import Column, ColumnType, Study, TableKind
from kernel_guard.plan.shape import BOOLEAN_CATEGORIES, Shape


def shape_of(relation: rel.Relation, study: Study) -> Shape:
    """The shape of a relation over `study`."""
    if isinstance(relation, rel.Source):
        return _source(relation, study)
    if isinstance(relation, rel.Filter):
        shape = shape_of(relation.source, study)
        if type_of(relation.predicate, shape).type is not ColumnType.BOOLEAN:
            raise PlanError("A filter needs a condition that is true or false.", hint="Compare: frame['age'] >= 18.")
        return shape
    if isinstance(relation, rel.Derive):
        return _derive(relation, study)
    if isinstance(relation, rel.Join):
        return _join(relation, study)
    return _per_patient(relation, study)


def _source(relation: rel.Source, study: Study) -> Shape:
    if relation.study != study.name:
        raise PlanError(
            "A question may use one study only.",
            hint=f"This one belongs to {study.name!r}: open the other apart.",
        )
    table = study.table(relation.table)
    if table.kind is TableKind.REFERENCE or table.patient_key is None:
        raise PolicyForbids(
            f"Table {table.name!r} is a public reference table without patients.",
            hint="Use it to look up codes; ask questions of patient and event tables.",
        )
    one = table.kind is TableKind.PATIENT
    return Shape(table.columns, table.patient_key, one, 1 if one else table.max_rows_per_patient, study.name)


def _derive(relation: rel.Derive, study: Study) -> Shape:
    shape = shape_of(relation.source, study)
    check_name(relation.name)
    if any(c.name == relation.name for c in shape.columns):
        raise PlanError(f"Column {relation.name!r} exists already.", hint="Give the derived column another name.")
    column = replace(type_of(relation.expression, shape), name=relation.name)
    declared = (relation.lower, relation.upper, relation.step)
    if any(d is not None for d in declared):
        if not column.type.numeric or relation.lower is None or relation.upper is None:
            raise PlanError("Declared bounds need a numeric column and both ends.", hint="Give lower= and upper=.")
        if not relation.lower < relation.upper or (relation.step is not None and not relation.step > 0):
            raise PlanError("The lower bound must lie below the upper bound, and a step above 0.")
        column = replace(column, lower=relation.lower, upper=relation.upper, step=relation.step or column.step)
    return replace(shape, columns=(*shape.columns, column))


def _join(relation: rel.Join, study: Study) -> Shape:
    left, right = shape_of(relation.left, study), shape_of(relation.right, study)
    if not right.one_row_per_patient:
        raise PlanError(
            "The right side of a merge must have one row per patient.",
            hint="Reduce it first: events.per_patient(n='count').",
        )
    taken = {c.name for c in left.columns if not c.blocked}
    added = tuple(
        replace(c, nullable=True) if relation.how == "left" else c
        for c in right.columns
        if not c.blocked and c.name != right.patient_key
    )
    clash = sorted(taken & {c.name for c in added})
    if clash:
        raise PlanError(
            f"Both sides of the merge have a column {clash[0]!r}.",
            hint="Select the columns you need on one side, or rename by deriving.",
            details={"columns": clash},
        )
    kept = tuple(c for c in left.columns if c.name not in {a.name for a in added})
    return replace(left, columns=(*kept, *added))


def _per_patient(relation: rel.PerPatient, study: Study) -> Shape:
    shape = shape_of(relation.source, study)
    if not relation.reductions:
        raise PlanError("per_patient() needs at least one reduction.", hint="Try per_patient(n='count').")
    key = next(c for c in shape.columns if c.name == shape.patient_key)
    columns: list[Column] = [key]
    for reduction in relation.reductions:
        check_name(reduction.name)
        if any(c.name == reduction.name for c in columns):
            raise PlanError(f"Column {reduction.name!r} is made twice.", hint="Give each reduction its own name.")
        columns.append(_reduce(reduction, shape))
    return Shape(tuple(columns), shape.patient_key, True, 1, shape.study)


def _reduce(reduction: rel.Reduction, shape: Shape) -> Column:
    name, function = reduction.name, reduction.function
    if function == "exists":
        return Column(name, ColumnType.BOOLEAN, categories=BOOLEAN_CATEGORIES, nullable=False)
    if function == "count":
        limit = reduction.limit or shape.max_rows_per_patient
        if reduction.limit is not None and not 1 <= reduction.limit <= 1_000_000:
            raise PlanError("A count's limit must lie between 1 and 1,000,000.")
        upper = limit
        return Column(name, ColumnType.INTEGER, lower=0 if upper else None, upper=upper, step=1, nullable=False)
    if reduction.column is None:
        raise PlanError(f"The reduction {function!r} needs a column.", hint=f"Write {name}=('{function}', 'column').")
    column = shape.column(reduction.column)
    if column.name == shape.patient_key:
        raise PolicyForbids("The patient key cannot be copied into another column.", hint="Count patients instead.")
    if function in ("first", "last"):
        if reduction.order_by is None or shape.column(reduction.order_by).type not in (
            ColumnType.DATE, ColumnType.DATETIME,
        ):  # fmt: skip
            raise PlanError(f"The reduction {function!r} needs a date column to order by.", hint="Give order_by=.")
        return replace(column, name=name, nullable=True)
    if not column.type.numeric or not column.bounded:
        raise PlanError(
            f"The reduction {function!r} needs a numeric column with declared bounds, {column.name!r} has none.",
            hint="Derive a bounded one: frame.derive(x=frame['c'].clip(0, 100)).",
        )
    if function == "sum":
        rows = shape.max_rows_per_patient or 1000
        low, high = float(min(0, column.lower or 0)), float(max(0, column.upper or 0))
        return replace(column, name=name, type=ColumnType.FLOAT, lower=low * rows, upper=high * rows, categories=None)
    kind = ColumnType.FLOAT if function == "mean" else column.type
    return replace(column, name=name, type=kind, categories=None, nullable=True)


def check_aggregate(plan: Aggregate, study: Study) -> Shape:
    """Check a whole plan; gives the shape of its source."""
    shape = shape_of(plan.source, study)
    if not plan.measures:
        raise PlanError("A question needs at least one measure.", hint="Try frame.count_patients().")
    names = [m.name for m in plan.measures] + [k.column for k in plan.by]
    for measure in plan.measures:
        check_name(measure.name)
        check_measure(measure, shape)
    if len(set(names)) != len(names):
        raise PlanError("Two results share one name.", hint="Name each measure apart from the others and the keys.")
    check_company(plan.measures, len(plan.by))
    cells = max(rows_per_cell(m) for m in plan.measures)
    for key in plan.by:
        _check_key(key.column, key.values, shape)
        cells *= len(key.values)
    if cells > 100_000:
        raise PlanError("This question would have more than 100,000 cells.", hint="Group by fewer or coarser keys.")
    return shape


def _check_key(name: str, values: tuple[object, ...], shape: Shape) -> None:
    column = shape.column(name)
    if name == shape.patient_key:
        raise PolicyForbids("Results cannot be grouped by the patient key.", hint="Group by a declared category.")
    check_declared(
        values,
        column,
        "to group by",
        "Cut a number into intervals, or ask the steward to declare its categories.",
    )
