"""Several questions asked as one: one cost that the planner shares out, one check of all tables together, one release.

- `kg.together(ages=query, stays=query)` asks nothing yet; `.release(…)` asks all, or none is answered.
- The answer holds a table for each name. What is released, signed and shown with the badge is the whole; a table of it
  shows as a part and names the release.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from kernel_guard.client.query import Query
from kernel_guard.client.quote import Explanation, Quote, explained
from kernel_guard.client.repairs import attach, of_release
from kernel_guard.errors import KernelGuardError, PlanError
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.composed import ComposedAsk, NamedTable
from kernel_guard.plan.privacy import Contribution, Route, exact
from kernel_guard.plan.schema import suggest
from kernel_guard.plan.words import question

if TYPE_CHECKING:
    import pandas as pd

    from kernel_guard.client.released_tables import ReleasedTables

SHOWN_EPSILONS = ("0.5", "1", "2")


def together(*positional: Mapping[str, Query], **named: Query) -> Together:
    """Ask several questions as one: `kg.together(ages=…, stays=…).release(epsilon=1)`.

    >>> both = together(sexes=person["sex"].value_counts(), ages=person["year_of_birth"].hist(bins=2))
    >>> both.release(epsilon=1)["sexes"].loc["F"].item()
    100
    """
    questions = dict(*positional, **named)
    for name, asked in questions.items():
        if not isinstance(asked, Query):
            raise PlanError(
                f"{name!r} is not a question.", hint="Give questions before they are released: person.count_patients()."
            )
    return Together(questions)


class Together:
    """Questions that are complete and not yet asked.

    >>> both = together(n=person.count_patients(), stays=visit["kind"].value_counts())
    >>> both.words
    'n: Number of patients, of person. stays: Number of rows by kind, of visit.'
    """

    def __init__(self, questions: Mapping[str, Query]) -> None:
        if not questions:
            raise PlanError("There is nothing to ask.", hint="kg.together(ages=person['age'].hist(), …)")
        self.questions = dict(questions)
        self._transport = next(iter(self.questions.values()))._scope.transport
        self.ask(1)  # an impossible question is refused where it is written

    @property
    def words(self) -> str:
        """All questions, each after its name."""
        return question(self.ask(1))

    def ask(self, epsilon: object = None, *, confidence: float = 0.95, rows: int | None = None,
            groups: int | None = None, weights: Mapping[str, int] | None = None) -> ComposedAsk:  # fmt: skip
        """The value that is sent to the vault for these arguments."""
        amount: Fraction | None = None if epsilon is None else exact(epsilon)
        bound = None if rows is None and groups is None else Contribution(rows or 1, groups or 1)
        tables = tuple(NamedTable(name, asked.plan) for name, asked in self.questions.items())
        route = Route.SDC if amount is None else Route.DP
        return ComposedAsk(tables, route, amount, confidence, bound, self._weights(weights))

    def _weights(self, given: Mapping[str, int] | None) -> tuple[int, ...] | None:
        if given is None:
            return None
        unknown = sorted(set(given) - set(self.questions))
        if unknown:
            raise PlanError(f"There is no table {unknown[0]!r}.", hint=suggest(unknown[0], list(self.questions)))
        return tuple(given.get(name, 1) for name in self.questions)

    def quote(self, epsilon: object = None, **options: Any) -> Quote:
        """What `.release()` with the same arguments would cost in all, and every table's expected error. Free."""
        return Quote.of(self._transport.post_json("/v1/quote", dumps_ask(self.ask(epsilon, **options))))

    def release(self, epsilon: object = None, **options: Any) -> ReleasedTables:
        """Ask all of it. `epsilon` is the cost of everything; without it the numbers are exact and checked together.

        `weights={"ages": 3}` says whose error matters more; `rows=`, `groups=` as for one question.
        """
        return self._send(dumps_ask(self.ask(epsilon, **options)))

    def _send(self, body: bytes) -> ReleasedTables:
        from kernel_guard.client.released_tables import ReleasedTables

        try:
            released = self._transport.post_arrow("/v1/releases", body)
        except KernelGuardError as error:
            attach(error, self._send)
            raise
        ways_out = partial(of_release, self._transport, released.statement, self._send)
        return ReleasedTables(released, self.questions, ways_out)

    def mock(self, seed: int = 0) -> dict[str, pd.DataFrame]:
        """Every question answered from mock rows, to try code on. Their numbers mean nothing.

        >>> list(together(n=person.count_patients()).mock()["n"].columns)
        ['patients']
        """
        return {name: asked.mock(seed) for name, asked in self.questions.items()}

    def explain(self) -> Explanation:
        """The questions in words, with the price of all together."""
        return explained(self.words, self.quote, SHOWN_EPSILONS)

    def __iter__(self) -> Iterator[str]:
        return iter(self.questions)

    def __repr__(self) -> str:
        return repr(self.explain())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        explained = self.explain()
        return {"text/plain": repr(explained), "text/html": explained._repr_html_()}
