"""Differencing by a category: all sites, then all but the one that has few patients."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SITE = Key("site", (1, 2, 3, 4))
N = (CountPatients("n"),)


def test_the_small_site_stays_hidden() -> None:
    with clinic(population(site=lambda pid: 4 if pid <= 7 else 1 + pid % 3)) as c:
        assert c.cells(Aggregate(PERSON, N)) == {(): (240,)}
        by_site = c.cells(Aggregate(PERSON, N, (SITE,)))
        assert by_site is not None and by_site[4,] == (None,)
        # With 240 known, three shown sites would give the fourth: one more is masked.
        assert [v for (v,) in by_site.values()].count(None) >= 2
        assert c.cells(Aggregate(Filter(PERSON, ex.IsIn(ex.ColumnRef("site"), (1, 2, 3))), N)) is None
        assert b"233" not in c.everything
