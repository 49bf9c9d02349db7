"""What a price is made of: families with their shares of ε, the requests behind them, and what is known before.

- Values only; `plan_cost` makes them, `protect` is held to them.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kernel_guard.plan.aggregates import Aggregate, Measure, Quantile
from kernel_guard.plan.privacy import Budget, Route
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.mechanisms.families import Family
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.threshold import Threshold
from kernel_guard.vault.mechanisms.totals import Totals
from kernel_guard.vault.mechanisms.vectors import NoiseVector

NOTHING = Loss(Fraction(0))


@dataclass(frozen=True)
class PricedFamily:
    """A family's share of the loss: a noisy vector, for quantiles a selection in each cell, or values to be found.

    With `totals` the vector's cells are measured together with sums of them, in its place.

    A selection costs some `parts` of `cell` for a patient who has `weight` in that cell; all cells together cost them
    `together` times as much at most.
    """

    family: Family
    loss: Loss
    vector: NoiseVector | None
    weight: int = 0
    cell: Loss = NOTHING
    together: int = 1
    threshold: Threshold | None = None
    totals: Totals | None = None

    @property
    def spent(self) -> Loss:
        """What its mechanisms lose together."""
        if self.totals is not None:
            return self.totals.loss
        if self.vector is not None:
            return self.vector.loss
        if self.threshold is not None:
            return self.threshold.loss
        return self.cell.part(self.together * sum(map(parts_of, self.family.members)), 1)

    @property
    def name(self) -> str:
        return self.family.carrier.name


POINT, END = 2, 1  # parts of the loss for a quantile, and for each end of its interval


def parts_of(measure: Measure) -> int:
    """How many parts of a selection's loss a quantile takes: its own, and those of two ends."""
    return POINT + (2 * END if isinstance(measure, Quantile) and measure.interval else 0)


@dataclass(frozen=True)
class PricedQuery:
    """What the engine is asked, and what is paid for each family of its answer."""

    request: PartialRequest
    families: tuple[PricedFamily, ...]


@dataclass(frozen=True)
class MeasurePrice:
    """What is known before about a measure.

    `error` is exact where the noise alone decides it. Where it depends on the data it is that of a cell of so many
    `values`, as the text says.
    """

    name: str
    loss: Loss
    error: float
    text: str
    values: int | None = None
    lost_below: int | None = None


@dataclass(frozen=True)
class Pricing:
    """What a question costs and how it will be answered; `requests` go to the engine.

    `loss` is what the families share; `cost` is what it is charged as, which is never less.
    """

    route: Route
    loss: Loss
    cost: Budget
    plan: Aggregate
    queries: tuple[PricedQuery, ...]
    measures: tuple[MeasurePrice, ...]
    confidence: float
    advice: tuple[str, ...] = ()

    @property
    def requests(self) -> tuple[PartialRequest, ...]:
        return tuple(q.request for q in self.queries)

    @property
    def request(self) -> PartialRequest:
        """The first request; an exact question has no other."""
        return self.queries[0].request

    def errors(self) -> list[dict[str, Any]]:
        """The expected errors as plain JSON values, for a quote."""
        return [
            {
                "measure": m.name, "error": m.error, "confidence": self.confidence, "text": m.text,
                "values": m.values, "lost_below": m.lost_below,
            }
            for m in self.measures
        ]  # fmt: skip
