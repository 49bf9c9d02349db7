"""The published value of one cell: exact, or made from rounded counts alone where the pack rounds.

With rounding, a count is rounded first and everything else is formed from rounded counts:

- A sum is k rounded times the mean of the k values that are not 0; a mean is that over the rounded number of rows. The
  mean of a 0/1 column is so the ratio of two rounded counts, whatever number stands for 1.
- A variance is put together from the variance and the mean of the k values and the rounded k and n.
- One patient moves the correlation of two 0/1 columns by at least 4/n: it is shown in steps of four times the base over
  n, and a covariance is that times the two published standard deviations.
- A rate is the ratio of two published sums.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction

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
from kernel_guard.plan.expressions import Value
from kernel_guard.plan.privacy import exact
from kernel_guard.vault.disclosure.gather import ExactTable
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.rules import rounding
from kernel_guard.vault.engine.evidence import lines_of
from kernel_guard.vault.engine.grids import Grid

EXACT_DIGITS = 12
ROOT_DIGITS = 9  # of what is made from squares and products: as fine as their grids are
ROUNDED_DIGITS = 4


def value_of(table: ExactTable, measure: Measure, index: int, pack: RulePack) -> Value | None:
    """The value of a measure in a cell that has values; None where it is not defined."""
    cell = table.evidence[measure.name]
    rounds = pack.rounding > 1
    match measure:
        case CountPatients():
            return rounding.rounded(int(cell.patients[index]), pack)
        case CountRows():
            return rounding.rounded(int(cell.rows[index]), pack)
        case Quantile():
            return rounding.shown(_quantile(measure, index, table), pack.digits)
        case Sum() | Mean() if not rounds:
            step = _step(table.request.grids[measure.name])
            below = step.denominator * (int(cell.rows[index]) if isinstance(measure, Mean) else 1)
            return rounding.shown(cell.total[index] * step.numerator / below, EXACT_DIGITS)
        case Sum() | Mean():
            total = _sum(table, measure, 0, index, pack)
            if isinstance(measure, Mean):
                total /= rounding.rounded(int(cell.rows[index]), pack)
            return rounding.shown(total, ROUNDED_DIGITS + 2)
        case Rate():
            time = _sum(table, measure, 1, index, pack)
            events = _sum(table, measure, 0, index, pack)
            digits = ROUNDED_DIGITS + 2 if rounds else EXACT_DIGITS
            return rounding.shown(events / time * exact(measure.per), digits) if time else None
        case Variance():
            variance = _variance(table, measure, index, pack)
            return None if variance is None else _root_or_not(variance, root=measure.root)
        case Covariance():
            return _covariance(table, measure, index, pack)
    raise AssertionError(measure)


def _sum(table: ExactTable, measure: Measure, line: int, index: int, pack: RulePack) -> Fraction:
    """The published sum of a line of a measure."""
    which = lines_of(measure)[line]
    cell = table.evidence[which.name]
    total = _step(table.request.grids[which.grids[0]]) * cell.total[index]
    filled = int(cell.filled[index])
    if pack.rounding <= 1 or not filled:
        return total
    return Fraction(rounding.shown(total / filled, ROUNDED_DIGITS)) * rounding.rounded(filled, pack)


def _variance(table: ExactTable, measure: Variance, index: int, pack: RulePack) -> Fraction | None:
    """Sample variance; of n values of which k are not 0."""
    cell, parts = table.evidence[measure.name], table.parts[measure.name]
    n, k = int(cell.rows[index]), int(cell.filled[index])
    step = _step(table.request.grids[measure.name])
    total, square = step * parts["sum"][index], step**2 * parts["square"][index]
    if pack.rounding <= 1:
        return (square - total**2 / n) / (n - 1) if n > 1 else None
    if not k:
        return Fraction(0)
    mean = Fraction(rounding.shown(total / k, ROUNDED_DIGITS))
    within = Fraction(rounding.shown(square / k - (total / k) ** 2, ROUNDED_DIGITS))
    n, k = rounding.rounded(n, pack), rounding.rounded(k, pack)
    return k * (within + mean**2 * (1 - Fraction(k, n))) / (n - 1) if n > 1 else None


def _covariance(table: ExactTable, measure: Covariance, index: int, pack: RulePack) -> float | None:
    """Sample covariance or Pearson's correlation."""
    rows, parts = int(table.evidence[measure.name].rows[index]), table.parts[measure.name]
    x, y, xx, yy, xy = (parts[p][index] for p in ("sum", "other", "square", "other_square", "product"))
    first, second = (_step(table.request.grids[g]) for g in lines_of(measure)[0].grids)
    if rows < 2:
        return None
    spreads = Fraction(rows * xx - x * x), Fraction(rows * yy - y * y)
    together = Fraction(rows * xy - x * y)
    if pack.rounding <= 1:
        if not measure.scaled:
            return rounding.shown(together * first * second / (rows * (rows - 1)), ROOT_DIGITS)
        return _root_digits(together, spreads) if all(spreads) else None
    if not all(spreads):
        return None if measure.scaled else 0.0
    known = rounding.rounded(rows, pack)
    step = Fraction(4 * pack.rounding, known)
    scaled = min(Fraction(1), max(Fraction(-1), round(Fraction(_root_digits(together, spreads)) / step) * step))
    if measure.scaled:
        return rounding.shown(scaled, ROUNDED_DIGITS)
    deviations = [math.sqrt(s / (rows * (rows - 1))) * float(f) for s, f in zip(spreads, (first, second), strict=True)]
    shown = [Fraction(rounding.shown(Fraction(d), ROUNDED_DIGITS - 1)) for d in deviations]
    return rounding.shown(scaled * shown[0] * shown[1], ROUNDED_DIGITS)


def _root_digits(together: Fraction, spreads: tuple[Fraction, Fraction]) -> float:
    """r; of integers of any size, so that nothing cancels."""
    squared = together * together / (spreads[0] * spreads[1])
    return math.copysign(rounding.shown(Fraction(math.sqrt(squared)), ROOT_DIGITS), together)


def _root_or_not(variance: Fraction, *, root: bool) -> float:
    return rounding.shown(Fraction(math.sqrt(variance)) if root else variance, ROOT_DIGITS)


@functools.lru_cache(maxsize=64)
def _step(grid: Grid) -> Fraction:
    """The value of one step; exact grids are centred at 0."""
    return exact(grid.step)


def _quantile(measure: Quantile, index: int, table: ExactTable) -> Fraction:
    """Between the two order statistics, linearly (type 7 of Hyndman and Fan 1996, as in numpy and pandas)."""
    parts = table.parts[measure.name]
    position = Fraction(measure.q) * (parts["rows"][index] - 1)
    low, high = parts["low"][index], parts["high"][index]
    grid = table.request.grids[measure.name]
    return grid.total(1, 0) * (low + (high - low) * (position - position.numerator // position.denominator))
