"""From partials to a differentially private result: noise first, everything else is post-processing.

- Only noisy numbers are read after the noise. Counts are clipped at zero, means into their bounds, quantiles of one
  column put in order: post-processing costs no privacy and moves a number no further from the truth.
- The losses of the families must add up to what was charged, and each mechanism's own map must be within its share:
  both are checked here, so that a price can never be lower than the cost.
- An error bar speaks of the noise. What the bounds cut off is said apart, as a rule of the result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from kernel_guard.errors import InternalError
from kernel_guard.plan.aggregates import (
    CellMeasure,
    CommonValues,
    CountDistinct,
    CountPatients,
    CountRows,
    Quantile,
    Sum,
    Survival,
    TableMeasure,
    TopK,
)
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.vault.disclosure.result import Result, ResultColumn, Rule, beside, type_name
from kernel_guard.vault.engine.base import Partials
from kernel_guard.vault.mechanisms import tables
from kernel_guard.vault.mechanisms.bias import bias_rules
from kernel_guard.vault.mechanisms.estimates import count_estimator, estimator, widest
from kernel_guard.vault.mechanisms.expected import layout, sum_width
from kernel_guard.vault.mechanisms.pricing import END, POINT, PricedFamily, Pricing
from kernel_guard.vault.mechanisms.quantile import select_interval, select_quantile
from kernel_guard.vault.mechanisms.simulate import half_widths

Column = Sequence[Value | None]


@dataclass(frozen=True)
class Answer:
    """A measure's value and error per cell; `text` says what a number cannot."""

    values: Column
    errors: Column
    integer: bool = False
    text: str = ""


def protect_dp(partials: Sequence[Partials], pricing: Pricing, ask: Ask) -> Result:
    """Noise, estimates and errors; costs exactly `pricing.cost`, whatever the data."""
    check_charge(pricing, ask)
    if tuple(p.request for p in partials) != pricing.requests:
        raise InternalError("The partial results belong to another question.")
    rules = (_rule(pricing), *bias_rules(pricing))
    first = pricing.plan.measures[0]
    if isinstance(first, TableMeasure):
        return _table(first, partials[0], pricing, rules)
    if pricing.plan.totals:
        return _with_totals(partials[0], pricing, rules)
    answers: dict[str, Answer] = {}
    for query, found in zip(pricing.queries, partials, strict=True):
        for family in query.families:
            answers |= _answers(family, found, pricing)
    return _assembled(pricing, answers, rules)


def check_charge(pricing: Pricing, ask: Ask) -> None:
    """Refuse partial answers that are not charged in full."""
    if pricing.route is not Route.DP or pricing.plan != ask.plan:
        raise InternalError("This price is not for this question.")
    loss, asked = pricing.loss, ask.epsilon if pricing.loss.pure else ask.rho
    spent = Fraction(0)
    for family in (f for query in pricing.queries for f in query.families):
        mechanism = family.spent
        kinds = {mechanism.divergence, family.loss.divergence, loss.divergence}
        if len(kinds) > 1 or mechanism.amount > family.loss.amount or mechanism.amount <= 0:
            raise InternalError("A measure would cost more than its share.")
        spent += family.loss.amount
    charged = pricing.cost.epsilon if loss.pure else pricing.cost.rho or Fraction(0)
    own = sum((f.threshold.delta for q in pricing.queries for f in q.families if f.threshold), Fraction(0))
    too_little = own > pricing.cost.delta or not (loss.pure or pricing.cost.delta)
    if too_little or spent > charged or (asked is not None and spent > asked):
        raise InternalError("The measures would cost more than was charged.")


def _assembled(pricing: Pricing, answers: dict[str, Answer], rules: tuple[Rule, ...]) -> Result:
    plan = pricing.plan
    cells = tables.cells_of(plan.by)
    names = [k.column for k in plan.by] + [m.name for m in plan.measures]
    columns = [ResultColumn(k.column, "key", type=type_name(k.values[0])) for k in plan.by]
    data: list[Column] = [[cell[i] for cell in cells] for i in range(len(columns))]
    for name in (m.name for m in plan.measures):
        answer = answers[name]
        columns.append(ResultColumn(name, "value", type="integer" if answer.integer else "float"))
        columns.append(ResultColumn(beside(name, "error", names), "error", name))
        data += [answer.values, answer.errors]
        if answer.text:
            columns.append(ResultColumn(beside(name, "status", names), "status", name, "string"))
            data.append([answer.text] * len(cells))
    return Result(tuple(columns), tuple(zip(*data, strict=True)), pricing.confidence, rules)


def _answers(priced: PricedFamily, partials: Partials, pricing: Pricing) -> dict[str, Answer]:
    if priced.vector is None:
        return _quantiles(priced, partials, pricing)
    noisy = priced.vector.noisy(partials)
    carrier, unit = priced.family.carrier, partials.request.unit
    if isinstance(carrier, CountRows | CountPatients | CountDistinct):
        width = priced.vector.noise.half_width(pricing.confidence) / unit + (unit > 1) / 2
        most = priced.vector.values or None
        return {carrier.name: Answer([_count(v, unit, most) for v in noisy[0]], [width] * len(noisy[0]), integer=True)}
    if isinstance(carrier, Sum):
        grid = partials.request.grids[carrier.name]
        width = priced.vector.noise.half_width(pricing.confidence) / unit * grid.step
        values = [float(grid.total(v) / unit) for v in noisy[0]]
        return {m.name: Answer(values, [width] * len(values)) for m in priced.family.members}
    sums = np.array(noisy, dtype=float).T
    members = [m for m in priced.family.members if not isinstance(m, CommonValues)]
    return {m.name: _from_moments(m, priced, sums, partials, pricing.confidence) for m in members}


def _count(noisy: int, unit: int, most: int | None) -> int:
    count = max(0, round(Fraction(noisy, unit)))
    return count if most is None else min(count, most)


def _from_moments(
    measure: CellMeasure, priced: PricedFamily, sums: Any, partials: Partials, confidence: float
) -> Answer:
    assert priced.vector is not None
    degrees, grids, row = layout(priced, partials.request)
    function = estimator(measure, degrees, grids, row)
    values = function(sums)
    if isinstance(measure, Sum):
        return Answer(values.tolist(), [sum_width(measure, priced, partials.request, confidence)] * len(values))
    errors = half_widths(function, sums, priced.vector.noise, confidence)
    # Where the noise on the number of rows may be larger than the number itself, only the bounds say anything.
    count = count_estimator(degrees, row)(sums)
    drowned = count <= 2.0 * priced.vector.noise.deviation / row * len(priced.vector.terms) ** 0.5
    limit = widest(measure, grids)
    errors = np.minimum(np.where(drowned, limit, errors), limit)
    return Answer(values.tolist(), [float(e) if np.isfinite(e) else None for e in errors])


def _quantiles(priced: PricedFamily, partials: Partials, pricing: Pricing) -> dict[str, Answer]:
    """One selection per quantile and cell; those of one column are then put in the order of their ranks."""
    members = [m for m in priced.family.members if isinstance(m, Quantile)]
    bins, histograms = partials.request.bins[priced.name], partials.histograms[priced.name]
    number = len(partials.request.cells)
    cells = [histograms.get(i, {}) for i in range(number)]
    point, end = priced.cell.part(POINT, 1), priced.cell.part(END, 1)
    found = _in_order(members, [[select_quantile(h, bins, m.q, priced.weight, point) for h in cells] for m in members])
    texts = {m.name: m.text for m in pricing.measures}
    answers = {m.name: Answer(found[m.name], [None] * number, text=texts[m.name]) for m in members}
    wide = [m for m in members if m.interval]
    if not wide:
        return answers
    ends = [[select_interval(h, bins, m.q, priced.weight, end, pricing.confidence) for h in cells] for m in wide]
    lows, highs = (_in_order(wide, [[pair[side] for pair in row] for row in ends]) for side in (0, 1))
    for m in wide:
        answers[m.name] = _with_interval(found[m.name], lows[m.name], highs[m.name])
    return answers


def _in_order(members: Sequence[Quantile], values: Sequence[Sequence[float]]) -> dict[str, list[float]]:
    """Values of several quantiles, cell by cell in the order of their ranks."""
    ordered = np.sort(np.array(values, dtype=float), axis=0)
    ranks = np.argsort(np.argsort([m.q for m in members], kind="stable"), kind="stable")
    return {m.name: ordered[rank].tolist() for m, rank in zip(members, ranks, strict=True)}


def _with_interval(points: Sequence[float], lows: Sequence[float], highs: Sequence[float]) -> Answer:
    """Each value within its interval, and the distance to the farther end."""
    kept = [min(max(p, low), high) for p, low, high in zip(points, lows, highs, strict=True)]
    return Answer(kept, [max(v - low, high - v) for v, low, high in zip(kept, lows, highs, strict=True)])


def _table(measure: TableMeasure, partials: Partials, pricing: Pricing, rules: tuple[Rule, ...]) -> Result:
    family = pricing.queries[0].families[0]
    if isinstance(measure, CommonValues):
        assert family.threshold is not None
        shown = family.threshold.release(partials.found[measure.name])
        return tables.common(measure, pricing, shown, family.threshold, rules)
    vector = family.vector
    assert vector is not None
    noisy = vector.noisy(partials)[0]
    match measure:
        case TopK():
            return tables.top(measure, pricing, noisy, vector.noise, rules)
        case Survival():
            return tables.survival(measure, pricing, noisy, vector.noise, rules)


def _with_totals(partials: Partials, pricing: Pricing, rules: tuple[Rule, ...]) -> Result:
    family = pricing.queries[0].families[0]
    assert family.totals is not None and family.vector is not None
    fitted = family.totals.fitted(family.totals.measured(family.vector.exact(partials)[0]))
    errors = family.totals.errors(fitted, pricing.confidence)
    values = family.totals.every(fitted).astype(int)
    return tables.with_totals(pricing, values.tolist(), errors.tolist(), rules)


def _rule(pricing: Pricing) -> Rule:
    cost, loss = pricing.cost, pricing.loss
    if loss.pure:
        delta = f", δ = {float(cost.delta):g}" if cost.delta else ""
        text = f"ε = {float(loss.amount):g}{delta} for all that one patient adds"
        return Rule("differential privacy", "applied", text)
    implied = f"(ε = {float(cost.epsilon):.3g}, δ = {float(cost.delta):g})"
    text = f"ρ = {float(loss.amount):g} in zCDP {implied} for all that one patient adds; Gaussian noise"
    return Rule("differential privacy", "applied", text)
