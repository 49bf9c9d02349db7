"""The exact route on every engine: evidence of each cell and who stands behind it, as the oracle has them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from kernel_guard.errors import InternalError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import (
    Aggregate,
    CountPatients,
    CountRows,
    Covariance,
    Key,
    Mean,
    Measure,
    Quantile,
    Rate,
    Sum,
    Variance,
)
from kernel_guard.plan.privacy import Ask, Route
from kernel_guard.plan.relations import Derive, Filter, Join, PerPatient, Reduction, Relation, Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.base import Engine, PartialRequest
from kernel_guard.vault.mechanisms import price
from tests.lib.agree import check_exact, check_owners
from tests.lib.backends import BACKENDS, backend
from tests.lib.studies import STUDY
from tests.spec import test_engines, test_hostile

PEOPLE, VISITS = Source("s", "person"), Source("s", "visit")
SEX, WARD = Key("sex", ("f", "m")), Key("ward", (1, 2, 3, 4, 5))
MEASURES = (
    CountRows("n"),
    CountPatients("p", "lab"),
    Sum("s", "lab"),
    Mean("m", "score"),
    Quantile("q", "lab"),
    Variance("v", "lab"),
    Covariance("c", "lab", "score"),
)
SERVED = [b for b in BACKENDS if b != "reference"]


def hostile() -> dict[str, list[dict[str, Any]]]:
    """Every hostile value; the patient with very many rows has a number that a patient can have."""
    return {"person": [], "visit": [{**r, "pid": 2**32 - 1} if r["pid"] == 2**62 else r for r in test_hostile.visits()]}


CASES = {"plain": test_engines.TABLES, "hostile": hostile(), "empty": {"person": [], "visit": []}}


@pytest.fixture(scope="module", params=SERVED)
def pairs(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, tuple[Engine, Engine]]]:
    """An engine and the oracle over each of the cases."""
    made: dict[str, tuple[Engine, Engine]] = {}
    opened = []
    for name, tables in CASES.items():
        two = [backend(request, kind, tmp_path_factory.mktemp("x"), tables) for kind in (request.param, "reference")]
        opened += two
        made[name] = (two[0].__enter__(), two[1].__enter__())
    yield made
    for one in opened:
        one.__exit__(None, None, None)


def asked(source: Relation, *measures: Measure, by: tuple[Key, ...] = ()) -> PartialRequest:
    plan = Aggregate(source, measures, by)
    return price(Ask(plan, Route.SDC), check_aggregate(plan, STUDY), STUDY).request


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("by", [(), (WARD,)])
def test_events(pairs: dict[str, tuple[Engine, Engine]], case: str, by: tuple[Key, ...]) -> None:
    check_exact(*pairs[case], asked(VISITS, *MEASURES, by=by))
    check_owners(*pairs[case], "visit")


@pytest.mark.parametrize("case", CASES)
def test_patients(pairs: dict[str, tuple[Engine, Engine]], case: str) -> None:
    measures = (CountPatients("p"), Sum("s", "height"), CountRows("n"), Variance("v", "height"))
    check_exact(*pairs[case], asked(PEOPLE, *measures, by=(SEX,)))


@pytest.mark.parametrize("case", CASES)
def test_joined_derived_and_reduced(pairs: dict[str, tuple[Engine, Engine]], case: str) -> None:
    joined = Join(VISITS, PEOPLE, "left")
    check_exact(*pairs[case], asked(joined, *MEASURES, by=(SEX, WARD)))
    cut = Derive(VISITS, "cut", ex.Cut(ex.ColumnRef("lab"), (-5, 0, 5), ("low", "high")))
    check_exact(*pairs[case], asked(cut, *MEASURES, by=(Key("cut", ("low", "high")),)))
    reduced = PerPatient(
        VISITS, (Reduction("n", "count", limit=50), Reduction("k", "count", limit=9), Reduction("mean", "mean", "lab"))
    )
    check_exact(*pairs[case], asked(reduced, CountPatients("p"), Sum("s", "mean"), Sum("t", "n"), Rate("r", "k", "n")))
    few = Filter(joined, ex.Compare("eq", ex.ColumnRef("sex"), ex.Literal("f")))
    check_exact(*pairs[case], asked(few, CountRows("n"), by=(WARD,)))


def test_members_are_patients_by_number_and_rows_by_place(pairs: dict[str, tuple[Engine, Engine]]) -> None:
    engine, _ = pairs["plain"]
    (patients, rows), (others, more), _, _, _ = engine.members(asked(VISITS, CountRows("n"), by=(WARD,)))["n"].by_cell(
        5
    )
    assert rows is not None and more is not None
    assert sorted(zip(patients.tolist(), rows.tolist(), strict=True)) == [(1, 0), (1, 1), (1, 2), (2, 5)]
    assert sorted(zip(others.tolist(), more.tolist(), strict=True)) == [(1, 3), (6, 8)]
    assert engine.owners("visit").tolist() == [1, 1, 1, 1, 1, 2, 2, 0, 6]


def test_a_part_is_a_patients_own_sum_and_the_largest_come_first(pairs: dict[str, tuple[Engine, Engine]]) -> None:
    request = asked(VISITS, Sum("s", "lab"), CountRows("n"))
    found = pairs["plain"][0].evidence(request)
    step = request.grids["s"].step
    assert np.allclose(found["s"].largest[0] * step, [17.5, 2, 0, 0])
    assert found["s"].nonzero.tolist() == [2] and found["s"].patients.tolist() == [3]
    assert found["n"].largest[0].tolist() == [5, 2, 1, 0] and found["n"].absolute.tolist() == [8]


@pytest.mark.parametrize("name", SERVED)
@pytest.mark.parametrize("pid", [-1, 2**32, 2**62])
def test_a_key_that_no_patient_can_have_ends_the_question(request: Any, name: str, pid: int, tmp_path: Any) -> None:
    row = {"pid": pid, "ward": 1, "at": None, "lab": 1.0, "score": 1, "text": None}
    with backend(request, name, tmp_path, {"person": [], "visit": [row]}) as engine:
        with pytest.raises(InternalError) as caught:
            engine.members(asked(VISITS, CountRows("n")))
    assert str(pid) not in str(caught.value.public())
