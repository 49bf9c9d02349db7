"""Relations: where rows come from before they are aggregated.

- A source is a table of one study; everything above it keeps the patient key.
- A join is on the patient key only, and its right side has at most one row per patient, so that it never
  multiplies a patient's rows.
- `PerPatient` reduces events to one row per patient: the contribution is bounded at the source.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

from kernel_guard.plan.expressions import Expression


@dataclass(frozen=True)
class Source:
    study: str
    table: str


@dataclass(frozen=True)
class Filter:
    source: Relation
    predicate: Expression


@dataclass(frozen=True)
class Derive:
    """Add one column; `lower`/`upper`/`step` declare the bounds of a numeric one where they cannot be inferred."""

    source: Relation
    name: str
    expression: Expression
    lower: float | None = None
    upper: float | None = None
    step: float | None = None


@dataclass(frozen=True)
class Join:
    """Rows of `left` with the columns of `right` of the same patient; `right` is a patient table."""

    left: Relation
    right: Relation
    how: OneOf["inner", "left"] = "inner"


@dataclass(frozen=True)
class Reduction:
    """One value per patient.

    `count`/`exists` take no column; `sum/mean/min/max` a bounded numeric one; `first/last` any column, ordered by
    the date column `order_by`. `limit` caps the count (and so bounds it).
    """

    name: str
    function: OneOf["count", "exists", "sum", "mean", "min", "max", "first", "last"]
    column: str | None = None
    order_by: str | None = None
    limit: int | None = None


@dataclass(frozen=True)
class PerPatient:
    """One row per patient that has a row in `source`; its columns are the reductions (and the patient key)."""

    source: Relation
    reductions: tuple[Reduction, ...]


Relation = Source | Filter | Derive | Join | PerPatient
