"""Data larger than the engine's memory: the same answer from a small limit, by spilling to disk."""

from __future__ import annotations

import dataclasses
from fractions import Fraction
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from kernel_guard.plan.aggregates import Aggregate, CountPatients, CountRows, Key, Sum
from kernel_guard.plan.privacy import Ask, Contribution, Route
from kernel_guard.plan.relations import Source
from kernel_guard.plan.typing import check_aggregate
from kernel_guard.vault.engine.base import Bounding
from kernel_guard.vault.engine.duckdb import DuckDbEngine
from kernel_guard.vault.mechanisms import price
from tests.lib.studies import SALT, STUDY, write

PLAN = Aggregate(
    Source("s", "visit"), (CountRows("n"), CountPatients("p"), Sum("s", "lab")), (Key("ward", (1, 2, 3, 4, 5)),)
)


@pytest.mark.slow
@pytest.mark.parametrize("form", [Bounding.NORM, Bounding.TRUNCATE])
def test_a_small_limit_gives_the_same_answer(form: Bounding, tmp_path: Path) -> None:
    rows, chance = 3_000_000, np.random.default_rng(5)
    paths = write(tmp_path, {"person": [], "visit": []})
    schema = pq.read_schema(paths["visit"])
    columns = {
        "pid": chance.integers(1, rows, rows),  # in no order, and nearly as many patients as rows
        "ward": chance.integers(1, 7, rows),
        "at": pa.nulls(rows, schema.field("at").type),
        "lab": chance.normal(0, 5, rows),
        "score": pa.nulls(rows, schema.field("score").type),
        "text": pa.nulls(rows, pa.string()),
    }
    pq.write_table(pa.table(columns, schema=schema), paths["visit"])
    ask = Ask(PLAN, Route.DP, epsilon=Fraction(1), contribution=Contribution(1, 2))
    request = dataclasses.replace(price(ask, check_aggregate(PLAN, STUDY), STUDY).request, bounding=form)
    large = DuckDbEngine(STUDY, paths, SALT, memory_limit="4GB").partials(request)
    small = DuckDbEngine(STUDY, paths, SALT, memory_limit="200MB").partials(request)
    assert small.values == large.values
    assert sum(small.values["n", "rows"]) > rows // 2
