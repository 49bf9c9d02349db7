"""The schema that a relation has, inferred from the study and nothing else.

Client, vault, mock run and reference engine all ask here what a derived column's type, bounds and categories are,
and whether a relation has one row per patient.

- A name that the schema lacks, a blocked column, or an operation on the wrong type is refused with the place.
- Bounds follow interval arithmetic; where they cannot be inferred a `Derive` must declare them before they are used.
"""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace

from kernel_guard.errors import PlanError, PolicyForbids, UnknownColumn
from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.measures import check_company, check_declared, check_measure, check_name, rows_per_cell
from kernel_guard.plan.schema import Category, Column, ColumnType, Study, TableKind, suggest

BOOLEAN_CATEGORIES = (Category(False, "no"), Category(True, "yes"))
MOST_CASES = 500
MOST_NESTED = 20  # engines compile arithmetic by recursion


@dataclass(frozen=True)
class Shape:
    """Columns of a relation (blocked ones left out), its patient key, and whether a patient has at most one row."""

    columns: tuple[Column, ...]
    patient_key: str
    one_row_per_patient: bool
    max_rows_per_patient: int | None
    study: str

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                if column.blocked:
                    raise PolicyForbids(
                        f"Column {name!r} is blocked: {column.blocked_reason or 'the data steward closed it'}.",
                        hint="Ask the data steward if your purpose needs it.",
                        details={"column": name},
                    )
                return column
        known = [c.name for c in self.columns if not c.blocked]
        raise UnknownColumn(f"There is no column {name!r} here.", hint=suggest(name, known), details={"column": name})


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


def type_of(expression: ex.Expression, shape: Shape) -> Column:
    """The (anonymous) column that an expression makes: type, bounds, categories, nullability."""
    if isinstance(expression, ex.ColumnRef):
        column = shape.column(expression.name)
        if column.name == shape.patient_key:
            raise PolicyForbids(
                "The patient key cannot be used in a condition or a derived column.",
                hint="Count patients with .count_patients(); merge uses the key by itself.",
            )
        return column
    if isinstance(expression, ex.Literal):
        return _literal(expression)
    if isinstance(expression, (ex.Compare, ex.And, ex.Or, ex.Not, ex.IsIn, ex.IsMissing)):
        return _condition(expression, shape)
    if isinstance(expression, ex.Arithmetic):
        return _arithmetic(expression, shape)
    if isinstance(expression, ex.DatePart):
        return _date_part(expression, shape)
    if isinstance(expression, ex.DaysBetween):
        for side in (expression.start, expression.end):
            _need_date(type_of(side, shape))
        return Column("", ColumnType.INTEGER, unit="days", step=1)
    if isinstance(expression, ex.Case):
        return _case(expression, shape)
    return _cut(expression, shape)


def _literal(literal: ex.Literal) -> Column:
    value = literal.value
    if isinstance(value, bool):
        return Column("", ColumnType.BOOLEAN, categories=BOOLEAN_CATEGORIES, nullable=False)
    if isinstance(value, (int, float)):
        kind = ColumnType.INTEGER if isinstance(value, int) else ColumnType.FLOAT
        return Column("", kind, lower=value, upper=value, nullable=False)
    if len(value) > 200:
        raise PlanError("A text in a question is limited to 200 characters.")
    if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
        raise PlanError("A text in a question may not hold the character NUL or half a character.")
    return Column("", ColumnType.STRING, nullable=False)


def _condition(expression: ex.Expression, shape: Shape) -> Column:
    result = Column("", ColumnType.BOOLEAN, categories=BOOLEAN_CATEGORIES, nullable=False)
    if isinstance(expression, ex.Compare):
        left, right = type_of(expression.left, shape), type_of(expression.right, shape)
        _comparable(left, right, expression)
    elif isinstance(expression, (ex.And, ex.Or)):
        _need_boolean(type_of(expression.left, shape))
        _need_boolean(type_of(expression.right, shape))
    elif isinstance(expression, ex.Not):
        _need_boolean(type_of(expression.operand, shape))
    elif isinstance(expression, ex.IsIn):
        column = type_of(expression.operand, shape)
        if not 1 <= len(expression.values) <= 5000:
            raise PlanError("isin() takes between 1 and 5,000 values.")
        for value in expression.values:
            _comparable(column, _literal(ex.Literal(value)), ex.Compare("eq", expression.operand, ex.Literal(value)))
    elif isinstance(expression, ex.IsMissing):
        type_of(expression.operand, shape)
    return result


def _comparable(left: Column, right: Column, expression: ex.Compare) -> None:
    dates = (ColumnType.DATE, ColumnType.DATETIME)
    if left.type.numeric and right.type.numeric:
        return
    if left.type == right.type:
        if left.type is ColumnType.BOOLEAN and expression.operator not in ("eq", "ne"):
            raise PlanError("Booleans can only be compared with == and !=.")
        return
    if left.type in dates and right.type in dates:
        return
    for column, other in ((left, expression.right), (right, expression.left)):
        if column.type in dates and isinstance(other, ex.Literal) and isinstance(other.value, str):
            parse_date(other.value)
            return
    raise PlanError(
        f"A {left.type} cannot be compared with a {right.type}.",
        hint="Compare numbers with numbers, dates with ISO dates such as '2020-01-31', text with text.",
    )


def parse_date(text: str) -> datetime.date:
    """An ISO date or a clear `PlanError`."""
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise PlanError("A date must be written as '2020-01-31'.") from None


def _arithmetic(expression: ex.Arithmetic, shape: Shape) -> Column:
    if _nested(expression) > MOST_NESTED:
        raise PlanError(
            f"Arithmetic may be nested {MOST_NESTED} deep.",
            hint="Derive a column from a part of it, and use that column in the rest.",
        )
    left, right = type_of(expression.left, shape), type_of(expression.right, shape)
    if not (left.type.numeric and right.type.numeric):
        raise PlanError("Arithmetic needs two numbers.", hint="Use days_until() for dates.")
    bounds = _interval(expression.operator, left, right)
    nullable = left.nullable or right.nullable or expression.operator == "divide"
    if bounds is None:
        return Column("", ColumnType.FLOAT, nullable=nullable)
    return Column("", ColumnType.FLOAT, lower=bounds[0], upper=bounds[1], nullable=nullable)


def _nested(expression: ex.Expression) -> int:
    """How many arithmetic operations lie within each other."""
    if not isinstance(expression, ex.Arithmetic):
        return 0
    return 1 + max(_nested(expression.left), _nested(expression.right))


def _interval(operator: str, left: Column, right: Column) -> tuple[float, float] | None:
    if not (left.bounded and right.bounded):
        return None
    a, b = (
        (float(left.lower or 0), float(left.upper or 0)),
        (float(right.lower or 0), float(right.upper or 0)),
    )
    if operator == "add":
        ends = [a[0] + b[0], a[1] + b[1]]
    elif operator == "subtract":
        ends = [a[0] - b[1], a[1] - b[0]]
    elif operator == "multiply":
        ends = [x * y for x in a for y in b]
    elif b[0] > 0 or b[1] < 0:
        ends = [x / y for x in a for y in b]
    else:
        return None
    low, high = min(ends), max(ends)
    return (low, high) if math.isfinite(low) and math.isfinite(high) else None


def _date_part(expression: ex.DatePart, shape: Shape) -> Column:
    column = type_of(expression.operand, shape)
    _need_date(column)
    if expression.part == "year":
        if not column.bounded:
            return Column("", ColumnType.INTEGER, step=1)
        years = [int(str(end)[:4]) for end in (column.lower, column.upper)]
        return Column("", ColumnType.INTEGER, lower=years[0], upper=years[1], step=1, nullable=column.nullable)
    high = 12 if expression.part == "month" else 7
    values = tuple(Category(i) for i in range(1, high + 1))
    return Column("", ColumnType.INTEGER, lower=1, upper=high, step=1, categories=values, nullable=column.nullable)


def _cut(expression: ex.Cut, shape: Shape) -> Column:
    column = type_of(expression.operand, shape)
    edges = expression.edges
    if not column.type.numeric:
        raise PlanError("Only numbers can be cut into intervals.")
    if not 2 <= len(edges) <= 1001 or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise PlanError("Edges must be between 2 and 1,001 increasing numbers.")
    if len(expression.labels) != len(edges) - 1 or len(set(expression.labels)) != len(expression.labels):
        raise PlanError("Intervals need one distinct label each.")
    values = tuple(Category(label) for label in expression.labels)
    return Column("", ColumnType.STRING, categories=values, nullable=True)


def _case(expression: ex.Case, shape: Shape) -> Column:
    labels = (*expression.labels, *([] if expression.otherwise is None else [expression.otherwise]))
    if not 1 <= len(expression.conditions) <= MOST_CASES or len(expression.labels) != len(expression.conditions):
        raise PlanError(f"Cases are 1 to {MOST_CASES} conditions with one label each.")
    if any(not label or len(label) > 200 for label in labels):
        raise PlanError("A label is a text of 1 to 200 characters.")
    for condition in expression.conditions:
        _need_boolean(type_of(condition, shape))
    for label in labels:
        _literal(ex.Literal(label))
    values = tuple(Category(label) for label in dict.fromkeys(labels))
    return Column("", ColumnType.STRING, categories=values, nullable=expression.otherwise is None)


def _need_boolean(column: Column) -> None:
    if column.type is not ColumnType.BOOLEAN:
        raise PlanError("This needs a condition that is true or false.", hint="Put comparisons in parentheses.")


def _need_date(column: Column) -> None:
    if column.type not in (ColumnType.DATE, ColumnType.DATETIME):
        raise PlanError("This needs a date column.")


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
    check_company(plan.measures)
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
