"""One patient with many rows: forty visits of two patients are two patients."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Mean
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

VISIT = Source(NAME, "visit")


def visits(extra: int = 0) -> list[dict[str, object]]:
    two = [{"pid": 1 + i % 2, "ward": "a", "paid": 333.25} for i in range(40)]
    return two + [{"pid": pid, "ward": "b", "paid": 10.0} for pid in range(1, 121) for _ in range(2)]


WARD = Key("ward", ("a", "b", "c"))


def test_rows_are_not_patients() -> None:
    with clinic(population(), visits()) as c:
        found = c.cells(Aggregate(VISIT, (CountRows("rows"), CountPatients("n"), Mean("m", "paid")), (WARD,)))
        assert found is not None and found["a",] == (None, None, None)
        assert b"333.25" not in c.everything


def test_a_patient_who_makes_up_most_rows_is_not_told() -> None:
    heavy = visits() + [{"pid": 3, "ward": "b", "paid": 10.0}] * 5_000
    with clinic(population(), heavy) as c:
        found = c.cells(Aggregate(VISIT, (CountRows("rows"),), (WARD,)))
        assert found is not None and found["b",] == (None,)
        assert b"5240" not in c.everything


def test_visits_of_one_patient_are_not_told_by_the_same_patients() -> None:
    """Both populations have the same 120 patients; they differ in the ward that one of them was in as well."""
    with clinic(population(), visits()) as c:
        assert c.cells(Aggregate(VISIT, (CountRows("r"),))) == {(): (280,)}
        others = Filter(VISIT, ex.Compare("ne", ex.ColumnRef("ward"), ex.Literal("a")))
        assert c.cells(Aggregate(others, (CountRows("r"),))) is None
        assert b"240" not in c.everything
