"""Step 3 of the gate for totals, and for the exact route: what can be judged at all, from the plan alone."""

from __future__ import annotations

from kernel_guard.errors import PlanError
from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import shape_of
from kernel_guard.vault.disclosure.paths import path_of
from kernel_guard.vault.mechanisms.contribution import facts_of_patients, number_of_cells

MOST_NOISY = 10_000  # cells of a noisy table with totals: its errors are simulated


def check_exact(ask: Ask, study: Study) -> None:
    """Refuse a measure without rules, and totals that do not add up or cannot be checked."""
    plan = ask.plan
    if ask.route is Route.SDC:
        for measure in plan.measures:
            path_of(measure)
    if not plan.totals:
        return
    if ask.route is Route.DP:
        _check_noisy(plan)
    if not in_one_cell(plan, study) and any(isinstance(m, CountPatients) for m in plan.measures):
        raise PlanError(
            "One patient may stand in several of these groups, so the numbers of patients do not add up to a total.",
            hint="Ask for rows, or without totals, or reduce to one row per patient first.",
        )


def in_one_cell(plan: Aggregate, study: Study) -> bool:
    """Whether a patient stands in one cell of a plan at most, whatever the data."""
    one = shape_of(plan.source, study).one_row_per_patient
    return one or {k.column for k in plan.by} <= facts_of_patients(plan.source, study)


def _check_noisy(plan: Aggregate) -> None:
    counted = len(plan.measures) == 1 and isinstance(plan.measures[0], CountRows | CountPatients)
    if not counted or not plan.by or number_of_cells(plan) > MOST_NOISY:
        raise PlanError(
            f"Noisy totals are for one count by one key or more, of at most {MOST_NOISY:,} cells.",
            hint="Ask without totals; those of other measures need a question of their own, without the key.",
        )
