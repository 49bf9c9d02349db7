"""Survival and cumulative incidence from one noisy life table on a public grid of times (see `life_tables`)."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, Survival
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.life_tables import life_table_plan


def life_table(plan: Aggregate, measure: Survival, shape: Shape) -> Aggregate:
    """Survival and cumulative incidence: the plan that counts patients by interval of time and by how their time ended.

    Privacy unit: one patient with all their rows (a survival plan has one row per patient).
    Sensitivity: L1, 1: a patient stands in one cell of the table, whatever the number of times and causes.
    Mechanism: discrete Laplace noise of scale 1/ε on every cell; curves and numbers at risk are computed from those.
        ε-DP. Paid in ρ: discrete Gaussian noise of scale 1/√(2ρ), since the L2 norm is 1 too; ρ-zCDP.
    Source: noise on a life table, Gondara, Wang (2020); parallel composition, McSherry (2009).
    OpenDP: `make_laplace` (L1 distance) or `make_gaussian` (L2 distance) on a vector domain of 64-bit integers.
    """
    return life_table_plan(plan, measure, shape)
