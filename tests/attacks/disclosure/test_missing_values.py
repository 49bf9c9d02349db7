"""Missing values: three hundred rows, of which six have a weight, are six."""

from __future__ import annotations

from kernel_guard.plan.aggregates import Aggregate, CountPatients, Mean, Quantile
from kernel_guard.plan.relations import Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
N = (CountPatients("n"),)


def test_only_patients_with_a_value_count() -> None:
    rows = population(weight=lambda pid: 81.5 if pid <= 6 else None)
    with clinic(rows) as c:
        asked = (Mean("m", "weight"), Quantile("q", "weight"), CountPatients("w", "weight"))
        assert c.cells(Aggregate(PERSON, asked)) == {(): (None, None, None)}
        assert b"81.5" not in c.everything


def test_counting_those_without_a_value_isolates_them() -> None:
    rows = population(weight=lambda pid: None if pid <= 4 else 70.0)
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, N)) == {(): (240,)}
        assert c.cells(Aggregate(PERSON, (CountPatients("w", "weight"),))) is None
        assert b"236" not in c.everything
