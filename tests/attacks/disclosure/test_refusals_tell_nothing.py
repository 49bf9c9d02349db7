"""Refusals: that there is one, its words and its time say no more than that the group is too small."""

from __future__ import annotations

import json
import statistics
import time

from kernel_guard.plan import expressions as ex
from kernel_guard.plan.aggregates import Aggregate, CountPatients
from kernel_guard.plan.relations import Filter, Source
from tests.lib.exact import NAME, clinic, population

PERSON = Source(NAME, "person")
N = (CountPatients("n"),)


def _nearly(rows: list[dict[str, object]], drop: int) -> Filter:
    for row in rows[:drop]:
        row["weight"] = 299.5
    return Filter(PERSON, ex.Compare("lt", ex.ColumnRef("weight"), ex.Literal(299)))


def test_the_words_are_the_same_for_one_and_for_nine() -> None:
    said = []
    for drop in (1, 5, 9):
        rows = population()
        nearly = _nearly(rows, drop)
        with clinic(rows) as c:
            first = c.ask(Aggregate(PERSON, N))
            refusal = c.ask(Aggregate(nearly, N))
            text = json.dumps(refusal.public())  # type: ignore[union-attr]
            said.append(text.replace(first["id"], "ID"))  # type: ignore[index]
    assert len(set(said)) == 1


def test_a_refusal_takes_about_as_long_whoever_is_meant() -> None:
    times: dict[int, list[float]] = {1: [], 9: []}
    for drop in times:
        rows = population()
        nearly = _nearly(rows, drop)
        with clinic(rows) as c:
            c.ask(Aggregate(PERSON, N))
            for i in range(5):
                asked = Filter(nearly, ex.Compare("ge", ex.ColumnRef("age"), ex.Literal(-i)))
                began = time.perf_counter()
                assert c.cells(Aggregate(asked, N)) is None
                times[drop].append(time.perf_counter() - began)
    one, nine = (statistics.median(t) for t in times.values())
    assert 1 / 5 < one / nine < 5
