"""Scalar expressions of one row: the closed set that a filter or a derived column may use.

- Every node is total: over any value of its inputs it has a defined answer, missing included.
- Comparisons with a missing value are false; arithmetic with a missing value is missing; x / 0 is missing.
- No function calls by name, no text patterns, no user code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal as OneOf

Value = int | float | bool | str


@dataclass(frozen=True)
class ColumnRef:
    """A column of the row, by name."""

    name: str


@dataclass(frozen=True)
class Literal:
    """A constant; dates are ISO text and take the type of what they are compared with."""

    value: Value


@dataclass(frozen=True)
class Compare:
    operator: OneOf["eq", "ne", "lt", "le", "gt", "ge"]
    left: Expression
    right: Expression


@dataclass(frozen=True)
class And:
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Or:
    left: Expression
    right: Expression


@dataclass(frozen=True)
class Not:
    operand: Expression


@dataclass(frozen=True)
class IsIn:
    operand: Expression
    values: tuple[Value, ...]


@dataclass(frozen=True)
class IsMissing:
    operand: Expression


@dataclass(frozen=True)
class Arithmetic:
    """Float arithmetic on two numeric expressions."""

    operator: OneOf["add", "subtract", "multiply", "divide"]
    left: Expression
    right: Expression


@dataclass(frozen=True)
class DatePart:
    part: OneOf["year", "month", "weekday"]
    operand: Expression


@dataclass(frozen=True)
class DaysBetween:
    """Whole days from `start` to `end`; negative when `end` is earlier."""

    start: Expression
    end: Expression


@dataclass(frozen=True)
class Cut:
    """The half-open interval [edges[i], edges[i+1]) a number falls in, as its label; outside is missing.

    The last interval is closed above, as in `numpy.histogram`.
    """

    operand: Expression
    edges: tuple[float, ...]
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Case:
    """The label of the first condition that is true; where none is, `otherwise` (None: missing)."""

    conditions: tuple[Expression, ...]
    labels: tuple[str, ...]
    otherwise: str | None = None


Expression = (
    ColumnRef | Literal | Compare | And | Or | Not | IsIn | IsMissing | Arithmetic | DatePart | DaysBetween | Cut | Case
)
