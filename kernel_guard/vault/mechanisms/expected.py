"""The error to expect, from public facts: the scale of the noise and, where it matters, a round number of patients.

- Exact where the released number is linear in the noise (counts, sums, distinct counts, top-k).
- Where it depends on how many values a cell has, the text says what it would be for a thousand in the middle of the
  declared range; nothing is read from data for it.
"""

from __future__ import annotations

import math

import numpy as np

from kernel_guard.plan.aggregates import (
    CellMeasure,
    CountDistinct,
    CountPatients,
    CountRows,
    Measure,
    Quantile,
    Sum,
    Survival,
    TopK,
)
from kernel_guard.vault.engine.base import PartialRequest
from kernel_guard.vault.engine.grids import Grid
from kernel_guard.vault.engine.moments import degrees_of, grid_name, row_of
from kernel_guard.vault.mechanisms.accuracy import half_width
from kernel_guard.vault.mechanisms.estimates import estimator
from kernel_guard.vault.mechanisms.pricing import PricedFamily
from kernel_guard.vault.mechanisms.quantile import rank_error
from kernel_guard.vault.mechanisms.simulate import half_widths, standard_draws

THOUSAND = 1000.0


def expected(
    measure: Measure, priced: PricedFamily, request: PartialRequest, confidence: float
) -> tuple[float | None, str]:
    """Half-width and a text; None where it depends on the data."""
    if isinstance(measure, Quantile):
        return None, _quantile_text(measure, priced, request, confidence)
    assert priced.vector is not None
    width = half_width(priced.vector.scale, confidence) / request.unit
    match measure:
        case CountRows() | CountPatients() | TopK() | CountDistinct():
            return width, _text(width, confidence)
        case Survival():
            return None, f"each count within ±{width:,.6g}; the error of the curve falls with the number at risk"
        case Sum() if priced.family.carrier == measure:
            width *= request.grids[measure.name].step
            return width, _text(width, confidence)
        case Sum():
            width = sum_width(measure, priced, request, confidence)
            return width, _text(width, confidence)
    thousand = for_a_thousand(measure, priced, request, confidence)
    return None, f"about ±{thousand:,.3g} for a cell of 1,000 values, in proportion less for more"


def layout(priced: PricedFamily, request: PartialRequest) -> tuple[tuple[int, ...], list[Grid], float]:
    """Degrees, grids, and what one whole row adds to a family's vector of moments."""
    carrier = priced.family.carrier
    degrees = degrees_of(carrier) or (1,)
    grids = [request.grids[grid_name(carrier, i)] for i in range(len(degrees))]
    return degrees, grids, float(row_of([g.half for g in grids], degrees) * request.unit)


def sum_width(measure: Sum, priced: PricedFamily, request: PartialRequest, confidence: float) -> float:
    """Half-width of a sum that is a combination of a family's noisy moments."""
    assert priced.vector is not None
    degrees, grids, row = layout(priced, request)
    noise = standard_draws(len(priced.vector.terms), 4000, priced.vector.scale)
    return float(np.quantile(np.abs(estimator(measure, degrees, grids, row)(noise)), confidence))


def for_a_thousand(measure: CellMeasure, priced: PricedFamily, request: PartialRequest, confidence: float) -> float:
    """The error for a thousand values that are spread evenly over the declared range."""
    assert priced.vector is not None
    degrees, grids, row = layout(priced, request)
    even = {1: [0.5, 0.5], 2: [1 / 3, 1 / 3, 1 / 3]}
    sums = np.array([1.0])
    for degree in degrees:
        sums = np.kron(sums, np.array(even[degree]))
    function = estimator(measure, degrees, grids, row)
    return float(half_widths(function, sums[None, :] * row * THOUSAND, priced.vector.scale, confidence)[0])


def _quantile_text(measure: Quantile, priced: PricedFamily, request: PartialRequest, confidence: float) -> str:
    bins = request.bins[priced.name]
    ranks = math.ceil(rank_error(bins, measure.q, priced.weight, priced.cell_epsilon, confidence))
    return f"a value at most about {ranks:,} places from the {measure.q:g} quantile in {confidence:.0%} of answers"


def _text(width: float, confidence: float) -> str:
    return f"within ±{width:,.6g} in {confidence:.0%} of answers"
