"""From partials to a differentially private result: noise first, everything else is post-processing.

- Only noisy numbers are read after the noise. Counts are clipped at zero and means into their bounds: post-processing
  costs no privacy and moves a number no further from the truth.
- The ε of the parts must add up to what was charged, and each mechanism's own map must be within its part: both are
  checked here, so that a price can never be lower than the cost.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import CountPatients, CountRows, Measure, Quantile, Sum
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule, beside, type_name
from kernel_guard.vault.engine.base import Bounding, Partials
from kernel_guard.vault.engine.grids import Grid
from kernel_guard.vault.mechanisms.accuracy import half_width, mean_error
from kernel_guard.vault.mechanisms.noise import add_noise, scale_of
from kernel_guard.vault.mechanisms.plan_cost import MeasurePrice, NoisePart, Pricing
from kernel_guard.vault.mechanisms.quantile import select_quantile

Column = Sequence[Value | None]


def protect_dp(partials: Partials, pricing: Pricing, ask: Ask) -> Result:
    """Noise, estimates and errors; costs exactly `pricing.cost`, whatever the data."""
    check_charge(pricing, ask)
    request = pricing.request
    if partials.request != request:
        raise InternalError("The partial results belong to another question.")
    names = [k.column for k in request.plan.by] + [m.name for m in request.plan.measures]
    columns = [ResultColumn(k.column, "key", type=type_name(k.values[0])) for k in request.plan.by]
    data: list[Column] = [[cell[i] for cell in request.cells] for i in range(len(columns))]
    for measure, priced in zip(request.plan.measures, pricing.measures, strict=True):
        for column, values in _release(measure, priced, partials, pricing.confidence, names):
            columns.append(column)
            data.append(values)
    rows = tuple(zip(*data, strict=True))
    return Result(tuple(columns), rows, pricing.confidence, (_rule(pricing),))


def check_charge(pricing: Pricing, ask: Ask) -> None:
    """Refuse partial answers that are not charged in full."""
    spent = sum((m.epsilon for m in pricing.measures), Fraction(0))
    bounds = pricing.request.contribution
    if pricing.route is not Route.DP or bounds is None or pricing.request.plan != ask.plan:
        raise InternalError("This price is not for this question.")
    for m in pricing.measures:
        parts = sum((p.epsilon for p in m.noise), m.cell_epsilon * bounds.groups)
        if parts > m.epsilon or m.epsilon <= 0:
            raise InternalError("A measure would cost more than its share.")
    if spent > pricing.cost.epsilon or (ask.epsilon is not None and spent > ask.epsilon):
        raise InternalError("The measures would cost more than was charged.")


def _release(
    measure: Measure, priced: MeasurePrice, partials: Partials, confidence: float, names: list[str]
) -> list[tuple[ResultColumn, Column]]:
    if isinstance(measure, Quantile):
        return _quantile(measure, priced, partials, names)
    noisy = [_noisy(p, measure.name, partials) for p in priced.noise]
    error_name = ResultColumn(beside(measure.name, "error", names), "error", measure.name)
    scales = [scale_of(p.d_in, p.epsilon) for p in priced.noise]
    unit = partials.request.unit
    if isinstance(measure, CountRows | CountPatients):
        column = ResultColumn(measure.name, "value", type="integer")
        error = half_width(scales[0], confidence) / unit
        return [
            (column, [max(0, round(Fraction(v, unit))) for v in noisy[0]]),
            (error_name, [error + (unit > 1) / 2] * len(noisy[0])),
        ]
    grid = partials.request.grids[measure.name]
    column = ResultColumn(measure.name, "value")
    if isinstance(measure, Sum):
        error = half_width(scales[0], confidence) / unit * grid.step
        return [(column, [float(grid.total(v) / unit) for v in noisy[0]]), (error_name, [error] * len(noisy[0]))]
    pairs = list(zip(noisy[0], noisy[1], strict=True))
    errors = [mean_error(grid, scales[0], scales[1], s, n, confidence) for s, n in pairs]
    return [(column, [_mean(grid, s, n) for s, n in pairs]), (error_name, errors)]


def _noisy(part: NoisePart, name: str, partials: Partials) -> list[int]:
    return add_noise(partials.values[name, part.part], part.d_in, part.epsilon)


def _mean(grid: Grid, noisy_sum: int, noisy_count: int) -> float:
    """The ratio of the noisy parts, within bounds; the centre where the noisy count is not above zero."""
    if noisy_count <= 0:
        return grid.centre
    ratio = grid.total(1) * Fraction(noisy_sum, noisy_count)
    return min(max(float(ratio) + grid.centre, grid.lower), grid.upper)


def _quantile(
    measure: Quantile, priced: MeasurePrice, partials: Partials, names: list[str]
) -> list[tuple[ResultColumn, Column]]:
    bins = partials.request.bins[measure.name]
    histograms = partials.histograms[measure.name]
    number = len(partials.request.cells)
    found = [
        select_quantile(histograms.get(i, {}), bins, measure.q, priced.weight, priced.cell_epsilon)
        for i in range(number)
    ]
    return [
        (ResultColumn(measure.name, "value"), found),
        (ResultColumn(beside(measure.name, "error", names), "error", measure.name), [None] * number),
        (ResultColumn(beside(measure.name, "status", names), "status", measure.name, "string"), [priced.text] * number),
    ]


def _rule(pricing: Pricing) -> Rule:
    bounds = pricing.request.contribution
    assert bounds is not None
    epsilon, total = pricing.cost.epsilon, pricing.request.total
    counted = f"at most {bounds.rows} row(s) in each of at most {bounds.groups} cell(s)"
    if pricing.request.bounding is Bounding.NORM:
        counted = f"rows are weighted to at most {total}, patients to at most {bounds.groups}, over all cells"
    return Rule("differential privacy", "applied", f"ε = {float(epsilon):g} for all that one patient adds: {counted}")
