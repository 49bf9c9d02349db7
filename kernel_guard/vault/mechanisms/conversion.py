"""Between ways of counting privacy loss: pure ε, zero-concentrated ρ, and (ε, δ), by OpenDP's own maps.

- A pure ε-differentially private mechanism is ε²/2-zCDP (Bun, Steinke 2016, proposition 1.4); ρ adds up over questions.
  ε²/8 is not used: it does not hold for every pure mechanism.
- ρ-zCDP implies (ε, δ) for every δ: `make_zCDP_to_approxDP` (Canonne, Kamath, Steinke 2020) gives the curve, evaluated
  here for a Gaussian mechanism whose own map reports the ρ in question.
- A cap in ρ is rounded down, a stated ε up: never in favour of the researcher.
"""

from __future__ import annotations

import functools
import math
from fractions import Fraction
from typing import Any

from opendp import combinators, domains, measurements, metrics
from opendp.mod import enable_features

from kernel_guard.errors import ConfigError
from kernel_guard.plan.privacy import Accounting, Budget

enable_features("contrib")

_STEPS = 60


@functools.lru_cache(maxsize=256)
def epsilon_of(rho: float, delta: float) -> float:
    """The least ε such that ρ-zCDP implies (ε, δ), as OpenDP states it."""
    if rho <= 0:
        return 0.0
    space = domains.atom_domain(T="i64"), metrics.absolute_distance(T="i64")
    gaussian = measurements.make_gaussian(*space, scale=(0.5 / rho) ** 0.5)
    approximate: Any = combinators.make_fix_delta(combinators.make_zCDP_to_approxDP(gaussian), delta)
    return float(approximate.map(1)[0])


def rho_cap(budget: Budget) -> Fraction:
    """The largest ρ (in the ledger's steps) that implies the (ε, δ) of a budget; rounded down."""
    if not 0 < budget.delta < 1 or budget.epsilon <= 0:
        raise ConfigError(
            "Accounting in zCDP needs a budget with ε and δ above zero.", hint="Such as ε 10 with δ 1/100000."
        )
    low, high = 0.0, float(budget.epsilon**2 / 2) + float(budget.epsilon)
    for _ in range(_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(middle, float(budget.delta)) <= budget.epsilon else (low, middle)
    return Fraction(low)


def allotment(accounting: Accounting, budget: Budget) -> Budget:
    """What an account is given for a declared (ε, δ), in the currency that it counts in."""
    if accounting is Accounting.PURE:
        return budget
    return Budget(Fraction(0), Fraction(0), rho_cap(budget))


def cost_in_rho(rho: Fraction, delta: Fraction) -> Budget:
    """The cost of a question that is paid in ρ: what it implies in (ε, δ) beside it, rounded up."""
    epsilon = math.nextafter(epsilon_of(math.nextafter(float(rho), math.inf), float(delta)), math.inf)
    return Budget(Fraction(epsilon), delta, rho)


def in_epsilon(amount: Budget, delta: Fraction) -> Budget:
    """An amount of ρ with the (ε, δ) that it implies, for people to read."""
    rho = amount.rho or Fraction(0)
    return Budget(Fraction(epsilon_of(float(rho), float(delta))), delta if rho else Fraction(0), rho)
