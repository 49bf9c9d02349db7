"""Aggregates: what may leave. A plan is one `Aggregate` over a relation.

- Every key has a declared (public) value set, so empty groups appear too and no key is learnt from data. One measure
  finds values that nobody declared, and pays a δ for it.
- A histogram is a count keyed by a `Cut`; value counts and cross tabs are counts keyed by one or two columns.
- Few measures, and what follows from their released numbers is computed from those: percentages, ratios, tests.
- Every measure but a count of rows reads a `column`; what else it reads has a name of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from kernel_guard.plan.expressions import Value
from kernel_guard.plan.relations import Relation


@dataclass(frozen=True)
class CountRows:
    name: str


@dataclass(frozen=True)
class CountPatients:
    """Distinct patients with at least one row (where `column` is given: with a non-missing value in it)."""

    name: str
    column: str | None = None


@dataclass(frozen=True)
class Sum:
    name: str
    column: str


@dataclass(frozen=True)
class Mean:
    name: str
    column: str


@dataclass(frozen=True)
class Quantile:
    """The q-quantile of a bounded numeric column, 0 < q < 1; the median is q = 0.5.

    `interval`: on the DP route half of what it costs goes to an interval of values; without, only ranks are stated.
    """

    name: str
    column: str
    q: float = 0.5
    interval: bool = False


@dataclass(frozen=True)
class Variance:
    """Sample variance of a bounded numeric column (n − 1 below), or with `root` its standard deviation."""

    name: str
    column: str
    root: bool = False


@dataclass(frozen=True)
class Covariance:
    """Sample covariance of two bounded numeric columns over rows that have both; `scaled`: Pearson's correlation."""

    name: str
    column: str
    other: str
    scaled: bool = False


@dataclass(frozen=True)
class Rate:
    """Events per person-time: the sum of `column` over the sum of `time`, times `per`."""

    name: str
    column: str
    time: str
    per: float = 1.0


@dataclass(frozen=True)
class CountDistinct:
    """How many of the declared values of `column` at least one patient has."""

    name: str
    column: str


@dataclass(frozen=True)
class TopK:
    """The `k` values of a public vocabulary that most patients have, with their numbers of patients.

    Stands alone in a plan; its result has a row per cell and rank.
    """

    name: str
    column: str
    k: int
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Survival:
    """Time to event on a public grid of times: life table, survival and, per cause, cumulative incidence.

    - `column` is a time since entry, bounded, one row per patient; `edges` are the times at which the table is read.
    - `event` has declared values; those in `causes` are events, every other one is the end of observation.
    - More than one cause: competing risks (Aalen and Johansen); `name` is then each cause's cumulative incidence.

    Stands alone in a plan; its result has a row per cell, time and cause.
    """

    name: str
    column: str
    event: str
    edges: tuple[float, ...]
    causes: tuple[Value, ...]


@dataclass(frozen=True)
class CommonValues:
    """The values of a column without declared ones that enough patients have, with their numbers of patients.

    `k` keeps the most frequent. Stands alone in a plan, without keys; its result has a row for each value it shows.
    """

    name: str
    column: str
    k: int | None = None


CellMeasure = CountRows | CountPatients | Sum | Mean | Quantile | Variance | Covariance | Rate | CountDistinct
TableMeasure = TopK | Survival | CommonValues
Measure = CellMeasure | TableMeasure


@dataclass(frozen=True)
class Key:
    """A grouping column and its public values, in the order in which they are shown."""

    column: str
    values: tuple[int | float | bool | str, ...]


@dataclass(frozen=True)
class Aggregate:
    """`totals`: the totals over each key and over all beside the cells (a missing key value: "all")."""

    source: Relation
    measures: tuple[Measure, ...]
    by: tuple[Key, ...] = ()
    totals: bool = False
