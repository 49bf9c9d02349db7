"""The life table behind an exact survival curve: its intervals put together as far as the rule on steps asks.

- What is published of a step is how many had each cause and how many were censored, whatever the reason; of those who
  are left after the last step, how many they are. `pooled` says so to the comparison with earlier releases.
- The steps are chosen from the counts, and are then the table's own: it is counted again with them, and goes through
  rules and comparison like any other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from kernel_guard.plan.aggregates import Aggregate, Key, Survival
from kernel_guard.plan.expressions import Cut
from kernel_guard.plan.relations import Derive
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.rules import survival
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.evidence import Codes, Integers

Sets = Mapping[int, tuple[Codes, Codes | None]]


def coarser(request: PartialRequest, counts: Integers, pack: RulePack) -> PartialRequest:
    """A survival question's table with the steps that it may have; `counts` are those of `request.cells`."""
    plan, measure = request.plan, request.shown
    interval, cut = plan.source, getattr(plan.source, "expression", None)
    assert isinstance(measure, Survival) and isinstance(interval, Derive) and isinstance(cut, Cut)
    # Without any step all groups are masked, at the last time that was asked for.
    ends = survival.steps(by_kind(counts, plan, measure), pack) or [len(measure.edges) - 1]
    edges = (cut.edges[0], *(cut.edges[end + 1] for end in ends), cut.edges[-1])
    labels = cut.labels[: len(edges) - 1]
    source = replace(interval, expression=replace(cut, edges=edges, labels=labels))
    by = tuple(Key(k.column, labels) if k.column == interval.name else k for k in plan.by)
    shown = replace(measure, edges=tuple(measure.edges[end] for end in ends))
    return replace(request, plan=replace(plan, source=source, by=by), shown=shown)


def by_kind(counts: Integers, plan: Aggregate, measure: Survival) -> Integers:
    """Patients by group, interval and kind of ending: each cause, and censored whatever the reason."""
    causes = len(measure.causes)
    groups = counts.reshape(-1, *(len(key.values) for key in plan.by[-2:]))
    censored = groups[:, :, causes:].sum(axis=2, keepdims=True)
    return np.concatenate([groups[:, :, :causes], censored], axis=2)


def thin(counts: Integers, plan: Aggregate, measure: Survival, pack: RulePack) -> Integers:
    """Cells of the groups in which a step stands for too few."""
    left = by_kind(counts, plan, measure)
    later = left.sum(axis=2)[:, ::-1].cumsum(axis=1)[:, ::-1]
    steps = range(left.shape[1] - 1)
    bad = np.logical_or.reduce([survival.fails(left[:, i], later[:, i + 1], pack) for i in steps])
    return np.repeat(bad, len(counts) // len(left))


def pooled(sets: Sets, request: PartialRequest) -> Sets:
    """Who stands behind each cell, those cells together that are published as one number."""
    measure = request.shown
    if not isinstance(measure, Survival):
        return sets
    intervals, endings = (len(key.values) for key in request.plan.by[-2:])
    found: dict[int, list[Codes]] = {}
    for cell, (patients, _) in sets.items():
        interval, ending = cell // endings % intervals, cell % endings
        first = 0 if interval == intervals - 1 else min(ending, len(measure.causes))
        found.setdefault(cell - ending + first, []).append(patients)
    return {cell: (np.unique(np.concatenate(parts)), None) for cell, parts in found.items()}
