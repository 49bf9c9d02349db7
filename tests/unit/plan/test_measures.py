"""Every measure travels, is checked against declared facts alone, and says in words what it is."""

from __future__ import annotations

import typing
from fractions import Fraction

import pytest

from kernel_guard.client.mock import mock_answer
from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan import codec
from kernel_guard.plan.expressions import Arithmetic, ColumnRef, Literal
from kernel_guard.plan.measures import columns_of, rows_per_cell
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Derive, PerPatient, Reduction, Relation, Source
from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.plan.words import describe

PERSON = Table(
    "person",
    TableKind.PATIENT,
    (
        Column("pid", ColumnType.INTEGER),
        Column("sex", ColumnType.STRING, categories=(Category("F"), Category("M"))),
        Column("age", ColumnType.INTEGER, lower=0, upper=120, step=1),
        Column("weight", ColumnType.FLOAT, lower=0, upper=300),
        Column("change", ColumnType.FLOAT, lower=-5, upper=5),
        Column("height", ColumnType.FLOAT),
        Column("days", ColumnType.INTEGER, lower=0, upper=3650, step=1),
        Column("end", ColumnType.STRING, categories=(Category("death"), Category("transplant"), Category("left"))),
        Column("town", ColumnType.STRING),
        Column("icd", ColumnType.STRING, categories=tuple(Category(f"A{i}") for i in range(20))),
    ),
    "pid",
)
VISIT = Table("visit", TableKind.EVENT, PERSON.columns, "pid", max_rows_per_patient=30)
STUDY = Study("d", "D", (PERSON, VISIT), "v1")
P, V = Source("d", "person"), Source("d", "visit")
CODES = tuple(f"A{i}" for i in range(20))
EXAMPLES: list[tuple[agg.Measure, str]] = [
    (agg.CountRows("m"), "Number of rows"),
    (agg.CountPatients("m"), "Number of patients"),
    (agg.Sum("m", "weight"), "Sum of weight"),
    (agg.Mean("m", "weight"), "Mean of weight"),
    (agg.Quantile("m", "weight", 0.25), "0.25 quantile of weight"),
    (agg.Variance("m", "weight"), "Variance of weight"),
    (agg.Variance("m", "weight", root=True), "Standard deviation of weight"),
    (agg.Covariance("m", "age", "weight"), "Covariance of age and weight"),
    (agg.Covariance("m", "age", "weight", scaled=True), "Correlation of age and weight"),
    (agg.Rate("m", "age", "days", 1000), "Rate of age per 1,000 of days"),
    (agg.CountDistinct("m", "icd"), "Number of distinct values of icd"),
    (agg.TopK("m", "icd", 5, CODES), "The 5 most frequent of 20 values of icd, by patients"),
    (
        agg.Survival("m", "days", "end", (30, 60, 90), ("death",)),
        "Survival over days on 3 times from 30 to 90, events end in {death}",
    ),
    (
        agg.Survival("m", "days", "end", (30, 60), ("death", "transplant")),
        "Cumulative incidence over days on 2 times from 30 to 60, events end in {death, transplant}",
    ),
    (
        agg.CommonValues("m", "town", 5),
        "The 5 most frequent of the values of town that enough patients have, with their numbers of patients",
    ),
]


def test_every_measure_has_an_example() -> None:
    assert {type(m) for m, _ in EXAMPLES} == set(typing.get_args(agg.Measure))


@pytest.mark.parametrize(("measure", "text"), EXAMPLES)
def test_a_measure_travels_and_says_what_it_is(measure: agg.Measure, text: str) -> None:
    by = () if isinstance(measure, agg.CommonValues) else (agg.Key("sex", ("F", "M")),)
    plan = agg.Aggregate(P, (measure,), by)
    check_aggregate(plan, STUDY)
    ask = Ask(plan, Route.DP, epsilon=Fraction(1))
    assert codec.loads_ask(codec.dumps_ask(ask)) == ask
    assert describe(plan) == f"{text}{' by sex' if by else ''}, of person."


@pytest.mark.parametrize(("measure", "_text"), [e for e in EXAMPLES if not isinstance(e[0], agg.CommonValues)])
def test_a_mock_answer_has_the_form_of_an_answer(measure: agg.Measure, _text: str) -> None:
    mock = mock_answer(agg.Aggregate(P, (measure,), (agg.Key("sex", ("F", "M")),)), STUDY, seed=1)
    rows = {agg.TopK: 5, agg.Survival: 3 if len(getattr(measure, "causes", "x")) == 1 else 4}.get(type(measure), 1)
    assert len(mock) == 2 * rows and mock["m"].notna().all()
    assert set(mock["sex"]) == {"F", "M"}


def test_a_mock_answer_of_values_to_be_found_has_a_row_for_each() -> None:
    mock = mock_answer(agg.Aggregate(P, (agg.CommonValues("m", "town", 5),)), STUDY, seed=1)
    assert list(mock.columns) == ["town", "m"] and len(mock) == 5 and mock["town"].is_unique


def test_mock_survival_falls_and_incidence_rises() -> None:
    days = (100.0, 1000.0, 3000.0)
    one = mock_answer(agg.Aggregate(P, (agg.Survival("s", "days", "end", days, ("death",)),)), STUDY, 0)
    assert one["s"].is_monotonic_decreasing and 0 < one["s"].iloc[-1] < one["s"].iloc[0] < 1
    two = mock_answer(agg.Aggregate(P, (agg.Survival("s", "days", "end", days, ("death", "left")),)), STUDY, 0)
    assert two[two["cause"] == "death"]["s"].is_monotonic_increasing
    assert two.groupby("time")["s"].sum().max() <= 1


@pytest.mark.parametrize(
    ("error", "source", "measure"),
    [
        (PlanError, P, agg.Variance("m", "height")),
        (PlanError, P, agg.Covariance("m", "age", "height")),
        (PlanError, P, agg.Covariance("m", "age", "age")),
        (PolicyForbids, P, agg.Covariance("m", "age", "pid")),
        (PlanError, P, agg.Rate("m", "change", "days")),
        (PlanError, P, agg.Rate("m", "age", "change")),
        (PlanError, P, agg.Rate("m", "age", "age")),
        (PlanError, P, agg.Rate("m", "age", "days", -1.0)),
        (PlanError, P, agg.CountDistinct("m", "age")),
        (PolicyForbids, P, agg.CountDistinct("m", "pid")),
        (PlanError, P, agg.TopK("m", "icd", 0, CODES)),
        (PlanError, P, agg.TopK("m", "icd", 21, CODES)),
        (PlanError, P, agg.TopK("m", "icd", 1, ("Z9",))),
        (PlanError, P, agg.TopK("m", "icd", 1, ())),
        (PlanError, V, agg.Survival("m", "days", "end", (30, 60), ("death",))),
        (PlanError, P, agg.Survival("m", "height", "end", (30, 60), ("death",))),
        (PlanError, P, agg.Survival("m", "days", "end", (60, 30), ("death",))),
        (PlanError, P, agg.Survival("m", "days", "end", (), ("death",))),
        (PlanError, P, agg.Survival("m", "days", "end", (1,), ("alive",))),
        (PlanError, P, agg.Survival("m", "days", "end", (1,), ())),
        (PlanError, P, agg.Survival("m", "days", "end", tuple(map(float, range(500))), ("death",))),
    ],
)
def test_refusals(error: type, source: Relation, measure: agg.Measure) -> None:
    with pytest.raises(error) as caught:
        check_aggregate(agg.Aggregate(source, (measure,)), STUDY)
    assert str(caught.value)


def test_a_table_measure_stands_alone() -> None:
    with pytest.raises(PlanError, match="apart"):
        check_aggregate(agg.Aggregate(P, (agg.CountRows("n"), agg.TopK("m", "icd", 1, CODES))), STUDY)


def test_the_rows_of_a_table_measure_count_as_cells() -> None:
    plan = agg.Aggregate(P, (agg.TopK("m", "icd", 1, CODES),), (agg.Key("icd", CODES),))
    check_aggregate(plan, STUDY)
    assert rows_per_cell(plan.measures[0]) == 20
    times = tuple(map(float, range(400)))
    many = agg.Survival("m", "days", "end", times, ("death", "left"))
    keys = (agg.Key("sex", ("F", "M")), agg.Key("icd", CODES), agg.Key("end", ("death", "left", "transplant")))
    with pytest.raises(PlanError, match="cells"):
        check_aggregate(agg.Aggregate(P, (many,), keys), STUDY)


def test_survival_of_reduced_events() -> None:
    first = PerPatient(V, (Reduction("days", "min", "days"), Reduction("end", "exists")))
    check_aggregate(agg.Aggregate(first, (agg.Survival("m", "days", "end", (30,), (True,)),)), STUDY)


def test_a_row_counts_where_nothing_that_is_read_is_missing() -> None:
    assert columns_of(agg.Covariance("m", "age", "weight")) == ("age", "weight")
    assert columns_of(agg.Rate("m", "age", "days")) == ("age", "days")
    assert columns_of(agg.CountRows("m")) == columns_of(agg.CountPatients("m")) == ()


def test_bounds_of_a_derived_column_serve_a_rate() -> None:
    years = Derive(P, "years", Arithmetic("divide", ColumnRef("days"), Literal(365.25)))
    check_aggregate(agg.Aggregate(years, (agg.Rate("m", "age", "years"),)), STUDY)
