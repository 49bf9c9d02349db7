"""How far a noisy number may lie from the number without noise, with a given confidence.

- Computed from the scale of the noise alone; what contribution bounds cut off is not part of it.
- Each number has its own interval: a table of many cells has more than one cell outside now and then.
"""

from __future__ import annotations

import math

from kernel_guard.vault.engine.grids import Grid


def half_width(scale: float, confidence: float) -> int:
    """The least k with P(|X| > k) ≤ 1 − confidence for discrete Laplace X.

    P(|X| > k) = 2 aᵏ⁺¹/(1 + a) with a = e^(−1/scale).

    >>> half_width(2.0, 0.95)
    6
    """
    if scale <= 0:
        return 0
    a = math.exp(-1.0 / scale)
    tail = 1.0 - confidence
    return max(0, math.ceil(scale * (math.log(2.0 / tail) - math.log1p(a)) - 1e-12) - 1)


def mean_error(
    grid: Grid, sum_scale: float, count_scale: float, noisy_sum: int, noisy_count: int, confidence: float
) -> float:
    """Half-width for a mean, from its noisy parts alone.

    Both parts hold together with `confidence` (each at half of the doubt; Bonferroni). With S = s + a and N = n + b the
    noisy sum and count, S/N − s/n = (a − b·S/N)/n = (a − b·s/n)/N, and |s/n| ≤ half: the smaller of the two bounds
    holds, and no error is larger than the declared bounds are wide.
    """
    width = grid.upper - grid.lower
    each = (1.0 + confidence) / 2.0
    sum_error, count_error = half_width(sum_scale, each), half_width(count_scale, each)
    if noisy_count <= count_error:
        return width
    by_noisy = (sum_error + abs(noisy_sum / noisy_count) * count_error) / (noisy_count - count_error)
    by_bounds = (sum_error + grid.half * count_error) / noisy_count
    return min(grid.step * min(by_noisy, by_bounds), width)
