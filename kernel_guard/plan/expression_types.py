"""The column that an expression makes: its type, bounds, categories, and whether it may be missing.

- An operation on the wrong type is refused with what it needs.
- Bounds follow interval arithmetic; where they cannot be inferred there are none.
"""

from __future__ import annotations

import datetime
import math

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.schema import Category, Column, ColumnType
from kernel_guard.plan.shape import BOOLEAN_CATEGORIES, Shape

MOST_CASES = 500
MOST_NESTED = 20  # engines compile arithmetic by recursion


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
