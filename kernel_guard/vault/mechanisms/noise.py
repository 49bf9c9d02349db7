"""Integer noise on vectors of partials: discrete Laplace for a loss in ε, discrete Gaussian for one in ρ.

Mechanisms: discrete Laplace (Ghosh, Roughgarden, Sundararajan 2009) and discrete Gaussian (Canonne, Kamath, Steinke
2020), with the samplers of the latter, as proved in OpenDP's `make_laplace` and `make_gaussian` over integers. A vector
whose L1 distance between neighbours is at most d, with Laplace noise of scale d/ε on each entry, is ε-differentially
private; one whose L2 distance is at most d, with Gaussian noise of scale d/√(2ρ) on each entry, is ρ-zCDP.

- Neighbours differ by one patient with all their rows. Distances are products of contribution bounds, known before
  data.
- The loss that the measurement's own map reports is at most the loss charged: asserted at each release, in fractions.
- Feature `contrib` only: nothing here runs on floating-point data.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from opendp import domains, measurements, metrics
from opendp.mod import enable_features

from kernel_guard.errors import InternalError
from kernel_guard.vault.mechanisms.accuracy import Noise
from kernel_guard.vault.mechanisms.loss import Loss

enable_features("contrib")  # without OpenDP's prelude, which loads scikit-learn and pandas

LIMIT = 2**62


@dataclass(frozen=True)
class Sensitivity:
    """How far one patient moves a vector: `one` in the L1 norm, `two` the square of the L2 norm."""

    one: int
    two: int

    @property
    def root(self) -> float:
        """The L2 norm, rounded up to a float."""
        found = math.sqrt(self.two)
        return found if Fraction(found) ** 2 >= self.two else math.nextafter(found, math.inf)


@functools.lru_cache(maxsize=1024)
def measurement_of(sensitivity: Sensitivity, loss: Loss) -> tuple[Any, Noise]:
    """A measurement on integer vectors, and the noise that it adds."""
    domain = domains.vector_domain(domains.atom_domain(T="i64"))
    # The maps round up: the scale is a few floats above the exact one; the map itself says when it is enough.
    if loss.pure:
        distance: float = sensitivity.one
        scale = float(Fraction(sensitivity.one) / loss.amount)
        make = functools.partial(measurements.make_laplace, domain, metrics.l1_distance(T="i64"))
    else:
        distance = sensitivity.root
        scale = distance / math.sqrt(2 * loss.amount)
        make = functools.partial(measurements.make_gaussian, domain, metrics.l2_distance(T="f64"))
    measurement = make(scale=scale)
    while cost_of(measurement, distance) > loss.amount:
        scale = math.nextafter(scale, math.inf)
        measurement = make(scale=scale)
    check_cost(cost_of(measurement, distance), loss.amount)
    return measurement, Noise(scale, gaussian=not loss.pure)


def noise_of(sensitivity: Sensitivity, loss: Loss) -> Noise:
    """The noise that `add_noise` adds."""
    return measurement_of(sensitivity, loss)[1]


def add_noise(values: Sequence[int], sensitivity: Sensitivity, loss: Loss) -> list[int]:
    """The noisy vector, at a cost of `loss`.

    Values beyond ±2⁶² are clamped first: clamping moves neighbours no further apart.
    """
    clamped = [min(max(v, -LIMIT), LIMIT) for v in values]
    return [int(v) for v in measurement_of(sensitivity, loss)[0](clamped)]


def cost_of(measurement: Any, distance: float) -> float:
    """The ε or ρ that a measurement's own map reports for a sensitivity."""
    return float(measurement.map(distance))


def check_cost(mapped: float, amount: Fraction) -> None:
    """Refuse to run a measurement that would cost more than is charged."""
    if not mapped >= 0 or not math.isfinite(mapped) or Fraction(mapped) > amount:
        raise InternalError("A mechanism would cost more than was charged for it; nothing was released.")
