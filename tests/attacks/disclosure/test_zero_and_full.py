"""Zeros and full cells: that nobody, or everybody, has something tells about each of the group."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SEX = Key("sex", ("f", "m"))
SITE = Key("site", (1, 2, 3, 4))
SMOKER = Key("smoker", (False, True))
N = (CountPatients("n"),)


def test_neither_the_empty_nor_the_full_cell_is_told() -> None:
    rows = population(smoker=lambda pid: pid % 2 == 0)  # all women smoke, no man does
    with clinic(rows) as c:
        found = c.cells(Aggregate(PERSON, N, (SEX, SMOKER)))
        assert found is not None and set(found.values()) == {(None,)}
        assert b"120" not in c.everything


def test_an_absent_category_is_an_empty_cell() -> None:
    rows = population(site=lambda pid: 1 + pid % 2)  # sites 3 and 4 are declared, and nobody is there
    with clinic(rows) as c:
        found = c.cells(Aggregate(PERSON, N, (SITE,)))
        assert found is not None and found[3,] == (None,) and found[4,] == (None,)
