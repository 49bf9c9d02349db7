"""The evidence of an exact table, and who stands behind it, over rows in memory, in plain Python."""

from __future__ import annotations

from typing import Any

import numpy as np

from kernel_guard.plan.aggregates import CountPatients, Measure
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.evidence import LARGEST, Evidence, Members, collect, has_parts, is_summed
from kernel_guard.vault.engine.reference.expressions import Row
from kernel_guard.vault.engine.reference.relations import Relations
from kernel_guard.vault.engine.relations import RECORD


def evidence(request: PartialRequest, relations: Relations) -> Evidence:
    """Patients, rows, sums and largest parts of every cell."""
    rows: dict[int, dict[str, Any]] = {}
    for measure in request.plan.measures:
        for place, parts in _parts(request, measure, relations).items():
            sizes = sorted((abs(sum(p)) for p in parts.values()), reverse=True)
            made = rows.setdefault(place, {})
            made |= {
                f"{measure.name}__patients": len(parts),
                f"{measure.name}__rows": sum(len(p) for p in parts.values()),
            }
            if has_parts(measure):
                made |= {
                    f"{measure.name}__nonzero": sum(size > 0 for size in sizes),
                    f"{measure.name}__total": sum(sum(p) for p in parts.values()),
                    f"{measure.name}__absolute": sum(sizes),
                    f"{measure.name}__largest": sizes[:LARGEST],
                }
    names = [m.name for m in request.plan.measures]
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


def _parts(request: PartialRequest, measure: Measure, relations: Relations) -> dict[int, dict[Any, list[int]]]:
    key = relations.shape(request.plan.source).patient_key
    parts: dict[int, dict[Any, list[int]]] = {}
    for place, row in _present(request, measure, relations):
        value = 1
        if is_summed(measure):
            value = request.grids[measure.name].quantise(float(row[columns_of(measure)[0]]))
        parts.setdefault(place, {}).setdefault(row[key], []).append(value)
    return parts
