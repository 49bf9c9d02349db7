"""Expressions of a frame's columns: pandas operators that build plan expressions.

- Comparing, combining and computing makes a new expression; nothing is evaluated.
- Comparisons with a missing value are false, also `!=`; weekdays count from 1 (Monday) to 7.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Generic, Literal, Self, TypeVar

from kernel_guard.client.literals import interval_labels, number, plain
from kernel_guard.client.scope import Bounds, Scope, meet
from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan import schema as declared
from kernel_guard.plan.expression_types import type_of
from kernel_guard.plan.words import expression as in_words

_DATES = (declared.ColumnType.DATE, declared.ColumnType.DATETIME)
_Comparison = Literal["eq", "ne", "lt", "le", "gt", "ge"]
_Operation = Literal["add", "subtract", "multiply", "divide"]


class Expression:
    """What can be built from columns; `Column` adds what can be asked of them."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, scope: Scope, node: ex.Expression, bounds: Bounds | None = None) -> None:
        self._scope = scope
        self._bounds = bounds
        self._node = node
        self.schema = type_of(node, scope.shape)

    def _new(self, scope: Scope, node: ex.Expression, bounds: Bounds | None = None) -> Self:
        return type(self)(scope, node, bounds)

    # --- comparisons and conditions

    def __eq__(self, other: object) -> Self:  # type: ignore[override]
        return self._compare("eq", other)

    def __ne__(self, other: object) -> Self:  # type: ignore[override]
        return self._compare("ne", other)

    def __lt__(self, other: object) -> Self:
        return self._compare("lt", other)

    def __le__(self, other: object) -> Self:
        return self._compare("le", other)

    def __gt__(self, other: object) -> Self:
        return self._compare("gt", other)

    def __ge__(self, other: object) -> Self:
        return self._compare("ge", other)

    def __and__(self, other: object) -> Self:
        scope, node = self._with(other)
        return self._new(scope, ex.And(self._open(), node))

    def __or__(self, other: object) -> Self:
        scope, node = self._with(other)
        return self._new(scope, ex.Or(self._open(), node))

    def __invert__(self) -> Self:
        return self._new(self._scope, ex.Not(self._open()))

    def isin(self, values: Iterable[object]) -> Self:
        """Whether the value is one of `values`.

        >>> person["sex"].isin(["F", "M"])
        sex in {F, M}: boolean
        """
        if isinstance(values, (str, bytes)):
            raise PlanError("isin() takes a list of values.", hint=f"Write .isin([{values!r}]).")
        return self._new(self._scope, ex.IsIn(self._open(), tuple(dict.fromkeys(map(plain, values)))))

    def isna(self) -> Self:
        """Whether the value is missing.

        >>> person["weight"].isna()
        weight is missing: boolean
        """
        return self._new(self._scope, ex.IsMissing(self._open()))

    def notna(self) -> Self:
        """Whether the value is there.

        >>> person["weight"].notna()
        not (weight is missing): boolean
        """
        return ~self.isna()

    def between(self, left: object, right: object) -> Self:
        """Whether left ≤ value ≤ right.

        >>> person["year_of_birth"].between(1950, 1959)
        (year_of_birth ≥ 1950 and year_of_birth ≤ 1959): boolean
        """
        return (self >= left) & (self <= right)

    # --- arithmetic

    def __add__(self, other: object) -> Self:
        return self._compute("add", other)

    def __radd__(self, other: object) -> Self:
        return self._compute("add", other, reflected=True)

    def __sub__(self, other: object) -> Self:
        if isinstance(other, type(self)) and self.schema.type in _DATES and other.schema.type in _DATES:
            return other.days_until(self)
        return self._compute("subtract", other)

    def __rsub__(self, other: object) -> Self:
        return self._compute("subtract", other, reflected=True)

    def __mul__(self, other: object) -> Self:
        return self._compute("multiply", other)

    def __rmul__(self, other: object) -> Self:
        return self._compute("multiply", other, reflected=True)

    def __truediv__(self, other: object) -> Self:
        return self._compute("divide", other)

    def __rtruediv__(self, other: object) -> Self:
        return self._compute("divide", other, reflected=True)

    def __neg__(self) -> Self:
        return 0 - self

    def clip(self, lower: float, upper: float, step: float | None = None) -> Self:
        """Declare bounds; what lies outside counts as the nearer bound.

        Sums and means need bounds, because they say how much one patient can matter.

        >>> person.derive(kg=person["weight"].clip(0, 200)).schema("kg").upper
        200
        """
        if not self.schema.type.numeric:
            raise PlanError("Only numbers can be clipped.", hint="Dates and texts are filtered instead.")
        low, high = plain(lower), plain(upper)
        if isinstance(low, (bool, str)) or isinstance(high, (bool, str)) or not low < high:
            raise PlanError("clip() needs a lower bound below an upper bound.", hint="Such as .clip(0, 100).")
        return self._new(self._scope, self._open(), Bounds(low, high, step))

    def cut(self, edges: Sequence[float], labels: Sequence[str] | None = None) -> Self:
        """The interval a number falls in: [a, b), the last one closed; outside is missing.

        >>> person["year_of_birth"].cut([1900, 1950, 2000]).categories
        ['[1900, 1950)', '[1950, 2000]']
        """
        numbers = tuple(number(e) for e in edges)
        names = tuple(labels) if labels is not None else interval_labels(numbers)
        return self._new(self._scope, ex.Cut(self._open(), numbers, names))

    def regroup(self, groups: Mapping[str, Iterable[object]], otherwise: str | None = None) -> Self:
        """Merge values under new names; what is in no group is `otherwise`, or missing.

        >>> person["gender_code"].regroup({"m": [8507], "f": [8532]}).categories
        ['m', 'f']
        """
        cases = tuple(ex.IsIn(self._open(), tuple(map(plain, values))) for values in groups.values())
        return self._new(self._scope, ex.Case(cases, tuple(groups), otherwise))

    # --- dates

    @property
    def dt(self) -> DateParts[Self]:
        """Parts of a date: `.dt.year`, `.dt.month`, `.dt.weekday` (1 is Monday)."""
        if self.schema.type not in _DATES:
            raise PlanError(f"{in_words(self._node)} is no date.", hint="Only date columns have .dt.")
        return DateParts(self)

    def days_until(self, end: Self) -> Self:
        """Whole days from this date to `end`; negative when `end` is earlier.

        >>> visit["start_date"].days_until(visit["end_date"])
        days from start_date to end_date: integer (days)
        """
        scope, node = self._with(end)
        return self._new(scope, ex.DaysBetween(self._open(), node))

    # --- building

    def _open(self) -> ex.Expression:
        """The expression, where it may still be built on."""
        if self._bounds is not None:
            raise PlanError(
                "A clipped column needs a name before more is computed from it.",
                hint="x = frame.derive(bounded=frame['x'].clip(0, 100)), then use x['bounded'].",
            )
        return self._node

    def _with(self, other: object) -> tuple[Scope, ex.Expression]:
        if isinstance(other, Expression):
            return meet(self._scope, other._scope), other._open()
        return self._scope, ex.Literal(plain(other))

    def _compare(self, operator: _Comparison, other: object) -> Self:
        scope, node = self._with(other)
        self._refuse_label(node)
        return self._new(scope, ex.Compare(operator, self._open(), node))

    def _refuse_label(self, node: ex.Expression) -> None:
        """Somebody who writes a category's label is told its code."""
        if not isinstance(node, ex.Literal) or not isinstance(node.value, str):
            return
        for category in self.schema.categories or ():
            if category.label.casefold() == node.value.casefold() and not isinstance(category.value, str):
                raise PlanError(
                    f"{node.value!r} is the meaning of a code, not the code.",
                    hint=f"Compare with {category.value!r}, which means {category.label!r}.",
                )

    def _compute(self, operator: _Operation, other: object, *, reflected: bool = False) -> Self:
        scope, node = self._with(other)
        left, right = (node, self._open()) if reflected else (self._open(), node)
        return self._new(scope, ex.Arithmetic(operator, left, right))


E = TypeVar("E", bound=Expression)


class DateParts(Generic[E]):
    """`.dt` of a date column.

    >>> visit["start_date"].dt.year
    year of start_date: integer
    """

    def __init__(self, column: E) -> None:
        self._column = column

    @property
    def year(self) -> E:
        return self._part("year")

    @property
    def month(self) -> E:
        return self._part("month")

    @property
    def weekday(self) -> E:
        """1 is Monday, 7 is Sunday."""
        return self._part("weekday")

    def _part(self, part: Literal["year", "month", "weekday"]) -> E:
        return self._column._new(self._column._scope, ex.DatePart(part, self._column._open()))
