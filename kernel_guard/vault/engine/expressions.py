"""Plan expressions as Ibis values, every one total: no value of a cell can make a query fail or take another path.

- Numbers are finite 64-bit floats or 64-bit integers; what is not (NaN, ±inf) is missing.
- Comparisons with a missing value are false, arithmetic with one is missing, x / 0 is missing.
- Arithmetic, operands and results alike, stays within ±1e300 and has no finer parts than 2⁻⁹⁹⁶: nothing overflows, and
  nothing underflows on an engine that takes that for an error.
- Each operand is written once: a question's SQL is about as long as the question, however deep it nests.
- `kernel_guard.vault.engine.reference.expressions` says the same in plain Python; the two are compared on hostile data.
"""

from __future__ import annotations

import datetime
from functools import reduce
from typing import Any

import ibis

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.expression_types import parse_date, type_of
from kernel_guard.plan.schema import ColumnType
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.dialects import binary, cut, divide, multiply

DATES = (ColumnType.DATE, ColumnType.DATETIME)
MOST = 1e300  # beyond any measurement, and its sum with itself is a float
COARSE = 2.0**-944  # (x + COARSE) − COARSE is x without its parts below 2⁻⁹⁹⁶
_LARGEST = 2**63 - 1
_LAST = 1.7976931348623157e308  # the last finite float


def value(node: ex.Expression, table: Any, shape: Shape) -> Any:
    """The Ibis value of an expression over the columns of `table`."""
    match node:
        case ex.ColumnRef():
            return table[node.name]
        case ex.Literal():
            return literal(node.value)
        case ex.Compare():
            return _compare(node, table, shape)
        case ex.And():
            return condition(node.left, table, shape) & condition(node.right, table, shape)
        case ex.Or():
            return condition(node.left, table, shape) | condition(node.right, table, shape)
        case ex.Not():
            return ~condition(node.operand, table, shape)
        case ex.IsIn():
            return _is_in(node, table, shape)
        case ex.IsMissing():
            return value(node.operand, table, shape).isnull()
        case ex.Arithmetic():
            number, known = _number(node, table, shape)
            return number if known is None else ibis.ifelse(known, number, ibis.null("float64"))
        case ex.DatePart():
            return _date_part(node, table, shape)
        case ex.DaysBetween():
            start, end = (_day(side, table, shape) for side in (node.start, node.end))
            return end.delta(start, unit="day").cast("int64")
        case ex.Case():
            labels = zip(node.conditions, node.labels, strict=True)
            last = ibis.null("string") if node.otherwise is None else ibis.literal(node.otherwise)
            return ibis.cases(*[(condition(c, table, shape), ibis.literal(n)) for c, n in labels], else_=last)
    return _cut(node, table, shape)


def condition(node: ex.Expression, table: Any, shape: Shape) -> Any:
    """A condition: missing is false."""
    return value(node, table, shape).fill_null(False)


def literal(constant: ex.Value) -> Any:
    """A constant; a whole number beyond 64 bits is a float, as everywhere in the plan."""
    if isinstance(constant, int) and not isinstance(constant, bool):
        return ibis.literal(constant, "int64") if abs(constant) <= _LARGEST else ibis.literal(float(constant))
    return ibis.literal(constant)


def finite(number: Any) -> Any:
    """A float, or missing where it is NaN (which databases order above everything) or infinite."""
    return ibis.ifelse(number.between(-_LAST, _LAST), number, ibis.null("float64"))


def as_float(number: Any) -> Any:
    return number.cast("float64")


def clipped(number: Any, lower: float, upper: float) -> Any:
    """A float within its bounds; missing stays missing (SQL's `greatest` would drop it)."""
    inside = ibis.greatest(ibis.least(as_float(number), float(upper)), float(lower))
    return ibis.ifelse(number.isnull(), ibis.null("float64"), inside)


def _compare(node: ex.Compare, table: Any, shape: Shape) -> Any:
    left, right = _alike(node.left, node.right, table, shape)
    if left is None:
        return literal(False)
    compared = {
        "eq": left.__eq__, "ne": left.__ne__, "lt": left.__lt__,
        "le": left.__le__, "gt": left.__gt__, "ge": left.__ge__,
    }[node.operator](right)  # fmt: skip
    return compared.fill_null(False)


def _alike(first: ex.Expression, second: ex.Expression, table: Any, shape: Shape) -> tuple[Any, Any]:
    """Both sides in one type: dates as instants, numbers as floats unless both are whole."""
    types = [type_of(side, shape).type for side in (first, second)]
    sides = [value(side, table, shape) for side in (first, second)]
    if any(t in DATES for t in types):
        sides = [_instant(side, table, shape) for side in (first, second)]
    elif ColumnType.STRING in types:
        sides = [binary(side) for side in sides]
    elif ColumnType.FLOAT in types or any(str(side.type()).startswith("float") for side in sides):
        sides = [as_float(side) for side in sides]
    return sides[0], sides[1]


def _instant(node: ex.Expression, table: Any, shape: Shape) -> Any:
    if isinstance(node, ex.Literal):
        day = parse_date(str(node.value))
        return ibis.literal(datetime.datetime(day.year, day.month, day.day), "timestamp")
    return value(node, table, shape).cast("timestamp")


def _is_in(node: ex.IsIn, table: Any, shape: Shape) -> Any:
    kind = type_of(node.operand, shape).type
    operand = value(node.operand, table, shape)
    constants = list(node.values)
    if kind in DATES:
        operand = operand.cast("timestamp")
        options = [_instant(ex.Literal(c), table, shape) for c in constants]
    elif kind.numeric and any(isinstance(c, float) or abs(c) > _LARGEST for c in constants):  # type: ignore[arg-type]
        operand, options = as_float(operand), [ibis.literal(float(c)) for c in constants]
    elif kind is ColumnType.FLOAT:
        operand, options = as_float(operand), [ibis.literal(float(c)) for c in constants]
    else:
        options = [literal(c) for c in constants]
    return operand.isin(options).fill_null(False)


def _number(node: ex.Expression, table: Any, shape: Shape) -> tuple[Any, Any]:
    """A float that is never missing, and whether it is known (None: always)."""
    constant = folded(node)
    if constant is not None:
        return ibis.literal(constant), None
    if not isinstance(node, ex.Arithmetic):
        found = value(node, table, shape)
        return _within(as_float(found).fill_null(0.0)), found.notnull()
    (a, a_known), (b, b_known) = (_number(side, table, shape) for side in (node.left, node.right))
    known = [k for k in (a_known, b_known) if k is not None]
    match node.operator:
        case "add":
            made = a + b
        case "subtract":
            made = a - b
        case "multiply":
            made = multiply(a, b)
        case _:
            made = divide(a, b.nullif(0.0)).fill_null(0.0)
            known.append(b != 0.0)
    return _within(made), reduce(lambda one, other: one & other, known) if known else None


def folded(node: ex.Expression) -> float | None:
    """The value of arithmetic on constants alone; None where a column is needed, or there is none (x / 0)."""
    match node:
        case ex.Literal(value=bool() | str()):
            return None
        case ex.Literal(value=number):
            return limited(float(number))
        case ex.Arithmetic():
            left, right = folded(node.left), folded(node.right)
            return None if left is None or right is None else calculate(node.operator, left, right)
    return None


def calculate(operator: str, a: float, b: float) -> float | None:
    """Arithmetic as the plan means it; None where it has no value."""
    if operator == "divide":
        if not b:
            return None
        made = a / b
    else:
        made = {"add": a + b, "subtract": a - b, "multiply": a * b}[operator]
    return limited(made)


def limited(number: float) -> float:
    return min(max((number + COARSE) - COARSE, -MOST), MOST)


def _within(number: Any) -> Any:
    return ibis.greatest(ibis.least((number + COARSE) - COARSE, MOST), -MOST)


def _date_part(node: ex.DatePart, table: Any, shape: Shape) -> Any:
    day = _day(node.operand, table, shape)
    if node.part == "weekday":
        return (day.day_of_week.index() + 1).cast("int64")
    return (day.year() if node.part == "year" else day.month()).cast("int64")


def _day(node: ex.Expression, table: Any, shape: Shape) -> Any:
    return value(node, table, shape).cast("date")


def _cut(node: ex.Cut, table: Any, shape: Shape) -> Any:
    number = as_float(value(node.operand, table, shape))
    return cut(number, [float(edge) for edge in node.edges], node.labels)
