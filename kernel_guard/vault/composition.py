"""Several tables as one result, and as the parts of a checked question.

- A result of many tables is one long table: a key `table` in front, then every key that one of them has, then every
  measure. Where a table has no such key the place is empty, which reads as "all"; where it was not asked for a measure
  the status says so, so that nothing looks masked that was never asked.
- Columns of one name are one column where they are of one kind and type; else the later one gets its own name.
- `index` says which rows and columns make up each table again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from kernel_guard.plan.expressions import Value
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule, beside

TABLE = "table"
NOT_ASKED = "not asked in this table"


@dataclass(frozen=True)
class Joined:
    """The long table, and for each part where it stands: JSON values for the statement."""

    result: Result
    index: tuple[Mapping[str, Any], ...]


def joined(parts: Sequence[tuple[str, str, Result]]) -> Joined:
    """Name, words and result of each table, as one."""
    columns: list[ResultColumn] = [ResultColumn(TABLE, "key", type="string")]
    placed = [_place(result, columns) for _, _, result in parts]
    columns = _with_statuses(_ordered(columns), placed)
    rows: list[tuple[Value | None, ...]] = []
    index = []
    for (name, words, result), places in zip(parts, placed, strict=True):
        start = len(rows)
        rows += [_row(name, row, places, columns) for row in result.rows]
        index.append(_entry(name, words, result, places, start))
    checks = tuple(replace(c, measure=f"{name}.{c.measure}") for name, _, r in parts for c in r.checks)
    first = parts[0][2]
    return Joined(Result(tuple(columns), tuple(rows), first.confidence, _rules(parts), checks), tuple(index))


def _place(result: Result, columns: list[ResultColumn]) -> list[str]:
    """The name of each of a part's columns in the long table; new ones are added."""
    renamed: dict[str, str] = {}
    for column in result.columns:
        wanted = replace(column, of=renamed.get(column.of, column.of) if column.of else None)
        known = {c.name: c for c in columns}
        while (
            wanted.name == TABLE
            or wanted.name in known
            and (known[wanted.name] != wanted or wanted.name in renamed.values())
        ):
            wanted = replace(wanted, name=f"{wanted.name}_")
        renamed[column.name] = wanted.name
        if wanted.name not in known:
            columns.append(wanted)
    return list(renamed.values())


def _ordered(columns: Sequence[ResultColumn]) -> list[ResultColumn]:
    """Keys first, then each value with what belongs to it."""
    keys = [c for c in columns if c.role == "key"]
    values = [c for c in columns if c.role == "value"]
    return keys + [c for v in values for c in (v, *(o for o in columns if o.of == v.name))]


def _with_statuses(columns: list[ResultColumn], placed: Sequence[list[str]]) -> list[ResultColumn]:
    """A status beside each value that not every table was asked for."""
    found = list(columns)
    for value in (c for c in columns if c.role == "value"):
        everywhere = all(value.name in places for places in placed)
        if everywhere or any(c.role == "status" and c.of == value.name for c in columns):
            continue
        status = ResultColumn(beside(value.name, "status", [c.name for c in found]), "status", value.name, "string")
        found.insert(found.index(value) + 1, status)
    return found


def _row(
    name: str, row: Sequence[Value | None], places: Sequence[str], columns: Sequence[ResultColumn]
) -> tuple[Value | None, ...]:
    held = {TABLE: name, **dict(zip(places, row, strict=True))}
    return tuple(NOT_ASKED if c.role == "status" and c.of not in held else held.get(c.name) for c in columns)


def _entry(name: str, words: str, result: Result, places: Sequence[str], start: int) -> Mapping[str, Any]:
    own = [{"name": c.name, "in": place} for c, place in zip(result.columns, places, strict=True)]
    return {"name": name, "words": words, "rows": [start, start + len(result.rows)], "columns": own}


def _rules(parts: Sequence[tuple[str, str, Result]]) -> tuple[Rule, ...]:
    """Every rule once; of those that speak of one table alone, that table's name."""
    shared = {r for _, _, result in parts for r in result.rules if all(r in other.rules for _, _, other in parts)}
    found: list[Rule] = []
    for name, _, result in parts:
        found += [r if r in shared else replace(r, detail=f"{name}: {r.detail}") for r in result.rules]
    return tuple(dict.fromkeys(found))
