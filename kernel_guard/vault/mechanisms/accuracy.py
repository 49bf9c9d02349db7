"""How far a noisy number may lie from the number without noise, with a given confidence.

- Computed from the scale of the noise alone; what contribution bounds cut off is not part of it.
- Each number has its own interval: a table of many cells has more than one cell outside now and then.
"""

from __future__ import annotations

import math


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
