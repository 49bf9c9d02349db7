"""A column: an expression that can be looked at and asked about.

- An expression that is not yet a column gets a name by itself where an aggregate needs one.
- The patient key is a column of its own kind: it counts, and is nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from kernel_guard.client import measures
from kernel_guard.client.errors import explain_missing
from kernel_guard.client.expression import Expression
from kernel_guard.client.literals import even_edges
from kernel_guard.client.scope import Bounds, Scope
from kernel_guard.client.statistics import Statistics
from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan import expressions as ex
from kernel_guard.plan import schema as declared
from kernel_guard.plan.relations import Filter
from kernel_guard.plan.words import expression as in_words

if TYPE_CHECKING:
    from kernel_guard.client.query import Query


class Column(Statistics, Expression):
    """A column of a frame, or an expression of its columns.

    >>> person["year_of_birth"] < 1950
    year_of_birth < 1950: boolean
    """

    # --- aggregates

    def sum(self) -> Query:
        """The sum; of a condition, the number of rows where it is true.

        >>> (person["year_of_birth"] < 1950).sum().words
        'Number of rows, of person where year_of_birth < 1950.'
        """
        if self.schema.type is declared.ColumnType.BOOLEAN and not isinstance(self._node, ex.ColumnRef):
            return measures.rows(self._scope.on(Filter(self._scope.relation, self._open())))
        return super().sum()

    def _target(self) -> tuple[Scope, str, None]:
        return (*self._settle(), None)

    def count(self) -> Query:
        """The number of rows in which this column is not missing.

        >>> person["weight"].count().words
        'Number of rows, of person where not (weight is missing).'
        """
        return measures.rows(self._scope.on(Filter(self._scope.relation, self.notna()._node)))

    def hist(self, edges: Sequence[float] | None = None, *, bins: int = 10, unit: str | None = None) -> Query:
        """Counts per interval: given `edges`, or `bins` equal ones between the declared bounds.

        >>> person["year_of_birth"].hist([1900, 1950, 2000]).words  # doctest: +ELLIPSIS
        'Number of patients by year_of_birth_group, of person with year_of_birth_group = year_of_birth cut at ...'
        """
        scope, name = self._binned(edges, bins)._settle()
        return measures.counts(scope, [name], unit)

    def value_counts(self, *, unit: str | None = None) -> Query:
        """Counts per declared category; `unit` is "patients" or "rows".

        >>> person["sex"].value_counts().words
        'Number of patients by sex, of person.'
        """
        scope, name = self._settle()
        return measures.counts(scope, [name], unit)

    # --- looking

    @property
    def categories(self) -> list[declared.Scalar] | None:
        """The declared values, or None."""
        return None if self.schema.categories is None else [c.value for c in self.schema.categories]

    def __repr__(self) -> str:
        unit = f" ({self.schema.unit})" if self.schema.unit else ""
        bounds = f" clipped to {self._bounds.lower:g}–{self._bounds.upper:g}" if self._bounds else ""
        return f"{in_words(self._node)}{bounds}: {self.schema.type}{unit}"

    def __bool__(self) -> bool:
        raise PlanError(
            "A column has no truth value: its rows are not here.",
            hint="Combine conditions with & | ~ (each in parentheses) instead of 'and', 'or', 'not'.",
        )

    def __iter__(self) -> Any:
        raise explain_missing("column", "values", [])

    def __len__(self) -> int:
        raise explain_missing("column", "len", [])

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise explain_missing("column", name, [n for n in dir(type(self)) if not n.startswith("_")])

    # --- building

    def _binned(self, edges: Sequence[float] | None, bins: int) -> Column:
        if edges is None:
            low, high = self._ends()
            edges = even_edges(low, high, bins, whole=self.schema.type is declared.ColumnType.INTEGER)
        return Column(self._scope, self._node).cut(edges)

    def _ends(self) -> tuple[float, float]:
        if self._bounds is not None:
            return self._bounds.lower, self._bounds.upper
        low, high = self.schema.lower, self.schema.upper
        if isinstance(low, (int, float)) and isinstance(high, (int, float)):
            return low, high
        raise PlanError(
            f"{in_words(self._node)} has no declared bounds to divide into bins.",
            hint="Give the edges: .hist([0, 20, 40, 60, 80, 100]).",
        )

    def _settle(self) -> tuple[Scope, str]:
        """A scope in which this expression is a column, and its name there."""
        if isinstance(self._node, ex.ColumnRef) and self._bounds is None:
            return self._scope, self._node.name
        name = self._scope.fresh(_wish(self._node, self._bounds))
        return self._scope.derive(name, self._node, self._bounds), name


class PatientKey:
    """The patient key of a frame: it joins and it counts, and is nothing else.

    >>> visit["person_id"].nunique().words
    'Number of patients, of visit.'
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    def nunique(self) -> Query:
        """The number of patients."""
        return measures.patients(self._scope)

    def __repr__(self) -> str:
        return f"{self._scope.shape.patient_key}: patient key"

    def _refuse(self, *_: object) -> Any:
        raise PolicyForbids(
            "The patient key cannot be used in a condition or a derived column.",
            hint="Count patients with .count_patients(); merge uses the key by itself.",
        )

    __eq__ = __ne__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __sub__ = __mul__ = __truediv__ = __radd__ = __rsub__ = _refuse
    __hash__ = None  # type: ignore[assignment]

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise explain_missing("patient key", name, ["nunique"])


def column_of(scope: Scope, name: str) -> Column | PatientKey:
    """A frame's column by name."""
    if name == scope.shape.patient_key:
        return PatientKey(scope)
    scope.column(name)
    return Column(scope, ex.ColumnRef(name))


def _wish(node: ex.Expression, bounds: Bounds | None) -> str:
    """A telling name for an expression that has none."""
    if isinstance(node, ex.ColumnRef) and bounds is not None:
        return f"{node.name}_clipped"
    if isinstance(node, ex.Cut) and isinstance(node.operand, ex.ColumnRef):
        return f"{node.operand.name}_group"
    if isinstance(node, ex.DatePart) and isinstance(node.operand, ex.ColumnRef):
        return f"{node.operand.name}_{node.part}"
    if isinstance(node, ex.IsMissing) and isinstance(node.operand, ex.ColumnRef):
        return f"{node.operand.name}_missing"
    names = {ex.DaysBetween: "days", ex.Case: "case"}
    return names.get(type(node), "value")
