"""The evidence of an exact table, and who stands behind it, over rows in memory, in plain Python."""

from __future__ import annotations

import itertools
import statistics
from dataclasses import dataclass
from typing import Any

import numpy as np

from kernel_guard.plan.aggregates import CountPatients, Measure
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.evidence import LARGEST, Evidence, Kind, Line, Members, collect, lines_of
from kernel_guard.vault.engine.reference.expressions import Row
from kernel_guard.vault.engine.reference.relations import Relations
from kernel_guard.vault.engine.relations import RECORD


@dataclass(frozen=True)
class _Row:
    """What a row adds to its patient's part, whether it is off the commonest value, and its values on the grid."""

    part: float
    off: bool
    values: tuple[int, ...]


_Parts = dict[int, dict[Any, list[_Row]]]  # place of a cell → patient → rows


def evidence(request: PartialRequest, relations: Relations) -> Evidence:
    """Patients, rows, sums and largest parts of every cell."""
    rows: dict[int, dict[str, Any]] = {}
    lines = [(m, line) for m in request.plan.measures for line in lines_of(m)]
    for measure, line in lines:
        for place, parts in _parts(request, measure, line, relations).items():
            rows.setdefault(place, {}).update(_collected(line, parts))
    names = [line.name for _, line in lines]
    blank = {f"{n}__{part}": 0 for n in names for part in ("patients", "rows")}
    filled = [(i, {**blank, **row}) for i, row in rows.items()]
    return collect(filled, names, len(request.cells))


def members(request: PartialRequest, relations: Relations) -> dict[str, Members]:
    """Who stands behind the cells of each measure."""
    shape = relations.shape(request.plan.source)
    found: dict[str, Members] = {}
    for measure in request.plan.measures:
        by_patient = shape.one_row_per_patient or isinstance(measure, CountPatients)
        rows = _present(request, measure, relations)
        triples = [(place, row[shape.patient_key], row.get(RECORD, 0)) for place, row in rows]
        if by_patient:
            triples = sorted({(place, code, 0) for place, code, _ in triples})
        columns = list(zip(*triples, strict=True)) or [(), (), ()]
        records = None if by_patient else np.array(columns[2], np.uint32)
        found[measure.name] = Members(np.array(columns[0], np.int32), np.array(columns[1], np.uint32), records)
    return found


def _present(request: PartialRequest, measure: Measure, relations: Relations) -> list[tuple[int, Row]]:
    index = {cell: i for i, cell in enumerate(request.cells)}
    found = []
    for row in relations.rows(request.plan.source):
        place = index.get(tuple(row[k.column] for k in request.plan.by))
        if place is not None and all(row[name] is not None for name in columns_of(measure)):
            found.append((place, row))
    return found


def _parts(request: PartialRequest, measure: Measure, line: Line, relations: Relations) -> _Parts:
    key = relations.shape(request.plan.source).patient_key
    held: dict[int, list[tuple[Any, tuple[int, ...]]]] = {}
    for place, row in _present(request, measure, relations):
        steps = zip(line.columns, line.grids, strict=True)
        values = tuple(request.grids[grid].quantise(float(row[column])) for column, grid in steps)
        held.setdefault(place, []).append((row[key], values))
    found: _Parts = {}
    for place, rows in held.items():
        each = _spread([v for _, v in rows]) if line.kind is Kind.SPREAD else [_plain(v) for _, v in rows]
        for (patient, _), one in zip(rows, each, strict=True):
            found.setdefault(place, {}).setdefault(patient, []).append(one)
    return found


def _collected(line: Line, parts: dict[Any, list[_Row]]) -> dict[str, Any]:
    totals = [sum(row.part for row in rows) for rows in parts.values()]
    made: dict[str, Any] = {"patients": len(parts), "rows": sum(len(rows) for rows in parts.values())}
    if line.kind is not Kind.ONE:
        sizes = sorted((abs(float(t)) for t in totals), reverse=True)
        made |= {"nonzero": sum(size > 0 for size in sizes), "absolute": sum(sizes), "largest": sizes[:LARGEST]}
    if line.kind is Kind.SPREAD:
        made["nonzero"] = _least_corner(parts) if line.crossed else _off(parts)
    if line.kind is Kind.SUM:
        made |= {"total": sum(totals), "filled": sum(row.part != 0 for rows in parts.values() for row in rows)}
    return {f"{line.name}__{name}": value for name, value in made.items()}


def _off(parts: dict[Any, list[_Row]]) -> int:
    return sum(any(row.off for row in rows) for rows in parts.values())


def _least_corner(parts: dict[Any, list[_Row]]) -> int:
    xs, ys = ({row.values[i] for rows in parts.values() for row in rows} for i in (0, 1))
    if len(xs) > 2 or len(ys) > 2:
        return _off(parts)
    corners = itertools.product((min(xs), max(xs)), (min(ys), max(ys)))
    return min(sum(any(row.values == corner for row in rows) for rows in parts.values()) for corner in corners)


def _plain(values: tuple[int, ...]) -> _Row:
    return _Row(values[0] if values else 1, True, values)


def _spread(rows: list[tuple[int, ...]]) -> list[_Row]:
    """Products of deviations from the means, and whether a row is off the commonest values."""
    xs, ys = ([row[i] for row in rows] for i in (0, 1))
    (mean_x, mode_x), (mean_y, mode_y) = ((statistics.fmean(v), min(statistics.multimode(v))) for v in (xs, ys))
    return [_Row((x - mean_x) * (y - mean_y), x != mode_x and y != mode_y, (x, y)) for x, y in rows]
