"""Every statistic of the first set, on every engine, with answers worked out by hand or by pandas."""

from __future__ import annotations

import dataclasses
import datetime
import os
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from kernel_guard.errors import PolicyForbids
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import (
    Aggregate,
    CommonValues,
    CountPatients,
    CountRows,
    Covariance,
    Key,
    Mean,
    Measure,
    Quantile,
    Sum,
    Variance,
)
from kernel_guard.plan.privacy import Ask, Contribution, Route
from kernel_guard.plan.relations import Derive, Filter, Join, PerPatient, Reduction, Relation, Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.base import Bounding, Engine, Partials
from kernel_guard.vault.engine.moments import degrees_of, grid_name, row_of
from kernel_guard.vault.mechanisms import price
from kernel_guard.vault.mechanisms.loss import Account
from tests.lib.backends import BACKENDS, backend
from tests.lib.studies import STUDY, engines

PEOPLE = Source("s", "person")
VISITS = Source("s", "visit")
SEX, WARD = Key("sex", ("f", "m")), Key("ward", (1, 2, 3))
C, L = ex.ColumnRef, ex.Literal
DAY = datetime.date(1980, 1, 1)


def person(pid: int, sex: str | None, height: float | None, *, born: datetime.date = DAY) -> dict[str, Any]:
    return {"pid": pid, "sex": sex, "born": born, "height": height, "smoker": pid % 2 == 0, "name": f"N{pid}"}


def visit(pid: int | None, ward: int, day: int, lab: float | None, score: int | None = 50) -> dict[str, Any]:
    return {"pid": pid, "ward": ward, "at": datetime.datetime(2020, 1, day, 12), "lab": lab, "score": score, "text": ""}


TABLES = {
    "person": [
        person(1, "f", 160.0),
        person(2, "m", 180.0),
        person(3, "f", None),
        person(4, "f", -9.0),
        person(5, "x", 170.0),
        person(6, "m", 300.0, born=datetime.date(2000, 2, 29)),
        person(7, None, 150.0),
    ],
    "visit": [
        visit(1, 1, 1, 1.0),
        visit(1, 1, 2, 2.0),
        visit(1, 1, 3, 4.5),
        visit(1, 2, 4, None),
        visit(1, 3, 5, 20.0),
        visit(2, 1, 1, -3.0, 99),
        visit(2, 4, 9, 5.0),
        visit(None, 1, 1, 9.0),
        visit(6, 2, 2, 0.0, None),
    ],
}


@pytest.fixture(scope="module", params=BACKENDS)
def engine(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with backend(request, request.param, tmp_path_factory.mktemp("s"), TABLES) as made:
        yield made


def run(
    engine: Engine,
    source: Relation,
    *measures: Measure,
    by: tuple[Key, ...] = (),
    bound: Contribution | None = None,
    bounding: Bounding | None = None,
) -> Partials:
    """Exact partials, or (with `bound`) those for noise, in the planner's form or another."""
    route = Route.SDC if bound is None else Route.DP
    plan = Aggregate(source, measures, by)
    ask = Ask(plan, route, epsilon=None if bound is None else Fraction(1), contribution=bound)
    request = price(ask, check_aggregate(plan, STUDY), STUDY).request
    return engine.partials(request if bounding is None else dataclasses.replace(request, bounding=bounding))


def counts(partials: Partials, name: str = "n", part: Any = "patients") -> list[int]:
    return list(partials.values[name, part])


def test_counts_by_key_leave_out_what_is_not_asked_for(engine: Engine) -> None:
    found = run(engine, PEOPLE, CountPatients("n"), CountPatients("h", "height"), CountRows("r"), by=(SEX,))
    assert counts(found) == [3, 2] and counts(found, "h") == [1, 2] and counts(found, "r", "rows") == [3, 2]


def test_values_that_nobody_declared_are_counted_in_patients(engine: Engine) -> None:
    """Each patient in at most `groups` of them, whichever; a missing value is none."""
    plan = Aggregate(VISITS, (CommonValues("n", "score"),))
    for groups, most in ((5, {50: 2}), (1, {50: 2})):
        ask = Ask(plan, Route.DP, epsilon=Fraction(1), contribution=Contribution(1, groups))
        (request,) = price(ask, check_aggregate(plan, STUDY), STUDY, Account(delta=Fraction(1, 10**6))).requests
        assert engine.partials(request).found == {"n": most}
    with pytest.raises(PolicyForbids, match="blocked"):
        check_aggregate(Aggregate(PEOPLE, (CommonValues("n", "name"),)), STUDY)


def test_without_keys_everybody_counts(engine: Engine) -> None:
    assert counts(run(engine, PEOPLE, CountPatients("n"))) == [7]
    assert counts(run(engine, VISITS, CountPatients("n"))) == [3]
    assert counts(run(engine, VISITS, CountRows("n")), part="rows") == [8]


def test_an_empty_population_is_zeros(engine: Engine) -> None:
    nobody = Filter(PEOPLE, ex.Compare("gt", C("height"), L(1000)))
    for bound in (None, Contribution()):
        found = run(engine, nobody, CountPatients("n"), Sum("s", "height"), by=(SEX,), bound=bound)
        assert counts(found) == [0, 0] and counts(found, "s", "sum") == [0, 0]


def test_sums_are_clipped_to_the_declared_bounds(engine: Engine) -> None:
    found = run(engine, PEOPLE, Sum("s", "height"), Mean("m", "height"), by=(SEX,))
    grid = found.request.grids["s"]
    assert [float(grid.total(v)) for v in counts(found, "s", "sum")] == [160.0, 430.0]
    assert counts(found, "m", "rows") == [1, 2]


def test_a_patient_counts_as_so_many_rows_as_the_bound(engine: Engine) -> None:
    found = run(engine, VISITS, CountRows("n"), Sum("s", "lab"), bound=Contribution(rows=2))
    assert counts(found, part="rows") == [2 + 2 + 1]
    total = found.request.grids["s"].total(counts(found, "s", "sum")[0])
    assert float(total) == pytest.approx((1 + 2 + 4.5 + 10) * 2 / 4 + (-3 + 5) + 0, abs=1e-4)


def test_a_patient_stays_in_so_many_cells_as_the_bound(engine: Engine) -> None:
    for groups in (1, 2, 3):
        found = run(
            engine, VISITS, CountPatients("n"), by=(WARD,), bound=Contribution(1, groups), bounding=Bounding.TRUNCATE
        )
        assert sum(counts(found)) == groups + 1 + 1  # patient 1 is in three wards, 2 and 6 in one that is asked for


def test_weights_keep_all_cells_of_a_patient(engine: Engine) -> None:
    found = run(engine, VISITS, CountPatients("n"), CountRows("r"), by=(WARD,), bound=Contribution(1, 2))
    unit, share = found.request.unit, found.request.unit * 2 // 3  # patient 1 is in three wards, and has five rows
    assert found.request.bounding is Bounding.NORM and unit > 1
    assert counts(found) == [share + unit, share + unit, share]
    fifth = unit * 2 // 5
    assert counts(found, "r", "rows") == [3 * fifth + unit, fifth + unit, fifth]


def test_weights_of_a_sum_are_those_of_its_rows(engine: Engine) -> None:
    found = run(engine, VISITS, Sum("s", "lab"), by=(WARD,), bound=Contribution(1, 2))
    grid, half = found.request.grids["s"], found.request.unit // 2  # patient 1 has four values and counts as two
    sums = [float(grid.total(v)) / found.request.unit for v in counts(found, "s", "sum")]
    assert sums == pytest.approx([7.5 * half / found.request.unit - 3, 0, 5.0], abs=1e-4)


def test_a_declared_number_of_rows_bounds_the_norm() -> None:
    few = dataclasses.replace(STUDY.table("visit"), max_rows_per_patient=3)
    study = dataclasses.replace(STUDY, tables=(STUDY.table("person"), few))
    plan = Aggregate(VISITS, (CountRows("n"),), (WARD,))
    ask = Ask(plan, Route.DP, epsilon=Fraction(1), contribution=Contribution(4, 2))
    assert price(ask, check_aggregate(plan, study), study).request.total == 3


def test_exact_medians_are_those_of_pandas(engine: Engine) -> None:
    found = run(engine, VISITS, Quantile("m", "lab"), Quantile("u", "lab", 0.9), by=(WARD,))
    grid = found.request.grids["m"]
    low, high = ([float(grid.total(v)) for v in counts(found, "m", part)] for part in ("low", "high"))
    assert low == [1.0, 0.0, 10.0] and high == [2.0, 0.0, 10.0]
    assert counts(found, "m", "patients") == [2, 1, 1]


def test_bins_of_a_noisy_median_share_a_patients_weight(engine: Engine) -> None:
    found = run(engine, VISITS, Quantile("m", "lab"), by=(WARD,), bound=Contribution(2, 3), bounding=Bounding.TRUNCATE)
    unit = found.request.bins["m"].unit
    assert sum(found.histograms["m"][0].values()) == unit * 2 // 3 * 3 + unit
    assert sum(found.histograms["m"][2].values()) == unit


def test_a_join_takes_the_patients_facts(engine: Engine) -> None:
    women = Join(VISITS, Filter(PEOPLE, ex.Compare("eq", C("sex"), L("f"))))
    assert counts(run(engine, women, CountRows("n")), part="rows") == [5]
    everyone = Join(VISITS, PEOPLE, "left")
    assert counts(run(engine, everyone, CountRows("n"), by=(SEX,)), part="rows") == [5, 3]


def test_moments_are_positive_and_add_up_to_the_rows(engine: Engine) -> None:
    measures = (Variance("v", "lab"), Covariance("c", "lab", "score"), Covariance("r", "lab", "score", scaled=True))
    found = run(engine, VISITS, *measures, by=(WARD,), bound=Contribution(rows=10, groups=3))
    request = found.request
    for measure, rows in zip(measures, ([4, 1, 1], [3, 0, 1], [3, 0, 1]), strict=True):
        parts = [found.values[measure.name, part] for part in request.parts(measure)]
        degrees = degrees_of(measure)
        whole = row_of([request.grids[grid_name(measure, i)].half for i in range(len(degrees))], degrees) * request.unit
        assert [sum(cell) / whole for cell in zip(*parts, strict=True)] == rows
        assert all(v >= 0 for part in parts for v in part)


REDUCED = PerPatient(
    VISITS,
    (
        Reduction("visits", "count", limit=4),
        Reduction("total", "sum", "lab"),
        Reduction("average", "mean", "lab"),
        Reduction("least", "min", "lab"),
        Reduction("most", "max", "lab"),
        Reduction("opening", "first", "lab", "at"),
        Reduction("closing", "last", "lab", "at"),
        Reduction("points", "sum", "score"),
        Reduction("here", "exists"),
    ),
)


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        ("visits", 4 + 2 + 1),
        ("total", 17.5 + 2 + 0),
        ("average", 17.5 / 4 + 1 + 0),
        ("least", 1 - 3 + 0),
        ("most", 10 + 5 + 0),
        ("opening", 1 - 3 + 0),
        ("closing", 10 + 5 + 0),
        ("points", 250 + 50 + 0),
    ],
)
def test_one_row_per_patient(engine: Engine, column: str, expected: float) -> None:
    found = run(engine, REDUCED, Sum("s", column))
    assert float(found.request.grids["s"].total(counts(found, "s", "sum")[0])) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("predicate", "patients"),
    [
        (ex.Compare("ge", C("height"), L(160)), 4),
        (ex.Not(ex.Compare("ge", C("height"), L(160))), 3),
        (ex.IsMissing(C("height")), 2),
        (ex.IsIn(C("sex"), ("f", "x")), 4),
        (ex.Compare("lt", C("born"), L("1990-01-01")), 6),
        (ex.And(C("smoker"), ex.Compare("eq", C("sex"), L("m"))), 2),
        (ex.Or(ex.IsMissing(C("sex")), ex.Compare("eq", C("height"), L(170.0))), 2),
        (ex.Compare("eq", ex.DatePart("month", C("born")), L(2)), 1),
        (ex.Compare("eq", ex.DatePart("weekday", C("born")), L(2)), 7),
        (ex.Compare("gt", ex.Arithmetic("divide", C("height"), L(0)), L(0)), 0),
        (ex.Compare("eq", ex.Cut(C("height"), (100, 160, 180), ("low", "high")), L("high")), 3),
        (ex.Compare("eq", ex.Case((ex.IsMissing(C("height")), C("smoker")), ("none", "yes"), "no"), L("none")), 2),
    ],
)
def test_conditions(engine: Engine, predicate: ex.Expression, patients: int) -> None:
    assert counts(run(engine, Filter(PEOPLE, predicate), CountPatients("n"))) == [patients]


def test_a_derived_column_is_a_key(engine: Engine) -> None:
    cut = Derive(PEOPLE, "size", ex.Cut(C("height"), (100, 165, 250), ("small", "tall")))
    assert counts(run(engine, cut, CountPatients("n"), by=(Key("size", ("small", "tall")), SEX))) == [1, 0, 0, 1]


def test_a_spoilt_file_is_an_error_in_our_words(tmp_path: Path) -> None:
    from kernel_guard.errors import VaultUnavailable

    duck, _ = engines(tmp_path, TABLES)
    path = tmp_path / "person.parquet"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(VaultUnavailable) as caught:
        run(duck, PEOPLE, CountPatients("n"))
    assert str(tmp_path) not in str(caught.value.public())


@pytest.mark.slow
def test_spark_runs_in_several_processes(request: Any, tmp_path: Path) -> None:
    """What the suites call Spark is a cluster: tasks run in two processes, neither of them this one's driver."""
    with backend(request, "spark", tmp_path, TABLES) as engine:
        context = engine._session.sparkContext  # type: ignore[attr-defined]
        deadline = time.monotonic() + 120
        while (known := context._jsc.sc().getExecutorMemoryStatus().size()) < 3 and time.monotonic() < deadline:
            time.sleep(0.2)
        where = context.parallelize(range(8), 8).map(lambda _: os.getppid()).distinct().collect()
    assert known == 3 and len(where) == 2  # the driver and two executors, each with a Python of its own
