"""Results that are derived from a published table of patients: distinct values, top-k, survival.

- The table goes through the rules, the masks, the rounding and the comparison with earlier releases like any other;
  what is masked in it takes no part here. So nothing can be worked back but what the table itself would show.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from kernel_guard.plan.aggregates import CountDistinct, Key, Survival, TopK
from kernel_guard.plan.expressions import Value
from kernel_guard.vault.disclosure.gather import ExactTable
from kernel_guard.vault.disclosure.life_steps import by_kind
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.result import ResultColumn, beside, type_name
from kernel_guard.vault.disclosure.rules import rounding, survival
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.life_tables import at_risk, curves

Rows = tuple[tuple[Value | None, ...], ...]
Table = tuple[tuple[ResultColumn, ...], Rows]
CURVE_DIGITS = 12


def derived(table: ExactTable, hidden: Mask, pack: RulePack) -> Table:
    """Columns and rows of what a question shows of its table; `hidden` cells are masked."""
    match table.request.shown:
        case CountDistinct() as measure:
            return _distinct(measure, table, hidden, pack)
        case TopK() as measure:
            return _top(measure, table, hidden, pack)
        case Survival() as measure:
            return _survival(measure, table, hidden, pack)
    raise AssertionError(table.request.shown)


def _distinct(measure: CountDistinct, table: ExactTable, hidden: Mask, pack: RulePack) -> Table:
    by, counts = table.plan.by[:-1], _published(table, hidden, pack)
    rows = [
        (*cell, sum(bool(n) for n in group), f"values that {pack.threshold} patients or more have")
        for cell, group in zip(_cells(by), counts, strict=True)
    ]
    return (*_keys(by), *_value(measure.name, by, "integer")), tuple(rows)


def _top(measure: TopK, table: ExactTable, hidden: Mask, pack: RulePack) -> Table:
    """By the published numbers, of equals the one declared first; fewer than k where fewer have enough patients."""
    by, counts = table.plan.by[:-1], _published(table, hidden, pack)
    status = "rounded" if pack.rounding > 1 else "exact"
    rows: list[tuple[Value | None, ...]] = []
    for cell, group in zip(_cells(by), counts, strict=True):
        best = sorted((i for i, n in enumerate(group) if n), key=lambda i: -(group[i] or 0))[: measure.k]
        rows += [(*cell, rank, measure.values[i], group[i], status) for rank, i in enumerate(best, 1)]
    taken = {k.column for k in by} | {measure.name}
    rank = ResultColumn(_free("rank", {*taken, measure.column}), "key", type="integer")
    value = ResultColumn(_free(measure.column, taken), "key", type=type_name(measure.values[0]))
    return (*_keys(by), rank, value, *_value(measure.name, by, "integer")), tuple(rows)


def _survival(measure: Survival, table: ExactTable, hidden: Mask, pack: RulePack) -> Table:
    """Numbers at risk and curves at the end of each step, from rounded counts where the pack rounds."""
    by, causes = table.plan.by[:-2], measure.causes
    left = by_kind(table.evidence[measure.name].patients, table.plan, measure)
    masked = np.asarray(hidden.reshape(len(left), -1).any(axis=1))
    known = np.array([rounding.rounded(int(n), pack) for n in left.ravel()], float).reshape(len(left), -1)
    risk, curve = at_risk(known, measure), curves(known, measure)
    status = "rounded" if pack.rounding > 1 else "exact"
    rows: list[tuple[Value | None, ...]] = []
    for i, cell in enumerate(_cells(by)):
        for j, (time, cause) in enumerate(itertools.product(measure.edges, causes)):
            keys = (*cell, float(time), *((cause,) if len(causes) > 1 else ()))
            if masked[i]:
                rows.append((*keys, None, survival.reason(pack), None, survival.reason(pack)))
            else:
                number, value = round(float(risk[i, j // len(causes)])), float(f"{curve[i, j]:.{CURVE_DIGITS}g}")
                rows.append((*keys, number, status, value, status))
    taken = {k.column for k in by} | {measure.name}
    named = [ResultColumn(_free("cause", taken), "key", type=type_name(causes[0]))] if len(causes) > 1 else []
    risky = _free("at_risk", taken)
    columns = (*_keys(by), ResultColumn(_free("time", taken), "key"), *named, *_value(risky, by, "integer"))
    return (*columns, *_value(measure.name, by, "float")), tuple(rows)


def _published(table: ExactTable, hidden: Mask, pack: RulePack) -> list[list[int | None]]:
    """The table's numbers by group of its keys but the last; None where masked."""
    name = table.plan.measures[0].name
    size = len(table.plan.by[-1].values)
    shown = [
        None if masked else rounding.rounded(int(n), pack)
        for n, masked in zip(table.evidence[name].patients, hidden, strict=True)
    ]
    return [shown[i : i + size] for i in range(0, len(shown), size)]


def _cells(by: Sequence[Key]) -> list[tuple[Value, ...]]:
    return list(itertools.product(*(key.values for key in by)))


def _keys(by: Sequence[Key]) -> tuple[ResultColumn, ...]:
    return tuple(ResultColumn(k.column, "key", type=type_name(k.values[0])) for k in by)


def _value(name: str, by: Sequence[Key], kind: str) -> tuple[ResultColumn, ResultColumn]:
    status = ResultColumn(beside(name, "status", [k.column for k in by]), "status", name, "string")
    return ResultColumn(name, "value", type="integer" if kind == "integer" else "float"), status


def _free(wish: str, taken: set[str]) -> str:
    while wish in taken:
        wish += "_"
    return wish
