"""What can be asked of a frame as a whole, and of the same frame in groups.

- Every verb makes a question and asks nothing. What a verb needs of the frame is its scope and its columns.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from kernel_guard.client import measures
from kernel_guard.client.column import Column, column_of
from kernel_guard.client.grouped import GroupBy, Key, Wanted, key_of
from kernel_guard.client.literals import plain
from kernel_guard.client.periods import Period, periods
from kernel_guard.client.reductions import reduction
from kernel_guard.client.scope import Scope
from kernel_guard.errors import PlanError
from kernel_guard.plan import relations as rel
from kernel_guard.plan import schema as declared

if TYPE_CHECKING:
    from kernel_guard.client.query import Query


class Asking:
    """The questions of a frame."""

    _scope: Scope

    def _schema(self) -> list[declared.Column]:
        raise AssertionError

    def groupby(self, by: Key | Iterable[Key] | Mapping[str, Iterable[declared.Scalar]]) -> GroupBy:
        """Group by columns with declared categories, or by expressions that have them.

        >>> person.groupby(person["year_of_birth"].cut([1900, 1950, 2000])).count_patients().plan.by[0].values
        ('[1900, 1950)', '[1950, 2000]')
        >>> person.groupby({"sex": ["F"]}).count_patients().plan.by[0].values
        ('F',)
        """
        if isinstance(by, Mapping):
            return GroupBy(self._scope, {name: tuple(map(plain, values)) for name, values in by.items()})
        scope, wanted = self._scope, cast(Wanted, {})
        for key in [by] if isinstance(by, (str, Column)) else by:
            scope, name = key_of(scope, key)
            wanted[name] = None
        return GroupBy(scope, wanted)

    def count(self) -> Query:
        """The number of rows.

        >>> visit.count().words
        'Number of rows, of visit.'
        """
        return measures.rows(self._scope)

    def count_patients(self) -> Query:
        """The number of patients."""
        return measures.patients(self._scope)

    def agg(self, **named: object) -> Query:
        """Several measures at once: "patients", "rows", (column, "mean" | "sum" | "median" | "patients"),
        (column, "quantile", q).

        >>> person.agg(n="patients", born=("year_of_birth", "median")).words
        'Number of patients and median of year_of_birth, of person.'
        """
        return measures.several(self._scope, named)

    def rate(self, events: str, time: str, per: float = 1.0) -> Query:
        """Events per person-time: the sum of one column over the sum of another.

        >>> people = visit.per_patient(stays="count", paid=("sum", "cost"))
        >>> people.rate("stays", "paid", per=1000).plan.measures[0].per
        1000.0
        """
        return measures.rate(self._scope, events, time, per)

    def survival(
        self, time: str, event: str, at: Iterable[float], causes: Iterable[declared.Scalar] | None = None
    ) -> Query:
        """Survival on a public grid of times, from one noisy life table; with several causes cumulative incidence.

        `time` is time since entry, one row per patient; `event` is yes or no, or categories with `causes` among them.

        >>> first = visit.per_patient(days=("min", "cost"), died="exists")
        >>> first.survival("days", "died", at=[2, 4, 6]).words[:52]
        'Survival over days on 3 times from 2 to 6, events di'
        """
        return measures.survival(self._scope, time, event, at, causes)

    def describe(self, columns: Iterable[str] | None = None) -> Query:
        """Number of patients, mean, SD and quartiles of numeric columns with bounds, as one question.

        >>> [m.name for m in person[["year_of_birth"]].describe().plan.measures][:3]
        ['year_of_birth_patients', 'year_of_birth_mean', 'year_of_birth_std']
        """
        wanted = list(columns) if columns is not None else [
            c.name for c in self._schema() if c.type.numeric and c.bounded and c.categories is None and not c.blocked
        ]  # fmt: skip
        if not wanted:
            raise PlanError("No column here is a number with bounds.", hint="Name some: frame.describe(['age']).")
        named: dict[str, object] = {}
        for name in wanted:
            named |= {f"{name}_patients": (name, "patients"), f"{name}_mean": (name, "mean")}
            named[f"{name}_std"] = (name, "std")
            named |= {f"{name}_q{q * 100:.0f}": (name, "quantile", q) for q in (0.25, 0.5, 0.75)}
        return measures.several(self._scope, named)

    def trend(
        self, date: str, every: Period = "month", *, start: str | None = None, end: str | None = None,
        by: Iterable[Key] = (), unit: str | None = None,
    ) -> Query:  # fmt: skip
        """Counts by year, quarter or month of a date, from `start` up to and without `end`.

        >>> visit.trend("start_date", "year", start="2020-01-01", end="2023-01-01").plan.by[0].values
        ('2020', '2021', '2022')
        """
        scope, name, labels = periods(self._scope, date, every, start, end)
        names = [name]
        for key in [by] if isinstance(by, (str, Column)) else by:
            scope, other = key_of(scope, key)
            names.append(other)
        return measures.counts(scope, names, unit, wide=len(names) - 1, given={name: labels})

    def hist2d(self, x: str, y: str, *, bins: int = 10, unit: str | None = None) -> Query:
        """Counts on a grid of two columns: what stands in for a scatter plot, whose points are single rows.

        >>> visit.derive(days=visit["start_date"].days_until(visit["end_date"]).clip(0, 10)).hist2d(
        ...     "days", "cost", bins=2).words[:50]
        'Number of rows by days_group and cost_group, of vi'
        """
        scope, one = self._grid(self._scope, x, bins)
        scope, other = self._grid(scope, y, bins)
        return measures.counts(scope, [one, other], unit, wide=1)

    @staticmethod
    def _grid(scope: Scope, name: str, bins: int) -> tuple[Scope, str]:
        column = column_of(scope, name)
        if not isinstance(column, Column):
            raise PlanError("The patient key cannot be drawn.", hint="Name two numeric columns.")
        return column._binned(None, bins)._settle()

    def pathways(self, column: str, date: str) -> Query:
        """How patients move between the values of a column: from their first to their last, by date.

        >>> visit.pathways("kind", "start_date").words[:48]
        'Number of patients by first_kind and last_kind, '
        """
        made = tuple(reduction(self._scope, f"{step}_{column}", (step, column, date)) for step in ("first", "last"))
        scope = replace(self._scope, visible=None).on(rel.PerPatient(self._scope.relation, made))
        return measures.counts(scope, [r.name for r in made], "patients", wide=1)
