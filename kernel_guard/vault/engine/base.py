"""What passes between the price, an engine and a protection: a request, and integers per cell.

- Partials are integers, so that the same rows give the same partials in every engine and on every thread schedule.
- The cells are the product of the plan's public key values: a cell without rows is there, with zeros.
- Partials know rows only as bounded sums; still they are secret until noise or disclosure rules have been over them.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal as OneOf
from typing import Protocol

from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.privacy import Contribution, Route
from kernel_guard.plan.relations import Relation
from kernel_guard.vault.engine.grids import Bins, Grid

Part = OneOf["rows", "patients", "sum", "low", "high"]
Cell = tuple[Value, ...]


@dataclass(frozen=True)
class PartialRequest:
    """What an engine computes.

    - `contribution` bounds each patient on the DP route; it is None on the SDC route, where counts are exact.
    - `truncate`: a patient may have rows in more cells than `contribution.groups`, so cells must be chosen.
    - `grids`: measure name → fixed-point grid (Sum, Mean, and Quantile on the SDC route).
    - `bins`: measure name → public bins (Quantile on the DP route).
    """

    plan: Aggregate
    route: Route
    contribution: Contribution | None
    truncate: bool
    grids: Mapping[str, Grid]
    bins: Mapping[str, Bins]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every combination of the public key values, the last key running fastest."""
        return tuple(itertools.product(*(key.values for key in self.plan.by)))


@dataclass(frozen=True)
class Partials:
    """`values[measure, part]` has one integer per cell of `request.cells`.

    - rows: rows with a value (per patient and cell at most `contribution.rows` on the DP route)
    - patients: distinct patients with a value
    - sum: of (value − grid.centre) / grid.step, rounded
    - low, high: the two order statistics around a quantile, on the grid (SDC route; 0 in an empty cell)

    `histograms[measure]` maps cell index → bin index → weight; `Bins.unit` is the weight of one row.
    """

    request: PartialRequest
    values: Mapping[tuple[str, Part], tuple[int, ...]]
    histograms: Mapping[str, Mapping[int, Mapping[int, int]]]


class Engine(Protocol):
    """Whatever can turn a request into partials."""

    def partials(self, request: PartialRequest) -> Partials:
        """Run the plan; `InternalError` or `VaultUnavailable` when that cannot be done."""
        ...

    def differing_patients(self, first: Relation, second: Relation) -> tuple[int, int]:
        """Patients in the first population and not in the second, and the reverse."""
        ...
