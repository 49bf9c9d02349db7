"""Survival: each step of a curve is a patient's time; so is the difference of two curves."""

from __future__ import annotations

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, Key, Survival
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
DAILY = tuple(float(t) for t in range(1, 120))


def test_one_patients_death_makes_no_step() -> None:
    """The only death before day 30 is on day 17; a grid of days would show it."""
    rows = population(400, age=lambda pid: 17 if pid == 8 else 30 + pid % 60, smoker=lambda pid: pid % 2 == 0)
    with clinic(rows) as c:
        found = c.cells(Aggregate(PERSON, (Survival("s", "age", "smoker", DAILY, (True,)),)))
        assert found is not None
        times = [time for (time,) in found]
        assert times[0] >= 30 and len(times) > 3
        for start, end in zip((0, *times), times, strict=False):
            inside = [r for r in rows if start < r["age"] <= end]
            assert len(inside) >= 10


def test_competing_causes_with_few_patients_are_put_together_with_later_ones() -> None:
    """Cause 2 has four patients in all: no step ever shows it, so the whole curve is masked."""
    rows = population(
        400, age=lambda pid: pid % 100, site=lambda pid: 2 if pid in (5, 50, 150, 250) else 3 if pid % 2 else 4
    )
    with clinic(rows) as c:
        found = c.cells(Aggregate(PERSON, (Survival("s", "age", "site", DAILY[:99], (2, 3)),)))
        assert found is not None and set(found.values()) == {(None, None)}


def test_the_curve_without_one_patient_is_refused() -> None:
    rows = population(400, age=lambda pid: pid * 37 % 100, smoker=lambda pid: pid % 3 == 0)
    rows[7]["weight"] = 211.5
    nearly = Filter(PERSON, ex.Compare("ne", ex.ColumnRef("weight"), ex.Literal(211.5)))
    curve = Survival("s", "age", "smoker", DAILY[:99], (True,))
    with clinic(rows) as c:
        assert c.cells(Aggregate(PERSON, (curve,))) is not None
        assert c.cells(Aggregate(nearly, (curve,))) is None


def test_a_group_of_few_is_masked_and_holds_nobody_up() -> None:
    rows = population(
        400, age=lambda pid: pid * 37 % 100, smoker=lambda pid: pid % 3 == 0, site=lambda pid: 4 if pid < 8 else 1
    )
    with clinic(rows) as c:
        asked = Aggregate(PERSON, (Survival("s", "age", "smoker", DAILY[:99], (True,)),), (Key("site", (1, 4)),))
        found = c.cells(asked)
        assert found is not None
        assert {value for (site, _), value in found.items() if site == 4} == {(None, None)}
        assert all(risk >= 10 for (site, _), (risk, _) in found.items() if site == 1)
