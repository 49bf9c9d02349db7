"""A column times another that is 0 for some: a filter that no condition says.

Sums of the cost of those over 50 and of those over 51, each over the whole population, differ by one patient's cost."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Mean, Measure, Sum, Variance
from kernel_guard.plan.relations import Derive, Source
from tests.lib.exact import NAME, clinic, population

COST = 431.75


def _over(age: int) -> Derive:
    """`y` is the cost of those over an age, and 0 for the others."""
    beyond = ex.Arithmetic("subtract", ex.ColumnRef("age"), ex.Literal(age))
    is_over = Derive(Source(NAME, "person"), "k", beyond, lower=0, upper=1)
    cost = ex.Arithmetic("multiply", ex.ColumnRef("cost"), ex.ColumnRef("k"))
    return Derive(is_over, "y", cost, lower=-1000, upper=1_000_000)


def test_sums_that_differ_by_one_patient_are_refused() -> None:
    rows = population(
        age=lambda pid: 51 if pid == 8 else (30 if pid % 2 else 60),
        cost=lambda pid: COST if pid == 8 else 300.0 + pid * 13 % 197,
    )
    measures: tuple[Measure, ...] = (Sum("s", "y"), Mean("s", "y"), Variance("s", "y"))
    for measure in measures:
        with clinic(rows) as c:
            assert c.cells(Aggregate(_over(50), (measure,))) not in (None, {(): (None,)})
            assert c.cells(Aggregate(_over(51), (Sum("s", "y"),))) is None
            assert str(COST).encode() not in c.everything
