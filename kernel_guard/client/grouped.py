"""`frame.groupby(…)`: the frame's aggregates, once for each declared value of the keys.

- Keys are declared categories, so every group appears, also an empty one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from kernel_guard.client import measures
from kernel_guard.client.column import Column, column_of
from kernel_guard.client.errors import explain_missing
from kernel_guard.client.query import Query
from kernel_guard.client.scope import Scope, descends
from kernel_guard.client.statistics import Statistics
from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.relations import Filter
from kernel_guard.plan.schema import Scalar

Key = str | Column
Wanted = dict[str, Iterable[Scalar] | None]


class GroupBy:
    """A frame with keys.

    >>> person.groupby(["sex", "smoker"]).count_patients().words
    'Number of patients by sex and smoker, of person.'
    """

    def __init__(self, scope: Scope, wanted: Wanted) -> None:
        self._scope = scope
        self._keys = measures.keys_of(scope, wanted)

    def count(self) -> Query:
        """Rows in each group.

        >>> visit.groupby("kind").count().words
        'Number of rows by kind, of visit.'
        """
        return measures.rows(self._scope, self._keys)

    size = count

    def count_patients(self) -> Query:
        """Patients in each group."""
        return measures.patients(self._scope, self._keys)

    def agg(self, *, margins: bool = False, **named: object) -> Query:
        """Several measures in each group; `margins` adds those of all groups together.

        >>> person.groupby("sex").agg(n="patients", born=("year_of_birth", "mean")).words
        'Number of patients and mean of year_of_birth by sex, of person.'
        """
        return measures.several(self._scope, named, self._keys, totals=margins)

    def rate(self, events: str, time: str, per: float = 1.0) -> Query:
        """Events per person-time in each group; see `Frame.rate`."""
        return measures.rate(self._scope, events, time, per, self._keys)

    def survival(self, time: str, event: str, at: Iterable[float], causes: Iterable[Scalar] | None = None) -> Query:
        """Survival, or with several causes cumulative incidence, in each group; see `Frame.survival`."""
        return measures.survival(self._scope, time, event, at, causes, self._keys)

    def __getitem__(self, name: str) -> GroupedColumn:
        return GroupedColumn(self._scope, self._keys, name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        if name in {c.name for c in self._scope.columns()}:
            return self[name]
        raise explain_missing("groupby", name, ["count", "count_patients", "agg", "size", "rate", "survival"])

    def __repr__(self) -> str:
        return f"groups by {', '.join(self._keys)}; ask with .count_patients(), .count(), .agg(…) or ['column'].mean()"


class GroupedColumn(Statistics):
    """One column of a grouped frame.

    >>> person.groupby("sex")["year_of_birth"].median().words
    'Median of year_of_birth by sex, of person.'
    """

    def __init__(self, scope: Scope, keys: measures.Keys, name: str) -> None:
        if name != scope.shape.patient_key:
            scope.column(name)
        self._scope, self._keys, self._name = scope, keys, name

    def _target(self) -> tuple[Scope, str, measures.Keys]:
        return self._scope, self._name, self._keys

    def nunique(self) -> Query:
        """How many of the declared values occur in each group; of the patient key, the number of patients."""
        if self._name != self._scope.shape.patient_key:
            return super().nunique()
        return measures.patients(self._scope, self._keys)

    def count(self) -> Query:
        """Rows in each group in which this column is not missing."""
        present = Filter(self._scope.relation, self._column.notna()._node)
        return measures.rows(self._scope.on(present), self._keys)

    def hist(self, edges: Sequence[float] | None = None, *, bins: int = 10, unit: str | None = None) -> Query:
        """Counts per interval in each group.

        >>> person.groupby("sex")["year_of_birth"].hist(bins=2).plan.by[1].values
        ('[1900, 1965)', '[1965, 2030]')
        """
        scope, name = self._column._binned(edges, bins)._settle()
        return measures.counts(scope, {**self._keys, name: None}, unit, given=self._keys)

    def value_counts(self, *, unit: str | None = None) -> Query:
        """Counts per declared category in each group.

        >>> person.groupby("sex")["smoker"].value_counts().words
        'Number of patients by sex and smoker, of person.'
        """
        return measures.counts(self._scope, {**self._keys, self._name: None}, unit, given=self._keys)

    @property
    def _column(self) -> Column:
        column = column_of(self._scope, self._name)
        if not isinstance(column, Column):
            raise explain_missing("patient key", "values", ["nunique"])
        return column

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise explain_missing("grouped column", name, [n for n in dir(type(self)) if not n.startswith("_")])


def key_of(scope: Scope, key: Key) -> tuple[Scope, str]:
    """A grouping column by name, or an expression that is made one."""
    if not isinstance(key, Column):
        return scope, key
    if not descends(scope.relation, key._scope.relation):
        raise PlanError("This key was written for another frame.", hint="Use the columns of the frame that you group.")
    if isinstance(key._node, ex.ColumnRef) and key._bounds is None:
        return scope, key._node.name
    return Column(scope, key._node, key._bounds)._settle()
