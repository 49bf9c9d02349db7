"""What each measure asks of the columns that it reads.

- A measure that adds numbers up needs declared bounds: one patient's share is bounded by them.
- A measure that looks at values one by one needs declared values: none may be learnt from data.
- A table measure (top-k, survival) has rows of its own and stands alone in a plan.
"""

from __future__ import annotations

import math
from typing import Protocol

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan.aggregates import (
    CommonValues,
    CountDistinct,
    CountPatients,
    CountRows,
    Covariance,
    Measure,
    Quantile,
    Rate,
    Survival,
    TableMeasure,
    TopK,
)
from kernel_guard.plan.schema import Column, ColumnType

MAX_TIMES = 400
MAX_CAUSES = 20


class Columns(Protocol):
    """The part of a shape that is needed here."""

    @property
    def patient_key(self) -> str: ...
    @property
    def one_row_per_patient(self) -> bool: ...
    def column(self, name: str) -> Column: ...


def columns_of(measure: Measure) -> tuple[str, ...]:
    """The columns that a measure reads: a row counts in it where none of them is missing."""
    match measure:
        case CountRows():
            return ()
        case CountPatients(column=None):
            return ()
        case Covariance():
            return (measure.column, measure.other)
        case Rate():
            return (measure.column, measure.time)
        case Survival():
            return (measure.column, measure.event)
    assert measure.column is not None
    return (measure.column,)


def rows_per_cell(measure: Measure) -> int:
    """How many rows of a result a measure makes for one combination of keys, or counts apart to make it."""
    match measure:
        case TopK():
            return len(measure.values)
        case Survival():
            return (len(measure.edges) + 1) * (len(measure.causes) + 1)
    return 1


def check_company(measures: tuple[Measure, ...], keys: int) -> None:
    """Refuse a table measure beside another one, and keys where values are to be found."""
    if keys and any(isinstance(m, CommonValues) for m in measures):
        raise PlanError(
            "Values that are not declared are found for all patients together, not for each group.",
            hint="Filter to one group, or ask the steward to declare the values.",
        )
    tables = [m for m in measures if isinstance(m, TableMeasure)]
    if tables and len(measures) > 1:
        raise PlanError(
            f"{tables[0].name!r} has rows of its own and cannot stand beside another measure.",
            hint="Ask the two questions apart.",
        )


def check_measure(measure: Measure, shape: Columns) -> None:
    """Check one measure against the columns of its source."""
    match measure:
        case CountRows():
            return
        case CountPatients():
            if measure.column is not None:
                shape.column(measure.column)
        case CountDistinct():
            column = _column(measure.column, shape)
            check_declared(tuple(c.value for c in column.categories or ()), column, "to count apart", _COUNT)
        case TopK():
            column = _column(measure.column, shape)
            check_declared(measure.values, column, "to rank", _COUNT)
            if not 1 <= measure.k <= len(measure.values):
                raise PlanError("k must lie between 1 and the number of values.", hint="Try k=10.")
        case Survival():
            _check_survival(measure, shape)
        case CommonValues():
            _check_common(measure, shape)
        case Rate():
            _check_rate(measure, shape)
        case _:
            for name in columns_of(measure):
                _bounded(type(measure).__name__, name, shape)
            _check_numbers(measure)


_COUNT = "Ask the steward to declare its categories; frame['c'].isin([…]) makes two of any column."


def _check_numbers(measure: Measure) -> None:
    if isinstance(measure, Quantile) and not 0 < measure.q < 1:
        raise PlanError("A quantile must lie between 0 and 1.", hint="The median is q=0.5.")
    if isinstance(measure, Covariance) and measure.column == measure.other:
        raise PlanError("A covariance needs two columns.", hint="Of one column with itself it is the variance: .var().")


def _check_rate(measure: Rate, shape: Columns) -> None:
    for name in columns_of(measure):
        column = _bounded("Rate", name, shape)
        if float(column.lower or 0) < 0:
            raise PlanError(
                f"Column {name!r} may be below zero: neither events nor time can.",
                hint=f"Declare it from zero: frame[{name!r}].clip(0, …).",
                details={"column": name},
            )
    if measure.column == measure.time:
        raise PlanError("A rate needs events and a time.")
    if not (0 < measure.per < math.inf):
        raise PlanError("A rate is per a number above zero.", hint="per=1000 gives events per 1,000 units of time.")


def _check_survival(measure: Survival, shape: Columns) -> None:
    if not shape.one_row_per_patient:
        raise PlanError(
            "Survival needs one row per patient.",
            hint="Reduce first: events.per_patient(first=('first', 'time', 'date')).",
        )
    time = _bounded("Survival", measure.column, shape)
    event = _column(measure.event, shape)
    check_declared(measure.causes, event, "as events", _COUNT)
    if len(measure.causes) > MAX_CAUSES:
        raise PlanError(f"At most {MAX_CAUSES} causes can compete.", hint="Group the causes into fewer.")
    edges = measure.edges
    if not 1 <= len(edges) <= MAX_TIMES or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise PlanError(f"The times of a survival table must be 1 to {MAX_TIMES} increasing numbers.")
    if edges[0] < float(time.lower or 0) or edges[-1] > float(time.upper or 0):
        raise PlanError(
            f"The times must lie within the declared bounds of {measure.column!r}: {time.lower} to {time.upper}.",
            hint="Clip the time column to the follow-up that you mean.",
        )


def _check_common(measure: CommonValues, shape: Columns) -> None:
    column = _column(measure.column, shape)
    if column.categories is not None:
        raise PlanError(
            f"The values of {column.name!r} are declared: nothing needs to be found.",
            hint="Count them with .value_counts() or .top(), which miss none.",
        )
    if column.type not in (ColumnType.STRING, ColumnType.INTEGER):
        raise PlanError("Only texts and whole numbers can be looked for.", hint="Cut other numbers into intervals.")
    if measure.k is not None and not 1 <= measure.k <= 100_000:
        raise PlanError("k must lie between 1 and 100,000.", hint="Try k=10.")


def _column(name: str, shape: Columns) -> Column:
    if name == shape.patient_key:
        raise PolicyForbids("The patient key cannot be summarised.", hint="Count patients instead.")
    return shape.column(name)


def _bounded(what: str, name: str, shape: Columns) -> Column:
    column = _column(name, shape)
    if not column.type.numeric or not column.bounded:
        raise PlanError(
            f"{what} needs a numeric column with declared bounds; {column.name!r} has none.",
            hint="Derive a bounded one: frame.derive(x=frame['c'].clip(0, 100)).",
            details={"column": column.name},
        )
    return column


def check_declared(values: tuple[object, ...], column: Column, use: str, hint: str) -> None:
    """Refuse values that are not the declared categories of a column, each at most once."""
    if column.categories is None:
        raise PlanError(
            f"Column {column.name!r} has no declared categories {use}.", hint=hint, details={"column": column.name}
        )
    declared = {(type(c.value), c.value) for c in column.categories}
    if not values or len(set(values)) != len(values) or any((type(v), v) not in declared for v in values):
        raise PlanError(f"The values of {column.name!r} {use} must be declared categories, each once.")


def check_name(name: str) -> None:
    """Refuse a name that is not a plain identifier."""
    if not (name.isidentifier() and len(name) <= 64):
        raise PlanError("A column name must be a plain identifier of at most 64 characters.")
