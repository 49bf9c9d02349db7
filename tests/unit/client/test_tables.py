"""The researcher's tables over a real vault: totals, pivots, Table 1, masks, derived numbers and repairs."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest

import kernel_guard.client as kg
from kernel_guard.client.frame import Frame
from kernel_guard.client.masked import GuardedArray, Masked
from kernel_guard.client.results import REFERENCE
from kernel_guard.client.session import Session
from kernel_guard.errors import PolicyForbids
from tests.lib.exact import NAME, Socket, clinic, population

_MUCH = {"epsilon": "1000", "delta": "0"}
GENEROUS: dict[str, Any] = {
    "max_epsilon": "50", "project_budget": _MUCH, "dataset_budget": _MUCH, "person_budget": _MUCH
}  # fmt: skip


@pytest.fixture(scope="module")
def person() -> Iterator[Frame]:
    rows = population(smoker=lambda pid: pid % 9 == 0, site=lambda pid: 4 if pid <= 5 else 1 + pid % 3)
    with clinic(rows, **GENEROUS) as vault:
        yield Session(Socket(vault)).open(NAME)["person"]  # type: ignore[arg-type]


def test_a_cross_tab_with_totals(person: Frame) -> None:
    found = kg.crosstab(person, "sex", "smoker", margins=True).release()
    assert found.loc["All", "All"] == 240 and found.loc["f", "All"] == 120
    assert list(found.columns) == [False, True, "All"] and list(found.index) == ["f", "m", "All"]
    assert found.loc["f"].tolist()[:2] == [107, 13] and found.loc["m"].tolist()[:2] == [107, 13]
    shares = kg.percent(found)
    assert shares.loc["f", True] == pytest.approx(50)
    assert kg.odds_ratio(found).value == pytest.approx(1) and kg.risk_difference(found) == pytest.approx(0)


def test_a_noisy_cross_tab_with_totals_adds_up(person: Frame) -> None:
    query = kg.crosstab(person, "sex", "smoker", margins=True)
    assert "grand total within" in query.quote(epsilon=1).errors[0].text
    found = query.release(epsilon=1)
    assert abs(found.loc["All", "All"] - 240) < 40 and found.loc["f"].iloc[:2].sum() == found.loc["f", "All"]
    assert found["All"].iloc[:2].sum() == found.loc["All", "All"] and (found.error > 0).all(axis=None)


def test_a_pivot_table_has_levels_across(person: Frame) -> None:
    found = kg.pivot_table(person, "age", index="sex", columns="smoker", aggfunc="mean").release()
    assert found.shape == (2, 2) and 20 < found.loc["f", True] < 80


def test_masks_stay_masked(person: Frame) -> None:
    counts = person["site"].value_counts().release()
    assert isinstance(counts.array, GuardedArray) and isinstance(counts.loc[4], Masked)
    assert isinstance(counts.sum(), Masked) and isinstance((100 * counts / 7).loc[4], Masked)
    assert "fewer than 10" in repr(counts) and "fewer than 10" in counts.plain().to_csv()
    with pytest.raises(TypeError, match="not told"):
        float(counts.loc[4])
    with pytest.raises(TypeError, match="not told"):
        bool(counts.loc[4] > 3)
    assert not counts.plain().isna().any() and counts.loc[4] not in (0, "", None)
    assert "fewer than 10" in repr(kg.percent(counts).loc[4])


def test_table_one_in_one_call(person: Frame) -> None:
    found = kg.table_one(person, by="sex", continuous=["age", "weight"], categorical=["smoker"]).release()
    assert list(found.columns) == ["f", "m"] and found.loc[("", "n"), "f"] == "120"
    assert found.loc[("smoker", "True, n (%)"), "f"] == "13 (10.8)"
    assert "[" in found.loc[("age", "median [Q1, Q3]"), "m"] and found.attrs["release"]
    noisy = kg.table_one(person, by="sex", continuous=["age"], categorical=["smoker"]).release(epsilon=1)
    assert isinstance(noisy, pd.DataFrame) and noisy.shape == (5, 2)
    assert "(" in found.loc[("age", "mean (SD)"), "f"]


def test_several_questions_are_one_release(person: Frame) -> None:
    both = kg.together(sexes=person["sex"].value_counts(), ages=person.groupby("sex")["age"].mean())
    quote = both.quote(epsilon=1)
    assert quote.cost.epsilon == 1 and {e.measure for e in quote.errors} == {"sexes.patients", "ages.mean_age"}
    before = person._scope.transport.get_json("/v1/budget")["budgets"][0]["epsilon"]["spent"]
    found = both.release(epsilon=1)
    after = person._scope.transport.get_json("/v1/budget")["budgets"][0]["epsilon"]["spent"]
    assert float(after) - float(before) == 1 and found.cost.epsilon == 1
    assert found.names == ["sexes", "ages"] and found.sexes.loc["f"] == found["sexes"].loc["f"]
    assert abs(found.sexes.loc["f"] - 120) < 60 and 20 < found.ages.loc["m"] < 80
    assert found.sexes.release_id == found.release_id and found.sexes.error.loc["f"] > 0
    shown, part = found._repr_mimebundle_(), found.sexes._repr_mimebundle_()
    assert REFERENCE in shown and REFERENCE not in part and "table 'sexes' of release" in part["text/plain"]
    assert both.release(epsilon=1).release_id == found.release_id
    with pytest.raises(KeyError, match="sexes"):
        found["sex"]
    assert found.long()["table"].tolist() == ["sexes", "sexes", "ages", "ages"]


def test_a_cohort_flow_costs_one_count(person: Frame) -> None:
    criteria = {"over 30": person["age"] > 30, "heavy": lambda f: f["weight"] > 60, "site 1": person["site"] == 1}
    flow = kg.attrition(person, criteria)
    exact = flow.release()
    left = rows = population(site=lambda pid: 4 if pid <= 5 else 1 + pid % 3)
    assert exact.loc["all", "patients"] == len(rows)
    for name, keep in (("over 30", lambda r: r["age"] > 30), ("heavy", lambda r: r["weight"] > 60),
                       ("site 1", lambda r: r["site"] == 1)):  # fmt: skip
        gone = len(left)
        left = [r for r in left if keep(r)]
        assert exact.loc[name, "patients"] == len(left) and exact.loc[name, "excluded"] == gone - len(left)
    assert flow.quote(epsilon=0.5).errors[0].error == person.count_patients().quote(epsilon=0.5).errors[0].error
    assert kg.attrition(person, criteria, by="sex").release(epsilon=1).shape == (4, 4)
    assert flow.mock().shape == (4, 2)


def test_a_step_that_excludes_few_is_masked() -> None:
    with clinic(population(site=lambda pid: 4 if pid <= 5 else 1 + pid % 3)) as vault:
        people = Session(Socket(vault)).open(NAME)["person"]  # type: ignore[arg-type]
        criteria = {"not site 4": people["site"] != 4, "heavy": people["weight"] > 60}
        found = kg.attrition(people, criteria).release()
    assert isinstance(found.loc["not site 4", "excluded"], Masked) and isinstance(found.loc["all", "patients"], Masked)
    assert not isinstance(found.loc["not site 4", "patients"], Masked)


def test_missing_values_are_one_release(person: Frame) -> None:
    found = kg.missing(person, ["weight", "born"]).release()
    assert isinstance(found.loc["born", "missing"], Masked), "everybody's is missing: class disclosure"
    noisy = kg.missing(person, ["weight", "born"]).release(epsilon=2)
    assert noisy.loc["born", "per cent"] > 80 > noisy.loc["weight", "per cent"]


def test_correlations_as_a_matrix(person: Frame) -> None:
    found = kg.correlation(person, ["age", "weight"]).release(epsilon=5)
    assert found.shape == (2, 2) and found.loc["age", "age"] == 1
    assert found.loc["age", "weight"] == found.loc["weight", "age"] and abs(found.loc["age", "weight"]) < 0.9


def test_boxes_without_outliers(person: Frame) -> None:
    axes = kg.boxplot(person["age"].box().release())
    assert len(axes.get_xticklabels()) == 1
    ends = [y for line in axes.lines for y in line.get_ydata()]
    assert 20 < min(ends) and max(ends) < 79  # the 5th and 95th percentile of 20 … 79
    groups = kg.boxplot(person.groupby("sex")["age"].box().release(epsilon=10))
    assert [t.get_text() for t in groups.get_xticklabels()] == ["f", "m"]
    assert not [line for line in axes.lines if line.get_marker() not in ("None", None, "")]


def test_categories_are_merged_and_points_are_counted_on_a_grid(person: Frame) -> None:
    merged = person.derive(place=person["site"].regroup({"north": [1, 4], "south": [2, 3]}))
    sites = [4 if pid <= 5 else 1 + pid % 3 for pid in range(1, 241)]
    found = merged["place"].value_counts().release(epsilon=10)
    assert abs(found.loc["north"] - sum(s in (1, 4) for s in sites)) < 5
    assert person.hist2d("age", "weight", bins=2).release(epsilon=1).shape == (2, 2)
    levels = kg.crosstab(person, ["sex", "smoker"], ["site"]).release(epsilon=1)
    assert levels.shape == (4, 4) and levels.index.names == ["sex", "smoker"]


def test_pathways_and_trends_over_visits() -> None:
    people = population()
    visits = [
        {"pid": p["pid"], "ward": "ab"[n], "at": datetime.date(2020 + n, 1 + p["pid"] % 3, 15), "paid": 10.0}
        for p in people for n in (0, 1)
    ]  # fmt: skip
    with clinic(people, visits, **GENEROUS) as vault:
        visit = Session(Socket(vault)).open(NAME)["visit"]  # type: ignore[arg-type]
        years = visit.trend("at", "year", start="2020-01-01", end="2022-01-01", unit="patients").release()
        assert years.to_dict() == {"2020": 240, "2021": 240}
        noisy = visit.trend("at", "month", start="2020-01-01", end="2020-04-01", by="ward").release(epsilon=5)
        assert noisy.shape == (3, 3) and abs(noisy.loc["2020-02", "a"] - 80) < 30
        paths = visit.pathways("ward", "at").release(epsilon=5)
        assert abs(paths.loc["a", "b"] - 240) < 20 and paths.shape == (3, 3)


def test_describe_is_one_question(person: Frame) -> None:
    found = person[["age"]].describe().release()
    assert found["age_patients"] == 240 and found["age_q25"] < found["age_q50"] < found["age_q75"]


def test_a_refusal_brings_repairs_that_work(person: Frame) -> None:
    older = person[person["age"] > 30]
    older.count_patients().release()
    nearly = older[older["weight"] < 109]
    with pytest.raises(PolicyForbids, match="almost the same") as caught:
        nearly.groupby("sex").count_patients().release()
    repairs = caught.value.repairs  # type: ignore[attr-defined]
    assert [r.kind for r in repairs] == ["population", "noise", "wider"] and "repairs[0].apply()" in caught.value.hint
    assert sum(repairs[0].apply()) == older.count_patients().release().value
    assert repairs[1].apply().statement["route"] == "dp"
    assert "weight" in repairs[2].text and repairs[2].apply().notna().all()


def test_masked_cells_bring_repairs_that_leave_none(person: Frame) -> None:
    rows = population(site=lambda pid: 1 if pid <= 6 else 2 if pid <= 14 else 3 + pid // 2 % 2)
    with clinic(rows, **GENEROUS) as vault:
        people = Session(Socket(vault)).open(NAME)["person"]  # type: ignore[arg-type]
        masked = people["site"].value_counts().release()
        assert masked.plain().array.is_masked().sum() == 2
        assert [r.kind for r in masked.repairs] == ["merge", "coarser", "noise"]
        merged = masked.repairs[0].apply()
        assert sum(merged) == 240 and merged.loc["other"] == 14 and merged.repairs == ()
        assert masked.repairs[2].apply().statement["route"] == "dp"
        both = kg.together(sites=people["site"].value_counts(), sexes=people["sex"].value_counts()).release()
        assert "sites: Merge 1, 2" in both.repairs[0].text and both.repairs[0].apply().sites.loc["other"] == 14
