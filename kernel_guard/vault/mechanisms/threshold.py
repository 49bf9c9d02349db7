"""Values that nobody declared: a stability histogram, which shows a value only where enough patients have it.

Let a patient count 1 for each of at most `groups` values, and let the noise be discrete Laplace of scale b = groups/ε.
On values that both neighbours have the noisy numbers are ε-differentially private. A value that only the one patient
has is in one of the neighbours with the number 1 and not in the other: it is shown with probability P(1 + X ≥ T) =
aᵀ⁻¹/(1 + a), a = e^(−1/b). There are at most `groups` such values, so that δ = groups · aᵀ⁻¹/(1 + a).

- T is the least whole number for which this δ is small enough. OpenDP's own map counts P(1 + X > T) instead, though it
  shows a number at T: about e^(1/b) times too little. Both are checked, ours is the stricter.
- Values go through the mechanism as their places in a list, and come back after it: renaming one to one changes
  nothing.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opendp import domains, measurements, metrics
from opendp.mod import enable_features

from kernel_guard.plan.expressions import Value
from kernel_guard.vault.mechanisms.accuracy import Noise
from kernel_guard.vault.mechanisms.loss import Loss
from kernel_guard.vault.mechanisms.noise import Sensitivity, check_cost, noise_of

enable_features("contrib")


@dataclass(frozen=True)
class Threshold:
    """At a cost of `loss` (pure) and `delta`, the values that at least about `least` patients have."""

    groups: int
    loss: Loss
    delta: Fraction

    @property
    def noise(self) -> Noise:
        return noise_of(Sensitivity(self.groups, self.groups), self.loss)

    @property
    def least(self) -> int:
        """The smallest noisy number that is shown."""
        return _measurement(self)[1]

    def release(self, found: Mapping[Value, int]) -> dict[Value, int]:
        """The values that enough patients have, with their noisy numbers.

        Privacy unit: one patient with all their rows.
        Sensitivity: a patient counts 1 for each of at most `groups` values, chosen by a hash that looks at nobody else:
            L0 and L1 groups, L∞ 1.
        Mechanism: discrete Laplace noise of scale b = groups/ε; numbers below T are not shown, T the least whole number
            with groups · aᵀ⁻¹/(1 + a) ≤ δ, a = e^(−1/b). (ε, δ)-DP with a δ of its own, so that no budget in ρ pays it.
        Source: stability-based histograms, Korolova, Kenthapadi, Mishra, Ntoulas (2009); Bun, Nissim, Stemmer (2016);
            unknown domains, Rogers (2023).
        OpenDP: `make_laplace_threshold` on a map of 64-bit integers, L0, L1 and L∞ distance; its δ is a little too
            small, ours is checked beside it.
        """
        values = list(found)
        shown = _measurement(self)[0]({place: found[value] for place, value in enumerate(values)})
        return {values[place]: int(number) for place, number in shown.items()}


def delta_of(groups: int, scale: float, least: int) -> float:
    """The chance that any value of one patient alone is shown."""
    a = math.exp(-1.0 / scale)
    return groups * a ** (least - 1) / (1.0 + a)


@functools.lru_cache(maxsize=256)
def _measurement(wanted: Threshold) -> tuple[Any, int]:
    """The measurement, and the least T that keeps δ."""
    scale, delta = wanted.noise.scale, wanted.delta
    # Solved for T, and a step up for the rounding of logarithms.
    exact = 1 + scale * math.log(wanted.groups / float(delta) / (1.0 + math.exp(-1.0 / scale)))
    least = max(2, math.ceil(exact))
    while Fraction(delta_of(wanted.groups, scale, least)) > delta:
        least += 1
    space = (
        domains.map_domain(domains.atom_domain(T="i64"), domains.atom_domain(T="i64")),
        metrics.l01inf_distance(metrics.absolute_distance(T="i64")),
    )
    measurement: Any = measurements.make_laplace_threshold(*space, scale=scale, threshold=least)
    epsilon, mapped = measurement.map((wanted.groups, wanted.groups, 1))
    check_cost(float(epsilon), wanted.loss.amount)
    check_cost(float(mapped), delta)
    return measurement, least
