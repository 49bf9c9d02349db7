"""Several tables asked as one question: one price, one reservation, one check of all of them together, one release.

- Every table is an ordinary `Aggregate` of the same study, with a name that is its own.
- DP route: one cost for all tables. The planner shares it out by the error that each is expected to have; `weights`
  say, for each table, how much more its error matters than another's.
- A composed question takes no wished error: which table's it should be, nobody could say.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from kernel_guard.errors import PlanError
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.measures import check_name
from kernel_guard.plan.privacy import Ask, Contribution, Route

MOST_TABLES = 50


@dataclass(frozen=True)
class NamedTable:
    """A table of a composed question."""

    name: str
    plan: Aggregate


@dataclass(frozen=True)
class ComposedAsk:
    """Tables put to the vault together."""

    tables: tuple[NamedTable, ...]
    route: Route
    epsilon: Fraction | None = None
    confidence: float = 0.95
    contribution: Contribution | None = None
    weights: tuple[int, ...] | None = None

    def __post_init__(self) -> None:
        self._check_tables()
        self._check_weights()
        if self.route is Route.DP and self.epsilon is None:
            raise PlanError("Tables that are asked together need a cost.", hint="Call .release(epsilon=1).")
        self.parts(self.epsilon)  # each must be a question by itself

    def parts(self, epsilon: Fraction | None) -> tuple[tuple[str, Ask], ...]:
        """Each table as a question of its own at this cost."""
        return tuple(
            (t.name, Ask(t.plan, self.route, epsilon, None, self.confidence, self.contribution)) for t in self.tables
        )

    def _check_tables(self) -> None:
        names = [t.name for t in self.tables]
        if not 1 <= len(names) <= MOST_TABLES:
            raise PlanError(f"One question may hold 1 to {MOST_TABLES} tables.", hint="Ask for fewer at once.")
        for name in names:
            check_name(name)
        if len(set(names)) != len(names):
            raise PlanError("Two of these tables have the same name.", hint="Give each a name of its own.")

    def _check_weights(self) -> None:
        if self.weights is None:
            return
        if len(self.weights) != len(self.tables) or not all(1 <= w <= 1000 for w in self.weights):
            raise PlanError("Weights are one whole number from 1 to 1,000 for each table.")
        if self.route is Route.SDC:
            raise PlanError("An exact question takes no weights.", hint="Call .release() without arguments.")


Question = Ask | ComposedAsk


def plans_of(question: Question) -> tuple[Aggregate, ...]:
    """The plans of a question, whichever its kind."""
    if isinstance(question, ComposedAsk):
        return tuple(t.plan for t in question.tables)
    return (question.plan,)
