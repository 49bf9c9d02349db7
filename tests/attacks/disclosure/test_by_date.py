"""Differencing by a date window that moves by a few days."""

from __future__ import annotations

import datetime

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
N = (CountPatients("n"),)


def test_a_moved_window_is_refused() -> None:
    rows = population(born=lambda pid: datetime.date(1980, 1, 1) + datetime.timedelta(days=pid))

    def window(first: str, last: str) -> Filter:
        born = ex.ColumnRef("born")
        return Filter(
            PERSON,
            ex.And(ex.Compare("ge", born, ex.Literal(first)), ex.Compare("lt", born, ex.Literal(last))),
        )

    with clinic(rows) as c:
        assert c.cells(Aggregate(window("1980-01-01", "1980-07-01"), N)) == {(): (181,)}
        assert c.cells(Aggregate(window("1980-01-01", "1980-07-04"), N)) is None  # three more
        assert c.cells(Aggregate(window("1980-01-04", "1980-07-03"), N)) is None  # two fewer at one end, two more
        assert c.cells(Aggregate(window("1980-01-01", "1980-08-01"), N)) == {(): (212,)}
        assert b"184" not in c.everything and b"179" not in c.everything
