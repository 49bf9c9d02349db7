"""No value of a cell makes a question fail, overflow, divide by zero or take another path: every engine, hostile rows.

Each expectation is the answer over the same rows with the hostile values written as what the plan says they are.
"""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import pytest

from kernel_guard.errors import PlanError
from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Mean, Measure, Quantile, Sum
from kernel_guard.plan.expression_types import MOST_NESTED
from kernel_guard.plan.privacy import Ask, Contribution, Route
from kernel_guard.plan.relations import Derive, Filter, PerPatient, Reduction, Relation, Source
from kernel_guard.plan.schema import Column, ColumnType
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.base import Bounding, Engine, Partials, row_unit
from kernel_guard.vault.engine.grids import bounds_of
from kernel_guard.vault.mechanisms import price
from kernel_guard.vault.mechanisms.queries import PATIENTS
from tests.lib.backends import BACKENDS, backend
from tests.lib.studies import STUDY

VISITS = Source("s", "visit")
WARD = Key("ward", (1, 2, 3, 4, 5))
C, L = ex.ColumnRef, ex.Literal
FLOATS = [
    math.nan, math.inf, -math.inf, 1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324, 1e300, -0.0,
    2.2250738585072014e-308, 0.1, 9.999999999999999e22, None,
]  # fmt: skip
WHOLE = [2**63 - 1, -(2**63), 2**53 + 1, 0, -1, 99, 100, None]
TEXTS = ["", " ", "a'b", 'a"b', "\\", "%", "\u202eevil", "e\u0301", "é", "\U0001f9ec", "z" * 5000, "\n\t", "NaN", None]
MOMENTS = [
    datetime.datetime(1, 1, 1), datetime.datetime(9999, 12, 31, 23, 59, 59, 999999), datetime.datetime(1582, 10, 10),
    datetime.datetime(2000, 2, 29), datetime.datetime(1969, 12, 31, 23, 59, 59), None,
]  # fmt: skip


def visits() -> list[dict[str, Any]]:
    """Every float beside every whole number; texts and moments in turn; a patient with very many rows."""
    rows = []
    for i, (lab, score) in enumerate((a, b) for a in FLOATS for b in WHOLE):
        rows.append(
            {
                "pid": i % 7 + 1,
                "ward": i % 6,
                "at": MOMENTS[i % len(MOMENTS)],
                "lab": lab,
                "score": score,
                "text": TEXTS[i % len(TEXTS)],
            }
        )
    heavy = {"pid": 2**62, "ward": 1, "at": MOMENTS[3], "lab": 1e308, "score": 2**63 - 1, "text": "x"}
    return rows + [heavy] * 100 + [{**heavy, "pid": None}] * 5


TABLES = {"person": [], "visit": visits()}


@pytest.fixture(scope="module", params=[b for b in BACKENDS if b != "reference"])
def engine(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with backend(request, request.param, tmp_path_factory.mktemp("h"), TABLES) as made:
        yield made


@pytest.fixture(scope="module")
def oracle(request: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with backend(request, "reference", tmp_path_factory.mktemp("o"), TABLES) as made:
        yield made


def same(
    engine: Engine,
    oracle: Engine,
    source: Relation,
    *measures: Measure,
    by: tuple[Key, ...] = (),
    forms: tuple[Bounding, ...] = (Bounding.NORM,),
) -> Partials:
    """The exact partials, after the engine and the oracle agreed on them and on bounded ones."""
    plan = Aggregate(source, measures, by)
    shape = check_aggregate(plan, STUDY)
    ask = Ask(plan, Route.DP, epsilon=Fraction(1), contribution=Contribution(3, 2))
    for form in forms:
        wanted = dataclasses.replace(price(ask, shape, STUDY).request, bounding=form)
        found, expected = engine.partials(wanted), oracle.partials(wanted)
        assert (found.values, found.histograms) == (expected.values, expected.histograms)
    exact = price(Ask(plan, Route.SDC), shape, STUDY).request
    found = engine.partials(exact)
    assert found.values == oracle.partials(exact).values
    return found


def test_sums_counts_and_quantiles(engine: Engine, oracle: Engine) -> None:
    measures = (CountRows("n"), CountPatients("p"), Sum("s", "lab"), Mean("m", "score"), Quantile("q", "lab", 0.9))
    found = same(engine, oracle, VISITS, *measures, by=(WARD,), forms=tuple(Bounding))
    assert sum(found.values["n", "rows"]) == 100 + sum(1 for i in range(104) if i % 6)


def test_not_a_number_is_missing_and_infinity_too(engine: Engine, oracle: Engine) -> None:
    missing = Filter(VISITS, ex.IsMissing(C("lab")))
    found = same(engine, oracle, missing, CountRows("n"))
    assert found.values["n", "rows"] == (4 * len(WHOLE),)


@pytest.mark.parametrize("operator", ["add", "subtract", "multiply", "divide"])
@pytest.mark.parametrize("sides", [("lab", "score"), ("score", "lab"), ("lab", "lab")])
def test_arithmetic_never_fails(engine: Engine, oracle: Engine, operator: Any, sides: tuple[str, str]) -> None:
    made = ex.Arithmetic(operator, C(sides[0]), C(sides[1]))
    again = ex.Arithmetic("multiply", ex.Arithmetic("divide", made, L(1e-300)), made)
    same(engine, oracle, Derive(VISITS, "x", made, -5, 5), Sum("s", "x"), forms=())
    same(engine, oracle, Filter(VISITS, ex.Compare("ge", again, L(0.5))), CountRows("n"), forms=())


def test_constants_alone_never_fail(engine: Engine, oracle: Engine) -> None:
    for operator, a, b in (("multiply", 1e308, 1e308), ("divide", 1, 0), ("divide", 5e-324, 1e308), ("add", 0.1, 0.2)):
        constant = ex.Arithmetic(operator, L(a), L(b))  # type: ignore[arg-type]
        same(engine, oracle, Filter(VISITS, ex.Compare("lt", constant, C("lab"))), CountRows("n"))


def test_dates_at_the_ends_of_the_calendar(engine: Engine, oracle: Engine) -> None:
    days = ex.DaysBetween(C("at"), C("at"))
    for condition in (
        ex.Compare("ge", C("at"), L("1582-10-10")),
        ex.Compare("lt", C("at"), L("0001-01-01")),
        ex.Compare("eq", days, L(0)),
        ex.IsIn(ex.DatePart("year", C("at")), (1, 9999)),
        ex.IsIn(ex.DatePart("weekday", C("at")), (1, 5, 7)),
        ex.Compare("eq", ex.DatePart("month", C("at")), L(12)),
    ):
        same(engine, oracle, Filter(VISITS, condition), CountRows("n"), CountPatients("p"))


@pytest.mark.parametrize("text", [t for t in TEXTS if t is not None and len(t) <= 200])
def test_texts_are_compared_by_their_code_points(engine: Engine, oracle: Engine, text: str) -> None:
    for operator in ("eq", "lt", "ge"):
        same(engine, oracle, Filter(VISITS, ex.Compare(operator, C("text"), L(text))), CountRows("n"))  # type: ignore[arg-type]
    same(engine, oracle, Filter(VISITS, ex.IsIn(C("text"), (text, "never"))), CountRows("n"))


def test_one_row_per_patient_of_anything(engine: Engine, oracle: Engine) -> None:
    functions = ("sum", "mean", "min", "max", "first", "last")
    made = tuple(Reduction(f, f, "lab", "at" if f in ("first", "last") else None) for f in functions)  # type: ignore[arg-type]
    reduced = PerPatient(VISITS, (Reduction("n", "count", limit=50), *made))
    same(engine, oracle, reduced, *(Sum(f"s_{f}", f) for f in ("n", *functions)))


def test_edges_at_extremes(engine: Engine, oracle: Engine) -> None:
    edges = (-1.7976931348623157e308, -1.0, 0.0, 5e-324, 1.0, 1e300, 1.7976931348623157e308)
    labels = tuple("abcdef")
    cut = Derive(VISITS, "cut", ex.Cut(C("lab"), edges, labels))
    same(engine, oracle, cut, CountRows("n"), by=(Key("cut", labels),))


def test_many_edges_and_deep_arithmetic_stay_short(engine: Engine, oracle: Engine) -> None:
    """A question is no longer as SQL than it is as a question: nothing grows with its depth."""
    deep: ex.Expression = C("lab")
    for _ in range(MOST_NESTED - 1):
        deep = ex.Arithmetic("multiply", deep, ex.Arithmetic("add", C("score"), L(1)))
    edges = tuple(float(i) for i in range(-300, 301))
    labels = tuple(str(i) for i in range(600))
    cut = Derive(Derive(VISITS, "deep", deep, -300, 300), "cut", ex.Cut(C("deep"), edges, labels))
    same(engine, oracle, cut, CountRows("n"), by=(Key("cut", labels),))


@pytest.mark.parametrize("text", ["a\x00b", "\ud800"])
def test_a_text_that_no_engine_can_hold_is_refused(text: str) -> None:
    plan = Aggregate(Filter(VISITS, ex.Compare("eq", C("text"), L(text))), (CountRows("n"),))
    with pytest.raises(PlanError):
        check_aggregate(plan, STUDY)


@pytest.mark.parametrize(
    ("lower", "upper"), [(-1e301, 0), (0, 1e301), (math.nan, 1), (0, 1e-310), (2, 1), (0, math.inf)]
)
def test_bounds_that_could_leave_the_floats_are_refused(lower: float, upper: float) -> None:
    with pytest.raises(PlanError):
        bounds_of(Column("x", ColumnType.FLOAT, lower=lower, upper=upper))


@pytest.mark.parametrize("rows", [1, 4, 1000, 10_000])
@pytest.mark.parametrize("groups", [1, 5, 10_000])
def test_a_cell_has_room_for_more_patients_than_there_are_people(rows: int, groups: int) -> None:
    """patients · l0 · linf · half < 2⁶³, in every form and at every bound that may be asked for."""
    study = dataclasses.replace(STUDY, tables=(STUDY.table("person"), _wide()))
    plan = Aggregate(VISITS, (Sum("s", "lab"), Mean("m", "score")), (Key("ward", tuple(range(10_000))),))
    ask = Ask(plan, Route.DP, epsilon=Fraction(1), contribution=Contribution(rows, groups))
    request = price(ask, check_aggregate(plan, study), study).request
    assert request.bounding is Bounding.NORM and set(request.grids) == {"s", "m"}
    for grid in request.grids.values():
        assert PATIENTS * request.total * request.unit * grid.half < 2**63
    assert 1 <= request.unit == row_unit(request.total) and request.total * request.unit < 2**31


def _wide() -> Any:
    from kernel_guard.plan.schema import Category

    table = STUDY.table("visit")
    wards = tuple(Category(i) for i in range(10_000))
    columns = tuple(
        dataclasses.replace(c, upper=10_000, categories=wards) if c.name == "ward" else c for c in table.columns
    )
    return dataclasses.replace(table, columns=columns)
