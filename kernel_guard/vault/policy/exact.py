"""Step 3 for the exact route: what can be judged exactly at all, from the plan alone."""

from __future__ import annotations

from kernel_guard.errors import PlanError
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import shape_of
from kernel_guard.vault.disclosure.paths import path_of
from kernel_guard.vault.mechanisms.contribution import facts_of_patients


def check_exact(ask: Ask, study: Study) -> None:
    """Refuse a measure without rules, and totals that cannot be checked; on the DP route, totals of any kind."""
    plan = ask.plan
    if ask.route is Route.DP:
        if plan.totals:
            raise PlanError(
                "Totals of noisy cells are sums of what is released.", hint="Ask without totals and add the cells up."
            )
        return
    for measure in plan.measures:
        path_of(measure)
    if not plan.totals:
        return
    if not in_one_cell(plan, study) and any(isinstance(m, CountPatients) for m in plan.measures):
        raise PlanError(
            "One patient may stand in several of these groups, so the numbers of patients do not add up to a total.",
            hint="Ask for rows, or without totals, or reduce to one row per patient first.",
        )


def in_one_cell(plan: Aggregate, study: Study) -> bool:
    """Whether a patient stands in one cell of a plan at most, whatever the data."""
    one = shape_of(plan.source, study).one_row_per_patient
    return one or {k.column for k in plan.by} <= facts_of_patients(plan.source, study)
