"""Cross tabs and pivot tables, as pandas users write them.

- `margins=True` adds totals. They are part of the table: exact ones are protected with it, noisy ones are fitted with
  it, so that they add up and err less than cells that are added up afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence

from kernel_guard.client import measures
from kernel_guard.client.column import Column
from kernel_guard.client.frame import Frame
from kernel_guard.client.grouped import key_of
from kernel_guard.client.query import Query
from kernel_guard.errors import PlanError

Wanted = str | Column | Sequence[str | Column]


def crosstab(
    first: Frame | Column, second: Wanted, third: Wanted | None = None, *, unit: str | None = None,
    margins: bool = False,
) -> Query:  # fmt: skip
    """Counts for each pair of declared values: `crosstab(frame, "a", "b")` or `crosstab(frame["a"], frame["b"])`.

    Lists give several levels: `crosstab(frame, ["a", "b"], ["c", "d"])`.

    >>> crosstab(person, "sex", "smoker").words
    'Number of patients by sex and smoker, of person.'
    >>> crosstab(person, ["sex", "smoker"], "gender_code").release().shape
    (4, 2)
    """
    if isinstance(first, Column):
        scope, down, across = first._scope, _listed(first), _listed(second)
    elif third is not None:
        scope, down, across = first._scope, _listed(second), _listed(third)
    else:
        raise PlanError("A cross tab needs two columns.", hint="Write kg.crosstab(frame, 'a', 'b').")
    names = list[str]()
    for key in (*down, *across):
        scope, name = key_of(scope, key)
        names.append(name)
    return measures.counts(scope, names, unit, wide=len(across), totals=margins)


def pivot_table(
    frame: Frame, values: str | None = None, index: Wanted = (), columns: Wanted = (), aggfunc: str = "mean",
    *, margins: bool = False,
) -> Query:  # fmt: skip
    """A measure for each combination of declared values, some keys down and some across.

    `aggfunc` is "mean", "sum", "median" of `values`, or "patients", "rows" without it.

    >>> pivot_table(visit, "cost", index="kind", columns=[visit["start_date"].dt.month]).words
    'Mean of cost by kind and start_date_month, of visit with start_date_month = month of start_date.'
    """
    down, across = _listed(index), _listed(columns)
    if not down:
        raise PlanError("A pivot table needs at least one key down.", hint="Give index='a'.")
    scope, names = frame._scope, list[str]()
    for key in (*down, *across):
        scope, name = key_of(scope, key)
        names.append(name)
    keys = measures.keys_of(scope, dict.fromkeys(names))
    spec = (values, aggfunc) if values is not None else aggfunc
    name = aggfunc if values is None else f"{aggfunc}_{values}"
    return measures.several(scope, {name: spec}, keys, wide=len(across), totals=margins)


def _listed(keys: Wanted) -> list[str | Column]:
    return [keys] if isinstance(keys, (str, Column)) else list(keys)
