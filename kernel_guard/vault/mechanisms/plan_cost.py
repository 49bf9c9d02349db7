"""The price of a question: exact ε, its split, contribution bounds and expected errors, before any row is touched.

- Composition is the plain sum of pure ε. Measures that are answered from the same noisy numbers (`families`) are paid
  once; families share ε by the asked weights, else alike. Cells are disjoint but for a patient's `groups` of them: that
  is in the sensitivity, not in ε.
- Everything is computed from the plan, the schema and the declared bounds: a price tells nothing of data.
- `within` is solved for the least ε, in thousandths, rounded up.
"""

from __future__ import annotations

from fractions import Fraction

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan.aggregates import (
    CountPatients,
    CountRows,
    Covariance,
    Mean,
    Measure,
    Quantile,
    Rate,
    Sum,
    Variance,
)
from kernel_guard.plan.measures import columns_of
from kernel_guard.plan.privacy import Ask, Budget, Contribution, Route
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import Shape
from kernel_guard.vault.engine.base import Bounding, PartialRequest
from kernel_guard.vault.engine.grids import EXACT as EXACT_STEPS
from kernel_guard.vault.engine.grids import ROOT, Grid, exact_grid
from kernel_guard.vault.engine.moments import grid_name
from kernel_guard.vault.mechanisms.advice import advice
from kernel_guard.vault.mechanisms.conversion import rho_of_pure
from kernel_guard.vault.mechanisms.expected import expected
from kernel_guard.vault.mechanisms.families import Family
from kernel_guard.vault.mechanisms.pricing import MeasurePrice, PricedFamily, PricedQuery, Pricing
from kernel_guard.vault.mechanisms.queries import Query, queries_of
from kernel_guard.vault.mechanisms.vectors import vector_of

EXACT: frozenset[type] = frozenset({CountRows, CountPatients, Sum, Mean, Quantile, Variance, Covariance, Rate})
DEAREST = 1_000_000  # in thousandths of ε: where `within` gives up


def price(ask: Ask, shape: Shape, study: Study) -> Pricing:
    """Price a checked question (`check_aggregate` gave `shape`); on the SDC route the cost is zero."""
    if ask.route is Route.SDC:
        return _exact(ask, shape)
    queries = queries_of(ask.plan, shape, study, ask.contribution)
    epsilon = ask.epsilon if ask.epsilon is not None else _solve(ask, queries)
    priced = _priced(queries, ask, epsilon)
    measures = tuple(_expected(m, priced, ask.confidence) for m in ask.plan.measures)
    hints = advice(ask, priced, shape)
    cost = Budget(epsilon, rho=_rho(priced))
    return Pricing(ask.route, cost, ask.plan, priced, measures, ask.confidence, hints)


def _exact(ask: Ask, shape: Shape) -> Pricing:
    """Refuses every measure that has no disclosure rule."""
    for m in ask.plan.measures:
        if type(m) not in EXACT:
            raise PolicyForbids(
                f"{m.name!r} ({type(m).__name__}) is not released exactly: there is no disclosure rule for it.",
                hint="Use .release(epsilon=…).",
            )
    grids: dict[str, Grid] = {}
    for m in ask.plan.measures:
        grids |= _exact_grids(m, shape)
    request = PartialRequest(ask.plan, ask.route, None, Bounding.NONE, grids, {})
    exact = tuple(MeasurePrice(m.name, Fraction(0), 0.0, "exact") for m in ask.plan.measures)
    return Pricing(ask.route, Budget(Fraction(0)), ask.plan, (PricedQuery(request, ()),), exact, ask.confidence)


def _exact_grids(measure: Measure, shape: Shape) -> dict[str, Grid]:
    """Fine grids for sums; where squares and products are summed, so fine that one of them fits into 64 bits."""
    if not isinstance(measure, Sum | Mean | Quantile | Rate | Variance | Covariance):
        return {}
    most = ROOT if isinstance(measure, Variance | Covariance) else EXACT_STEPS
    columns = [shape.column(name) for name in columns_of(measure)]
    return {grid_name(measure, i): exact_grid(column, most=most) for i, column in enumerate(columns)}


def _priced(queries: tuple[Query, ...], ask: Ask, epsilon: Fraction) -> tuple[PricedQuery, ...]:
    """Every family with its share of ε; the shares add up to ε exactly."""
    weights = dict(zip((m.name for m in ask.plan.measures), ask.weights or (), strict=False))
    heavy = {f: max(weights.get(m.name, 1) for m in f.members) for q in queries for f in q.families}
    whole = sum(heavy.values())
    return tuple(
        PricedQuery(q.request, tuple(price_family(f, q.request, epsilon * heavy[f] / whole) for f in q.families))
        for q in queries
    )


def price_family(family: Family, request: PartialRequest, epsilon: Fraction) -> PricedFamily:
    """What a family costs.

    In the norm form a patient's weights in all cells add up to total · unit ≤ groups · weight, and a selection's cost
    is in proportion to the weight in its cell: all cells together cost at most ε, as with ε/groups in `groups` cells.
    """
    if not isinstance(family.carrier, Quantile):
        return PricedFamily(family, epsilon, vector_of(family.carrier, request, epsilon))
    bounds, bins = request.contribution or Contribution(), request.bins[family.carrier.name]
    weight = -(-request.total * bins.unit // bounds.groups)
    return PricedFamily(family, epsilon, None, weight, epsilon / bounds.groups / len(family.members))


def _rho(priced: tuple[PricedQuery, ...]) -> Fraction:
    """The ρ of all parts together: each is pure in its own share, and ρ adds up over the parts, not over their sum."""
    shares = [(f, len(f.family.members) if f.vector is None else 1) for q in priced for f in q.families]
    return sum((rho_of_pure(f.epsilon / parts) * parts for f, parts in shares), Fraction(0))


def _expected(measure: Measure, priced: tuple[PricedQuery, ...], confidence: float) -> MeasurePrice:
    for query in priced:
        for family in query.families:
            if measure in family.family.members or measure.name == family.name:
                error, text = expected(measure, family, query.request, confidence)
                return MeasurePrice(measure.name, family.epsilon, error, text)
    raise AssertionError(measure)


def _solve(ask: Ask, queries: tuple[Query, ...]) -> Fraction:
    """The least ε in thousandths at which the first measure's error is at most `within`."""
    first, wished = ask.plan.measures[0], ask.within
    if wished is None or _error(ask, queries, 1000) is None:
        raise PlanError(
            f"The error of {first.name!r} depends on the data, so ε cannot be found from a wished error.",
            hint="Give epsilon= instead, or put a count or a sum first.",
        )

    def good(thousandths: int) -> bool:
        error = _error(ask, queries, thousandths)
        return error is not None and error <= wished

    low, high = 0, 1
    while not good(high):
        low, high = high, high * 2
        if high > DEAREST:
            raise PlanError("No ε gives so small an error.", hint="Ask for a larger error: .release(within=…).")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if good(middle) else (middle, high)
    return Fraction(high, 1000)


def _error(ask: Ask, queries: tuple[Query, ...], thousandths: int) -> float | None:
    return _expected(ask.plan.measures[0], _priced(queries, ask, Fraction(thousandths, 1000)), ask.confidence).error
