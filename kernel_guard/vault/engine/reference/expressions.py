"""Expressions and reductions of one row, and of one patient's rows, in plain Python."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from typing import Any

from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.expression_types import type_of
from kernel_guard.plan.schema import Column, ColumnType
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.grids import exact_grid

Row = dict[str, Any]
_DATES = (ColumnType.DATE, ColumnType.DATETIME)
_WHOLE = 2**63


def clean(value: Any, declared: Column) -> Any:
    """A raw value as the declared type, or None."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if value is None or value in declared.missing_codes or str(value) in map(str, declared.missing_codes):
        return None
    return value


def evaluate(node: ex.Expression, row: Row, shape: Shape) -> Any:
    """The value of an expression in one row; None is missing."""
    match node:
        case ex.ColumnRef():
            return row[node.name]
        case ex.Literal():
            return _constant(node.value)
        case ex.Compare():
            return _compare(node, row, shape)
        case ex.And():
            return evaluate(node.left, row, shape) is True and evaluate(node.right, row, shape) is True
        case ex.Or():
            return evaluate(node.left, row, shape) is True or evaluate(node.right, row, shape) is True
        case ex.Not():
            return evaluate(node.operand, row, shape) is not True
        case ex.IsIn():
            options = [ex.Compare("eq", node.operand, ex.Literal(v)) for v in node.values]
            return any(_compare(option, row, shape) for option in options)
        case ex.IsMissing():
            return evaluate(node.operand, row, shape) is None
        case ex.Arithmetic():
            return _arithmetic(node.operator, *(evaluate(s, row, shape) for s in (node.left, node.right)))
        case ex.DatePart():
            day = _day(evaluate(node.operand, row, shape))
            parts: dict[str, Callable[[datetime.date], int]] = {
                "year": lambda d: d.year, "month": lambda d: d.month, "weekday": lambda d: d.isoweekday(),
            }  # fmt: skip
            return None if day is None else parts[node.part](day)
        case ex.DaysBetween():
            start, end = (_day(evaluate(s, row, shape)) for s in (node.start, node.end))
            return None if start is None or end is None else (end - start).days
        case ex.Case():
            chosen = (n for c, n in zip(node.conditions, node.labels, strict=True) if evaluate(c, row, shape) is True)
            return next(chosen, node.otherwise)
    return _cut(node, evaluate(node.operand, row, shape))


def reduced(reduction: rel.Reduction, rows: list[Row], shape: Shape) -> Any:
    """One value of one patient."""
    if reduction.function == "exists":
        return True
    if reduction.function == "count":
        limit = reduction.limit or shape.max_rows_per_patient
        return min(len(rows), limit) if limit else len(rows)
    name = str(reduction.column)
    held = [r[name] for r in rows if r[name] is not None]
    if reduction.function in ("sum", "mean"):
        grid = exact_grid(shape.column(name))
        high = low = 0
        for steps in (grid.quantise(float(v)) for v in held):
            high += towards_zero(steps, 2**31)
            low += steps - towards_zero(steps, 2**31) * 2**31
        total = float(high) * float(2**31) + float(low)
        if reduction.function == "sum":
            return total * grid.step if held else 0.0
        return total / float(len(held)) * grid.step if held else None
    if reduction.function in ("min", "max"):
        return (min if reduction.function == "min" else max)(held, default=None)
    moment = str(reduction.order_by)
    dated = [(r[moment], r[name]) for r in rows if r[moment] is not None and r[name] is not None]
    return None if not dated else (min(dated) if reduction.function == "first" else max(dated))[1]


def _constant(value: ex.Value) -> Any:
    return float(value) if type(value) is int and abs(value) >= _WHOLE else value


def _compare(node: ex.Compare, row: Row, shape: Shape) -> bool:
    left, right = evaluate(node.left, row, shape), evaluate(node.right, row, shape)
    if left is None or right is None:
        return False
    if any(type_of(side, shape).type in _DATES for side in (node.left, node.right)):
        left, right = _instant(left), _instant(right)
    elif isinstance(left, float) or isinstance(right, float):
        left, right = float(left), float(right)
    answers = {"eq": left == right, "ne": left != right}
    if node.operator in answers:
        return bool(answers[node.operator])
    return bool({"lt": left < right, "le": left <= right, "gt": left > right, "ge": left >= right}[node.operator])


def _instant(value: Any) -> datetime.datetime:
    if isinstance(value, str):
        value = datetime.date.fromisoformat(value)
    if isinstance(value, datetime.datetime):
        return value.replace(tzinfo=None)
    return datetime.datetime(value.year, value.month, value.day)


def _day(value: Any) -> datetime.date | None:
    return value.date() if isinstance(value, datetime.datetime) else value


def _arithmetic(operator: str, left: Any, right: Any) -> float | None:
    if left is None or right is None:
        return None
    a, b = _within(float(left)), _within(float(right))
    if operator == "divide":
        return _within(a / b) if b else None
    return _within({"add": a + b, "subtract": a - b, "multiply": a * b}[operator])


def _within(number: float) -> float:
    return max(-1e300, min(1e300, (number + 2.0**-944) - 2.0**-944))


def _cut(node: ex.Cut, value: Any) -> str | None:
    if value is None:
        return None
    number = float(value)
    if number == float(node.edges[-1]):
        return node.labels[-1]
    for low, high, label in zip(node.edges, node.edges[1:], node.labels, strict=False):
        if float(low) <= number < float(high):
            return label
    return None


def towards_zero(a: int, b: int) -> int:
    """Division of integers that cuts the rest off."""
    return a // b if a >= 0 else -(-a // b)
