"""Writes a synthetic hospital: one Parquet file per OMOP CDM 5.4 table.

- Patients come in blocks of a fixed size, each seeded by (seed, number): same arguments, same bytes in every column.
- A block is written before the next is made: memory does not grow with the number of patients.
- The directory appears whole or not at all, and says in `cdm_source` that it is synthetic.
"""

from __future__ import annotations

import datetime
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from kernel_guard.errors import DatasetError
from kernel_guard.vault.catalogue import cdm
from kernel_guard.vault.catalogue.atomic import whole_directory
from kernel_guard.vault.catalogue.synthetic import vocabulary
from kernel_guard.vault.catalogue.synthetic.blocks import make_block
from kernel_guard.vault.catalogue.synthetic.declarations import DECLARATIONS_FILE, declarations
from kernel_guard.vault.catalogue.synthetic.model import HOSPITALS
from kernel_guard.vault.catalogue.synthetic.tables import FIRST_PERSON, Columns, block_tables

BLOCK = 5_000
CDM_VERSION = "5.4"
SOURCE_NAME = "Synthetic hospital (Kernel Guard)"
_TYPES = {"integer": pa.int64(), "float": pa.float64(), "date": pa.date32(), "datetime": pa.timestamp("us")}

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Summary:
    """What was written: rows per table, and how long it took."""

    directory: Path
    patients: int
    seed: int
    rows: dict[str, int]
    seconds: float

    @property
    def total_rows(self) -> int:
        return sum(self.rows.values())


def generate(out_dir: Path, patients: int = 20_000, seed: int = 0, progress: Progress | None = None) -> Summary:
    """Make a synthetic hospital in `out_dir` (which must be new or empty).

    `progress(done, total)` is called with patients after every block. Raises `DatasetError`.
    """
    if not 1 <= patients <= 50_000_000:
        raise DatasetError("The number of patients must lie between 1 and 50,000,000.")
    began = time.monotonic()
    with whole_directory(Path(out_dir)) as scratch, Writers(scratch) as writers:
        for name, rows in _reference_tables().items():
            writers.write(name, _from_rows(name, rows))
        _write_blocks(writers, patients, seed, progress)
        text = json.dumps(declarations(), indent=2, ensure_ascii=False)
        (scratch / DECLARATIONS_FILE).write_text(text + "\n", encoding="utf-8")
    return Summary(Path(out_dir), patients, seed, writers.rows, time.monotonic() - began)


def _write_blocks(writers: Writers, patients: int, seed: int, progress: Progress | None) -> None:
    bases: dict[str, int] = {}
    for number, first in enumerate(range(0, patients, BLOCK)):
        size = min(BLOCK, patients - first)
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
        for name, columns in block_tables(rng, make_block(rng, size), FIRST_PERSON + first, bases).items():
            writers.write(name, _from_columns(name, columns))
        if progress is not None:
            progress(first + size, patients)


class Writers:
    """One open Parquet file per table, made when its first rows come."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._open: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        for writer in self._open.values():
            writer.close()

    def write(self, name: str, table: pa.Table) -> None:
        if name not in self._open:
            self._open[name] = pq.ParquetWriter(self._directory / f"{name}.parquet", table.schema, compression="zstd")
        self._open[name].write_table(table)
        self.rows[name] = self.rows.get(name, 0) + table.num_rows


def _schema(name: str) -> pa.Schema:
    return pa.schema([(f.name, _TYPES.get(f.datatype, pa.string())) for f in cdm.tables(CDM_VERSION)[name]])


def _from_columns(name: str, columns: Columns) -> pa.Table:
    """A table in the standard's column order; what the model does not make is null."""
    rows = len(next(iter(columns.values())))
    arrays = []
    for field in _schema(name):
        column: Any = columns.get(field.name)
        if column is None:
            arrays.append(pa.nulls(rows, field.type))
        elif isinstance(column, (pa.Array, pa.ChunkedArray)):
            arrays.append(column)
        else:
            values, mask = column if isinstance(column, tuple) else (column, None)
            arrays.append(_array(values, mask, field.type))
    return pa.Table.from_arrays(arrays, schema=_schema(name))


def _array(values: np.ndarray, mask: np.ndarray | None, kind: pa.DataType) -> pa.Array:
    if pa.types.is_date32(kind):
        return pa.array(values.astype(np.int32), pa.int32(), mask=mask).cast(kind)
    if pa.types.is_timestamp(kind):
        return pa.array(values, pa.int64(), mask=mask).cast(kind)
    return pa.array(values, kind, mask=mask)


def _from_rows(name: str, rows: list[dict[str, object]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=_schema(name))


def _reference_tables() -> dict[str, list[dict[str, object]]]:
    day = datetime.date(2025, 1, 1)
    return {
        "concept": vocabulary.concept_rows(),
        "concept_ancestor": vocabulary.ancestor_rows(),
        "concept_relationship": vocabulary.relationship_rows(),
        "vocabulary": vocabulary.vocabulary_rows(),
        "care_site": [
            {"care_site_id": i + 1, "care_site_name": name, "place_of_service_concept_id": 0}
            for i, name in enumerate(HOSPITALS)
        ],
        "cdm_source": [
            {
                "cdm_source_name": SOURCE_NAME,
                "cdm_source_abbreviation": "SYNTHETIC",
                "cdm_holder": "Nobody: synthetic data",
                "source_description": "Synthetic patients made by a program. No real person, no real hospital.",
                "source_release_date": day,
                "cdm_release_date": day,
                "cdm_version": CDM_VERSION,
                "cdm_version_concept_id": 756265,
                "vocabulary_version": "KG Demo 1",
            }
        ],
    }
