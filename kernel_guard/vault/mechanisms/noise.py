"""Integer Laplace noise on vectors of partials.

Mechanism: discrete Laplace (Ghosh, Roughgarden, Sundararajan 2009; sampler of Canonne, Kamath, Steinke 2020, as proved
in OpenDP's `make_laplace` over integers). A vector whose L1 distance between neighbours is at most d_in, with noise
of scale d_in/ε on each entry, is ε-differentially private.

- Neighbours differ by one patient with all their rows. d_in is a product of contribution bounds, known before data.
- The ε that the measurement's own map reports is at most the ε charged: asserted at each release, in fractions.
- Feature `contrib` only: nothing here runs on floating-point data.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from opendp import domains, measurements, metrics
from opendp.mod import enable_features

from kernel_guard.errors import InternalError

enable_features("contrib")  # without OpenDP's prelude, which loads scikit-learn and pandas

LIMIT = 2**62


@functools.lru_cache(maxsize=1024)
def laplace(d_in: int, epsilon: Fraction) -> tuple[Any, float]:
    """A measurement on integer vectors with its scale; `d_in` is the L1 sensitivity."""
    space = domains.vector_domain(domains.atom_domain(T="i64")), metrics.l1_distance(T="i64")
    # The map is d_in/scale rounded up: the scale is a few floats above d_in/ε; the map itself says when it is enough.
    scale = float(Fraction(d_in) / epsilon)
    measurement = measurements.make_laplace(*space, scale=scale)
    while cost_of(measurement, d_in) > epsilon:
        scale = math.nextafter(scale, math.inf)
        measurement = measurements.make_laplace(*space, scale=scale)
    check_cost(cost_of(measurement, d_in), epsilon)
    return measurement, scale


def scale_of(d_in: int, epsilon: Fraction) -> float:
    """The scale of the noise that `add_noise` adds."""
    return laplace(d_in, epsilon)[1]


def add_noise(values: Sequence[int], d_in: int, epsilon: Fraction) -> list[int]:
    """The noisy vector, at a cost of `epsilon`.

    Values beyond ±2⁶² are clamped first: clamping moves neighbours no further apart.
    """
    clamped = [min(max(v, -LIMIT), LIMIT) for v in values]
    return [int(v) for v in laplace(d_in, epsilon)[0](clamped)]


def cost_of(measurement: Any, d_in: int) -> float:
    """The ε that a measurement's own map reports for a sensitivity."""
    return float(measurement.map(d_in))


def check_cost(mapped: float, epsilon: Fraction) -> None:
    """Refuse to run a measurement that would cost more than is charged."""
    if not mapped >= 0 or not math.isfinite(mapped) or Fraction(mapped) > epsilon:
        raise InternalError("A mechanism would cost more than was charged for it; nothing was released.")
