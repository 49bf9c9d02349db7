"""How tables that are asked together share one ε: so that the sum of the errors to expect is the least.

- The error of a family falls as 1/ε. With c its error at ε = 1, the sum Σ cᵢ/εᵢ under Σ εᵢ = ε is least where εᵢ is
  in proportion to √cᵢ (Cauchy and Schwarz).
- Errors of different kinds are made comparable by public facts alone: a count's is in parts of a thousand patients, a
  value's in parts of its declared range, a quantile's in parts of a thousand ranks. A family's is summed over its
  measures and cells; a researcher's weight multiplies it.
- Shares are whole numbers, so that they add up exactly.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from kernel_guard.plan.aggregates import CellMeasure, CountDistinct, CountPatients, CountRows, Quantile, Rate, Sum
from kernel_guard.plan.composed import ComposedAsk
from kernel_guard.plan.privacy import Ask
from kernel_guard.plan.schema import Study
from kernel_guard.plan.typing import Shape
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.mechanisms.estimates import reach, widest
from kernel_guard.vault.mechanisms.expected import THOUSAND, for_a_thousand, layout
from kernel_guard.vault.mechanisms.plan_cost import price
from kernel_guard.vault.mechanisms.pricing import PricedFamily, Pricing
from kernel_guard.vault.mechanisms.quantile import rank_error

CONFIDENCE = 0.95
FINEST = 1000  # the largest share, of which the smallest is at least 1


def shared_out(ask: ComposedAsk, shapes: Sequence[Shape], study: Study) -> tuple[Ask, ...]:
    """Each table of a DP question with its part of the cost; the parts add up to the whole exactly."""
    assert ask.epsilon is not None
    at_one = [one for _, one in ask.parts(Fraction(1))]
    trial = [price(one, shape, study) for one, shape in zip(at_one, shapes, strict=True)]
    given = ask.weights or (1,) * len(trial)
    errors = [
        {family.name: weight * _error(family, query.request) for query in pricing.queries for family in query.families}
        for pricing, weight in zip(trial, given, strict=True)
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


def _error(priced: PricedFamily, request: PartialRequest) -> float:
    """The error of a family that was priced at ε = 1 over a table: see the module's text."""
    trial = float(priced.epsilon)
    return trial * len(request.cells) * sum(_of_measure(m, priced, request) for m in priced.family.members)


def _of_measure(measure: CellMeasure, priced: PricedFamily, request: PartialRequest) -> float:
    """In parts of a thousand patients, of the declared range, or of a rate in the middle of its bounds."""
    if isinstance(measure, Quantile):
        ranks = rank_error(request.bins[priced.name], measure.q, priced.weight, priced.cell_epsilon, CONFIDENCE)
        return ranks / THOUSAND
    assert priced.vector is not None
    noise = priced.vector.scale / request.unit
    if isinstance(priced.family.carrier, CountRows | CountPatients | CountDistinct):
        return noise / THOUSAND
    _, grids, _ = layout(priced, request)
    if priced.family.carrier == measure and isinstance(measure, Sum):
        return noise * grids[0].step / (2 * reach(grids[0]) * THOUSAND)
    width = for_a_thousand(measure, priced, request, CONFIDENCE)
    if isinstance(measure, Sum):
        return width / (2 * reach(grids[0]) * THOUSAND)
    if isinstance(measure, Rate):
        return width / max(measure.per * grids[0].centre / grids[1].centre, 1e-300)
    return min(1.0, width / widest(measure, grids))
