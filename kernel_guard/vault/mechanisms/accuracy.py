"""How far a noisy number may lie from the number without noise, with a given confidence.

- Computed from the noise alone; what contribution bounds cut off is not part of it.
- Each number has its own interval: a table of many cells has more than one cell outside now and then.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from statistics import NormalDist

EXACTLY = 200.0  # up to this scale a discrete Gaussian is summed up, beyond it a normal with a half step is as good


@dataclass(frozen=True)
class Noise:
    """Discrete Laplace noise of a scale, or discrete Gaussian noise of a scale (its standard deviation, nearly)."""

    scale: float
    gaussian: bool = False

    @property
    def deviation(self) -> float:
        """The standard deviation; of its continuous limit, which is no smaller."""
        return self.scale if self.gaussian else self.scale * math.sqrt(2.0)

    def half_width(self, confidence: float) -> int:
        """The least k with P(|X| > k) ≤ 1 − confidence.

        >>> Noise(2.0).half_width(0.95)
        6
        >>> Noise(2.0, gaussian=True).half_width(0.95)
        4
        """
        if self.scale <= 0:
            return 0
        return _gaussian(self.scale, confidence) if self.gaussian else _laplace(self.scale, confidence)


def _laplace(scale: float, confidence: float) -> int:
    """P(|X| > k) = 2 aᵏ⁺¹/(1 + a) with a = e^(−1/scale)."""
    a = math.exp(-1.0 / scale)
    tail = 1.0 - confidence
    return max(0, math.ceil(scale * (math.log(2.0 / tail) - math.log1p(a)) - 1e-12) - 1)


@functools.lru_cache(maxsize=1024)
def _gaussian(scale: float, confidence: float) -> int:
    """From the masses e^(−k²/2σ²), or from the normal's quantile where there are many."""
    if scale > EXACTLY:
        return max(0, math.ceil(scale * NormalDist().inv_cdf((1.0 + confidence) / 2) - 0.5))
    masses = [math.exp(-k * k / (2 * scale * scale)) for k in range(math.ceil(40 * scale) + 2)]
    whole = 2 * math.fsum(masses) - masses[0]
    inside, k = masses[0], 0
    while inside < confidence * whole and k + 1 < len(masses):
        k += 1
        inside += 2 * masses[k]
    return k
