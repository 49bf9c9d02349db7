"""A question is judged by the schema alone, and a refusal names the place."""

from __future__ import annotations

import pytest

from kernel_guard.errors import PlanError, PolicyForbids, UnknownColumn
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean, Measure, Quantile, Sum
from kernel_guard.plan.expressions import Arithmetic, ColumnRef, Compare, Cut, DatePart, Literal
from kernel_guard.plan.relations import Derive, Filter, Join, PerPatient, Reduction, Relation, Source
from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
from kernel_guard.plan.typing import check_aggregate, shape_of

PERSON = Table(
    "person",
    TableKind.PATIENT,
    (
        Column("person_id", ColumnType.INTEGER),
        Column("sex", ColumnType.STRING, categories=(Category("F"), Category("M"))),
        Column("born", ColumnType.INTEGER, lower=1900, upper=2030, step=1),
        Column("weight", ColumnType.FLOAT),
        Column("name", ColumnType.STRING, blocked=True, blocked_reason="direct identifier"),
    ),
    "person_id",
)
VISIT = Table(
    "visit",
    TableKind.EVENT,
    (
        Column("person_id", ColumnType.INTEGER),
        Column("day", ColumnType.DATE, lower="2000-01-01", upper="2025-12-31"),
        Column("cost", ColumnType.FLOAT, lower=0, upper=10, step=0.01),
    ),
    "person_id",
)
CONCEPT = Table("concept", TableKind.REFERENCE, (Column("concept_id", ColumnType.INTEGER),))
STUDY = Study("d", "D", (PERSON, VISIT, CONCEPT), "v1")
P, V = Source("d", "person"), Source("d", "visit")


def check(source: Relation, *measures: Measure, by: tuple[Key, ...] = ()) -> None:
    check_aggregate(Aggregate(source, measures, by), STUDY)


def test_good_questions() -> None:
    check(P, CountPatients("n"), Mean("m", "born"), by=(Key("sex", ("F", "M")),))
    check(V, Sum("s", "cost"), Quantile("q", "cost", 0.25))
    reduced = PerPatient(V, (Reduction("n", "count", limit=20), Reduction("c", "mean", "cost")))
    check(Join(P, reduced, "left"), Mean("m", "n"), by=(Key("sex", ("F",)),))
    check(
        Derive(V, "month", DatePart("month", ColumnRef("day"))),
        CountPatients("n"),
        by=(Key("month", (1, 2)),),
    )


@pytest.mark.parametrize(
    ("error", "source", "measures", "by"),
    [
        (UnknownColumn, P, (Mean("m", "bron"),), ()),
        (UnknownColumn, Source("d", "persn"), (CountPatients("n"),), ()),
        (PolicyForbids, P, (CountPatients("n"),), (Key("name", ("x",)),)),
        (PolicyForbids, P, (CountPatients("n"),), (Key("person_id", (1,)),)),
        (PolicyForbids, P, (Mean("m", "person_id"),), ()),
        (PolicyForbids, Source("d", "concept"), (CountPatients("n"),), ()),
        (
            PolicyForbids,
            Filter(P, Compare("eq", ColumnRef("person_id"), Literal(7))),
            (CountPatients("n"),),
            (),
        ),
        (PolicyForbids, PerPatient(P, (Reduction("x", "max", "person_id"),)), (CountPatients("n"),), ()),
        (PlanError, P, (Mean("m", "weight"),), ()),
        (PlanError, P, (Mean("m", "sex"),), ()),
        (PlanError, P, (CountPatients("n"),), (Key("born", (1950,)),)),
        (PlanError, P, (CountPatients("n"),), (Key("sex", ("F", "X")),)),
        (PlanError, P, (CountPatients("n"),), (Key("sex", ()),)),
        (PlanError, P, (), ()),
        (PlanError, P, (CountPatients("n"), CountPatients("n")), ()),
        (PlanError, Join(P, V), (CountPatients("n"),), ()),
        (PlanError, Join(P, P), (CountPatients("n"),), ()),
        (PlanError, Filter(P, ColumnRef("born")), (CountPatients("n"),), ()),
        (PlanError, Filter(P, Compare("eq", ColumnRef("born"), Literal("x"))), (CountPatients("n"),), ()),
        (
            PlanError,
            Filter(V, Compare("lt", ColumnRef("day"), Literal("31/12/2020"))),
            (CountPatients("n"),),
            (),
        ),
        (PlanError, Source("other", "person"), (CountPatients("n"),), ()),
        (PlanError, V, (Quantile("q", "cost", 1.0),), ()),
    ],
)
def test_refusals(error: type, source: Relation, measures: tuple[Measure, ...], by: tuple[Key, ...]) -> None:
    with pytest.raises(error):
        check(source, *measures, by=by)


def test_a_refusal_suggests_the_nearest_name() -> None:
    with pytest.raises(UnknownColumn) as caught:
        check(P, Mean("m", "bron"))
    assert "born" in caught.value.hint


def test_bounds_follow_interval_arithmetic() -> None:
    age = Derive(P, "age", Arithmetic("subtract", Literal(2020), ColumnRef("born")))
    column = shape_of(age, STUDY).column("age")
    assert (column.lower, column.upper) == (-10, 120)
    band = Derive(age, "band", Cut(ColumnRef("age"), (0, 40, 120), ("young", "old")))
    assert [c.value for c in shape_of(band, STUDY).column("band").categories or ()] == ["young", "old"]


def test_arithmetic_is_refused_before_an_engine_would_fail_on_its_depth() -> None:
    def nested(times: int) -> Relation:
        deep: Arithmetic | ColumnRef = ColumnRef("weight")
        for _ in range(times):
            deep = Arithmetic("add", deep, Literal(1))
        return Filter(P, Compare("gt", deep, Literal(0)))

    check_aggregate(Aggregate(nested(20), (CountPatients("n"),)), STUDY)
    with pytest.raises(PlanError) as caught:
        check_aggregate(Aggregate(nested(21), (CountPatients("n"),)), STUDY)
    assert "column" in caught.value.hint
