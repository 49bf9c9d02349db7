"""With next to no noise every statistic is what pandas and statsmodels say; with noise it costs what is said."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from kernel_guard.errors import InternalError, PlanError, PolicyForbids
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.expressions import ColumnRef, Cut
from kernel_guard.plan.privacy import Accounting, Ask, Contribution, Route
from kernel_guard.plan.relations import Derive
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.mechanisms import price, protect_dp
from kernel_guard.vault.mechanisms.conversion import cost_in_rho, epsilon_of
from kernel_guard.vault.mechanisms.loss import Account, Loss
from tests.lib.cohorts import (
    EVENTS,
    IN_RHO,
    LITTLE_NOISE,
    PATIENTS,
    SEX,
    STUDY,
    WIDE,
    answer,
    ask_for,
    close,
    cohort,
    column,
    partials_of,
    priced,
)

ROWS = cohort()
FRAME = pd.DataFrame(ROWS["patient"])
CODES = tuple(f"c{i}" for i in range(12))


def clear(*measures: agg.Measure, **more: Any) -> Any:
    return answer(ask_for(*measures, epsilon=LITTLE_NOISE, **more), ROWS)


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        (agg.Mean("m", "weight"), FRAME["weight"].mean()),
        (agg.Sum("m", "weight"), FRAME["weight"].sum()),
        (agg.Variance("m", "weight"), FRAME["weight"].var()),
        (agg.Variance("m", "age", root=True), FRAME["age"].std()),
        (agg.Covariance("m", "age", "weight", scaled=True), FRAME["age"].corr(FRAME["weight"])),
        (agg.Rate("m", "deaths", "years", 1000), FRAME["deaths"].sum() / FRAME["years"].sum() * 1000),
        (agg.CountDistinct("m", "code"), FRAME["code"].nunique()),
    ],
)
def test_a_statistic_is_what_pandas_says(measure: agg.Measure, expected: float) -> None:
    assert close(column(clear(measure), "m")[0], expected, 2e-3)


def test_statistics_by_group() -> None:
    found = clear(agg.Variance("sd", "weight", root=True), agg.Mean("mean", "weight"), by=(SEX,))
    grouped = FRAME.groupby("sex")["weight"]
    assert np.allclose(column(found, "sd"), grouped.std(), rtol=1e-3)
    assert np.allclose(column(found, "mean"), grouped.mean(), rtol=1e-3)


def test_events_of_a_patient_count_as_declared() -> None:
    events = pd.DataFrame(ROWS["event"])
    found = clear(agg.Variance("v", "lab"), source=EVENTS, contribution=WIDE)
    assert close(column(found, "v")[0], events["lab"].var(), 1e-2)
    distinct = clear(agg.CountDistinct("d", "code"), source=EVENTS, contribution=WIDE)
    assert column(distinct, "d") == [events["code"].nunique()]


def test_top_values_come_in_the_order_of_their_patients() -> None:
    found = clear(agg.TopK("n", "code", 4, CODES))
    counts = FRAME["code"].value_counts()
    assert column(found, "code") == list(counts.index[:4]) and column(found, "n") == list(counts[:4])
    assert column(found, "rank") == [1, 2, 3, 4]


def test_survival_is_close_to_kaplan_and_meier() -> None:
    times = (180.0, 365.0, 730.0, 1095.0, 1460.0)
    found = clear(agg.Survival("s", "days", "died", times, (True,)))
    known = SurvfuncRight(FRAME["days"], FRAME["died"].astype(int))
    curve = [known.surv_prob[np.searchsorted(known.surv_times, t, side="right") - 1] for t in times]
    assert np.allclose(column(found, "s"), curve, atol=0.02)
    assert column(found, "at_risk")[0] == len(FRAME)


def test_incidences_and_survival_of_all_causes_add_up_to_one() -> None:
    times = (180.0, 365.0, 730.0, 1095.0)
    both = clear(agg.Survival("i", "days", "end", times, ("death", "graft")))
    any_cause = pd.DataFrame(both.rows, columns=[c.name for c in both.columns]).groupby("time")["i"].sum()
    alive = 1 - any_cause
    assert alive.is_monotonic_decreasing and 0.2 < alive.iloc[-1] < alive.iloc[0] < 1
    assert column(both, "cause") == ["death", "graft"] * 4


def test_a_family_is_paid_once() -> None:
    one = priced(ask_for(agg.Mean("m", "weight")))
    three = priced(ask_for(agg.Mean("m", "weight"), agg.Variance("s", "weight", root=True), agg.Sum("t", "weight")))
    assert [f.loss.amount for f in three.queries[0].families] == [1] == [f.loss.amount for f in one.queries[0].families]


def test_weights_share_the_cost() -> None:
    found = priced(ask_for(agg.CountRows("n"), agg.Mean("m", "weight"), weights=(1, 3)))
    assert [f.loss.amount for f in found.queries[0].families] == [Fraction(1, 4), Fraction(3, 4)]
    with pytest.raises(PlanError):
        ask_for(agg.CountRows("n"), weights=(1, 1))


def test_quantiles_of_one_column_come_in_order() -> None:
    qs = (0.9, 0.1, 0.5, 0.25)
    measures = [agg.Quantile(f"q{i}", "age", q) for i, q in enumerate(qs)]
    for _ in range(20):
        found = answer(ask_for(*measures, epsilon=Fraction(1, 20)), ROWS)
        values = [column(found, f"q{i}")[0] for i in range(4)]
        assert values[1] <= values[3] <= values[2] <= values[0]


@pytest.mark.parametrize(
    ("measure", "within"),
    [
        (agg.CountPatients("n"), 50.0),
        (agg.Sum("s", "weight"), 50.0),
        (agg.CountDistinct("d", "code"), 50.0),
        (agg.Mean("m", "age"), 0.5),
        (agg.Variance("s", "age", root=True), 1.0),
        (agg.Rate("r", "deaths", "years"), 0.02),
        (agg.Quantile("q", "age"), 2.0),
    ],
)
@pytest.mark.parametrize("account", [Account(), IN_RHO])
def test_within_is_solved_for_the_least_cost(measure: agg.Measure, within: float, account: Account) -> None:
    """In the currency of the account; a tenth less would not be enough."""
    plan = agg.Aggregate(PATIENTS, (measure,))
    shape = check_aggregate(plan, STUDY)
    found = price(Ask(plan, Route.DP, within=within), shape, STUDY, account)
    paid = "epsilon" if account.accounting is Accounting.PURE else "rho"
    assert found.loss.pure is (paid == "epsilon")
    assert found.measures[0].error <= within
    less = price(Ask(plan, Route.DP, **{paid: found.loss.amount * 9 / 10}), shape, STUDY, account)
    assert less.measures[0].error > within


def test_gaussian_noise_errs_less_than_laplace_noise_at_the_same_rho() -> None:
    """Over many cells the mean absolute error falls from d₁/ε to 0.8 · d₂/√(2ρ), at one ρ = ε²/2."""
    by, bounds = (agg.Key("code", CODES),), Contribution(2, 9)
    asked = {"source": EVENTS, "by": by, "contribution": bounds}
    errors = {}
    for name, paid in (("laplace", {"epsilon": Fraction(1, 5)}), ("gaussian", {"rho": Fraction(1, 50)})):
        ask = ask_for(agg.CountRows("m"), **asked, **paid)
        pricing = priced(ask)
        assert pricing.cost.rho == Fraction(1, 50)
        partials = partials_of(pricing, ROWS)
        truth = np.array(partials[0].values["m", "rows"]) / pricing.request.unit
        answers = [column(protect_dp(partials, pricing, ask), "m") for _ in range(60)]
        errors[name] = float(np.abs(np.array(answers) - truth).mean())
    assert errors["gaussian"] < 0.5 * errors["laplace"]


def test_what_is_paid_in_rho_gets_the_noise_that_errs_less() -> None:
    """One cell: Laplace noise, charged as the ε that ρ implies. Many cells of one patient: Gaussian noise."""
    account = Account(Accounting.PURE, Fraction(1, 10**7))
    plan = agg.Aggregate(PATIENTS, (agg.CountPatients("n"),))
    one = price(Ask(plan, Route.DP, rho=Fraction(1, 50)), check_aggregate(plan, STUDY), STUDY, account)
    assert one.loss.pure and one.cost.delta == 0
    assert (
        Fraction(epsilon_of(0.02, 1e-7)) - Fraction(1, 10**6)
        < one.cost.epsilon
        <= cost_in_rho(Fraction(1, 50), account.delta).epsilon
    )
    bands = Derive(EVENTS, "band", Cut(ColumnRef("lab"), (-10.0, 0.0, 1.0, 2.0, 10.0), ("a", "b", "c", "d")))
    wide = agg.Aggregate(bands, (agg.CountRows("n"),), (agg.Key("code", CODES), agg.Key("band", ("a", "b", "c", "d"))))
    ask = Ask(wide, Route.DP, rho=Fraction(1, 50), contribution=Contribution(1, 36))
    many = price(ask, check_aggregate(wide, STUDY), STUDY, account)
    assert not many.loss.pure and many.cost.delta == account.delta
    assert (
        many.measures[0].error
        < 0.7
        * price(dataclasses.replace(ask, rho=None, epsilon=many.cost.epsilon), check_aggregate(wide, STUDY), STUDY)
        .measures[0]
        .error
    )


def test_a_budget_of_pure_epsilon_pays_nothing_in_rho() -> None:
    plan = agg.Aggregate(PATIENTS, (agg.CountPatients("n"),))
    with pytest.raises(PolicyForbids, match="pure ε"):
        price(Ask(plan, Route.DP, rho=Fraction(1, 50)), check_aggregate(plan, STUDY), STUDY)


@pytest.mark.parametrize(
    "measure",
    [
        agg.CountDistinct("m", "code"),
        agg.TopK("m", "code", 1, CODES),
        agg.Survival("m", "days", "died", (10.0,), (True,)),
    ],
)
def test_what_is_derived_from_a_table_stands_alone_on_the_exact_route(measure: agg.Measure) -> None:
    alone = agg.Aggregate(PATIENTS, (measure,))
    found = price(Ask(alone, Route.SDC), check_aggregate(alone, STUDY), STUDY)
    assert found.request.shown == measure and found.request.plan.measures == (agg.CountPatients("m"),)
    shape = check_aggregate(alone, STUDY)
    for plan in (
        dataclasses.replace(alone, measures=(measure, agg.CountPatients("n"))),
        dataclasses.replace(alone, by=(agg.Key("code", CODES),), totals=True),
    ):
        with pytest.raises(PlanError, match="a table of its own"):
            price(Ask(plan, Route.SDC), shape, STUDY)


def test_an_underpaid_answer_is_refused() -> None:
    dear, cheap = ask_for(agg.Mean("m", "age"), epsilon=2), ask_for(agg.Mean("m", "age"), epsilon=1)
    pricing = priced(dear)
    with pytest.raises(InternalError):
        protect_dp(partials_of(pricing, ROWS), pricing, cheap)
    dear = ask_for(agg.Mean("m", "age"), rho=2)
    pricing = priced(dear)
    for wrong in (
        dataclasses.replace(pricing, cost=dataclasses.replace(pricing.cost, rho=Fraction(1))),
        dataclasses.replace(pricing, cost=dataclasses.replace(pricing.cost, delta=Fraction(0))),
        dataclasses.replace(pricing, loss=Loss(Fraction(2))),
    ):
        with pytest.raises(InternalError):
            protect_dp(partials_of(pricing, ROWS), wrong, dear)


def test_an_empty_cohort_has_an_answer() -> None:
    nobody: Any = {"patient": [], "event": []}
    for measure in (
        agg.Variance("m", "age"),
        agg.Covariance("m", "age", "weight", scaled=True),
        agg.Rate("m", "deaths", "years"),
        agg.CountDistinct("m", "code"),
        agg.Survival("m", "days", "died", (10.0, 100.0), (True,)),
    ):
        found = answer(ask_for(measure, epsilon=Fraction(1, 10)), nobody)
        assert all(np.isfinite(v) for v in column(found, "m"))


def test_what_bounds_cut_off_is_said_apart() -> None:
    found = answer(ask_for(agg.Mean("m", "lab"), source=EVENTS), ROWS)
    said = " ".join(r.detail for r in found.rules if r.rule == "bounds")
    assert "4 rows" in said and "beyond the declared bounds" in said
