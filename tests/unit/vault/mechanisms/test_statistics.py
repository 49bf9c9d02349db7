"""With next to no noise every statistic is what pandas and statsmodels say; with noise it costs what is said."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd
import pytest
from statsmodels.duration.survfunc import SurvfuncRight

from kernel_guard.errors import InternalError, PlanError, PolicyForbids
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.mechanisms import price, protect_dp
from tests.lib.cohorts import (
    EVENTS,
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
    assert [f.epsilon for f in three.queries[0].families] == [1] == [f.epsilon for f in one.queries[0].families]


def test_weights_share_the_cost() -> None:
    found = priced(ask_for(agg.CountRows("n"), agg.Mean("m", "weight"), weights=(1, 3)))
    assert [f.epsilon for f in found.queries[0].families] == [Fraction(1, 4), Fraction(3, 4)]
    with pytest.raises(PlanError):
        ask_for(agg.CountRows("n"), weights=(1, 1))


def test_quantiles_of_one_column_come_in_order() -> None:
    qs = (0.9, 0.1, 0.5, 0.25)
    measures = [agg.Quantile(f"q{i}", "age", q) for i, q in enumerate(qs)]
    for _ in range(20):
        found = answer(ask_for(*measures, epsilon=Fraction(1, 20)), ROWS)
        values = [column(found, f"q{i}")[0] for i in range(4)]
        assert values[1] <= values[3] <= values[2] <= values[0]


def test_within_is_solved_for_what_is_linear_in_the_noise() -> None:
    for measure in (agg.CountPatients("n"), agg.Sum("s", "weight"), agg.CountDistinct("d", "code")):
        ask = Ask(agg.Aggregate(PATIENTS, (measure,)), Route.DP, within=50.0)
        found = priced(ask)
        assert found.measures[0].error is not None and found.measures[0].error <= 50
    with pytest.raises(PlanError, match="depends on the data"):
        priced(Ask(agg.Aggregate(PATIENTS, (agg.Variance("v", "age"),)), Route.DP, within=1.0))


@pytest.mark.parametrize(
    "measure",
    [
        agg.CountDistinct("m", "code"),
        agg.TopK("m", "code", 1, CODES),
        agg.Survival("m", "days", "died", (10.0,), (True,)),
    ],
)
def test_without_a_disclosure_rule_nothing_is_released_exactly(measure: agg.Measure) -> None:
    plan = agg.Aggregate(PATIENTS, (measure,))
    with pytest.raises(PolicyForbids, match="disclosure rule"):
        price(Ask(plan, Route.SDC), check_aggregate(plan, STUDY), STUDY)


def test_an_underpaid_answer_is_refused() -> None:
    dear, cheap = ask_for(agg.Mean("m", "age"), epsilon=2), ask_for(agg.Mean("m", "age"), epsilon=1)
    pricing = priced(dear)
    with pytest.raises(InternalError):
        protect_dp(partials_of(pricing, ROWS), pricing, cheap)


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
