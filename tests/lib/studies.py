"""A small study with every type of column, and the two engines over any rows of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from kernel_guard.plan.schema import Category, Column, ColumnType, Study, Table, TableKind
from kernel_guard.vault.engine.duckdb import DuckDbEngine
from kernel_guard.vault.engine.reference import ReferenceEngine

SALT = b"0123456789abcdef"
T = ColumnType
SEXES = (Category("f"), Category("m"), Category("x"))
PERSON = Table(
    "person",
    TableKind.PATIENT,
    (
        Column("pid", T.INTEGER),
        Column("sex", T.STRING, categories=SEXES),
        Column("born", T.DATE, lower="1900-01-01", upper="2030-12-31"),
        Column("height", T.FLOAT, lower=0, upper=250, step=0.5, missing_codes=(-9.0,)),
        Column("smoker", T.BOOLEAN, categories=(Category(False), Category(True))),
        Column("name", T.STRING, blocked=True, blocked_reason="it names the patient"),
    ),
    "pid",
)
VISIT = Table(
    "visit",
    TableKind.EVENT,
    (
        Column("pid", T.INTEGER),
        Column("ward", T.INTEGER, lower=1, upper=5, categories=tuple(Category(i) for i in range(1, 6))),
        Column("at", T.DATETIME),
        Column("lab", T.FLOAT, lower=-10, upper=10),
        Column("score", T.INTEGER, lower=0, upper=100, missing_codes=(99,)),
        Column("text", T.STRING),
    ),
    "pid",
)
STUDY = Study("s", "A small study", (PERSON, VISIT), "v1")
ARROW = {
    T.INTEGER: pa.int64(), T.FLOAT: pa.float64(), T.BOOLEAN: pa.bool_(), T.DATE: pa.date32(),
    T.DATETIME: pa.timestamp("us"), T.STRING: pa.string(),
}  # fmt: skip
Tables = Mapping[str, Sequence[Mapping[str, Any]]]


def write(folder: Path, tables: Tables) -> dict[str, Path]:
    """Parquet files of rows."""
    paths = {}
    for table in STUDY.tables:
        schema = pa.schema([(c.name, ARROW[c.type]) for c in table.columns])
        paths[table.name] = folder / f"{table.name}.parquet"
        pq.write_table(pa.Table.from_pylist([dict(r) for r in tables[table.name]], schema=schema), paths[table.name])
    return paths


def engines(folder: Path, tables: Tables) -> tuple[DuckDbEngine, ReferenceEngine]:
    """Both engines over the same rows."""
    paths = write(folder, tables)
    rows = {name: pq.read_table(path).to_pylist() for name, path in paths.items()}
    return DuckDbEngine(STUDY, paths, SALT), ReferenceEngine(STUDY, rows, SALT)
