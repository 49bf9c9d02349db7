"""Calendar periods as a key: a date's year, quarter or month, under labels that sort as they follow.

- The periods are public: those between the ends that are given, or between the declared bounds of the column. A date
  outside is left out.
"""

from __future__ import annotations

import datetime
from typing import Literal

from kernel_guard.client.column import Column, column_of
from kernel_guard.client.literals import plain
from kernel_guard.client.scope import Scope
from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.expression_types import MOST_CASES, parse_date
from kernel_guard.plan.relations import Filter

Period = Literal["year", "quarter", "month"]
MONTHS: dict[str, int] = {"year": 12, "quarter": 3, "month": 1}


def periods(
    scope: Scope, date: str, every: Period, start: str | None, end: str | None
) -> tuple[Scope, str, tuple[str, ...]]:
    """A scope with the period of a date as a column, its name, and the labels of all periods in order."""
    if every not in MONTHS:
        raise PlanError("A trend is by year, quarter or month.", hint="every='month'.")
    column = column_of(scope, date)
    if not isinstance(column, Column):
        raise PlanError("The patient key is no date.", hint="Name a date column.")
    first, last = _end(column, start, "lower"), _end(column, end, "upper")
    starts = list(_starts(first, last, MONTHS[every]))
    if not starts or len(starts) > MOST_CASES:
        raise PlanError(f"A trend has 1 to {MOST_CASES} periods.", hint="Give start= and end=, or longer periods.")
    labels = tuple(_label(day, every) for day in starts)
    node = column._open()
    ends = [*starts[1:], last]
    inside = ex.And(_at(node, "ge", starts[0]), _at(node, "lt", last))
    case = ex.Case(tuple(_at(node, "lt", day) for day in ends), labels)
    filtered = scope.on(Filter(scope.relation, inside))
    name = filtered.fresh(f"{date}_{every}")
    return filtered.derive(name, case, None), name, labels


def _at(node: ex.Expression, operator: Literal["ge", "lt"], day: datetime.date) -> ex.Compare:
    return ex.Compare(operator, node, ex.Literal(day.isoformat()))


def _end(column: Column, given: str | None, which: Literal["lower", "upper"]) -> datetime.date:
    """An end that is given, or the declared one; the declared upper end is inside."""
    if given is not None:
        return parse_date(str(plain(given)))
    declared = getattr(column.schema, which)
    if declared is None:
        raise PlanError("This date has no declared bounds.", hint="Give start='2015-01-01' and end='2025-01-01'.")
    day = parse_date(str(declared)[:10])
    return day if which == "lower" else day + datetime.timedelta(days=1)


def _starts(first: datetime.date, last: datetime.date, months: int) -> list[datetime.date]:
    """The first day, then the beginning of each later period before `last`."""
    found = [first] if first < last else []
    number = (first.year * 12 + first.month - 1) // months * months + months
    while found and (day := datetime.date(number // 12, number % 12 + 1, 1)) < last:
        found.append(day)
        number += months
    return found


def _label(day: datetime.date, every: Period) -> str:
    if every == "year":
        return f"{day.year:04d}"
    return f"{day.year:04d}-{day.month:02d}" if every == "month" else f"{day.year:04d}-Q{(day.month + 2) // 3}"
