"""The same column in another form: clipped, scaled, or with holes made by a division by zero."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Sum
from kernel_guard.plan.relations import Derive, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")


def test_a_hole_by_division_is_a_filter() -> None:
    rows = population(cost=lambda pid: 654_321.5 if pid == 8 else 100.0 + pid % 50)
    rows[7]["age"] = 33
    for row in rows:
        row["age"] = row["age"] if row["pid"] == 8 or row["age"] != 33 else 34
    off = ex.Arithmetic("subtract", ex.ColumnRef("age"), ex.Literal(33))
    one = ex.Arithmetic("divide", off, off)
    holed = Derive(PERSON, "y", ex.Arithmetic("multiply", ex.ColumnRef("weight"), one), lower=0, upper=300)
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (Sum("s", "weight"),))) is not None
        assert c.cells(Aggregate(holed, (Sum("s", "y"),))) is None
