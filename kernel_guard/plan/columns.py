"""Which columns a plan reads, by name: an engine need not touch any other.

- A name that several tables have counts for each of them: too many is harmless, too few is an error.
"""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan import relations as rel
from kernel_guard.plan.aggregates import Aggregate
from kernel_guard.plan.measures import columns_of

Names = frozenset[str]


def columns_in(expression: ex.Expression) -> Names:
    """Names of the columns that an expression reads."""
    match expression:
        case ex.ColumnRef():
            return frozenset({expression.name})
        case ex.Literal():
            return frozenset()
        case ex.Compare() | ex.And() | ex.Or() | ex.Arithmetic():
            return columns_in(expression.left) | columns_in(expression.right)
        case ex.DaysBetween():
            return columns_in(expression.start) | columns_in(expression.end)
        case ex.Case():
            return frozenset().union(*map(columns_in, expression.conditions))
    return columns_in(expression.operand)


def columns_read(plan: Aggregate) -> Names:
    """Names of the columns that a plan reads anywhere: for its keys, its measures or on the way to them."""
    asked = {key.column for key in plan.by}.union(*map(columns_of, plan.measures))
    return frozenset(asked) | _on_the_way(plan.source)


def _on_the_way(relation: rel.Relation) -> Names:
    match relation:
        case rel.Source():
            return frozenset()
        case rel.Filter():
            return _on_the_way(relation.source) | columns_in(relation.predicate)
        case rel.Derive():
            return _on_the_way(relation.source) | columns_in(relation.expression)
        case rel.Join():
            return _on_the_way(relation.left) | _on_the_way(relation.right)
    named = {name for r in relation.reductions for name in (r.column, r.order_by) if name is not None}
    return _on_the_way(relation.source) | named
