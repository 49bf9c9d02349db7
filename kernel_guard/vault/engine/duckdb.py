"""The engine that runs in the vault: DuckDB, through Ibis, over the Parquet files of one study.

- The connection can read the study's files and write to one private spill folder; nothing else, and no setting can be
  changed afterwards. No extension is loaded.
- Parquet's statistics say nothing of NaN, so the reader is told to expect it: else "is it NaN?" is answered without
  looking (duckdb 25521).
"""

from __future__ import annotations

import logging
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from kernel_guard.errors import InternalError, VaultUnavailable
from kernel_guard.plan.schema import Study
from kernel_guard.vault.engine.dialects import DUCKDB
from kernel_guard.vault.engine.partials import Rows
from kernel_guard.vault.engine.relations import RAW, RECORD
from kernel_guard.vault.engine.sql import SqlEngine

LOG = logging.getLogger("kernel_guard.vault")
_UNREADABLE = (duckdb.IOException, duckdb.InvalidInputException, duckdb.SerializationException)


class DuckDbEngine(SqlEngine):
    """`tables` maps each table's name to its Parquet file."""

    def __init__(
        self,
        study: Study,
        tables: Mapping[str, Path],
        salt: bytes,
        *,
        memory_limit: str = "4GB",
        threads: int = 2,
    ) -> None:
        super().__init__(study, salt, DUCKDB)
        spill = tempfile.mkdtemp(prefix="kernel-guard-spill-")
        weakref.finalize(self, shutil.rmtree, spill, ignore_errors=True)
        try:
            self._database = _open(tables, spill, memory_limit, threads)
        except duckdb.Error as error:
            raise _failure(error) from None

    def _fetch(self, sql: str) -> Rows:
        """Rows of an answer; a session of its own on the shared database, so that threads do not meet."""
        try:
            with self._database.cursor() as session:
                found = session.execute(sql)
                names = [column[0] for column in found.description or ()]
                return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
        except duckdb.Error as error:
            raise _failure(error) from None

    def _arrays(self, query: Any) -> dict[str, Any]:
        sql = self._dialect.sql(query)
        try:
            with self._database.cursor() as session:
                return dict(session.execute(sql).fetchnumpy())
        except duckdb.Error as error:
            raise _failure(error) from None


def _perfect_bits(memory_limit: str, threads: int) -> int:
    """Patients are numbered 1, 2, …: up to so many bits a table with one place for each is filled, not hashed into.

    At 256 bytes for a place, such tables of all threads stay within the memory limit.
    """
    number, scale = memory_limit[:-2], {"GB": 10**9, "MB": 10**6}[memory_limit[-2:]]
    return max(12, min(24, (int(number) * scale // (threads * 256)).bit_length() - 1))


def _open(tables: Mapping[str, Path], spill: str, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    database = duckdb.connect(
        ":memory:",
        config={
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": spill,
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "preserve_insertion_order": False,
            "perfect_ht_threshold": _perfect_bits(memory_limit, threads),
            "python_enable_replacements": False,
        },
    )
    database.execute("SET TimeZone = 'UTC'")
    database.execute("SET allowed_paths = $1", [[str(path) for path in tables.values()]])
    database.execute("SET enable_external_access = false")
    for name, path in tables.items():
        quoted = str(path).replace("'", "''")
        database.execute(
            f'CREATE VIEW "{RAW}{name}" AS SELECT * EXCLUDE (file_row_number), '
            f"file_row_number AS {RECORD} FROM read_parquet('{quoted}', can_have_nan = true, file_row_number = true)"
        )
    database.execute("SET lock_configuration = true")
    return database


def _failure(error: duckdb.Error) -> InternalError | VaultUnavailable:
    """An error for the researcher, in our words; the operator's log has its type."""
    LOG.error("the engine failed: %s", type(error).__name__)
    if isinstance(error, _UNREADABLE):
        return VaultUnavailable(
            "The vault cannot read this study's files.", hint="Tell the data steward: the data set must be added again."
        )
    if isinstance(error, duckdb.OutOfMemoryException):
        return InternalError(
            "This question needs more memory than the vault may use.", hint="Ask for fewer cells or fewer rows."
        )
    return InternalError("The engine could not run this question.", hint="Tell the operator of the vault.")
