"""What passes between the price, an engine and a protection: a request, and integers per cell.

- Partials are integers, so that the same rows give the same partials in every engine and on every thread schedule.
- The cells are the product of the plan's public key values: a cell without rows is there, with zeros.
- Partials know rows only as bounded sums; still they are secret until noise or disclosure rules have been over them.
"""

from __future__ import annotations

import enum
import itertools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal as OneOf
from typing import Protocol

from kernel_guard.plan.aggregates import (
    Aggregate,
    CountPatients,
    CountRows,
    Covariance,
    Measure,
    Quantile,
    Rate,
    Sum,
    Variance,
)
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.privacy import Contribution, Route
from kernel_guard.vault.engine.evidence import Codes, Evidence, Members
from kernel_guard.vault.engine.grids import Bins, Grid
from kernel_guard.vault.engine.moments import degrees_of, number_of

Part = OneOf[
    "rows", "patients", "sum", "other", "square", "other_square", "product", "low", "high",
    "c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8",
]  # fmt: skip
MOMENTS: tuple[Part, ...] = ("c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7", "c8")
Cell = tuple[Value, ...]
FINEST = 2**10  # the weight of a row where patients are weighted: a power of two
WEIGHTS = 2**20  # most weight of one patient, while it allows a weight of 1 for each row


class Bounding(enum.StrEnum):
    """How patients are held to a contribution of `rows` rows in each of `groups` cells, `total` rows in all.

    - none: no patient can be in more cells than `groups`; within a cell n > rows values count as rows/n each.
    - truncate: the cells of a patient with the least salted hashes are kept, then as above. Where values are to be
      found (`CommonValues`), values are kept in place of cells.
    - norm: all rows of a patient count, each with the weight w = unit, or ⌊unit · total / n⌋ for a patient with
      n > total rows in all cells. Patients are counted alike: k > groups cells count ⌊unit · groups / k⌋ each.

    Sensitivity, adding or removing one patient, in the L1 norm over all cells (integers throughout, so exact):

    - rows: Σ min(n_cell, rows) ≤ groups · rows = total for none and truncate. For norm n · w ≤ total · unit: with
      n ≤ total because w = unit, else because n · ⌊unit · total / n⌋ ≤ unit · total.
    - patients: at most `groups` cells of 1; for norm k · w ≤ groups · unit by the same step.
    - sum: each |value| ≤ half on the grid, so at most `half` times the bound on rows. For none and truncate the
      patient's sum s over n > rows values becomes s · rows / n cut towards zero, and |s| ≤ n · half.
    - moments: one row adds a constant to all of them together (see `moments`): so many times the bound on rows. Where a
      patient's sums over n > rows values are scaled by rows / n they are positive and cut down, which keeps the bound.
    - histogram: a row weighs `bins.unit` in place of `unit`, with the same bounds for all bins of all cells together.

    Other patients' weights and choices do not depend on this patient: neither w nor the hash looks at anyone else.
    """

    NONE = "none"
    TRUNCATE = "truncate"
    NORM = "norm"


@dataclass(frozen=True)
class PartialRequest:
    """What an engine computes.

    - `contribution` bounds each patient on the DP route; it is None on the SDC route, where counts are exact.
    - `bounding`: how patients are held to it; `total` is the most rows of one patient over all cells together.
    - `grids`: measure name → fixed-point grid (Sum, Mean, moments, and Quantile on the SDC route); `moments.grid_name`.
    - `bins`: measure name → public bins (Quantile on the DP route).
    - `filled`: whether the evidence of sums tells rows that are not 0 too (where a pack rounds).
    - `shown`: what the exact route derives from the plan's answer, where that is not what is published itself.
    """

    plan: Aggregate
    route: Route
    contribution: Contribution | None
    bounding: Bounding
    grids: Mapping[str, Grid]
    bins: Mapping[str, Bins]
    total: int = 1
    shown: Measure | None = None
    filled: bool = False

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every combination of the public key values, the last key running fastest."""
        return tuple(itertools.product(*(key.values for key in self.plan.by)))

    @property
    def unit(self) -> int:
        """What one whole row (patient, step of a sum) is in the partials: 1, or a fixed-point unit for weights."""
        return row_unit(self.total) if self.bounding is Bounding.NORM else 1

    def parts(self, measure: Measure) -> tuple[Part, ...]:
        """The partials that a measure (no quantile of the DP route) is made from."""
        if self.route is Route.SDC:
            return ("rows", "patients", *_exact_parts(measure))
        if isinstance(measure, CountRows):
            return ("rows",)
        if isinstance(measure, CountPatients):
            return ("patients",)
        if degrees_of(measure):
            return MOMENTS[: number_of(degrees_of(measure))]
        return ("sum",) if isinstance(measure, Sum) else ("sum", "rows")


def _exact_parts(measure: Measure) -> tuple[Part, ...]:
    """What an exact number is made from besides its rows and patients."""
    match measure:
        case CountRows() | CountPatients():
            return ()
        case Quantile():
            return ("low", "high")
        case Variance():
            return ("sum", "square")
        case Covariance():
            return ("sum", "other", "square", "other_square", "product")
        case Rate():
            return ("sum", "other")
    return ("sum",)


def row_unit(total: int) -> int:
    """The weight of one whole row where a patient's rows are weighted, for `total` whole rows of a patient."""
    return max(1, min(FINEST, WEIGHTS // total))


@dataclass(frozen=True)
class Partials:
    """`values[measure, part]` has one integer per cell of `request.cells`.

    - rows: rows with a value, each `request.unit` or (see `Bounding`) what remains of it
    - patients: distinct patients with a value, likewise
    - sum: of (value − grid.centre) / grid.step, rounded, likewise
    - c0 … c8: sums of the polynomials of `moments`, likewise
    - other: the sum of the second column; square, other_square, product: of squares and of the product (SDC route)
    - low, high: the two order statistics around a quantile, on the grid (SDC route; 0 in an empty cell)

    `histograms[measure]` maps cell index → bin index → weight; `Bins.unit` is the weight of one row. `found[measure]`
    maps the values of a column, which the data alone know, to patients.
    """

    request: PartialRequest
    values: Mapping[tuple[str, Part], tuple[int, ...]]
    histograms: Mapping[str, Mapping[int, Mapping[int, int]]]
    found: Mapping[str, Mapping[Value, int]] = field(default_factory=dict)


class Engine(Protocol):
    """Whatever can turn a request into partials, and say what stands behind an exact table."""

    def partials(self, request: PartialRequest) -> Partials:
        """Run the plan; `InternalError` or `VaultUnavailable` when that cannot be done."""
        ...

    def evidence(self, request: PartialRequest) -> Evidence:
        """Patients, rows, sums and largest parts of every cell, for the rules of the exact route."""
        ...

    def members(self, request: PartialRequest) -> Mapping[str, Members]:
        """Who stands behind the cells of each measure of an exact table."""
        ...

    def owners(self, table: str) -> Codes:
        """The patient of each stored row of a table, by the row's place; 0 where there is none."""
        ...
