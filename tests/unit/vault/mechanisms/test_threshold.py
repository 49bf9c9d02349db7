"""Values that nobody declared: a value of one patient alone shows with a chance of at most δ, and next to that."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import opendp.prelude as dp
import pytest

from kernel_guard.errors import PlanError, PolicyForbids
from kernel_guard.plan import aggregates as agg
from kernel_guard.plan.privacy import Accounting, Ask, Contribution, Route
from kernel_guard.plan.relations import Source
from kernel_guard.plan.schema import Column, ColumnType, Study, Table, TableKind
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.reference import ReferenceEngine
from kernel_guard.vault.mechanisms import price, protect_dp
from kernel_guard.vault.mechanisms.loss import Account, Loss
from kernel_guard.vault.mechanisms.threshold import Threshold, delta_of
from tests.lib.audits import log_ratio, surely
from tests.lib.cohorts import PATIENTS, SEX
from tests.lib.cohorts import STUDY as COHORT

T = ColumnType
STUDY = Study(
    "w", "Wards", (Table("visit", TableKind.EVENT, (Column("pid", T.INTEGER), Column("ward", T.STRING)), "pid"),), "v1"
)
ACCOUNT = Account(Accounting.PURE, Fraction(1, 10**6))


def ask(k: int | None = None, **more: Any) -> Ask:
    plan = agg.Aggregate(Source("w", "visit"), (agg.CommonValues("n", "ward", k),))
    return Ask(plan, Route.DP, **{"epsilon": Fraction(1), **more})


def answers(asked: Ask, rows: list[dict[str, Any]], runs: int, account: Account = ACCOUNT) -> list[Any]:
    """So many releases of one price."""
    pricing = price(asked, check_aggregate(asked.plan, STUDY), STUDY, account)
    engine = ReferenceEngine(STUDY, {"visit": rows}, b"0123456789abcdef")
    partials = [engine.partials(r) for r in pricing.requests]
    return [protect_dp(partials, pricing, asked) for _ in range(runs)]


def answer(asked: Ask, rows: list[dict[str, Any]]) -> Any:
    return answers(asked, rows, 1)[0]


def visits(**numbers: int) -> list[dict[str, Any]]:
    """So many patients in each ward, each patient in one."""
    rows, pid = list[dict[str, Any]](), 0
    for ward, number in numbers.items():
        for _ in range(number):
            pid += 1
            rows += [{"pid": pid, "ward": ward}] * 2
    return rows


def test_common_values_are_shown_and_rare_ones_are_not() -> None:
    found = answer(ask(), visits(east=400, west=150, north=2, south=1))
    assert [row[0] for row in found.rows] == ["east", "west"]
    assert all(abs(n - true) < 40 for (_, n, _), true in zip(found.rows, (400, 150), strict=True))
    assert [row[0] for row in answer(ask(1), visits(east=400, west=150)).rows] == ["east"]
    assert any(rule.rule == "threshold" and "lost" in rule.detail for rule in found.rules)


def test_nobody_means_nothing_is_shown() -> None:
    assert answer(ask(), []).rows == ()


def test_what_is_lost_is_said_before() -> None:
    pricing = price(ask(), check_aggregate(ask().plan, STUDY), STUDY, ACCOUNT)
    (family,) = pricing.queries[0].families
    assert family.threshold is not None and f"fewer than about {family.threshold.least}" in pricing.measures[0].text
    assert pricing.cost.epsilon == 1 and pricing.cost.delta == ACCOUNT.delta and pricing.cost.rho is None
    assert pricing.errors()[0]["lost_below"] == family.threshold.least
    assert pricing.measures[0].error == family.threshold.noise.half_width(0.95)


@pytest.mark.parametrize(
    ("groups", "epsilon", "delta"), [(1, "1", "1/1000000"), (4, "1/3", "1/1000"), (2, "9", "1/20")]
)
def test_the_threshold_is_the_least_that_keeps_delta(groups: int, epsilon: str, delta: str) -> None:
    """P(1 + X ≥ T) for each of the values of one patient, in closed form."""
    threshold = Threshold(groups, Loss(Fraction(epsilon)), Fraction(delta))
    scale, least = threshold.noise.scale, threshold.least
    assert delta_of(groups, scale, least) <= Fraction(delta)
    assert least == 2 or delta_of(groups, scale, least - 1) > Fraction(delta)


def test_the_library_understates_delta_and_ours_does_not() -> None:
    """A number at the threshold is shown, the library's map thinks otherwise: if this fails, its fault was mended."""
    space: Any = (
        dp.map_domain(dp.atom_domain(T="i64"), dp.atom_domain(T="i64")),
        dp.l01inf_distance(dp.absolute_distance(T="i64")),
    )
    measurement: Any = dp.m.make_laplace_threshold(*space, scale=1.0, threshold=4)
    shown = float(np.mean([bool(measurement({0: 1})) for _ in range(20_000)]))
    assert abs(shown - delta_of(1, 1.0, 4)) < 0.004 and measurement.map((1, 1, 1))[1] < 0.7 * shown


@pytest.mark.parametrize("epsilon", ["1", "2"])
def test_the_value_of_one_patient_alone_shows_with_a_chance_of_delta(epsilon: str) -> None:
    """Audited on released rows, with a δ that can be seen; a threshold one lower is caught."""
    account = Account(Accounting.PURE, Fraction(1, 20))
    asked = ask(epsilon=Fraction(epsilon), contribution=Contribution(1, 1))
    rows = visits(east=30, alone=1)
    runs = 3000
    shown = sum(any(row[0] == "alone" for row in found.rows) for found in answers(asked, rows, runs, account))
    assert 0.05 / 4 < shown / runs < 0.05 + 4 * (0.05 * 0.95 / runs) ** 0.5
    lower = Threshold(1, Loss(Fraction(epsilon)), account.delta)
    assert delta_of(1, lower.noise.scale, lower.least - 1) > 0.05


@pytest.mark.slow
def test_one_patient_more_in_a_common_value_is_hidden_by_epsilon() -> None:
    """With δ taken off the power: what is left is bounded by ε."""
    asked = ask(contribution=Contribution(1, 1))
    counts = []
    for rows in (visits(east=101), visits(east=100)):
        counts.append(np.array([found.rows[0][1] for found in answers(asked, rows, 4000)]))
    hits, alarms = (int((c > 101).sum()) for c in counts)
    found = surely(hits, alarms, 4000, log_ratio)
    print(f"audit found values: ε ≥ {found:.3f}, claimed 1")
    assert 0.1 < found <= 1.0


def test_a_budget_that_cannot_pay_a_delta_refuses() -> None:
    shape = check_aggregate(ask().plan, STUDY)
    for account in (Account(), Account(Accounting.ZCDP, Fraction(1, 10**6))):
        with pytest.raises(PolicyForbids, match="δ of their own"):
            price(ask(), shape, STUDY, account)
    with pytest.raises(PolicyForbids, match="δ of their own"):
        price(ask(epsilon=None, rho=Fraction(1, 10)), shape, STUDY, ACCOUNT)
    with pytest.raises(PolicyForbids, match="disclosure rule"):
        price(Ask(ask().plan, Route.SDC), shape, STUDY, ACCOUNT)


def test_declared_values_and_groups_are_refused() -> None:
    with pytest.raises(PlanError, match="are declared"):
        check_aggregate(agg.Aggregate(PATIENTS, (agg.CommonValues("n", "code"),)), COHORT)
    with pytest.raises(PlanError, match="for all patients together"):
        check_aggregate(agg.Aggregate(PATIENTS, (agg.CommonValues("n", "age"),), (SEX,)), COHORT)
    with pytest.raises(PlanError, match="texts and whole numbers"):
        check_aggregate(agg.Aggregate(PATIENTS, (agg.CommonValues("n", "weight"),)), COHORT)
