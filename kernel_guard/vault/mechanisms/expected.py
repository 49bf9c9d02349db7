"""The error to expect, from public facts: the scale of the noise and, where it matters, a round number of patients.

- Exact where the released number is linear in the noise (counts, sums, distinct counts, top-k).
- Where it depends on the data, it is the error for a thousand values that are spread evenly over the declared range,
  and the text says so; nothing is read from data for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from kernel_guard.plan.aggregates import (
    CellMeasure,
    CommonValues,
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
from kernel_guard.vault.life_tables import curves
from kernel_guard.vault.mechanisms.estimates import estimator
from kernel_guard.vault.mechanisms.pricing import END, POINT, PricedFamily
from kernel_guard.vault.mechanisms.quantile import rank_error
from kernel_guard.vault.mechanisms.simulate import half_widths, standard_draws
from kernel_guard.vault.mechanisms.threshold import Threshold
from kernel_guard.vault.mechanisms.totals import Totals

THOUSAND = 1000.0


@dataclass(frozen=True)
class Expected:
    """Half-width, in words too; `values` is the size of the cell that it is for, where that matters.

    Of values that are to be found, those of fewer patients than about `lost_below` are not.
    """

    error: float
    text: str
    values: int | None = None
    lost_below: int | None = None


def expected(measure: Measure, priced: PricedFamily, request: PartialRequest, confidence: float) -> Expected:
    """What is known before about a measure's error."""
    if isinstance(measure, Quantile):
        return _quantile(measure, priced, request, confidence)
    if isinstance(measure, CommonValues):
        assert priced.threshold is not None
        return _found(priced.threshold, confidence)
    assert priced.vector is not None
    width = priced.vector.noise.half_width(confidence) / request.unit
    if priced.totals is not None:
        return _with_totals(priced.totals, width, confidence)
    match measure:
        case CountRows() | CountPatients() | TopK() | CountDistinct():
            return Expected(width, _text(width, confidence))
        case Survival():
            return _curve(measure, priced, request, confidence)
        case Sum() if priced.family.carrier == measure:
            width *= request.grids[measure.name].step
            return Expected(width, _text(width, confidence))
        case Sum():
            width = sum_width(measure, priced, request, confidence)
            return Expected(width, _text(width, confidence))
    thousand = _for_a_thousand(measure, priced, request, confidence)
    text = f"about ±{thousand:,.3g} for a cell of 1,000 values, in proportion less for more"
    return Expected(thousand, text, int(THOUSAND))


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
    draws = standard_draws(len(priced.vector.terms), 4000, priced.vector.noise)
    return float(np.quantile(np.abs(estimator(measure, degrees, grids, row)(draws)), confidence))


def _for_a_thousand(measure: CellMeasure, priced: PricedFamily, request: PartialRequest, confidence: float) -> float:
    """The error for a thousand values that are spread evenly over the declared range."""
    assert priced.vector is not None
    degrees, grids, row = layout(priced, request)
    even = {1: [0.5, 0.5], 2: [1 / 3, 1 / 3, 1 / 3]}
    sums = np.array([1.0])
    for degree in degrees:
        sums = np.kron(sums, np.array(even[degree]))
    function = estimator(measure, degrees, grids, row)
    return float(half_widths(function, sums[None, :] * row * THOUSAND, priced.vector.noise, confidence)[0])


def _curve(measure: Survival, priced: PricedFamily, request: PartialRequest, confidence: float) -> Expected:
    """The largest error along the curve, for a thousand patients whose times and endings are spread evenly."""
    assert priced.vector is not None
    size = len(request.plan.by[-1].values) * (len(measure.edges) + 1)
    even = np.full((1, size), THOUSAND / size)
    error = float(half_widths(lambda c: curves(c, measure), even, priced.vector.noise, confidence).max())
    width = priced.vector.noise.half_width(confidence) / request.unit
    error = min(error, 1.0)
    text = f"about ±{error:.3g} for 1,000 patients, in proportion less for more; each count within ±{width:,.6g}"
    return Expected(error, text, int(THOUSAND))


def _quantile(measure: Quantile, priced: PricedFamily, request: PartialRequest, confidence: float) -> Expected:
    """Places between the answer and the quantile, and how far apart so many of a thousand even values lie."""
    bins = request.bins[priced.name]
    point = priced.cell.part(POINT, 1)
    ranks = math.ceil(rank_error(bins, measure.q, priced.weight, point, confidence))
    if measure.interval:
        # An end may lie twice as far out as it is safe.
        end = priced.cell.part(END, 1)
        reach = 2 * rank_error(bins, measure.q, priced.weight, end, (1.0 + confidence) / 2)
        width = (bins.upper - bins.lower) * min(reach / THOUSAND, 1.0) + bins.width / 2
        text = f"an interval of at most about ±{width:,.3g} for a cell of 1,000 values, in proportion less for more"
        return Expected(width, text, int(THOUSAND))
    width = (bins.upper - bins.lower) * min(ranks / THOUSAND, 1.0)
    text = (
        f"a value at most about {ranks:,} places from the {measure.q:g} quantile in {confidence:.0%} of answers: "
        f"about ±{width:,.3g} for a cell of 1,000 values"
    )
    return Expected(width, text, int(THOUSAND))


def _found(threshold: Threshold, confidence: float) -> Expected:
    """The error of a number, and which values are lost."""
    width, least = threshold.noise.half_width(confidence), threshold.least
    text = _text(width, confidence) + (
        f"; values of fewer than about {least:,} patients are lost, of more than {least + width:,} hardly any"
    )
    return Expected(width, text, lost_below=least)


def _with_totals(totals: Totals, width: float, confidence: float) -> Expected:
    """The error of an inner cell, and in words that of the grand total, both of the linear fit."""
    reach = NormalDist().inv_cdf((1 + confidence) / 2)
    found = {kept: reach * variance**0.5 for kept, variance in totals.variances().items()}
    cell = found[tuple(range(len(totals.shape)))] if len(totals.marginals) > 1 else width
    return Expected(cell, f"{_text(cell, confidence)}, the grand total within ±{found[()]:,.4g}; totals add up")


def _text(width: float, confidence: float) -> str:
    return f"within ±{width:,.6g} in {confidence:.0%} of answers"
