"""Public fixed-point grids: how a bounded number becomes an integer, the same way in every engine.

- A grid is made from declared bounds and resolution only, never from data.
- `quantise` is the definition; a compiled engine repeats these operations on 64-bit floats in this order.
- The integer clip at `half` is what sensitivity rests on, not the float clip before it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.errors import PlanError
from kernel_guard.plan.privacy import exact
from kernel_guard.plan.schema import Column, ColumnType

FINE = 2**20  # steps from centre to bound where no resolution is declared: finer than any noise
MOST = 1e300  # no declared bound lies further out: nothing that is computed from one overflows
EXACT = 2**46  # the same where sums are to be exact: 14 significant digits
ROOT = 2**30  # the same where squares and products are to be exact: they fit into 64 bits


@dataclass(frozen=True)
class Grid:
    """Integers −half … half stand for centre + step · integer."""

    lower: float
    upper: float
    centre: float
    step: float

    @property
    def half(self) -> int:
        reach = max(abs(self.lower - self.centre), abs(self.upper - self.centre))
        return max(1, math.ceil(reach / self.step))

    def quantise(self, value: float) -> int:
        clipped = min(max(value, self.lower), self.upper)
        nearest = math.floor((clipped - self.centre) / self.step + 0.5)
        return min(max(nearest, -self.half), self.half)

    def total(self, integers: int, count: int = 0) -> Fraction:
        """The exact sum that `integers` (a sum over `count` values) stands for."""
        return exact(self.step) * integers + exact(self.centre) * count


@dataclass(frozen=True)
class Bins:
    """`number` bins of `width` from `lower` (a bin's candidate is `lower + (i + shift) · width`).

    `unit` is the weight of a row of a patient who has no more rows than the bound.
    """

    lower: float
    upper: float
    width: float
    number: int
    shift: float
    unit: int

    def index(self, value: float) -> int:
        clipped = min(max(value, self.lower), self.upper)
        offset = 0.5 if self.shift == 0 else 0.0
        return min(max(math.floor((clipped - self.lower) / self.width + offset), 0), self.number - 1)

    def candidate(self, index: int) -> float:
        return min(self.lower + (index + self.shift) * self.width, self.upper)


def bounds_of(column: Column) -> tuple[float, float]:
    """Declared bounds as finite floats."""
    if not isinstance(column.lower, (int, float)) or not isinstance(column.upper, (int, float)):
        raise PlanError(f"Column {column.name!r} has no declared numeric bounds.")
    lower, upper = float(column.lower), float(column.upper)
    if not (-MOST <= lower <= upper <= MOST and (lower == upper or upper - lower >= 1 / MOST)):
        raise PlanError(f"The bounds of column {column.name!r} must lie in order between −1e300 and 1e300.")
    return lower, upper


def resolution(column: Column) -> float | None:
    """The declared step of a column; 1 for whole numbers."""
    if column.step:
        return float(column.step)
    return 1.0 if column.type is ColumnType.INTEGER else None


def grid_of(column: Column, *, centred: bool, most: int, default: int = FINE) -> Grid:
    """The grid of a column with at most `most` steps on a side.

    A centred grid halves the step, so that the middle of the bounds and every declared value both lie on it.
    """
    lower, upper = bounds_of(column)
    centre = lower + (upper - lower) / 2 if centred else 0.0
    step = resolution(column)
    if step is not None and centred:
        step /= 2
    reach = max(abs(lower - centre), abs(upper - centre))
    if step is None or reach / step > most:
        step = power_of_two(reach / min(default if step is None else most, most))
    return Grid(lower, upper, centre, step)


def exact_grid(column: Column, *, most: int = EXACT) -> Grid:
    """The grid on which exact sums are formed (SDC route, reductions per patient)."""
    return grid_of(column, centred=False, most=most, default=most)


def bins_of(column: Column, *, most: int, unit: int) -> Bins:
    """One bin per declared value where there are few enough, else `most` equal bins with their middles."""
    lower, upper = bounds_of(column)
    step = resolution(column)
    if lower == upper:
        return Bins(lower, upper, 1.0, 1, 0.0, unit)
    if step is not None and (upper - lower) / step + 1 <= most:
        return Bins(lower, upper, step, math.floor((upper - lower) / step + 0.5) + 1, 0.0, unit)
    return Bins(lower, upper, (upper - lower) / most, most, 0.5, unit)


def power_of_two(least: float) -> float:
    """The smallest power of two that is at least `least` (1 for 0)."""
    if least <= 0:
        return 1.0
    mantissa, exponent = math.frexp(least)
    return math.ldexp(1.0, exponent - 1 if mantissa == 0.5 else exponent)
