"""How much of one patient counts: contribution bounds from public facts.

- One row per patient: nothing to bound. Otherwise the researcher's choice, else a small default.
- Where every key is a fact of the patient (sex, hospital of record), a patient stands in one cell by construction, and
  no cells need to be chosen.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.privacy import Contribution
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import Shape, shape_of

DEFAULT_ROWS = 4
DEFAULT_GROUPS = 2


@dataclass(frozen=True)
class Bounded:
    """`truncate`: the engine must choose `contribution.groups` cells of each patient."""

    contribution: Contribution
    truncate: bool


def bound(plan: Aggregate, shape: Shape, study: Study, asked: Contribution | None) -> Bounded:
    """The contribution bounds of a plan over its public cells."""
    if shape.one_row_per_patient:
        return Bounded(Contribution(1, 1), truncate=False)
    cells = number_of_cells(plan)
    rows = asked.rows if asked else DEFAULT_ROWS
    if shape.max_rows_per_patient:
        rows = min(rows, max(1, shape.max_rows_per_patient))
    if cells == 1 or {k.column for k in plan.by} <= facts_of_patients(plan.source, study):
        return Bounded(Contribution(rows, 1), truncate=False)
    groups = min(asked.groups if asked else DEFAULT_GROUPS, cells)
    return Bounded(Contribution(rows, groups), truncate=groups < cells)


def number_of_cells(plan: Aggregate) -> int:
    """The product of the numbers of key values."""
    cells = 1
    for key in plan.by:
        cells *= len(key.values)
    return cells


def facts_of_patients(relation: rel.Relation, study: Study) -> frozenset[str]:
    """Columns that have the same value on all rows of a patient, whatever the data."""
    if isinstance(relation, (rel.Source, rel.PerPatient)):
        shape = shape_of(relation, study)
        return frozenset(c.name for c in shape.columns) if shape.one_row_per_patient else frozenset()
    if isinstance(relation, rel.Filter):
        return facts_of_patients(relation.source, study)
    if isinstance(relation, rel.Join):
        right = shape_of(relation.right, study)
        return facts_of_patients(relation.left, study) | {c.name for c in right.columns}
    known = facts_of_patients(relation.source, study)
    return known | {relation.name} if columns_in(relation.expression) <= known else known


def columns_in(expression: ex.Expression) -> frozenset[str]:
    """Names of the columns that an expression reads."""
    if isinstance(expression, ex.ColumnRef):
        return frozenset({expression.name})
    if isinstance(expression, ex.Literal):
        return frozenset()
    if isinstance(expression, (ex.Compare, ex.And, ex.Or, ex.Arithmetic)):
        return columns_in(expression.left) | columns_in(expression.right)
    if isinstance(expression, ex.DaysBetween):
        return columns_in(expression.start) | columns_in(expression.end)
    return columns_in(expression.operand)
