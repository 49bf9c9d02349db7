"""The rows that protected code gets: open columns only, patients under stand-ins, each patient in one block.

- The stand-in of a patient and the block are taken from a keyed hash of the patient's key alone, so that no patient's
  presence moves another one into another block. The key is derived from the vault's salt for each question.
- Stand-ins are numbered within a block, in the order of the hash: they say nothing about the patient's key.
- A value that is declared as a code for missing is missing. Rows without a patient are left out.
- A reference table is public and goes whole to every block.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from kernel_guard.errors import VaultUnavailable
from kernel_guard.plan.schema import Column, ColumnType, Table

_ARROW = {
    ColumnType.INTEGER: pa.int64(), ColumnType.FLOAT: pa.float64(), ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(), ColumnType.DATETIME: pa.timestamp("us"), ColumnType.STRING: pa.string(),
}  # fmt: skip
Uses = tuple[tuple[Table, tuple[Column, ...]], ...]


def types_of(table: Table, columns: tuple[Column, ...]) -> dict[str, str]:
    """Column → declared type, as the code will see them: the patient's stand-in first."""
    key = {table.patient_key: table.column(table.patient_key).type.value} if table.patient_key else {}
    return {**key, **{column.name: column.type.value for column in columns}}


@dataclass(frozen=True)
class Blocked:
    """Tables cut into blocks: `block(b)` gives the tables of block b; `patients[b]` counts its patients.

    `who` holds every patient's key, by block and stand-in: of one block, the patient of stand-in s is `who[s - 1]`.
    """

    tables: Mapping[str, pa.Table]
    edges: Mapping[str, Any]  # table → positions where its blocks begin, absent for reference tables
    patients: tuple[int, ...]
    who: tuple[Any, ...] = ()

    def block(self, number: int) -> dict[str, bytes]:
        """One Arrow stream for each table."""
        found = {}
        for name, table in self.tables.items():
            if name in self.edges:
                start, end = self.edges[name][number], self.edges[name][number + 1]
                table = table.slice(start, end - start)
            found[name] = _stream(table)
        return found


def load(files: Mapping[str, Path], uses: Uses, blocks: int, key: bytes) -> Blocked:
    """Read the columns and cut them into blocks of patients; `key` is the secret of this question."""
    raw = {table.name: _read(files[table.name], table, columns) for table, columns in uses}
    keyed = {table.name: table.patient_key for table, _ in uses if table.patient_key}
    patients = _patients([raw[name].column(column) for name, column in keyed.items()])
    where, stand_ins, counts, order = _assign(patients, blocks, key)
    tables, edges = dict(raw), {}
    for name, column in keyed.items():
        index = np.asarray(pc.index_in(raw[name].column(column), value_set=patients))
        rows = np.argsort(where[index], kind="stable")
        edges[name] = np.searchsorted(where[index][rows], np.arange(blocks + 1))
        tables[name] = _with_stand_ins(raw[name], column, stand_ins[index]).take(pa.array(rows))
    return Blocked(tables, edges, counts, tuple(patients.take(pa.array(order)).to_pylist()))


def question_key(salt: bytes, digest: str) -> bytes:
    """The secret by which one question assigns patients to blocks."""
    return hashlib.blake2b(digest.encode(), key=salt[:64], person=b"kg-protected", digest_size=32).digest()


def _assign(patients: Any, blocks: int, key: bytes) -> tuple[Any, Any, tuple[int, ...], Any]:
    """For each patient the block, and the number within it; how many a block has; all, in that order."""
    hashes = np.fromiter(
        (
            int.from_bytes(hashlib.blake2b(str(patient).encode(), key=key, digest_size=8).digest(), "little")
            for patient in patients.to_pylist()
        ),
        dtype=np.uint64,
        count=len(patients),
    )
    where = (hashes % np.uint64(blocks)).astype(np.int64)
    order = np.lexsort((hashes, where))
    starts = np.searchsorted(where[order], np.arange(blocks + 1))
    stand_ins = np.empty(len(patients), dtype=np.int64)
    stand_ins[order] = np.arange(len(patients)) - starts[where[order]] + 1
    return where, stand_ins, tuple(int(n) for n in np.diff(starts)), order


def _patients(columns: list[Any]) -> Any:
    if not columns:
        return pa.array([], pa.int64())
    return pc.unique(pa.chunked_array([chunk for column in columns for chunk in column.chunks], columns[0].type))


def _read(path: Path, table: Table, columns: tuple[Column, ...]) -> pa.Table:
    wanted = ([table.column(table.patient_key)] if table.patient_key else []) + list(columns)
    try:
        stored = pq.read_table(path, columns=[column.name for column in wanted])
        typed = {column.name: _known(stored.column(column.name), column) for column in wanted}
    except (OSError, pa.ArrowException):
        # Arrow's own text may quote a value.
        raise VaultUnavailable(
            "The vault cannot read this study's files.", hint="Tell the data steward: the data set must be added again."
        ) from None
    found = pa.table(typed)
    return found.filter(pc.is_valid(found.column(table.patient_key))) if table.patient_key else found


def _known(values: Any, column: Column) -> Any:
    values = values.cast(_ARROW[column.type])
    if not column.missing_codes:
        return values
    codes = pa.array([str(code) for code in column.missing_codes]).cast(values.type)
    return pc.if_else(pc.is_in(values, value_set=codes), pa.scalar(None, values.type), values)


def _with_stand_ins(table: pa.Table, column: str, stand_ins: Any) -> pa.Table:
    position = table.schema.get_field_index(column)
    numbers = pa.array(stand_ins)
    as_declared = numbers if pa.types.is_integer(table.schema.field(column).type) else numbers.cast(pa.string())
    return table.set_column(position, column, as_declared)


def _stream(table: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
