"""Differencing by data version: the same table again after two patients came in."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, CountPatients, Sum
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
N = (CountPatients("n"),)


def test_a_later_version_with_two_more_patients_is_refused() -> None:
    with clinic(population(240)) as c:
        assert c.cells(Aggregate(PERSON, N)) == {(): (240,)}
        assert c.cells(Aggregate(PERSON, (Sum("s", "cost"),))) is not None
        c.replace(population(242), version="v2")
        assert c.cells(Aggregate(PERSON, N)) is None
        assert c.cells(Aggregate(PERSON, (Sum("s", "cost"),))) is None
        c.replace(population(280), version="v3")
        assert c.cells(Aggregate(PERSON, N)) == {(): (280,)}
        assert b"242" not in c.everything


def test_one_changed_value_of_the_same_patients_is_refused() -> None:
    with clinic(population(240)) as c:
        assert c.cells(Aggregate(PERSON, (Sum("s", "cost"),))) is not None
        c.replace(population(240, cost=lambda pid: 150.0 if pid == 5 else 100.0 + pid * 13 % 97), version="v2")
        assert c.cells(Aggregate(PERSON, (Sum("s", "cost"),))) is None
