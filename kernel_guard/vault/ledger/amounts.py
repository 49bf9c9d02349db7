"""Privacy amounts as the whole numbers that the ledger keeps: pico-ε, atto-δ and pico-ρ.

- A debit is rounded up, a cap down: what is kept never favours the researcher over the patient.
- Whole numbers add without error in any order and on any database; `Fraction`s go in and come out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.errors import ConfigError
from kernel_guard.plan.privacy import Budget

EPSILON_UNITS = 10**12
DELTA_UNITS = 10**18
RHO_UNITS = 10**12
# Reserved plus spent must fit a 64-bit integer with room to spare.
MAX_UNITS = 4 * 10**18


@dataclass(frozen=True)
class Amount:
    """A cost or a cap in ledger units."""

    epsilon: int = 0
    delta: int = 0
    rho: int = 0

    @classmethod
    def debit(cls, cost: Budget) -> Amount:
        """The units that cover `cost`: rounded up. A ρ beyond every cap is kept as the largest number.

        A mechanism with a δ of its own (it says no ρ) has no finite ρ: no account in ρ can hold it.
        """
        pure = cost.epsilon * cost.epsilon / 2 if not cost.delta else Fraction(MAX_UNITS)
        rho = cost.rho if cost.rho is not None else pure
        return cls(
            math.ceil(cost.epsilon * EPSILON_UNITS),
            math.ceil(cost.delta * DELTA_UNITS),
            min(math.ceil(rho * RHO_UNITS), MAX_UNITS),
        )

    @classmethod
    def cap(cls, budget: Budget) -> Amount:
        """The units that `budget` covers: rounded down."""
        rho = math.floor((budget.rho or 0) * RHO_UNITS)
        amount = cls(math.floor(budget.epsilon * EPSILON_UNITS), math.floor(budget.delta * DELTA_UNITS), rho)
        if amount.rho and (amount.epsilon or amount.delta):
            raise ConfigError("A budget counts in ρ or in ε, not in both.")
        if amount.epsilon > MAX_UNITS or amount.rho >= MAX_UNITS:
            raise ConfigError("A budget of this ε protects nobody.", hint="Published values lie between 0.1 and 20.")
        if amount.delta >= DELTA_UNITS:
            raise ConfigError("δ must be below 1.", hint="It should be far below one over the number of patients.")
        return amount

    def budget(self) -> Budget:
        """The exact value of these units."""
        rho = Fraction(self.rho, RHO_UNITS) if self.rho else None
        return Budget(Fraction(self.epsilon, EPSILON_UNITS), Fraction(self.delta, DELTA_UNITS), rho)

    def taken_from(self, cap: Amount) -> Amount:
        """The part of a debit that an account with this cap counts: its ρ where the cap is in ρ, else its ε and δ."""
        return Amount(rho=self.rho) if cap.rho else Amount(self.epsilon, self.delta)

    def fits(self, other: Amount) -> bool:
        return self.epsilon <= other.epsilon and self.delta <= other.delta and self.rho <= other.rho

    def times(self, debit: Amount) -> int | None:
        """How often `debit` fits into this amount; None where it takes nothing."""
        pairs = ((self.epsilon, debit.epsilon), (self.delta, debit.delta), (self.rho, debit.rho))
        fits = [max(0, have) // need for have, need in pairs if need]
        return min(fits, default=None)

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.epsilon + other.epsilon, self.delta + other.delta, self.rho + other.rho)

    def __sub__(self, other: Amount) -> Amount:
        return Amount(self.epsilon - other.epsilon, self.delta - other.delta, self.rho - other.rho)

    def __bool__(self) -> bool:
        return bool(self.epsilon or self.delta or self.rho)

    def public(self) -> dict[str, str]:
        """The exact decimals, for a message or the audit log."""
        found = {"epsilon": decimal(self.epsilon, EPSILON_UNITS), "delta": decimal(self.delta, DELTA_UNITS)}
        return found | ({"rho": decimal(self.rho, RHO_UNITS)} if self.rho else {})

    def __str__(self) -> str:
        if self.rho and not self.epsilon:
            return f"ρ {decimal(self.rho, RHO_UNITS)}"
        epsilon = f"ε {decimal(self.epsilon, EPSILON_UNITS)}"
        return f"{epsilon}, δ {decimal(self.delta, DELTA_UNITS)}" if self.delta else epsilon


def decimal(units: int, per_one: int) -> str:
    """The exact decimal text of units: 500000000000 of 10**12 is "0.5"."""
    whole, rest = divmod(abs(units), per_one)
    digits = str(rest).zfill(len(str(per_one)) - 1).rstrip("0")
    return ("-" if units < 0 else "") + (f"{whole}.{digits}" if digits else str(whole))
