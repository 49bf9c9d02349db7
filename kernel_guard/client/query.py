"""A question, complete but not yet asked.

- Building and showing it spends nothing; `.release()` is the one call that asks the data.
- The whole plan is checked against the schema when the question is built.
- Showing a question fetches quotes (free). Where that fails it says so; a display never raises.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from kernel_guard.client.comparison import Comparison
from kernel_guard.client.quote import Explanation, Quote, explained
from kernel_guard.client.repairs import attach, of_release
from kernel_guard.client.scope import Scope
from kernel_guard.errors import KernelGuardError, PlanError
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.codec import dumps_ask
from kernel_guard.plan.privacy import Ask, Contribution, Route, exact
from kernel_guard.plan.schema import suggest
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.plan.words import describe

if TYPE_CHECKING:
    import pandas as pd

    from kernel_guard.client.results import ReleasedFrame, ReleasedSeries

COMPARED = ("0.05", "0.1", "0.2", "0.5", "1", "2")
SHOWN_EPSILONS = ("0.1", "0.5", "1")


class Query:
    """One question about a study; `.release(…)` asks it.

    >>> question = person.groupby("sex").count_patients()
    >>> question.words
    'Number of patients by sex, of person.'
    >>> question.quote(epsilon=0.5).cost_text
    'ε 0.5'
    >>> question.release(epsilon=0.5).cost.epsilon
    Fraction(1, 2)
    """

    def __init__(
        self, scope: Scope, measures: tuple[agg.Measure, ...], by: tuple[agg.Key, ...] = (), *, wide: int = 0,
        totals: bool = False,
    ) -> None:  # fmt: skip
        self.plan = agg.Aggregate(scope.relation, measures, by, totals)
        self.shape = check_aggregate(self.plan, scope.study)
        self._scope = scope
        self._wide = wide

    @property
    def words(self) -> str:
        """The question as one English sentence."""
        return describe(self.plan)

    def quote(self, epsilon: object = None, **options: Any) -> Quote:
        """What `.release()` with the same arguments would cost, and its expected error. Free.

        >>> person.count_patients().quote(epsilon=0.5).errors[0].confidence
        0.95
        """
        body = dumps_ask(self.ask(epsilon, **options))
        return Quote.of(self._scope.transport.post_json("/v1/quote", body))

    def release(self, epsilon: object = None, **options: Any) -> ReleasedFrame | ReleasedSeries:
        """Ask. The answer is a pandas object that knows its error, its cost and its release id.

        - `epsilon=0.5`: differentially private, at this cost.
        - `rho=0.05`: differentially private in zCDP, at this cost; less noise where one patient is in many cells, and
          in budgets that count in ρ. It implies an (ε, δ), which is shown.
        - `within=10, confidence=0.95`: differentially private, at the least cost that keeps the first measure
          within ± 10 with this confidence.
        - neither: exact and disclosure-checked, where the policy allows it.
        - `rows=5, groups=2`: how many rows, and how many groups, of one patient may count.
        - `weights={"n": 1, "mean_age": 3}`: how several measures share the cost.

        >>> person.count_patients().release(within=10).statement["route"]
        'dp'
        """
        return self._send(dumps_ask(self.ask(epsilon, **options)))

    def _send(self, body: bytes) -> ReleasedFrame | ReleasedSeries:
        from kernel_guard.client.results import from_release

        try:
            released = self._scope.transport.post_arrow("/v1/releases", body)
        except KernelGuardError as error:
            attach(error, self._send)
            raise
        ways_out = partial(of_release, self._scope.transport, released.statement, self._send)
        return from_release(released, self.labels, wide=self._wide, ways_out=ways_out)

    def ask(self, epsilon: object = None, *, rho: object = None, within: float | None = None, confidence: float = 0.95,
            rows: int | None = None, groups: int | None = None,
            weights: Mapping[str, int] | None = None) -> Ask:  # fmt: skip
        """The value that is sent to the vault for these arguments."""
        route = Route.SDC if epsilon is None and rho is None and within is None else Route.DP
        bound = None if rows is None and groups is None else Contribution(rows or 1, groups or 1)
        amount, paid = (None if given is None else exact(given) for given in (epsilon, rho))
        wished = None if within is None else float(within)
        return Ask(self._of_route(route), route, amount, wished, confidence, bound, self._weights(weights), paid)

    def _of_route(self, route: Route) -> agg.Aggregate:
        """Exact quantiles need no interval: with and without one they are the same question."""
        if route is Route.DP:
            return self.plan
        made = tuple(replace(m, interval=False) if isinstance(m, agg.Quantile) else m for m in self.plan.measures)
        return replace(self.plan, measures=made)

    def _weights(self, given: Mapping[str, int] | None) -> tuple[int, ...] | None:
        if given is None:
            return None
        names = [m.name for m in self.plan.measures]
        unknown = sorted(set(given) - set(names))
        if unknown:
            raise PlanError(f"There is no measure {unknown[0]!r} to weigh.", hint=suggest(unknown[0], names))
        return tuple(given.get(name, 1) for name in names)

    def compare(self, epsilons: Iterable[object] | None = None, *, rho: Iterable[object] = ()) -> Comparison:
        """Expected error against cost, as a table and a curve; of prices in ε, in ρ, or both. Free.

        >>> person.count_patients().compare([0.1, 1])
        Question: Number of patients, of person.
        cost   patients ±  such questions left
        ε 0.1  30          95
        ε 1    3           9
        """
        rhos = tuple(rho)
        prices = COMPARED if epsilons is None and not rhos else tuple(epsilons or ())
        quotes = [self.quote(epsilon) for epsilon in prices] + [self.quote(rho=one) for one in rhos]
        return Comparison(self.words, tuple(quotes))

    def explain(self) -> Explanation:
        """The question in words, with its price and expected error at some ε, and exact.

        >>> person.count_patients().explain()
        Question: Number of patients, of person.
        to release             cost                              expected error
        .release(epsilon=0.1)  ε 0.1                             patients ± 30 (95%)
        .release(epsilon=0.5)  ε 0.5                             patients ± 6 (95%)
        .release(epsilon=1)    ε 1                               patients ± 3 (95%)
        .release()             no ε (exact, disclosure-checked)  exact; small cells are masked
        Budget left: ε 9.5 of 10
        Nothing has been asked of the data yet, nothing spent.
        """
        return explained(self.words, self.quote, SHOWN_EPSILONS)

    def mock(self, seed: int = 0) -> pd.DataFrame:
        """The same question of mock rows, to try code on the form of an answer. Its numbers mean nothing.

        >>> list(person.groupby("sex").count_patients().mock().columns)
        ['sex', 'patients']
        """
        from kernel_guard.client.mock import mock_answer

        return mock_answer(self.plan, self._scope.study, seed)

    @cached_property
    def labels(self) -> dict[str, dict[Any, str]]:
        """The meaning of coded key values, from the schema."""
        labels: dict[str, dict[Any, str]] = {}
        for key in self.plan.by:
            categories = self.shape.column(key.column).categories or ()
            labels[key.column] = {c.value: c.label for c in categories if c.label}
        return labels

    def __repr__(self) -> str:
        return repr(self.explain())

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        explained = self.explain()
        return {"text/plain": repr(explained), "text/html": explained._repr_html_()}
