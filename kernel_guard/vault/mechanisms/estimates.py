"""From noisy moments to statistics: linear steps to n, Σz, Σz² …, then the textbook formulas, within declared bounds.

- z is a value in −1 … 1 between its declared bounds. Bernstein sums give moments by small fixed matrices.
- Everything is vectorised over cells (and over simulated noise), total (no division by zero) and post-processing.
- A result is kept within what bounds allow: a mean in its range, a variance from 0 to the range's, a correlation in ±1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from kernel_guard.plan.aggregates import CellMeasure, Covariance, Mean, Rate, Sum, Variance
from kernel_guard.vault.engine.grids import Grid

Array = Any
Estimate = Callable[[Array], Array]
# Rows: n, Σz (, Σz²) as combinations of the Bernstein sums of one column.
_TO_MOMENTS = {
    1: np.array([[1.0, 1.0], [-1.0, 1.0]]),
    2: np.array([[1.0, 1.0, 1.0], [-1.0, 0.0, 1.0], [1.0, -1.0, 1.0]]),
}


def moments_of(sums: Array, degrees: Sequence[int]) -> Array:
    """Moments from normalised Bernstein sums along the last axis: n, then powers, the second column's fastest."""
    matrix = _TO_MOMENTS[degrees[0]]
    for degree in degrees[1:]:
        matrix = np.kron(matrix, _TO_MOMENTS[degree])
    return sums @ matrix.T


def estimator(measure: CellMeasure, degrees: Sequence[int], grids: Sequence[Grid], row: float) -> Estimate:
    """How a member of a family is estimated from its noisy sums; `row` is what one whole row adds to them."""

    def estimate(sums: Array) -> Array:
        return _statistic(measure, moments_of(sums / row, degrees), degrees, grids)

    return estimate


def count_estimator(degrees: Sequence[int], row: float) -> Estimate:
    """The number of rows behind a family."""
    return lambda sums: moments_of(sums / row, degrees)[..., 0]


def reach(grid: Grid) -> float:
    """Half the width of the grid."""
    return grid.half * grid.step


def _statistic(measure: CellMeasure, m: Array, degrees: Sequence[int], grids: Sequence[Grid]) -> Array:
    n = np.maximum(m[..., 0], 1.0)
    first = grids[0]
    match measure:
        case Sum():
            return reach(first) * m[..., 1] + first.centre * m[..., 0]
        case Mean():
            return np.clip(first.centre + reach(first) * m[..., 1] / n, first.lower, first.upper)
        case Variance():
            spread = np.clip(m[..., 2] / n - (m[..., 1] / n) ** 2, 0.0, 1.0) * reach(first) ** 2 * _unbiased(n)
            return np.sqrt(spread) if measure.root else spread
        case Rate():
            return _rate(measure, m, grids)
        case Covariance():
            return _covariance(measure, m, n, degrees, grids)
    raise AssertionError(measure)


def _rate(measure: Rate, m: Array, grids: Sequence[Grid]) -> Array:
    """Moments of degree (1, 1): n, Σt, Σe, Σet."""
    events = np.maximum(reach(grids[0]) * m[..., 2] + grids[0].centre * m[..., 0], 0.0)
    time = reach(grids[1]) * m[..., 1] + grids[1].centre * m[..., 0]
    least = max(grids[1].upper * 1e-9, 5e-324)
    return measure.per * events / np.maximum(time, least)


def _covariance(measure: Covariance, m: Array, n: Array, degrees: Sequence[int], grids: Sequence[Grid]) -> Array:
    """Moments of degree (d, d): xⁱyʲ stands at i·(d + 1) + j."""
    width = degrees[1] + 1
    x, y, both = m[..., width] / n, m[..., 1] / n, m[..., width + 1] / n
    joint = both - x * y
    if not measure.scaled:
        limit = reach(grids[0]) * reach(grids[1])
        return np.clip(joint, -1.0, 1.0) * limit * _unbiased(n)
    spread = np.maximum(m[..., 2 * width] / n - x * x, 1e-9) * np.maximum(m[..., 2] / n - y * y, 1e-9)
    return np.clip(joint / np.sqrt(spread), -1.0, 1.0)


def _unbiased(n: Array) -> Array:
    """Bessel's n / (n − 1)."""
    return n / np.maximum(n - 1.0, 1.0)


def widest(measure: CellMeasure, grids: Sequence[Grid]) -> float:
    """An error that declared bounds alone allow, for cells in which noise drowns everything; ∞ where there is none."""
    first = grids[0]
    match measure:
        case Mean():
            return first.upper - first.lower
        case Variance():
            return reach(first) * (1.0 if measure.root else reach(first))
        case Covariance():
            return 2.0 if measure.scaled else 2.0 * reach(first) * reach(grids[1])
    return float("inf")
