"""The researcher's tables over a real vault: totals, pivots, Table 1, masks, derived numbers and repairs."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

import kernel_guard.client as kg
from kernel_guard.client.frame import Frame
from kernel_guard.client.masked import GuardedArray, Masked
from kernel_guard.client.session import Session
from kernel_guard.errors import PolicyForbids
from tests.lib.exact import NAME, Socket, clinic, population


@pytest.fixture(scope="module")
def person() -> Iterator[Frame]:
    rows = population(smoker=lambda pid: pid % 9 == 0, site=lambda pid: 4 if pid <= 5 else 1 + pid % 3)
    with clinic(rows) as vault:
        yield Session(Socket(vault)).open(NAME)["person"]  # type: ignore[arg-type]


def test_a_cross_tab_with_totals(person: Frame) -> None:
    found = kg.crosstab(person, "sex", "smoker", margins=True).release()
    assert found.loc["All", "All"] == 240 and found.loc["f", "All"] == 120
    assert list(found.columns) == [False, True, "All"] and list(found.index) == ["f", "m", "All"]
    assert found.loc["f"].tolist()[:2] == [107, 13] and found.loc["m"].tolist()[:2] == [107, 13]
    shares = kg.percent(found)
    assert shares.loc["f", True] == pytest.approx(50)
    assert kg.odds_ratio(found).value == pytest.approx(1) and kg.risk_difference(found) == pytest.approx(0)


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
    assert [r.kind for r in repairs] == ["population", "noise"] and "repairs[0].apply()" in caught.value.hint
    assert sum(repairs[0].apply()) == older.count_patients().release().value
    assert repairs[1].apply().statement["route"] == "dp"
