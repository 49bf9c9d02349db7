"""The price of a question: exact ε, its split, contribution bounds and expected errors, before any row is touched.

- Composition is the plain sum of pure ε. Measures share ε alike; a mean gives half of its share to its sum and half to
  its count. Cells are disjoint but for a patient's `groups` of them: that is in the sensitivity, not in ε.
- Everything is computed from the plan, the schema and the declared bounds: a price tells nothing of data.
- `within` is solved for the least ε, in thousandths, rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Mean, Measure, Quantile, Sum
from kernel_guard.plan.privacy import Ask, Budget, Contribution, Route
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import Shape
from kernel_guard.vault.engine.base import Bounding, Part, PartialRequest, row_unit
from kernel_guard.vault.engine.grids import Bins, Grid, bins_of, exact_grid, grid_of
from kernel_guard.vault.mechanisms.accuracy import half_width
from kernel_guard.vault.mechanisms.contribution import Bounded, bound, number_of_cells
from kernel_guard.vault.mechanisms.noise import scale_of
from kernel_guard.vault.mechanisms.quantile import rank_error

STEPS = 2**30  # most steps of a grid, shared by the rows of a patient
PATIENTS = 2**31  # patients · (what one adds to one cell) stays below 2⁶² for so many
WEIGHT = 3360  # about the weight of a patient in a histogram: 840 (divisible by 1…8) for each of 4 rows
BINS = 1024
HISTOGRAM = 2_000_000  # most numbers in all histograms of one measure
ANSWERED: dict[Route, frozenset[type]] = {
    Route.DP: frozenset({CountRows, CountPatients, Sum, Mean, Quantile}),
    Route.SDC: frozenset({CountRows, CountPatients, Sum, Mean, Quantile}),
}
DEAREST = 1_000_000  # in thousandths of ε: where `within` gives up


@dataclass(frozen=True)
class NoisePart:
    """One noisy vector: which partial, its L1 sensitivity, and the ε that its noise costs."""

    part: Part
    d_in: int
    epsilon: Fraction


@dataclass(frozen=True)
class MeasurePrice:
    """A measure's share of ε. `error` is the half-width to expect; None, with a text, where it depends on the data."""

    name: str
    epsilon: Fraction
    noise: tuple[NoisePart, ...]
    error: float | None
    text: str
    weight: int = 0
    cell_epsilon: Fraction = Fraction(0)


@dataclass(frozen=True)
class Pricing:
    """What a question costs and how it will be answered; `request` goes to the engine."""

    route: Route
    cost: Budget
    request: PartialRequest
    measures: tuple[MeasurePrice, ...]
    confidence: float

    def errors(self) -> list[dict[str, Any]]:
        """The expected errors as plain JSON values, for a quote."""
        return [
            {"measure": m.name, "error": m.error, "confidence": self.confidence, "text": m.text} for m in self.measures
        ]


def price(ask: Ask, shape: Shape, study: Study) -> Pricing:
    """Price a checked question (`check_aggregate` gave `shape`); on the SDC route the cost is zero."""
    plan = ask.plan
    check_answered(plan, ask.route)
    if ask.route is Route.SDC:
        grids = {
            m.name: exact_grid(shape.column(m.column)) for m in plan.measures if isinstance(m, Sum | Mean | Quantile)
        }
        request = PartialRequest(plan, ask.route, None, Bounding.NONE, grids, {})
        exact = tuple(MeasurePrice(m.name, Fraction(0), (), 0.0, "exact") for m in plan.measures)
        return Pricing(ask.route, Budget(Fraction(0)), request, exact, ask.confidence)
    request = _dp_request(ask, shape, study)
    epsilon = ask.epsilon if ask.epsilon is not None else _solve(ask, request)
    share = epsilon / len(plan.measures)
    measures = tuple(_price_measure(m, request, share, ask.confidence) for m in plan.measures)
    return Pricing(ask.route, Budget(epsilon), request, measures, ask.confidence)


def check_answered(plan: Aggregate, route: Route) -> None:
    """Refuse a measure that this route has no proof or rule for."""
    for m in plan.measures:
        if type(m) not in ANSWERED[route]:
            kind = "with noise" if route is Route.DP else "exactly"
            raise PolicyForbids(
                f"{m.name!r} ({type(m).__name__}) is not released {kind}.",
                hint="Use .release(epsilon=…)." if route is Route.SDC else "Ask for means, counts and quantiles.",
            )


def _dp_request(ask: Ask, shape: Shape, study: Study) -> PartialRequest:
    bounded = bound(ask.plan, shape, study, ask.contribution)
    rows = bounded.contribution.rows
    grids: dict[str, Grid] = {}
    bins: dict[str, Bins] = {}
    for m in ask.plan.measures:
        if isinstance(m, Sum | Mean):
            grids[m.name] = grid_of(shape.column(m.column), centred=isinstance(m, Mean), most=_most_steps(bounded))
        elif isinstance(m, Quantile):
            unit = 1 if shape.one_row_per_patient else max(1, WEIGHT // rows)
            bins[m.name] = bins_of(shape.column(m.column), most=_most_bins(ask.plan), unit=unit)
    return PartialRequest(ask.plan, ask.route, bounded.contribution, bounded.bounding, grids, bins, bounded.total)


def _most_steps(bounded: Bounded) -> int:
    """Half the range in steps, so that no sum of a cell can leave 64 bits: see `PATIENTS`."""
    if bounded.bounding is not Bounding.NORM:
        return STEPS // bounded.contribution.rows
    return max(1, 2**62 // PATIENTS // (bounded.total * row_unit(bounded.total)))


def _most_bins(plan: Aggregate) -> int:
    return max(16, min(BINS, HISTOGRAM // number_of_cells(plan)))


def noise_parts(measure: Measure, request: PartialRequest, epsilon: Fraction) -> tuple[NoisePart, ...]:
    """The noisy vectors that a measure (no quantile) is made from; their ε add up to `epsilon`.

    Sensitivity, from `Bounding`: `groups` patients, `total` rows, and half the grid for each row of a sum, in units.
    """
    bounds = request.contribution or Contribution()
    rows = request.total * request.unit
    if isinstance(measure, CountRows):
        return (NoisePart("rows", rows, epsilon),)
    if isinstance(measure, CountPatients):
        return (NoisePart("patients", bounds.groups * request.unit, epsilon),)
    total = rows * request.grids[measure.name].half
    if isinstance(measure, Sum):
        return (NoisePart("sum", total, epsilon),)
    return (NoisePart("sum", total, epsilon / 2), NoisePart("rows", rows, epsilon / 2))


def _price_measure(measure: Measure, request: PartialRequest, epsilon: Fraction, confidence: float) -> MeasurePrice:
    if isinstance(measure, Quantile):
        return _price_quantile(measure, request, epsilon, confidence)
    parts = noise_parts(measure, request, epsilon)
    error: float | None = half_width(scale_of(parts[0].d_in, parts[0].epsilon), confidence) / request.unit
    if isinstance(measure, Mean):
        return MeasurePrice(
            measure.name, epsilon, parts, None, _mean_text(request, request.grids[measure.name], parts, confidence)
        )
    if isinstance(measure, Sum) and error is not None:
        error *= request.grids[measure.name].step
    return MeasurePrice(measure.name, epsilon, parts, error, f"within ±{error:,.6g} in {confidence:.0%} of answers")


def _mean_text(request: PartialRequest, grid: Grid, parts: tuple[NoisePart, ...], confidence: float) -> str:
    each = (1.0 + confidence) / 2.0
    widths = [half_width(scale_of(p.d_in, p.epsilon), each) for p in parts]
    thousand = grid.step * (widths[0] + grid.half * widths[1]) / request.unit / 1000
    return f"at most ±{thousand:,.3g} for a cell of 1,000 values, in proportion less for more"


def _price_quantile(measure: Quantile, request: PartialRequest, epsilon: Fraction, confidence: float) -> MeasurePrice:
    bounds, bins = request.contribution or Contribution(), request.bins[measure.name]
    # In the norm form a patient's weights in all cells add up to total · unit ≤ groups · weight, and a selection's cost
    # is in proportion to the weight in its cell: all cells together cost at most ε, as with ε/groups in `groups` cells.
    cell, weight = epsilon / bounds.groups, -(-request.total * bins.unit // bounds.groups)
    ranks = rank_error(bins, measure.q, weight, cell, confidence)
    text = f"a value at most about {ranks:,.0f} places from the {measure.q:g} quantile in {confidence:.0%} of answers"
    return MeasurePrice(measure.name, epsilon, (), None, text, weight, cell)


def _solve(ask: Ask, request: PartialRequest) -> Fraction:
    """The least ε in thousandths at which the first measure's error is at most `within`."""
    first, wished = ask.plan.measures[0], ask.within
    if wished is None or isinstance(first, Mean | Quantile):
        raise PlanError(
            f"The error of {first.name!r} depends on the data, so ε cannot be found from a wished error.",
            hint="Give epsilon= instead, or put a count or a sum first.",
        )
    count = len(ask.plan.measures)

    def good(thousandths: int) -> bool:
        share = Fraction(thousandths, 1000) / count
        error = _price_measure(first, request, share, ask.confidence).error
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
