"""Summaries of several columns in one release: missing values, correlations.

- A missing value is counted as one of two groups, missing or present, so that few of either are protected as any small
  cell is; the planner shares the cost out among the columns.
- A correlation matrix asks for each pair once. A pair that is masked is masked on both sides of the diagonal.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Any

from kernel_guard.client import measures
from kernel_guard.client.arranged import Arranged, guarded
from kernel_guard.client.column import Column, column_of
from kernel_guard.client.frame import Frame
from kernel_guard.client.query import Query
from kernel_guard.client.together import Together
from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex


def missing(frame: Frame, columns: Iterable[str] | None = None, *, unit: str | None = None) -> Missing:
    """How many values of each column are missing, and in per cent: `kg.missing(person).release(epsilon=1)`.

    >>> missing(person, ["weight", "smoker"]).release(epsilon=1)
            missing  present   per cent
    weight      110      100  52.380952
    smoker      110      100  52.380952
    """
    return Missing(frame, list(columns) if columns is not None else None, unit)


class Missing(Arranged):
    """Missing values by column, not yet asked for."""

    def __init__(self, frame: Frame, columns: list[str] | None, unit: str | None) -> None:
        key = frame._scope.shape.patient_key
        self.columns = [c for c in frame.columns if c != key] if columns is None else columns
        super().__init__(
            Together({f"c{i}_{name}"[:64]: _gaps(frame, name, unit) for i, name in enumerate(self.columns)})
        )

    def arrange(self, found: Any) -> Any:
        """A line for each column."""
        import pandas as pd

        pairs = [tuple(table.plain().tolist()) for table in found.values()]
        shares = [100 * gone / (gone + there) for there, gone in pairs]
        made = {"missing": guarded([g for _, g in pairs]), "present": guarded([t for t, _ in pairs])}
        return pd.DataFrame({**made, "per cent": guarded(shares)}).set_axis(pd.Index(self.columns))


def _gaps(frame: Frame, name: str, unit: str | None) -> Query:
    column = column_of(frame._scope, name)
    if not isinstance(column, Column):
        raise PlanError("The patient key is never missing.", hint="Leave it out.")
    scope, made = Column(frame._scope, ex.IsMissing(column._node))._settle()
    return measures.counts(scope, [made], unit)


def correlation(frame: Frame, columns: Iterable[str]) -> Correlation:
    """Pearson's correlations of each pair of columns, over rows that have both.

    >>> pair = visit.derive(twice=visit["cost"] * 2)
    >>> correlation(pair, ["cost", "twice"]).release(epsilon=1)
            cost  twice
    cost    1.00  50.25
    twice  50.25   1.00
    """
    return Correlation(frame, list(columns))


class Correlation(Arranged):
    """A correlation matrix, not yet asked for."""

    def __init__(self, frame: Frame, columns: list[str]) -> None:
        if len(set(columns)) != len(columns) or len(columns) < 2:
            raise PlanError("A correlation needs two different columns.", hint="kg.correlation(frame, ['a', 'b']).")
        self.columns = columns
        self.pairs = list(itertools.combinations(columns, 2))
        named: dict[str, object] = {f"r{i}": (one, "corr", other) for i, (one, other) in enumerate(self.pairs)}
        super().__init__(measures.several(frame._scope, named))

    def arrange(self, found: Any) -> Any:
        """A square table."""
        import pandas as pd

        record = found._kg
        told = {pair: record.values(f"r{i}").tolist()[0] for i, pair in enumerate(self.pairs)}
        rows = {
            one: guarded([1.0 if one == o else told.get((one, o), told.get((o, one))) for o in self.columns])
            for one in self.columns
        }
        return pd.DataFrame(rows).set_axis(pd.Index(self.columns))
