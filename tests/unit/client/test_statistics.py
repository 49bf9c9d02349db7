"""The client's verbs for statistics make the plans that they say, and a smallest value is never asked for."""

from __future__ import annotations

import warnings
from fractions import Fraction

import pytest

from kernel_guard.client.quote import ExpectedError, Quote
from kernel_guard.client.session import Study
from kernel_guard.errors import PlanError
from kernel_guard.plan import aggregates as agg
from tests.unit.client.fakes import FakeVault


def test_several_quantiles_are_one_question(study: Study) -> None:
    query = study.person.groupby("sex")["year_of_birth"].quantile([0.25, 0.5, 0.75])
    assert [m.q for m in query.plan.measures if isinstance(m, agg.Quantile)] == [0.25, 0.5, 0.75]


def test_a_smallest_value_is_a_low_quantile_with_a_warning(study: Study) -> None:
    with pytest.warns(UserWarning, match="one patient"):
        low = study.person["year_of_birth"].min()
    with pytest.warns(UserWarning, match="99th"):
        high = study.person.groupby("sex")["year_of_birth"].max()
    assert [getattr(q.plan.measures[0], "q", None) for q in (low, high)] == [0.01, 0.99]


def test_measures_by_name(study: Study) -> None:
    doubled = study.visit.derive(cost2=lambda f: f["cost"] * 2)
    query = doubled.agg(
        spread=("cost", "std"),
        kinds=("kind", "nunique"),
        both=("cost", "corr", "cost2"),
        per=("cost", "rate", "cost2", 10),
    )
    assert query.plan.measures == (
        agg.Variance("spread", "cost", root=True),
        agg.CountDistinct("kinds", "kind"),
        agg.Covariance("both", "cost", "cost2", scaled=True),
        agg.Rate("per", "cost", "cost2", 10.0),
    )


def test_survival_asks_which_values_are_events(study: Study) -> None:
    first = study.visit.per_patient(days=("min", "cost"), last=("last", "kind", "start_date"))
    with pytest.raises(PlanError, match="Which values"):
        first.survival("days", "last", at=[2, 4])
    query = first.survival("days", "last", at=[2, 4], causes=["in"])
    assert query.plan.measures == (agg.Survival("survival", "days", "last", (2.0, 4.0), ("in",)),)


def test_values_that_nobody_declared_are_looked_for(study: Study) -> None:
    """By every verb that counts by value; declared ones are counted as ever."""
    person = study.person
    wanted = agg.CommonValues("patients", "postcode")
    assert person["postcode"].value_counts().plan == agg.Aggregate(person._scope.relation, (wanted,))
    assert person.groupby("postcode").count_patients().plan.measures == (wanted,)
    assert person["postcode"].top(3).plan.measures == (agg.CommonValues("patients", "postcode", 3),)
    assert isinstance(person["sex"].value_counts().plan.measures[0], agg.CountPatients)
    with pytest.raises(PlanError, match="by patients, not by rows"):
        study.visit["ward"].value_counts()
    assert study.visit["ward"].value_counts(unit="patients").plan.measures == (agg.CommonValues("patients", "ward"),)
    with pytest.raises(PlanError, match="no declared categories"):
        person.groupby("postcode").agg(born=("year_of_birth", "mean"))


def test_a_question_can_be_paid_in_rho(study: Study, vault: FakeVault) -> None:
    query = study.person.count_patients()
    assert query.ask(rho="0.05").rho == Fraction(1, 20) and query.ask(rho=0.05).epsilon is None
    with pytest.raises(PlanError, match="either"):
        query.ask(0.5, rho=0.05)
    shown = Quote.of(
        {"route": "dp", "cost": {"epsilon": "3/2", "delta": "1/1000", "rho": "1/20"}, "errors": [
            {"measure": "mean", "error": 2.0, "confidence": 0.95, "text": "about ±2", "values": 1000}]}
    )  # fmt: skip
    assert shown.cost_text == "ρ 0.05 (ε 1.5, δ 0.001)" and shown.row()[0] == ".release(rho=0.05)"
    assert "mean ± 2 for a cell of 1,000 (95%)" in shown.error_text
    found = ExpectedError("patients", 3.0, 0.95, lost_below=18)
    assert str(found) == "patients ± 3 (95%), values below about 18 lost"
    assert len(query.compare(rho=[0.01, 0.1]).quotes) == 2 and len(query.compare([1], rho=[0.1]).quotes) == 2


def test_weights_go_by_name(study: Study, vault: FakeVault) -> None:
    query = study.person.agg(n="patients", born=("year_of_birth", "mean"))
    assert query.ask(0.5, weights={"born": 3}).weights == (1, 3)
    with pytest.raises(PlanError, match="no measure"):
        query.ask(0.5, weights={"brn": 3})


def test_comparing_prices_draws_a_curve(study: Study) -> None:
    compared = study.person.count_patients().compare([0.1, 1, 10])
    assert compared.data["patients"].is_monotonic_decreasing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        axes = compared.plot()
    assert axes.get_xscale() == axes.get_yscale() == "log" and len(axes.lines) == 1
    assert "such questions left" in compared._repr_html_()
