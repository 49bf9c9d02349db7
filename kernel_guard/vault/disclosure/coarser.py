"""Coarser forms of a question: categories merged, the window of a condition widened. Plans in, plans out.

- What is merged is what was masked, as everybody can see it: the categories of one key in which a cell is masked.
- A window is widened by public steps: a month, a quarter or a year for dates, a tenth or a quarter of the declared
  range for numbers, or the condition is left out.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from kernel_guard.errors import KernelGuardError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan import words
from kernel_guard.plan.aggregates import Aggregate, Key
from kernel_guard.plan.expression_types import parse_date, type_of
from kernel_guard.plan.relations import Derive, Filter, Relation
from kernel_guard.plan.schema import Column, ColumnType, Study
from kernel_guard.plan.typing import shape_of

DAYS = (31, 92, 366)
PARTS = (0.1, 0.25)
OTHER = "other"
Wider = tuple[str, Aggregate]


def merged(plan: Aggregate, hidden: Iterable[Mapping[str, Any]]) -> Iterator[Wider]:
    """The plan with all categories of a key in which a cell is masked put together, key by key."""
    cells = list(hidden)
    for i, key in enumerate(plan.by):
        small = [v for v in key.values if any(cell.get(key.column) == v for cell in cells)]
        if not 2 <= len(small) < len(key.values):
            continue
        name = _free(f"{key.column}_merged", plan)
        source, by = _regrouped(plan.source, key, small, name)
        shown = ", ".join(map(str, small[:6])) + (" …" if len(small) > 6 else "")
        keys = (*plan.by[:i], by, *plan.by[i + 1 :])
        yield f"Merge {shown} of {key.column!r}.", replace(plan, source=source, by=keys)


def _regrouped(source: Relation, key: Key, small: list[Any], name: str) -> tuple[Relation, Key]:
    column = ex.ColumnRef(key.column)
    kept = [v for v in key.values if v not in small]
    other = OTHER
    while other in map(str, kept):
        other += "_"
    cases = (*(ex.IsIn(column, (v,)) for v in kept), ex.IsIn(column, tuple(small)))
    labels = (*map(str, kept), other)
    return Derive(source, name, ex.Case(cases, labels)), Key(name, labels)


def _free(wish: str, plan: Aggregate) -> str:
    taken = {m.name for m in plan.measures} | {k.column for k in plan.by}
    name = wish[:60]
    while name in taken:
        name += "_"
    return name


def widened(plan: Aggregate, study: Study) -> Iterator[Wider]:
    """The plan with one condition of its population wider, the smallest steps first; last, without it."""
    found = list(_conditions(plan.source))
    steps = max(len(DAYS), len(PARTS))
    for step in range(steps):
        for condition, rebuilt in found:
            wider = _wider(condition, plan.source, study, step)
            if wider is not None:
                yield f"Widen it to {words.expression(wider)}.", replace(plan, source=rebuilt(wider))
    for condition, rebuilt in found:
        yield f"Ask it without the condition {words.expression(condition)}.", replace(plan, source=rebuilt(None))


def _conditions(source: Relation) -> Iterator[tuple[ex.Expression, Any]]:
    """Each condition of the outer filters, with a function that puts another one in its place (None: none)."""
    if isinstance(source, Derive):
        for condition, rebuilt in _conditions(source.source):
            yield condition, lambda new, r=rebuilt: replace(source, source=r(new))
    elif isinstance(source, Filter):
        for condition, instead in _conjuncts(source.predicate):
            yield condition, lambda new, i=instead: _filtered(source, i(new))
        for condition, rebuilt in _conditions(source.source):
            yield condition, lambda new, r=rebuilt: replace(source, source=r(new))


def _filtered(source: Filter, predicate: ex.Expression | None) -> Relation:
    return source.source if predicate is None else replace(source, predicate=predicate)


def _conjuncts(predicate: ex.Expression) -> Iterator[tuple[ex.Expression, Any]]:
    if not isinstance(predicate, ex.And):
        yield predicate, lambda new: new
        return
    for side, other, left in ((predicate.left, predicate.right, True), (predicate.right, predicate.left, False)):
        for condition, instead in _conjuncts(side):
            yield condition, lambda new, i=instead, o=other, at=left: _both(i(new), o, at)


def _both(new: ex.Expression | None, other: ex.Expression, left: bool) -> ex.Expression:
    if new is None:
        return other
    return ex.And(new, other) if left else ex.And(other, new)


def _wider(condition: ex.Expression, source: Relation, study: Study, step: int) -> ex.Compare | None:
    """A comparison with a constant, moved outwards."""
    if not isinstance(condition, ex.Compare) or not isinstance(condition.right, ex.Literal):
        return None
    outwards = {"lt": 1, "le": 1, "gt": -1, "ge": -1}.get(condition.operator)
    try:
        column = type_of(condition.left, shape_of(source, study))
    except KernelGuardError:
        return None
    moved = None if outwards is None else _moved(condition.right.value, column, outwards, step)
    return None if moved is None else replace(condition, right=ex.Literal(moved))


def _moved(value: ex.Value, column: Column, outwards: int, step: int) -> ex.Value | None:
    if column.type in (ColumnType.DATE, ColumnType.DATETIME) and isinstance(value, str) and step < len(DAYS):
        try:
            return (parse_date(value) + datetime.timedelta(days=outwards * DAYS[step])).isoformat()
        except OverflowError:
            return None
    if isinstance(value, (bool, str)) or not column.bounded or step >= len(PARTS):
        return None
    found = value + outwards * PARTS[step] * (float(column.upper or 0) - float(column.lower or 0))
    return round(found) if isinstance(value, int) else found
