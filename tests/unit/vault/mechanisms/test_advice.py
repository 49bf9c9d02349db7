"""A quote says what would cost less; from the plan and the schema alone."""

from __future__ import annotations

from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.aggregates import Key
from kernel_guard.plan.expressions import Arithmetic, ColumnRef, Literal
from kernel_guard.plan.privacy import Contribution
from kernel_guard.plan.relations import Derive
from tests.lib.cohorts import EVENTS, PATIENTS, SEX, ask_for, priced

CODES = Key("code", tuple(f"c{i}" for i in range(12)))


def test_a_thrifty_question_needs_no_advice() -> None:
    assert priced(ask_for(agg.CountPatients("n"), agg.Mean("m", "age"), by=(SEX,))).advice == ()


def test_many_rows_of_a_patient_are_named_with_the_factor() -> None:
    dear = priced(ask_for(agg.Mean("m", "lab"), source=EVENTS, by=(CODES,)))
    assert "8 times" in dear.advice[0] and "per_patient" in dear.advice[0]
    assert "2 times" in priced(ask_for(agg.CountPatients("n"), source=EVENTS, by=(CODES,))).advice[0]
    fewer = ask_for(agg.Mean("m", "lab"), source=EVENTS, by=(CODES,), contribution=Contribution(1, 1))
    assert not any("times that of one row" in text for text in priced(fewer).advice)


def test_a_sum_far_from_zero_is_named() -> None:
    far = Derive(PATIENTS, "born", Arithmetic("subtract", Literal(2020), ColumnRef("age")))
    assert "range of 100" in priced(ask_for(agg.Sum("s", "born"), source=far)).advice[0]


def test_many_quantiles_and_families_are_named_unless_weighted() -> None:
    many = [agg.Quantile(f"q{i}", "age", i / 10) for i in range(1, 10)]
    assert "9 quantiles" in priced(ask_for(*many)).advice[0]
    mixed = [agg.CountRows("a"), agg.CountPatients("b"), agg.Mean("c", "age"), agg.Mean("d", "weight")]
    assert "weights=" in priced(ask_for(*mixed)).advice[0]
    assert priced(ask_for(*mixed, weights=(1, 1, 2, 2))).advice == ()
