"""Cross tabs, in the two ways that pandas users write them."""

from __future__ import annotations

from kernel_guard.client import measures
from kernel_guard.client.column import Column
from kernel_guard.client.frame import Frame
from kernel_guard.client.grouped import key_of
from kernel_guard.client.query import Query
from kernel_guard.errors import PlanError


def crosstab(
    first: Frame | Column, second: str | Column, third: str | None = None, *, unit: str | None = None
) -> Query:
    """Counts for each pair of declared values: `crosstab(frame, "a", "b")` or `crosstab(frame["a"], frame["b"])`.

    >>> crosstab(person, "sex", "smoker").words
    'Number of patients by sex and smoker, of person.'
    """
    if isinstance(first, Column):
        scope, one = key_of(first._scope, first)
        scope, two = key_of(scope, second)
    else:
        if third is None:
            raise PlanError("A cross tab needs two columns.", hint="Write kg.crosstab(frame, 'a', 'b').")
        scope, one = key_of(first._scope, second)
        scope, two = key_of(scope, third)
    return measures.counts(scope, [one, two], unit, wide=True)
