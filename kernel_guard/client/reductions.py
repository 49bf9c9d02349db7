"""What `per_patient(…)` takes: short forms of the plan's reductions.

- A `first` or `last` without a date column is ordered by the only date there is; where there are several, one must
  be named.
"""

from __future__ import annotations

from kernel_guard.client.scope import Scope
from kernel_guard.errors import PlanError
from kernel_guard.plan.relations import Reduction
from kernel_guard.plan.schema import ColumnType


def reduction(scope: Scope, name: str, spec: object) -> Reduction:
    """The reduction that `name=spec` means."""
    match (spec,) if isinstance(spec, str) else spec:
        case ("count" | "exists" as function,):
            return Reduction(name, function)
        case ("count", int() as limit):
            return Reduction(name, "count", limit=limit)
        case ("sum" | "mean" | "min" | "max" as function, str() as column):
            return Reduction(name, function, scope.column(column).name)
        case ("first" | "last" as function, str() as column):
            return Reduction(name, function, scope.column(column).name, _only_date(scope))
        case ("first" | "last" as function, str() as column, str() as order):
            return Reduction(name, function, scope.column(column).name, scope.column(order).name)
    raise PlanError(
        f"The reduction {name!r} is not understood.",
        hint=f"Write {name}='count', {name}='exists', {name}=('mean', 'column') "
        f"or {name}=('last', 'column', 'date column').",
    )


def _only_date(scope: Scope) -> str:
    dates = [c.name for c in scope.columns() if c.type is ColumnType.DATE]
    if len(dates) == 1:
        return dates[0]
    raise PlanError(
        "A first or last value needs a date column to order by.",
        hint=f"Name one of {', '.join(dates)}: ('last', 'column', {dates[0]!r})." if dates else "There is none here.",
    )
