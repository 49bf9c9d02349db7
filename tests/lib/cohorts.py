"""A few hundred invented patients with every kind of column, and answers to questions about them without a vault."""

from __future__ import annotations

import math
import random
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from kernel_guard.plan.aggregates import Aggregate, Key, Measure
from kernel_guard.plan.privacy import Accounting, Ask, Contribution, Route
from kernel_guard.plan.relations import Relation, Source
from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.disclosure.result import Result
from kernel_guard.vault.engine.base import Partials
from kernel_guard.vault.engine.reference import ReferenceEngine
from kernel_guard.vault.mechanisms import Pricing, price, protect_dp
from kernel_guard.vault.mechanisms.loss import Account

T = ColumnType
YES_NO = (Category(False), Category(True))
PATIENT = Table(
    "patient",
    TableKind.PATIENT,
    (
        Column("pid", T.INTEGER),
        Column("sex", T.STRING, categories=(Category("f"), Category("m"))),
        Column("age", T.INTEGER, lower=0, upper=100, step=1),
        Column("weight", T.FLOAT, lower=0, upper=200),
        Column("years", T.FLOAT, lower=0, upper=5),
        Column("died", T.BOOLEAN, categories=YES_NO),
        Column("deaths", T.INTEGER, lower=0, upper=1, step=1),
        Column("end", T.STRING, categories=(Category("death"), Category("graft"), Category("left"))),
        Column("days", T.INTEGER, lower=0, upper=1825, step=1),
        Column("code", T.STRING, categories=tuple(Category(f"c{i}") for i in range(12))),
    ),
    "pid",
)
EVENT = Table(
    "event",
    TableKind.EVENT,
    (
        Column("pid", T.INTEGER),
        Column("code", T.STRING, categories=tuple(Category(f"c{i}") for i in range(12))),
        Column("lab", T.FLOAT, lower=-10, upper=10),
    ),
    "pid",
)
STUDY = Study("c", "Invented patients", (PATIENT, EVENT), "v1")
PATIENTS, EVENTS = Source("c", "patient"), Source("c", "event")
SEX = Key("sex", ("f", "m"))
Rows = Mapping[str, Sequence[Mapping[str, Any]]]


def cohort(number: int = 600, seed: int = 1) -> dict[str, list[dict[str, Any]]]:
    """Patients whose weight follows age, and whose death follows both."""
    dice = random.Random(seed)
    patients, events = list[dict[str, Any]](), list[dict[str, Any]]()
    for pid in range(1, number + 1):
        age = dice.randint(20, 90)
        days = min(int(dice.expovariate(age / 60 / 900)), 1825)
        end = "left" if days == 1825 or dice.random() < 0.3 else dice.choice(["death", "death", "graft"])
        patients.append(
            {
                "pid": pid, "sex": dice.choice("fm"), "age": age, "weight": 40 + age * 0.4 + dice.gauss(0, 12),
                "years": days / 365.25, "died": end == "death", "deaths": int(end == "death"), "end": end,
                "days": days, "code": f"c{min(int(dice.expovariate(0.6)), 9)}",
            }
        )  # fmt: skip
        for _ in range(dice.randint(0, 4)):
            events.append({"pid": pid, "code": f"c{min(int(dice.expovariate(0.5)), 9)}", "lab": dice.gauss(1, 2)})
    return {"patient": patients, "event": events}


def ask_for(
    *measures: Measure, source: Relation = PATIENTS, by: tuple[Key, ...] = (), epsilon: Any = 1, rho: Any = None,
    **more: Any,
) -> Ask:  # fmt: skip
    """A question of the DP route, paid in ε unless ρ is given."""
    paid = {"epsilon": Fraction(epsilon)} if rho is None else {"rho": Fraction(rho)}
    return Ask(Aggregate(source, measures, by), Route.DP, **paid, **more)


def priced(ask: Ask) -> Pricing:
    """Its price, in a budget that counts in ρ."""
    return price(ask, check_aggregate(ask.plan, STUDY), STUDY, IN_RHO)


def partials_of(pricing: Pricing, rows: Rows) -> tuple[Partials, ...]:
    """What the engine gives for it."""
    engine = ReferenceEngine(STUDY, rows, b"0123456789abcdef")
    return tuple(engine.partials(request) for request in pricing.requests)


def answer(ask: Ask, rows: Rows) -> Result:
    """A released result."""
    pricing = priced(ask)
    return protect_dp(partials_of(pricing, rows), pricing, ask)


def column(result: Result, name: str) -> list[Any]:
    """One column of a result."""
    place = [c.name for c in result.columns].index(name)
    return [row[place] for row in result.rows]


IN_RHO = Account(Accounting.ZCDP, Fraction(1, 10**6))
LITTLE_NOISE = 10**6
WIDE = Contribution(rows=10, groups=12)


def close(found: float, expected: float, tolerance: float) -> bool:
    return math.isclose(found, expected, rel_tol=tolerance, abs_tol=tolerance)
