"""Privacy values: budgets, contribution bounds, and the question with its route.

- Amounts are exact fractions end to end; a float is taken as the decimal that was typed, not as its binary value.
- `Ask` is what a client sends: a plan, a route, and either a cost or a wished accuracy.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.errors import PlanError
from kernel_guard.plan.aggregates import Aggregate


class Route(enum.StrEnum):
    DP = "dp"
    SDC = "sdc"


class Accounting(enum.StrEnum):
    """How the losses of several questions add up: pure ε, or zero-concentrated ρ (and so (ε, δ))."""

    PURE = "pure"
    ZCDP = "zcdp"


@dataclass(frozen=True)
class Budget:
    """A privacy cost or allowance: pure ε, and δ where a mechanism needs one; `rho` for accounts that count in zCDP.

    A cost without `rho` has that of its pure ε, ε²/2; one with `rho` and δ is in zCDP, and its (ε, δ) follows from ρ.
    An allowance with `rho` counts in it, and in nothing else.

    >>> Budget.of("0.5") + Budget.of("0.25")
    Budget(epsilon=Fraction(3, 4), delta=Fraction(0, 1), rho=None)
    """

    epsilon: Fraction
    delta: Fraction = Fraction(0)
    rho: Fraction | None = None

    def __post_init__(self) -> None:
        if self.epsilon < 0 or self.delta < 0 or (self.rho is not None and self.rho < 0):
            raise PlanError("A privacy budget cannot be negative.", hint="Give an ε above 0, such as 0.5.")

    @classmethod
    def of(cls, epsilon: object, delta: object = 0) -> Budget:
        return cls(exact(epsilon), exact(delta))

    @classmethod
    def read(cls, stated: Mapping[str, object]) -> Budget:
        """A cost as `stated` wrote it; nothing where nothing is stated."""
        rho = stated.get("rho")
        return cls(exact(stated.get("epsilon", 0)), exact(stated.get("delta", 0)), None if rho is None else exact(rho))

    def __add__(self, other: Budget) -> Budget:
        both = None if self.rho is None or other.rho is None else self.rho + other.rho
        return Budget(self.epsilon + other.epsilon, self.delta + other.delta, both)

    def stated(self) -> dict[str, str]:
        """A cost as a statement has it, in exact fractions; beside ρ, where it was paid in ρ, the (ε, δ) it implies."""
        found = {"epsilon": str(self.epsilon), "delta": str(self.delta)}
        return found | ({"rho": str(self.rho)} if self.delta and self.rho is not None else {})

    def __str__(self) -> str:
        delta = f", δ {float(self.delta):g}" if self.delta else ""
        return f"ε {float(self.epsilon):g}{delta}"

    def fits(self, other: Budget) -> bool:
        """Whether this cost fits into what is left in `other`."""
        return self.epsilon <= other.epsilon and self.delta <= other.delta


def exact(value: object) -> Fraction:
    """The exact fraction that a person meant by a number or its text ("0.1" and 0.1 are both 1/10)."""
    try:
        if isinstance(value, bool):
            raise ValueError
        if isinstance(value, (int, Fraction)):
            return Fraction(value)
        if isinstance(value, float):
            return Fraction(repr(value))
        if isinstance(value, str) and len(value) <= 64:
            return Fraction(value)
        raise ValueError
    except (ValueError, ZeroDivisionError, OverflowError):
        raise PlanError(
            "A privacy amount must be a finite number.", hint="Write it as 0.5, '1/2' or a Fraction."
        ) from None


@dataclass(frozen=True)
class Contribution:
    """How much one patient may add: at most `groups` groups, at most `rows` rows in each."""

    rows: int = 1
    groups: int = 1

    def __post_init__(self) -> None:
        if not (1 <= self.rows <= 10_000 and 1 <= self.groups <= 10_000):
            raise PlanError(
                "A contribution bound must lie between 1 and 10,000.",
                hint="Say how many rows (and groups) of one patient should count, such as 5.",
            )


@dataclass(frozen=True)
class Ask:
    """A question put to the vault.

    DP route: exactly one of `epsilon` (the cost, in pure ε), `rho` (the cost, in zCDP) and `within` (the wished error
    of the first measure at `confidence`). SDC route: none of them. `contribution` None lets the planner choose from
    declared bounds; `weights` None lets measures share the cost alike, else one whole number for each says how much of
    it.
    """

    plan: Aggregate
    route: Route
    epsilon: Fraction | None = None
    within: float | None = None
    confidence: float = 0.95
    contribution: Contribution | None = None
    weights: tuple[int, ...] | None = None
    rho: Fraction | None = None

    def __post_init__(self) -> None:
        self._check_weights()
        given = (self.epsilon is not None) + (self.within is not None) + (self.rho is not None)
        if self.route is Route.DP and given != 1:
            raise PlanError(
                "A differentially private question needs either a cost or a wished error.",
                hint="Call .release(epsilon=0.5) or .release(within=10, confidence=0.95).",
            )
        if self.route is Route.SDC and given:
            raise PlanError("An exact question takes no ε.", hint="Call .release() without arguments.")
        if self.epsilon is not None and self.epsilon <= 0:
            raise PlanError("ε must be above 0.", hint="Try epsilon=0.5.")
        if self.rho is not None and self.rho <= 0:
            raise PlanError("ρ must be above 0.", hint="Try rho=0.05.")
        if self.within is not None and not (0 < self.within < float("inf")):
            raise PlanError("The wished error must be above 0.", hint="Try within=10.")
        if not (0.5 <= self.confidence < 1):
            raise PlanError("A confidence must lie in [0.5, 1).", hint="Try confidence=0.95.")

    def _check_weights(self) -> None:
        if self.weights is None:
            return
        if len(self.weights) != len(self.plan.measures) or not all(1 <= w <= 1000 for w in self.weights):
            raise PlanError(
                "Weights are one whole number from 1 to 1,000 for each measure.",
                hint="weights={'n': 1, 'mean_age': 3} spends three times as much on mean_age as on n.",
            )
        if self.route is Route.SDC:
            raise PlanError("An exact question takes no weights.", hint="Call .release() without arguments.")
