"""Rates: a rate and one of its parts give the other, and a rate without one patient that patient's event."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Key, Rate, Sum
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
SEX = Key("sex", ("f", "m"))


def test_few_patients_with_an_event_make_no_rate() -> None:
    """Three men with an event: the time is published, so the rate would be their number."""
    rows = population(age=lambda pid: 1 if pid % 2 == 0 and pid <= 80 or pid in (3, 5, 7) else 0)
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (Sum("t", "weight"),), (SEX,))) is not None
        found = c.cells(Aggregate(PERSON, (Rate("r", "age", "weight"),), (SEX,)))
        assert found is not None and found[("m",)] == (None,) and found[("f",)] != (None,)


def test_all_but_few_with_an_event_make_no_rate_either() -> None:
    rows = population(age=lambda pid: 0 if pid in (3, 5, 7) else 1)
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (Rate("r", "age", "weight"),))) == {(): (None,)}


def test_time_of_one_patient_does_not_dominate() -> None:
    rows = population(
        400, age=lambda pid: pid % 2, weight=lambda pid: 290.0 if pid == 8 else 0.0 + (pid % 20 == 1) * 0.5
    )
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (Rate("r", "age", "weight"),))) == {(): (None,)}
        assert b"290.0" not in c.everything


def test_a_rate_without_one_patient_is_refused() -> None:
    rows = population(age=lambda pid: pid % 2)
    rows[7]["cost"] = 777.5
    nearly = Filter(PERSON, ex.Compare("ne", ex.ColumnRef("cost"), ex.Literal(777.5)))
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (Rate("r", "age", "weight"),))) is not None
        assert c.cells(Aggregate(nearly, (Rate("r", "age", "weight"),))) is None
        # The parts of the rate are the same statistic.
        assert c.cells(Aggregate(nearly, (Sum("t", "weight"),))) is None
