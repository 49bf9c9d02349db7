"""Row duplication: a question cannot multiply a patient, and a count of rows does not help a small group."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Sum
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population

VISIT = Source(NAME, "visit")


def test_a_group_of_three_stays_three_however_many_rows_it_has() -> None:
    rows = [{"pid": pid, "ward": "c", "paid": 55.5} for pid in (1, 2, 3) for _ in range(100)]
    with clinic(population(), rows) as c:
        ward = Key("ward", ("a", "b", "c"))
        found = c.cells(Aggregate(VISIT, (CountRows("r"), Sum("s", "paid"), CountPatients("n")), (ward,)))
        assert found is not None and found["c",] == (None, None, None)
        assert b"55.5" not in c.everything and b"300" not in c.everything
