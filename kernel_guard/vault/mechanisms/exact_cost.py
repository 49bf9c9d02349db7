"""The exact route's request: no noise, no cost; what the engine computes, and on which grids.

- Top-k, distinct values and survival are derived from a table of patients: that table is what is asked for, protected
  and compared; the wished numbers are formed from what of it may be published (`PartialRequest.shown`).
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan.aggregates import (
    Aggregate,
    CommonValues,
    CountDistinct,
    CountPatients,
    Covariance,
    Key,
    Mean,
    Measure,
    Quantile,
    Rate,
    Sum,
    Survival,
    TopK,
    Variance,
)
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Ask, Budget
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.base import Bounding, PartialRequest
from kernel_guard.vault.engine.grids import EXACT, ROOT, Grid, exact_grid
from kernel_guard.vault.engine.moments import grid_name
from kernel_guard.vault.life_tables import life_table_plan
from kernel_guard.vault.mechanisms.pricing import NOTHING, MeasurePrice, PricedQuery, Pricing


def exact_pricing(ask: Ask, shape: Shape) -> Pricing:
    """A price of nothing, with the request."""
    plan, shown = _counted(ask.plan, shape)
    grids: dict[str, Grid] = {}
    for m in plan.measures:
        grids |= _grids(m, shape)
    request = PartialRequest(plan, ask.route, None, Bounding.NONE, grids, {}, shown=shown)
    exact = tuple(MeasurePrice(m.name, NOTHING, 0.0, "exact") for m in ask.plan.measures)
    queries = (PricedQuery(request, ()),)
    return Pricing(ask.route, NOTHING, Budget(Fraction(0)), ask.plan, queries, exact, ask.confidence)


def _counted(plan: Aggregate, shape: Shape) -> tuple[Aggregate, Measure | None]:
    """The plan to count, and the measure that is derived from its answer."""
    if any(isinstance(m, CommonValues) for m in plan.measures):
        raise PolicyForbids(
            "Values that nobody declared are not released exactly: there is no disclosure rule for them.",
            hint="Ask with .release(epsilon=…).",
        )
    derived = next((m for m in plan.measures if isinstance(m, CountDistinct | TopK | Survival)), None)
    if derived is None:
        return plan, None
    if len(plan.measures) > 1 or plan.totals:
        raise PlanError(
            f"{derived.name!r} is made from a table of its own: exactly, it cannot stand beside others or have totals.",
            hint="Ask the two questions apart.",
        )
    if isinstance(derived, Survival):
        return life_table_plan(plan, derived, shape), derived
    known = tuple(c.value for c in shape.column(derived.column).categories or ())
    values = derived.values if isinstance(derived, TopK) else known
    return replace(plan, measures=(CountPatients(derived.name),), by=(*plan.by, Key(derived.column, values))), derived


def _grids(measure: Measure, shape: Shape) -> dict[str, Grid]:
    """Fine grids for sums; where squares and products are summed, so fine that one of them fits into 64 bits."""
    if not isinstance(measure, Sum | Mean | Quantile | Rate | Variance | Covariance):
        return {}
    most = ROOT if isinstance(measure, Variance | Covariance) else EXACT
    columns = [shape.column(name) for name in columns_of(measure)]
    return {grid_name(measure, i): exact_grid(column, most=most) for i, column in enumerate(columns)}
