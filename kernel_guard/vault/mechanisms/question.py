"""A question at any price: its queries for both kinds of noise, and what each measure would get for a given loss.

- Composition is the plain sum, of pure ε or of ρ. Measures that are answered from the same noisy numbers (`families`)
  are paid once; families share the loss by the asked weights, else alike. Cells are disjoint but for a patient's
  `groups` of them: that is in the sensitivity, not in the loss.
- Everything is computed from the plan, the schema and the declared bounds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from kernel_guard.plan.aggregates import CommonValues, Measure, Quantile
from kernel_guard.plan.privacy import Ask, Contribution
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.base import Bounding, PartialRequest
from kernel_guard.vault.mechanisms.expected import expected
from kernel_guard.vault.mechanisms.families import Family
from kernel_guard.vault.mechanisms.loss import Account, Loss
from kernel_guard.vault.mechanisms.pricing import END, POINT, MeasurePrice, PricedFamily, PricedQuery, parts_of
from kernel_guard.vault.mechanisms.queries import Query, queries_of
from kernel_guard.vault.mechanisms.threshold import Threshold
from kernel_guard.vault.mechanisms.totals import totals_of
from kernel_guard.vault.mechanisms.vectors import vector_of


@dataclass(frozen=True)
class Question:
    """A checked question of the DP route with the account that pays for it."""

    ask: Ask
    shape: Shape
    study: Study
    account: Account

    def priced(self, loss: Loss) -> tuple[PricedQuery, ...]:
        """Every family with its share; the shares add up to the loss exactly."""
        queries = self._laplace if loss.pure else self._gaussian
        weights = dict(zip((m.name for m in self.ask.plan.measures), self.ask.weights or (), strict=False))
        heavy = {f: max(weights.get(m.name, 1) for m in f.members) for q in queries for f in q.families}
        whole = sum(heavy.values())
        return tuple(
            PricedQuery(q.request, tuple(self._family(f, q.request, loss.part(heavy[f], whole)) for f in q.families))
            for q in queries
        )

    def _family(self, family: Family, request: PartialRequest, loss: Loss) -> PricedFamily:
        if not isinstance(family.carrier, CommonValues):
            return price_family(family, request, loss)
        assert request.contribution is not None
        threshold = Threshold(request.contribution.groups, loss, self.account.delta)
        return PricedFamily(family, loss, None, threshold=threshold)

    def measures(self, loss: Loss) -> Iterator[MeasurePrice]:
        """What is known before about each measure, in the plan's order."""
        priced = self.priced(loss)
        return (_expected(m, priced, self.ask.confidence) for m in self.ask.plan.measures)

    @cached_property
    def _laplace(self) -> tuple[Query, ...]:
        return queries_of(self.ask.plan, self.shape, self.study, self.ask.contribution)

    @cached_property
    def _gaussian(self) -> tuple[Query, ...]:
        return queries_of(self.ask.plan, self.shape, self.study, self.ask.contribution, gaussian=True)


def price_family(family: Family, request: PartialRequest, loss: Loss) -> PricedFamily:
    """What a family costs.

    In the norm form a patient's weights in all cells add up to total · unit ≤ groups · weight, and a selection's cost
    in ε is in proportion to the weight in its cell: all cells together cost at most ε, as with ε/groups in `groups`
    cells. In ρ it is in proportion to its square: see `quantile`.
    """
    assert not isinstance(family.carrier, CommonValues)
    if not isinstance(family.carrier, Quantile):
        vector = vector_of(family.carrier, request, loss)
        if not request.plan.totals:
            return PricedFamily(family, loss, vector)
        shape = tuple(len(key.values) for key in request.plan.by)
        return PricedFamily(family, loss, vector, totals=totals_of(shape, vector.sensitivity, request.unit, loss))
    bounds, bins = request.contribution or Contribution(), request.bins[family.carrier.name]
    together = 1 if request.bounding is Bounding.NORM and not loss.pure else bounds.groups
    weight = -(-request.total * bins.unit // together)
    return PricedFamily(
        family, loss, None, weight, loss.part(1, together * sum(map(parts_of, family.members))), together
    )


def rho_of(priced: tuple[PricedQuery, ...]) -> Fraction:
    """The ρ of all parts together: each is pure in its own share, and ρ adds up over the parts, not over their sum."""
    return sum((loss.rho for q in priced for f in q.families for loss in _parts(f)), Fraction(0))


def _parts(family: PricedFamily) -> list[Loss]:
    """The losses of the mechanisms of a family, one for each."""
    if family.totals is not None:
        return [m.loss for m in family.totals.marginals]
    if family.vector is not None or family.threshold is not None:
        return [family.loss]
    members = family.family.members
    each = [part for m in members for part in ([POINT, END, END] if parts_of(m) > POINT else [POINT])]
    return [family.loss.part(part, sum(each)) for part in each]


def _expected(measure: Measure, priced: tuple[PricedQuery, ...], confidence: float) -> MeasurePrice:
    for query in priced:
        for family in query.families:
            if measure in family.family.members or measure.name == family.name:
                found = expected(measure, family, query.request, confidence)
                return MeasurePrice(measure.name, family.loss, found.error, found.text, found.values, found.lost_below)
    raise AssertionError(measure)
