"""Norm clipping as Ibis: rows weighted so that a patient's rows in all cells add up to at most `total` whole ones.

- The definition and the proof of its sensitivity are at `Bounding`.
- Only patients with more rows than the bound are looked up: a small table, whatever the number of patients.
- Counting patients needs one row per patient and cell first; rows and sums are weighted where they stand.
- Where the database has lists, a patient's cells go into one instead, and no patient is looked up: as quick as counting
  distinct patients, in less memory.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import ibis

from kernel_guard.plan.aggregates import Measure
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.dialects import distinct, whole_divide
from kernel_guard.vault.engine.relations import PATIENT, halves

Columns = Mapping[str, Any]  # measure → what must not be missing for a row to count; None: any row counts


def weighted_parts(
    request: PartialRequest, measures: Sequence[Measure], table: Any, keys: Sequence[str], columns: Columns, steps: Any
) -> Any:
    """One row per cell with `<measure>__<part>`; `steps` has what a measure sums: part → whole numbers."""
    if counts_patients(request, measures):
        made = {f"{n}__n": table.count() if column is None else column.count() for n, column in columns.items()}
        made |= {f"{n}__{p}__s": v.sum().cast("int64") for n, parts in steps.items() for p, v in parts.items()}
        entries = table.group_by(PATIENT, *keys).aggregate(**made)
    else:
        made = {f"{name}__n": _here(column) for name, column in columns.items()}
        made |= {f"{n}__{p}__s": v for n, parts in steps.items() for p, v in parts.items()}
        entries = table.select(PATIENT, *keys, **made)
    weighed = _with_weights(request, measures, entries)
    parts: dict[str, Any] = {}
    for m in measures:
        for part in request.parts(m):
            parts |= _part(weighed, m.name, part)
    return (weighed.group_by(*keys) if keys else weighed).aggregate(**parts)


def listed_patients(request: PartialRequest, measure: Measure, table: Any, key: str, column: Any) -> Any:
    """One row per cell with what its patients weigh together, over one key."""
    assert request.contribution is not None
    here = table if column is None else table.filter(column.notnull())
    patients = here.group_by(PATIENT).aggregate(__cells=distinct(here[key].collect()))
    cells = patients["__cells"]
    each = _weight(cells.length(), request.contribution.groups, request.unit)
    weighed = patients.select(**{key: cells.unnest(), "__wp": each})
    return weighed.group_by(key).aggregate(**{f"{measure.name}__patients": weighed["__wp"].sum()})


def weighted_bins(table: Any, keys: Sequence[str], owner: Sequence[str], most: int, unit: int) -> Any:
    """Weights per cell and bin over a table with a value, and so a `__bin`, in every row.

    Of an `owner` (a patient, or a patient in one cell) with more rows than `most` each weighs ⌊unit · most / n⌋.
    """
    heavy = table.group_by(*owner).aggregate(__n=table.count())
    heavy = heavy.filter(heavy["__n"] > most)
    names = {f"__heavy{i}": heavy[column] for i, column in enumerate(owner)}
    heavy = heavy.select(**names, __w=_weight(heavy["__n"], most, unit))
    same = [table[column] == heavy[name] for name, column in zip(names, owner, strict=True)]
    joined = table.left_join(heavy, same)
    return joined.group_by(*keys, "__bin").aggregate(weight=joined["__w"].fill_null(unit).sum())


def counts_patients(request: PartialRequest, measures: Sequence[Measure]) -> bool:
    return any("patients" in request.parts(m) for m in measures)


def _here(column: Any) -> Any:
    return ibis.literal(1, "int64") if column is None else ibis.ifelse(column.notnull(), 1, 0).cast("int64")


def _with_weights(request: PartialRequest, measures: Sequence[Measure], entries: Any) -> Any:
    """Beside each entry what a whole row (`__w`) and a whole patient (`__wp`) of its patient weigh."""
    assert request.contribution is not None
    counts: dict[str, Any] = {}
    limits: dict[str, int] = {}
    for m in measures:
        n = entries[f"{m.name}__n"]
        if "patients" in request.parts(m):
            counts[f"{m.name}__wp"], limits[f"{m.name}__wp"] = entries.count(where=n > 0), request.contribution.groups
        else:
            counts[f"{m.name}__w"], limits[f"{m.name}__w"] = n.sum(), request.total
    counted = entries.group_by(PATIENT).aggregate(**counts)
    over = [counted[name] > most for name, most in limits.items()]
    heavy = counted.filter(ibis.or_(*over))
    made = {name: _weight(heavy[name], most, request.unit) for name, most in limits.items()}
    heavy = heavy.select(__heavy=heavy[PATIENT], **made)
    joined = entries.left_join(heavy, entries[PATIENT] == heavy["__heavy"])
    return joined.mutate(**{name: joined[name].fill_null(request.unit) for name in limits})


def _weight(n: Any, most: int, unit: int) -> Any:
    """What one of a patient's `n` rows weighs: below 2³¹, so that products with it stay whole numbers of 64 bits."""
    return ibis.ifelse(n > most, whole_divide(ibis.literal(unit * most, "int64"), n), unit).cast("int32")


def _part(weighed: Any, name: str, part: str) -> dict[str, Any]:
    n = weighed[f"{name}__n"]
    if part == "patients":
        return {f"{name}__patients": ibis.ifelse(n > 0, weighed[f"{name}__wp"], 0).sum()}
    if part == "rows":
        return {f"{name}__rows": (n * weighed[f"{name}__w"]).sum()}
    # A row's summand times its weight stays below 2⁶², and the sum over all rows is kept in two halves.
    return halves(weighed[f"{name}__{part}__s"] * weighed[f"{name}__w"], f"{name}__{part}")
