"""What a mechanism may lose, in pure ε or in zero-concentrated ρ: the amount decides how much noise there is.

- ε and ρ are never mixed within one answer: all of its parts are pure, or all are in ρ.
- `Account` is how the budget that pays counts, and the δ at which a loss in ρ is read as (ε, δ).
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.plan.privacy import Accounting


class Divergence(enum.StrEnum):
    PURE = "pure"
    ZCDP = "zcdp"


@dataclass(frozen=True)
class Loss:
    """An amount of ε (pure), or of ρ (zCDP)."""

    amount: Fraction
    divergence: Divergence = Divergence.PURE

    @property
    def pure(self) -> bool:
        return self.divergence is Divergence.PURE

    def part(self, share: int, whole: int) -> Loss:
        """A share of it; shares that make the whole add up to it exactly, in ε and in ρ alike."""
        return Loss(self.amount * share / whole, self.divergence)

    @property
    def rho(self) -> Fraction:
        """The ρ of one mechanism of this loss: a pure one is ε²/2-zCDP (Bun, Steinke 2016, proposition 1.4)."""
        return self.amount * self.amount / 2 if self.pure else self.amount


@dataclass(frozen=True)
class Account:
    """How the budget that pays counts; `delta` is what one question may be given of δ (0: nothing but pure ε)."""

    accounting: Accounting = Accounting.PURE
    delta: Fraction = Fraction(0)
