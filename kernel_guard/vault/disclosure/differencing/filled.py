"""Who stands behind a number that is made from a derived column: also the rows on which that column is not 0.

- A derived column can be 0 where the question wants it to be: a column times another that is 1 for some and 0 for the
  others is a filter by another name. So the set of rows that are not 0 is compared like that of the rows there are.
- A stored column is 0 where it is: its rows are those of the population.
"""

from __future__ import annotations

from dataclasses import replace

from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Covariance, Mean, Measure, Rate, Sum, Variance
from kernel_guard.plan.measures import columns_of
from kernel_guard.vault.engine.base import PartialRequest


def where_filled(request: PartialRequest, measure: Measure) -> list[PartialRequest]:
    """The question about a measure alone, over the rows on which one of its derived columns is not 0."""
    if not isinstance(measure, Sum | Mean | Rate | Variance | Covariance):
        return []
    plan, found = request.plan, []
    for name in columns_of(measure):
        if _is_derived(name, plan.source):
            source = rel.Filter(plan.source, ex.Compare("ne", ex.ColumnRef(name), ex.Literal(0)))
            found.append(replace(request, plan=replace(plan, source=source, measures=(measure,))))
    return found


def _is_derived(name: str, relation: rel.Relation) -> bool:
    match relation:
        case rel.Source():
            return False
        case rel.Join():
            return _is_derived(name, relation.left) or _is_derived(name, relation.right)
        case rel.Derive() if relation.name == name:
            return True
        case rel.PerPatient():
            return any(r.name == name for r in relation.reductions)
    return _is_derived(name, relation.source)
