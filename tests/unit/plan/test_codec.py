"""The codec gives back what it was given, and refuses everything else."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest

from kernel_guard.errors import PlanError
from kernel_guard.plan import codec
from kernel_guard.plan.aggregates import Aggregate, CountPatients, Key, Mean
from kernel_guard.plan.expressions import Arithmetic, ColumnRef, Compare, Literal
from kernel_guard.plan.privacy import Ask, Contribution, Route, exact
from kernel_guard.plan.relations import Filter, Source


def an_ask() -> Ask:
    rows = Filter(Source("d", "person"), Compare("lt", ColumnRef("age"), Literal(50)))
    plan = Aggregate(rows, (CountPatients("n"), Mean("m", "age")), (Key("sex", ("F", "M")),))
    return Ask(plan, Route.DP, epsilon=Fraction(1, 3), contribution=Contribution(2, 1))


def test_round_trip() -> None:
    assert codec.loads_ask(codec.dumps_ask(an_ask())) == an_ask()


def test_digest_is_of_the_meaning_not_of_the_spelling() -> None:
    body = json.loads(codec.dumps_ask(an_ask()))
    spaced = json.dumps(body, indent=3).encode()
    assert codec.digest(codec.loads_ask(spaced)) == codec.digest(an_ask())


@pytest.mark.parametrize(
    "mutate",
    [
        lambda b: b["ask"].update(extra=1),
        lambda b: b["ask"].pop("plan"),
        lambda b: b["ask"]["plan"].update(node="Ask"),
        lambda b: b["ask"]["plan"]["source"].update(node="Source"),
        lambda b: b["ask"]["plan"]["source"].update(node="__import__"),
        lambda b: b["ask"]["plan"]["measures"].append({"node": "Literal", "value": 1}),
        lambda b: b["ask"].update(epsilon="1/0"),
        lambda b: b["ask"].update(epsilon=0.5),
        lambda b: b["ask"].update(epsilon="-1"),
        lambda b: b["ask"].update(route="raw"),
        lambda b: b["ask"].update(within=3.0),
        lambda b: b.update(version=2),
        lambda b: b.update(version=True),
        lambda b: b["ask"]["contribution"].update(rows=True),
        lambda b: b["ask"]["contribution"].update(rows=2**70),
        lambda b: b["ask"]["plan"]["by"][0].update(values=[None]),
    ],
)
def test_refuses(mutate: object) -> None:
    body = json.loads(codec.dumps_ask(an_ask()))
    mutate(body)  # type: ignore[operator]
    with pytest.raises(PlanError):
        codec.loads_ask(json.dumps(body).encode())


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{",
        b'{"version":1,"version":1,"ask":{}}',
        b'{"version":1,"ask":NaN}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_refuses_bytes(body: bytes) -> None:
    with pytest.raises(PlanError):
        codec.loads_ask(body)


def test_refuses_depth() -> None:
    deep: object = ColumnRef("x")
    for _ in range(80):
        deep = Arithmetic("add", deep, Literal(1))  # type: ignore[arg-type]
    ask = Ask(Aggregate(Filter(Source("d", "t"), Compare("eq", deep, Literal(1))), (CountPatients("n"),)), Route.SDC)  # type: ignore[arg-type]
    with pytest.raises(PlanError, match="deeply"):
        codec.loads_ask(codec.dumps_ask(ask))


def test_exact_is_what_was_typed() -> None:
    assert exact(0.1) == exact("0.1") == Fraction(1, 10)
    for bad in (float("nan"), float("inf"), "x", None, True, "1/0"):
        with pytest.raises(PlanError):
            exact(bad)
