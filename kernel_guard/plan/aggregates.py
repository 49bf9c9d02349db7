"""Aggregates: what may leave. A plan is one `Aggregate` over a relation.

- Every key has a declared (public) value set, so empty groups appear too and no key is learnt from data.
- A histogram is a count keyed by a `Cut`; value counts and cross tabs are counts keyed by one or two columns.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    """The q-quantile of a bounded numeric column, 0 < q < 1; the median is q = 0.5."""

    name: str
    column: str
    q: float = 0.5


Measure = CountRows | CountPatients | Sum | Mean | Quantile


@dataclass(frozen=True)
class Key:
    """A grouping column and its public values, in the order in which they are shown."""

    column: str
    values: tuple[int | float | bool | str, ...]


@dataclass(frozen=True)
class Aggregate:
    """`totals`: the exact route adds the totals over each key and over all (a missing key value: "all")."""

    source: Relation
    measures: tuple[Measure, ...]
    by: tuple[Key, ...] = ()
    totals: bool = False
