"""How much of one patient counts: contribution bounds from public facts, and the form that keeps the most of it.

- One row per patient: nothing to bound. Otherwise the researcher's choice, else a small default.
- Where every key is a fact of the patient (sex, hospital of record), a patient stands in one cell by construction, and
  no cells need to be chosen.
- Everywhere else the form with the least expected error is taken, from the plan and the bounds alone; see `_form`.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.columns import columns_in
from kernel_guard.plan.privacy import Contribution
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.plan.typing import shape_of
from kernel_guard.vault.engine.base import Bounding

DEFAULT_ROWS = 4
DEFAULT_GROUPS = 2


@dataclass(frozen=True)
class Bounded:
    """What one patient may add: see `Bounding`."""

    contribution: Contribution
    bounding: Bounding
    total: int


def bound(
    plan: Aggregate, shape: Shape, study: Study, asked: Contribution | None, *, gaussian: bool = False
) -> Bounded:
    """The contribution bounds of a plan over its public cells, for the noise that is to be added."""
    if shape.one_row_per_patient:
        return Bounded(Contribution(1, 1), Bounding.NONE, 1)
    cells = number_of_cells(plan)
    most = max(1, shape.max_rows_per_patient or 10_000 * 10_000)
    rows = min(asked.rows if asked else DEFAULT_ROWS, most)
    if cells == 1 or {k.column for k in plan.by} <= facts_of_patients(plan.source, study):
        return Bounded(Contribution(rows, 1), Bounding.NONE, rows)
    groups = min(asked.groups if asked else DEFAULT_GROUPS, cells, most)
    return _form(plan, Contribution(rows, groups), cells, most, gaussian)


def _form(plan: Aggregate, contribution: Contribution, cells: int, most: int, gaussian: bool) -> Bounded:
    """The form with the least expected error at one price.

    Laplace noise sees a patient through the L1 norm alone, and it is bounded by rows · groups in every form: the noise
    is the same. What differs is what the bound cuts off. Of a patient with n_c rows in cell c, truncation keeps
    Σ min(n_c, rows) over at most `groups` cells, which is at most min(Σ n_c, rows · groups): what the norm form keeps.
    So the norm form is never behind for rows and sums, and where patients are counted both keep min(k, groups), the
    norm form without the chance of a choice. It can also use a declared number of rows per patient, which it enforces.
    Gaussian noise sees the L2 norm: rows · √groups where every cell is bounded (truncation, or no choice where a
    patient may be in all cells), but the whole `total` in the norm form, whose rows may all lie in one cell. There the
    bounded cells have less noise, unless few rows per patient are declared; where patients are counted both have
    √groups.
    """
    rows, groups = contribution.rows, contribution.groups
    counting = all(isinstance(m, CountPatients) for m in plan.measures)
    total = min(rows * groups, most)
    if counting and groups == cells:
        return Bounded(contribution, Bounding.NONE, rows * groups)
    if gaussian and not counting and rows * rows * groups < total * total:
        form = Bounding.NONE if groups == cells else Bounding.TRUNCATE
        return Bounded(contribution, form, rows * groups)
    return Bounded(contribution, Bounding.NORM, total)


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
