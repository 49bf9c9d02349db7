"""Life tables on a public grid of times: the plan that counts them, and the estimators on what was counted.

Estimators: actuarial life table (Cutler, Ederer 1958), competing risks by Aalen and Johansen (1978) on the same
intervals. They see counts that are noisy, rounded or exact, and nothing else.

- Interval j is (t_{j−1}, t_j]; the last one is open above, so that nobody is left out but for a missing time or event.
- Estimates are kept in 0 … 1, survival falls and incidence rises: the mean of the closest monotone curves from both
  sides, which favours neither; all of it lowers the error of noisy counts, and changes nothing in others.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Survival
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.relations import Derive
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.grids import bounds_of, resolution

Array = Any


def life_table_plan(plan: Aggregate, measure: Survival, shape: Shape) -> Aggregate:
    """Patients by the plan's keys, by interval of time, and by how their time ended."""
    column = shape.column(measure.column)
    lower, upper = bounds_of(column)
    step = resolution(column) or 0.0
    # A time on the grid belongs to the interval that it ends: intervals of a `Cut` are closed below instead.
    edges = (lower - 1 - step, *(t + step / 2 for t in measure.edges), upper + 1 + step)
    labels = tuple(f"t{i}" for i in range(len(edges) - 1))
    held, interval = (_fresh(name, shape) for name in ("time_held", "interval"))
    source = Derive(plan.source, held, ex.ColumnRef(measure.column), lower=lower, upper=upper)
    source = Derive(source, interval, ex.Cut(ex.ColumnRef(held), edges, labels))
    ending = Key(measure.event, endings(measure, shape))
    return Aggregate(source, (CountPatients(measure.name),), (*plan.by, Key(interval, labels), ending))


def endings(measure: Survival, shape: Shape) -> tuple[Value, ...]:
    """The declared values of the event column, causes first."""
    declared = tuple(c.value for c in shape.column(measure.event).categories or ())
    return (*measure.causes, *(v for v in declared if v not in measure.causes))


def at_risk(counts: Array, measure: Survival) -> Array:
    """Patients at risk at the start of each interval but the last; `counts` is (…, intervals · endings)."""
    table = _table(counts, measure)
    everyone = np.flip(np.cumsum(np.flip(table.sum(axis=-1), -1), axis=-1), -1)
    return np.maximum(_falling(everyone)[..., :-1], 0.0)


def curves(counts: Array, measure: Survival) -> Array:
    """(…, times · curves): survival for one cause, else the cumulative incidence of each, the cause running fastest."""
    table, causes = _table(counts, measure), len(measure.causes)
    left = np.flip(np.cumsum(np.flip(table.sum(axis=-1), -1), axis=-1), -1)[..., :-1]
    ended = table[..., :-1, causes:].sum(axis=-1)
    exposed = np.maximum(left - ended / 2, 1.0)
    hazards = table[..., :-1, :causes] / exposed[..., None]
    alive = np.cumprod(np.clip(1.0 - hazards.sum(axis=-1), 0.0, None), axis=-1)
    if causes == 1:
        return _falling(np.clip(alive, 0.0, 1.0))
    before = np.concatenate([np.ones_like(alive[..., :1]), alive[..., :-1]], axis=-1)
    incidence = np.clip(np.cumsum(before[..., None] * hazards, axis=-2), 0.0, 1.0)
    rising = -_falling(-np.moveaxis(incidence, -1, -2))
    incidence = np.moveaxis(rising, -2, -1)
    incidence = incidence / np.maximum(incidence.sum(axis=-1, keepdims=True), 1.0)
    return incidence.reshape(*incidence.shape[:-2], -1)


def _table(counts: Array, measure: Survival) -> Array:
    return counts.reshape(*counts.shape[:-1], len(measure.edges) + 1, -1)


def _falling(values: Array) -> Array:
    """Halfway between the running minimum from the left and the running maximum from the right."""
    from_left = np.minimum.accumulate(values, axis=-1)
    from_right = np.flip(np.maximum.accumulate(np.flip(values, -1), axis=-1), -1)
    return (from_left + from_right) / 2


def _fresh(wish: str, shape: Shape) -> str:
    taken, name = {c.name for c in shape.columns}, wish
    while name in taken:
        name += "_"
    return name
