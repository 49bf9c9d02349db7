"""Quantiles: a rank's value is one patient's own value, so enough patients must lie on both sides.

- Extremes are never released: the plan language has no minimum or maximum, and a quantile that is close to one has too
  few patients beyond it.
- Few digits: the value is shown as coarsely as the pack says.
"""

from __future__ import annotations

import numpy as np

from kernel_guard.plan.privacy import exact
from kernel_guard.vault.disclosure.pack import RulePack
from kernel_guard.vault.disclosure.suppression.table import Mask
from kernel_guard.vault.engine.evidence import Integers

NAME = "quantile tails"


def thin_tail(patients: Integers, q: float, pack: RulePack) -> Mask:
    """Cells with fewer than the pack's patients below or above the quantile."""
    tail = min(exact(q), 1 - exact(q))
    return np.asarray(patients * tail.numerator // tail.denominator < pack.quantile_side) & (patients > 0)


def detail(pack: RulePack) -> str:
    return f"at least {pack.quantile_side} patients on each side of a quantile, {pack.digits} significant digits"


def reason(pack: RulePack) -> str:
    return f"masked: fewer than {pack.quantile_side} patients on one side"
