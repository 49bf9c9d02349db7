"""Exact statistics against plain pandas, and the evidence behind them against the oracle."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kernel_guard.plan.aggregates import (
    Aggregate,
    CountDistinct,
    CountPatients,
    Covariance,
    Key,
    Mean,
    Measure,
    Rate,
    Sum,
    Survival,
    TopK,
    Variance,
)
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Join, Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.duckdb import DuckDbEngine
from kernel_guard.vault.engine.reference import ReferenceEngine
from kernel_guard.vault.mechanisms import price
from tests.lib.exact import ARROW, NAME, PERSON, VISIT, Study, clinic, population

STUDY = Study(NAME, "A clinic", (PERSON, VISIT), "v1")
SEX, WARD = Key("sex", ("f", "m")), Key("ward", ("a", "b", "c"))
MEASURES: tuple[Measure, ...] = (
    Variance("v", "cost"), Variance("sd", "age", root=True), Covariance("c", "age", "weight"),
    Covariance("r", "age", "weight", scaled=True), Rate("rate", "age", "weight", per=100.0), Mean("m", "cost"),
)  # fmt: skip


def _people() -> list[dict[str, Any]]:
    rows = population(weight=lambda pid: 50.0 + (20 + pid * 7 % 60) / 2 + pid * 11 % 23)
    for row in rows[::17]:
        row["age"] = None
    return rows


def test_they_are_what_pandas_says() -> None:
    rows = _people()
    with clinic(rows) as c:
        found = c.cells(Aggregate(Source(NAME, "person"), MEASURES, (SEX,)))
        assert found is not None
    for (sex,), values in found.items():
        group = pd.DataFrame([r for r in rows if r["sex"] == sex])
        both = group.dropna(subset=["age", "weight"])
        right = [
            group.cost.var(), group.age.std(), both.age.cov(both.weight), both.age.corr(both.weight),
            100 * both.age.sum() / both.weight.sum(), group.cost.mean(),
        ]  # fmt: skip
        assert values == pytest.approx(right, rel=1e-8)


def test_rounded_packs_derive_from_rounded_counts() -> None:
    """Nothing but rounded counts in a mean, variance and correlation of 0/1 columns, whatever stands for 1."""
    rows = population(243, age=lambda pid: int(pid % 9 == 0), weight=lambda pid: 80.0 * (pid % 3 == 0))
    n, k = 243, 27
    asked = (Mean("p", "age"), Sum("s", "weight"), Variance("v", "age"), Covariance("r", "age", "weight", scaled=True))
    with clinic(rows, pack="nhs") as c:
        found = c.cells(Aggregate(Source(NAME, "person"), asked))
        assert found is not None
    mean, total, variance, scaled = found[()]
    rounded_n, rounded_k = 5 * round(n / 5), 5 * round(k / 5)
    assert mean == pytest.approx(rounded_k / rounded_n, rel=1e-5)
    assert total == 80.0 * 80
    assert variance == pytest.approx(rounded_k * (1 - rounded_k / rounded_n) / (rounded_n - 1), rel=1e-5)
    assert scaled / (20 / rounded_n) == pytest.approx(round(scaled / (20 / rounded_n)), abs=1e-2)


def test_distinct_values_and_top_k_are_made_of_the_published_table() -> None:
    """Site 4 has six patients: it is neither counted nor ranked."""
    rows = population(site=lambda pid: 4 if pid <= 6 else (1 if pid % 4 else 2 + pid % 8 // 4))
    person = Source(NAME, "person")
    sites = Key("site", (1, 2, 3, 4))
    with clinic(rows) as c:
        table = c.cells(Aggregate(person, (CountPatients("n"),), (sites,)))
        assert table is not None and table[(4,)] == (None,)
        assert c.cells(Aggregate(person, (CountDistinct("d", "site"),))) == {(): (3,)}
        top = c.cells(Aggregate(person, (TopK("n", "site", 4, sites.values),)))
        shown = sorted(((n or 0, -site) for (site,), (n,) in table.items()), reverse=True)[:3]
        assert top == {(rank, -site): (n,) for rank, (n, site) in enumerate(shown, 1)}


def test_survival_is_the_actuarial_estimate_on_its_steps() -> None:
    rows = population(400, age=lambda pid: pid * 37 % 100, smoker=lambda pid: pid % 3 == 0)
    asked = Survival("s", "age", "smoker", tuple(float(t) for t in range(5, 100, 5)), (True,))
    with clinic(rows) as c:
        found = c.cells(Aggregate(Source(NAME, "person"), (asked,)))
        assert found is not None
    alive, start, at_risk = 1.0, -1.0, len(rows)
    for (time,), (risk, curve) in found.items():
        inside = [r for r in rows if start < r["age"] <= time]
        died = sum(r["smoker"] for r in inside)
        assert risk == at_risk >= 10 and all(n == 0 or n >= 10 for n in (died, len(inside) - died))
        alive *= 1 - died / (at_risk - (len(inside) - died) / 2)
        assert curve == pytest.approx(alive, rel=1e-9)
        start, at_risk = time, at_risk - len(inside)
    assert len(found) >= 4


def test_few_off_the_commonest_value_are_masked() -> None:
    """A variance of a column in which three patients differ is a count of three, whatever the values are."""
    rows = population(age=lambda pid: 52 if pid in (3, 9, 77) else 51)
    with clinic(rows, pack="ohdsi") as c:
        assert c.cells(Aggregate(Source(NAME, "person"), (Variance("v", "age"),))) == {(): (None,)}
        assert c.cells(Aggregate(Source(NAME, "person"), (Covariance("c", "age", "cost"),))) == {(): (None,)}


def test_an_outlier_dominates_a_variance_though_not_a_sum() -> None:
    rows = population(cost=lambda pid: 1_000.0 + (pid % 7) * 0.5 + 400.0 * (pid == 8))
    with clinic(rows, pack="ohdsi") as c:
        values = c.cells(Aggregate(Source(NAME, "person"), (Sum("s", "cost"), Variance("v", "cost"))))
        assert values is not None and values[()][0] is not None and values[()][1] is None


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("table", ["person", "visit"])
def test_the_evidence_is_the_oracles(tmp_path: Path, seed: int, table: str) -> None:
    random = np.random.default_rng(seed)
    people = [
        {
            "pid": i, "sex": "fm"[i % 2], "age": 20 + int(random.choice(3, p=[0.7, 0.2, 0.1])),
            "cost": float(random.choice([-3, 0, 2, 8], p=[0.1, 0.6, 0.2, 0.1])),
            "weight": None if random.random() < 0.2 else 3.0 * float(random.random() < 0.25),
        }
        for i in range(1, 41)
    ]  # fmt: skip
    visits = [{"pid": int(random.integers(1, 41)), "ward": "abc"[i % 3], "paid": float(i % 5)} for i in range(90)]
    files = {}
    for schema, rows in ((PERSON, people), (VISIT, visits)):
        files[schema.name] = tmp_path / f"{schema.name}.parquet"
        arrow = pa.schema([(c.name, ARROW[c.type]) for c in schema.columns])
        filled = [{c.name: r.get(c.name) for c in schema.columns} for r in rows]
        pq.write_table(pa.Table.from_pylist(filled, schema=arrow), files[schema.name])
    everybody = [{c.name: r.get(c.name) for c in PERSON.columns} for r in people]
    came = [{c.name: r.get(c.name) for c in VISIT.columns} for r in visits]
    source = Source(NAME, "person") if table == "person" else Join(Source(NAME, "visit"), Source(NAME, "person"))
    plan = Aggregate(source, (*MEASURES, Covariance("two", "age", "cost")), (SEX if table == "person" else WARD,))
    asked = price(Ask(plan, Route.SDC), check_aggregate(plan, STUDY), STUDY).request
    request = replace(asked, filled=True)
    ours = DuckDbEngine(STUDY, files, b"0" * 16)
    oracle = ReferenceEngine(STUDY, {"person": everybody, "visit": came}, b"0" * 16)
    assert ours.partials(request).values == oracle.partials(request).values
    right = oracle.evidence(request)
    for name, found in ours.evidence(request).items():
        for part in ("patients", "rows", "filled", "total", "nonzero"):
            assert list(getattr(found, part)) == list(getattr(right[name], part)), (name, part)
        np.testing.assert_allclose(found.largest, right[name].largest, rtol=1e-9, atol=1e-6)
        np.testing.assert_allclose(found.absolute, right[name].absolute, rtol=1e-9, atol=1e-6)
