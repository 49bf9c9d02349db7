"""Step 7 of the exact route: what the rules and the result need, from an engine, for every cell and total.

- A total is the same question without one of its keys, over the rows that have one of that key's public values.
- A life table is asked for twice: its steps are chosen by what it holds.
- Counts, sums and means come from the evidence; a measure that needs more asks for its partials too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Mean, Measure, Sum, Survival
from kernel_guard.plan.expressions import ColumnRef, IsIn
from kernel_guard.plan.relations import Filter, Relation
from kernel_guard.vault.disclosure.layout import Layout
from kernel_guard.vault.disclosure.life_steps import coarser
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.engine.base import Engine, PartialRequest
from kernel_guard.vault.engine.evidence import LARGEST, CellEvidence, Evidence, lines_of

FROM_EVIDENCE = CountRows | CountPatients | Sum | Mean


@dataclass(frozen=True)
class ExactTable:
    """Evidence of each measure's lines over the layout's cells; `parts[measure][part]` where it needed partials."""

    request: PartialRequest
    layout: Layout
    evidence: Evidence
    parts: Mapping[str, Mapping[str, tuple[int, ...]]]

    @property
    def plan(self) -> Aggregate:
        return self.request.plan


def gather(engine: Engine, request: PartialRequest, pack: RulePack) -> ExactTable:
    """Ask the engine once for the table, and once for each kind of total."""
    if isinstance(request.shown, Survival):
        request = coarser(request, engine.evidence(request)[request.shown.name].patients, pack)
    request = replace(request, filled=pack.rounding > 1)
    layout = Layout.of(request.plan)
    cells = len(layout.cells)
    lines = [line.name for m in request.plan.measures for line in lines_of(m)]
    evidence, totals = {name: _blank(cells) for name in lines}, {name: [0] * cells for name in lines}
    parts: dict[str, dict[str, list[int]]] = {}
    for kept, asked in subrequests(layout, request):
        places = np.array([layout.place(kept, cell) for cell in asked.cells])
        for name, found in engine.evidence(asked).items():
            _put(evidence[name], totals[name], found, places)
        for (name, part), values in _partials(engine, asked).items():
            column = parts.setdefault(name, {}).setdefault(part, [0] * cells)
            for place, value in zip(places, values, strict=True):
                column[place] = value
    whole = {name: replace(e, total=tuple(totals[name])) for name, e in evidence.items()}
    return ExactTable(request, layout, whole, {n: {p: tuple(v) for p, v in c.items()} for n, c in parts.items()})


def subrequests(layout: Layout, request: PartialRequest) -> list[tuple[tuple[int, ...], PartialRequest]]:
    """The request for each subset of keys, the whole one first."""
    found = []
    for kept in layout.subsets():
        source: Relation = request.plan.source
        for axis, key in enumerate(request.plan.by):
            if axis not in kept:
                source = Filter(source, IsIn(ColumnRef(key.column), key.values))
        plan = Aggregate(source, request.plan.measures, tuple(request.plan.by[axis] for axis in kept))
        found.append((kept, replace(request, plan=plan)))
    return found


def _partials(engine: Engine, asked: PartialRequest) -> dict[tuple[str, str], tuple[int, ...]]:
    measures = tuple(m for m in asked.plan.measures if not isinstance(m, FROM_EVIDENCE))
    if not measures:
        return {}
    found = engine.partials(replace(asked, plan=replace(asked.plan, measures=measures)))
    return {(name, str(part)): values for (name, part), values in found.values.items()}


def _blank(cells: int) -> CellEvidence:
    counts = np.zeros((4, cells), np.int64)
    return CellEvidence(counts[0], counts[1], counts[2], (), counts[3], np.zeros((cells, LARGEST)), np.zeros(cells))


def _put(into: CellEvidence, total: list[int], found: CellEvidence, places: Any) -> None:
    into.patients[places], into.rows[places] = found.patients, found.rows
    into.filled[places], into.nonzero[places] = found.filled, found.nonzero
    into.largest[places], into.absolute[places] = found.largest, found.absolute
    for place, value in zip(places, found.total, strict=True):
        total[place] = value


def measure_of(plan: Aggregate, name: str) -> Measure:
    """A measure by its name."""
    return next(m for m in plan.measures if m.name == name)
