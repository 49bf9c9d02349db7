"""From an exact table to what may be published of it: masked, rounded, and only then derived.

- A masked value is null with its reason; every cell of the public grid stands in the result.
- Where counts are rounded, a mean keeps few digits, a sum is the mean times the rounded count, and a total of
  published cells is their sum: no pair of results gives an unrounded number back.
- The release records, for each measure, its class, its risks, the rules that were run and their verdict.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from kernel_guard.plan.aggregates import CountPatients, CountRows, Measure, Sum
from kernel_guard.plan.expressions import Value
from kernel_guard.vault.disclosure.derived import derived
from kernel_guard.vault.disclosure.gather import ExactTable
from kernel_guard.vault.disclosure.masks import Masks, choose
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.paths import path_in
from kernel_guard.vault.disclosure.result import Check, Result, ResultColumn, Rule, beside, type_name
from kernel_guard.vault.disclosure.rules import rounding
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.disclosure.values import value_of


@dataclass(frozen=True)
class Protected:
    """A result with the masks behind it (which say where exact numbers stand)."""

    result: Result
    masks: Masks


def protect_sdc(
    table: ExactTable, pack: RulePack, also: Mapping[str, Mask] | None = None, *, among: bool = False
) -> Protected:
    """Mask, round and derive; `among` others, whose small cells its own masks may protect."""
    masks = choose(table, pack, also or {})
    rules, checks = _rules(masks, pack, table), _checks(masks, table)
    if table.request.shown is not None:
        shown = derived(table, masks.masked[table.plan.measures[0].name], pack)
        return Protected(Result(*shown, None, rules, checks), masks)
    keys, measures, cells = table.plan.by, table.plan.measures, table.layout.cells
    names = [k.column for k in keys] + [m.name for m in measures]
    columns = [ResultColumn(k.column, "key", type=type_name(k.values[0])) for k in keys]
    data: list[Sequence[Value | None]] = [[cell[i] for cell in cells] for i in range(len(keys))]
    for measure in measures:
        hidden = masks.masked[measure.name]
        values, statuses = _column(table, measure, hidden, pack, among=among)
        counted = isinstance(measure, CountRows | CountPatients)
        columns.append(ResultColumn(measure.name, "value", type="integer" if counted else "float"))
        columns.append(ResultColumn(beside(measure.name, "status", names), "status", measure.name, "string"))
        data += [values, statuses]
    rows = tuple(zip(*data, strict=True))
    result = Result(tuple(columns), rows, None, rules, checks)
    return Protected(result, masks)


def _column(
    table: ExactTable, measure: Measure, hidden: Mask, pack: RulePack, *, among: bool
) -> tuple[list[Value | None], list[str]]:
    """Published values and statuses of one measure."""
    secondary = ", or to protect such a cell" if table.layout.totals or among else ""
    reason = path_in(table, measure).reason(pack) + secondary
    patients = table.evidence[measure.name].patients
    counted = isinstance(measure, CountRows | CountPatients)
    values: list[Value | None] = []
    statuses: list[str] = []
    for i, masked in enumerate(hidden):
        empty = not counted and patients[i] == 0
        value = None if masked or empty else value_of(table, measure, i, pack)
        values.append(value)
        statuses.append(reason if masked else _status(value, empty=empty, pack=pack))
    if pack.rounding > 1 and isinstance(measure, CountRows | CountPatients | Sum):
        _add_up(table, values)
    return values, statuses


def _status(value: Value | None, *, empty: bool, pack: RulePack) -> str:
    if value is None:
        return "no values" if empty else "not defined"
    return "rounded" if pack.rounding > 1 else "exact"


def _add_up(table: ExactTable, values: list[Value | None]) -> None:
    """Totals whose parts are all published are the sum of what is published."""
    by_depth = sorted(table.layout.equations, key=lambda e: sum(k is None for k in table.layout.cells[e[0]]))
    for total, parts in by_depth:
        shown = [values[p] for p in parts]
        if values[total] is not None and None not in shown:
            values[total] = sum(v for v in shown if v is not None and not isinstance(v, str))


def _rules(masks: Masks, pack: RulePack, table: ExactTable) -> tuple[Rule, ...]:
    """One line per rule over all measures, in numbers of masked values."""
    found: dict[str, tuple[str, int]] = {}
    for measure in table.plan.measures:
        for use in path_in(table, measure).rules:
            failed = int(masks.failed[measure.name][use.name].sum())
            known = found.get(use.name, (use.detail(pack), 0))
            found[use.name] = (known[0], known[1] + failed)
    # Which rule masked a cell is not told: that a cell fails one and not another bounds it.
    hidden = sum(int(m.sum()) for m in masks.masked.values())
    rules = [Rule(f"rule pack {pack.name}", "masked" if hidden else "pass", f"{pack.title}; {hidden} value(s) masked")]
    rules += [Rule(name, "applied", detail) for name, (detail, _) in found.items()]
    if pack.rounding > 1:
        rules.append(Rule(rounding.NAME, "applied", rounding.detail(pack)))
    if table.layout.totals:
        detail = "no masked cell can be worked back from totals, or bounded more tightly than its mask says"
        rules.append(Rule("secondary suppression", "applied", detail))
    return tuple(rules)


def _checks(masks: Masks, table: ExactTable) -> tuple[Check, ...]:
    found = []
    for m in table.plan.measures:
        path = path_in(table, m)
        hidden = int(masks.masked[m.name].sum())
        names = tuple(use.name for use in path.rules)
        classified = path.classified
        found.append(
            Check(
                m.name, classified.analysis, classified.statbarn, classified.risks, names,
                {"cells": len(masks.masked[m.name]), "masked": hidden}, "masked" if hidden else "pass",
            )
        )  # fmt: skip
    return tuple(found)
