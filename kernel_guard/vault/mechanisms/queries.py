"""A plan as the queries that the engine runs: contribution bounds, grids and bins for each, without ε.

- Measures over the plan's own cells are one query. A distinct count needs its column as one more key, and a patient
  held to a number of cells, so it is a query of its own; so are the tables behind top-k and survival.
- Grids are as fine as 64-bit sums allow for the bounds at hand (`_most_steps`, `_most_moment_steps`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from kernel_guard.plan.aggregates import (
    Aggregate,
    CommonValues,
    CountDistinct,
    CountPatients,
    Key,
    Mean,
    Quantile,
    Sum,
    Survival,
    TopK,
)
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Contribution, Route
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.base import Bounding, PartialRequest, row_unit
from kernel_guard.vault.engine.grids import Bins, Grid, bins_of, grid_of
from kernel_guard.vault.engine.moments import degrees_of, grid_name
from kernel_guard.vault.mechanisms.contribution import DEFAULT_GROUPS, Bounded, bound, number_of_cells
from kernel_guard.vault.mechanisms.families import Family, families_of
from kernel_guard.vault.mechanisms.survival import life_table

STEPS = 2**30  # most steps of a grid, shared by the rows of a patient
PATIENTS = 2**31  # patients · (what one adds to one cell) stays below 2⁶² for so many
MOMENT_PATIENTS = 2**26  # the same for moments, whose grids are products
WEIGHT = 3360  # about the weight of a patient in a histogram: 840 (divisible by 1…8) for each of 4 rows
BINS = 1024
HISTOGRAM = 2_000_000  # most numbers in all histograms of one measure


@dataclass(frozen=True)
class Query:
    """What the engine is asked, and the families that its answer serves."""

    request: PartialRequest
    families: tuple[Family, ...]


@dataclass(frozen=True)
class _Asking:
    """What all queries of one plan share."""

    study: Study
    contribution: Contribution | None
    gaussian: bool


def queries_of(
    plan: Aggregate, shape: Shape, study: Study, asked: Contribution | None, *, gaussian: bool = False
) -> tuple[Query, ...]:
    """The queries behind a checked plan of the DP route, for the noise that is to be added."""
    ask = _Asking(study, asked, gaussian)
    first = plan.measures[0]
    if isinstance(first, TopK):
        return (_ranked(plan, first, shape, ask),)
    if isinstance(first, Survival):
        table = life_table(plan, first, shape)
        return (_query(table, families_of(table.measures), check_aggregate(table, study), ask),)
    if isinstance(first, CommonValues):
        return (_found(plan, first, shape, ask),)
    families = families_of(plan.measures)
    together = tuple(f for f in families if not isinstance(f.carrier, CountDistinct))
    apart = [f for f in families if isinstance(f.carrier, CountDistinct)]
    found = [_query(replace(plan, measures=tuple(f.carrier for f in together)), together, shape, ask)] * bool(together)
    return (*found, *(_distinct(plan, f, shape, ask) for f in apart))


def _ranked(plan: Aggregate, measure: TopK, shape: Shape, ask: _Asking) -> Query:
    counted = CountPatients(measure.name)
    table = replace(plan, measures=(counted,), by=(*plan.by, Key(measure.column, measure.values)))
    return _query(table, families_of((counted,)), shape, ask)


def _found(plan: Aggregate, measure: CommonValues, shape: Shape, ask: _Asking) -> Query:
    """Values in place of cells: a patient counts in at most `groups` of them."""
    asked = ask.contribution.groups if ask.contribution else DEFAULT_GROUPS
    groups = min(asked, shape.max_rows_per_patient or asked)
    form = Bounding.NONE if shape.one_row_per_patient else Bounding.TRUNCATE
    request = PartialRequest(plan, Route.DP, Contribution(1, groups), form, {}, {}, groups)
    return Query(request, (Family(measure, (measure,)),))


def _distinct(plan: Aggregate, family: Family, shape: Shape, ask: _Asking) -> Query:
    assert isinstance(family.carrier, CountDistinct)
    column = shape.column(family.carrier.column)
    values = tuple(c.value for c in column.categories or ())
    counted = CountPatients(family.carrier.name)
    table = replace(plan, measures=(counted,), by=(*plan.by, Key(column.name, values)))
    return _query(table, (family,), shape, ask, choose=True)


def _query(
    plan: Aggregate,
    families: tuple[Family, ...],
    shape: Shape,
    ask: _Asking,
    *,
    choose: bool = False,
) -> Query:
    bounded = bound(plan, shape, ask.study, ask.contribution, gaussian=ask.gaussian)
    if choose and bounded.bounding is Bounding.NORM:
        bounded = replace(bounded, bounding=Bounding.TRUNCATE)
    grids: dict[str, Grid] = {}
    bins: dict[str, Bins] = {}
    for m in plan.measures:
        if isinstance(m, Sum | Mean):
            grids[m.name] = grid_of(shape.column(m.column), centred=isinstance(m, Mean), most=_most_steps(bounded))
        elif isinstance(m, Quantile):
            unit = 1 if shape.one_row_per_patient else max(1, WEIGHT // bounded.contribution.rows)
            bins[m.name] = bins_of(shape.column(m.column), most=_most_bins(plan), unit=unit)
        for i, name in enumerate(columns_of(m) if degrees_of(m) else ()):
            most = _most_moment_steps(bounded, degrees_of(m))
            grids[grid_name(m, i)] = grid_of(shape.column(name), centred=True, most=most, default=most)
    request = PartialRequest(plan, Route.DP, bounded.contribution, bounded.bounding, grids, bins, bounded.total)
    return Query(request, families)


def _most_steps(bounded: Bounded) -> int:
    """Half the range in steps, so that no sum of a cell can leave 64 bits: see `PATIENTS`."""
    if bounded.bounding is not Bounding.NORM:
        return STEPS // bounded.contribution.rows
    return max(1, 2**62 // PATIENTS // (bounded.total * row_unit(bounded.total)))


def _most_moment_steps(bounded: Bounded, degrees: tuple[int, ...]) -> int:
    """The same for moments: Π(2h)^d · total · unit · `MOMENT_PATIENTS` ≤ 2⁶²."""
    unit = row_unit(bounded.total) if bounded.bounding is Bounding.NORM else 1
    limit = 2**62 // MOMENT_PATIENTS // (bounded.total * unit)
    most: int = int(limit ** (1.0 / sum(degrees))) // 2
    return max(1, min(most, 2**20))


def _most_bins(plan: Aggregate) -> int:
    return max(16, min(BINS, HISTOGRAM // number_of_cells(plan)))
