"""How tables that are asked together share one ε: so that the sum of the errors to expect is the least.

- The error of a family falls as 1/ε. With c its error at ε = 1, the sum Σ cᵢ/εᵢ under Σ εᵢ = ε is least where εᵢ is
  in proportion to √cᵢ (Cauchy and Schwarz).
- Errors of different kinds are made comparable by public facts alone: a count's is in parts of a thousand patients, a
  value's in parts of its declared range, for cells of a thousand values. A family's is summed over its
  measures and cells; a researcher's weight multiplies it.
- Shares are whole numbers, so that they add up exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from kernel_guard.plan.aggregates import (
    CountDistinct,
    CountPatients,
    CountRows,
    Covariance,
    Mean,
    Measure,
    Quantile,
    Rate,
    Sum,
    TopK,
    Variance,
)
from kernel_guard.plan.composed import ComposedAsk
from kernel_guard.plan.privacy import Ask
from kernel_guard.plan.schema import Study
from kernel_guard.plan.shape import Shape
from kernel_guard.vault.engine.grids import bounds_of
from kernel_guard.vault.mechanisms.expected import THOUSAND
from kernel_guard.vault.mechanisms.plan_cost import price
from kernel_guard.vault.mechanisms.pricing import PricedFamily, Pricing

FINEST = 1000  # the largest share, of which the smallest is at least 1


def shared_out(ask: ComposedAsk, shapes: Sequence[Shape], study: Study) -> tuple[Ask, ...]:
    """Each table of a DP question with its part of the cost; the parts add up to the whole exactly."""
    assert ask.epsilon is not None
    at_one = [one for _, one in ask.parts(Fraction(1))]
    trial = [price(one, shape, study) for one, shape in zip(at_one, shapes, strict=True)]
    given = ask.weights or (1,) * len(trial)
    errors = [
        {f.name: weight * family_error(f, pricing, shape) for query in pricing.queries for f in query.families}
        for pricing, weight, shape in zip(trial, given, shapes, strict=True)
    ]
    whole = _whole([math.sqrt(e) for found in errors for e in found.values()])
    total, found, start = sum(whole), list[Ask](), 0
    for one, pricing, named in zip(at_one, trial, errors, strict=True):
        own = dict(zip(named, whole[start : start + len(named)], strict=True))
        start += len(named)
        epsilon = ask.epsilon * sum(own.values()) / total
        found.append(replace(one, epsilon=epsilon, weights=_by_measure(one, pricing, own)))
    return tuple(found)


def _whole(roots: Sequence[float]) -> list[int]:
    """Numbers in these proportions, as whole ones."""
    most = max(roots)
    return [max(1, round(FINEST * root / most)) if most > 0 else 1 for root in roots]


def _by_measure(ask: Ask, pricing: Pricing, own: Mapping[str, int]) -> tuple[int, ...]:
    """A family's share, written at each of its measures."""
    of = {m.name: own[f.name] for q in pricing.queries for f in q.families for m in f.family.members}
    only = next(iter(own.values()))
    return tuple(of.get(m.name, only) for m in ask.plan.measures)


def family_error(family: PricedFamily, pricing: Pricing, shape: Shape) -> float:
    """The error of a family over all cells, as it would be at ε = 1: see the module's text."""
    names = {m.name for m in family.family.members}
    of = {m.name: m for m in pricing.plan.measures}
    cells = math.prod(max(1, len(key.values)) for key in pricing.plan.by)  # no values: keys that data show
    errors = (m.error / _size(of[m.name], shape) for m in pricing.measures if m.name in names)
    return cells * float(family.loss.amount) * sum(errors)


def _size(measure: Measure, shape: Shape) -> float:
    """What an error is compared with."""
    match measure:
        case Sum():
            return THOUSAND * 2 * _reach(measure.column, shape)
        case Mean() | Quantile():
            return 2 * _reach(measure.column, shape)
        case Variance():
            return _reach(measure.column, shape) ** (1 if measure.root else 2)
        case Covariance(scaled=False):
            return _reach(measure.column, shape) * _reach(measure.other, shape)
        case Rate():
            events, time = (sum(bounds_of(shape.column(c))) / 2 for c in (measure.column, measure.time))
            return max(measure.per * events / time, 1e-300)
        case CountRows() | CountPatients() | CountDistinct() | TopK():
            return THOUSAND
    return 1.0


def _reach(column: str, shape: Shape) -> float:
    lower, upper = bounds_of(shape.column(column))
    return max((upper - lower) / 2, 1e-300)
