"""The rules of the SDC route, each a pure function of one cell.

- A threshold counts distinct patients with a non-missing value, never rows.
- A zero is disclosive where the policy says so: that nobody has a value is a fact about everybody.
- A quantile needs a threshold of patients on its thinner side: the ends of a distribution are single patients.
- Rounding comes first and derived numbers afterwards: a sum is the mean times the rounded count, so that no pair of
  results gives the unrounded count back.
"""

from __future__ import annotations

import math
from fractions import Fraction

from kernel_guard.plan.privacy import exact


def below_threshold(patients: int, threshold: int, zeros_disclosive: bool) -> bool:
    """Whether a cell of so many patients must be masked."""
    if patients == 0:
        return zeros_disclosive
    return patients < threshold


def thin_tail(patients: int, q: float, threshold: int) -> bool:
    """Whether fewer than `threshold` patients lie on one side of a quantile."""
    tail = min(exact(q), 1 - exact(q))
    return math.floor(tail * patients) < threshold


def round_to(count: int, base: int) -> int:
    """The nearest multiple of `base`; the middle goes up."""
    return (2 * count + base) // (2 * base) * base


def shown(value: Fraction, digits: int) -> float:
    """A derived number with so many significant digits."""
    return float(f"{float(value):.{digits - 1}e}")
