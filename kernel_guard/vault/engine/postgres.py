"""PostgreSQL as an engine: the data set's tables in a schema of the vault's database, read by read-only sessions.

- `load` lays a data set out, whole or not at all; its schema is named after the data version.
- PostgreSQL raises an error where a product or quotient of floats leaves their range. Two functions of ours do not;
  they are exact wherever the plan's arithmetic (`expressions`) tells results apart.
- No message of the database leaves: it may quote a cell.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pyarrow as pa
import pyarrow.csv as pcsv
import pyarrow.parquet as pq
from numpy.typing import NDArray
from psycopg import sql

from kernel_guard.errors import DatasetError, InternalError, VaultUnavailable
from kernel_guard.plan.schema import ColumnType, Study, Table
from kernel_guard.vault.engine.dialects import HELPERS, POSTGRES
from kernel_guard.vault.engine.partials import Rows
from kernel_guard.vault.engine.relations import RAW, RECORD, raw_table
from kernel_guard.vault.engine.sql import SqlEngine

LOG = logging.getLogger("kernel_guard.vault")
_TYPES = {
    ColumnType.INTEGER: "bigint", ColumnType.FLOAT: "double precision", ColumnType.BOOLEAN: "boolean",
    ColumnType.DATE: "date", ColumnType.DATETIME: "timestamp", ColumnType.STRING: "text",
}  # fmt: skip
_SESSION = "-c timezone=UTC -c datestyle=ISO -c jit=off"
# Whole numbers of many rows as the bytes of a few: one value of PostgreSQL holds at most a gibibyte.
_PACKED = "SELECT {columns} FROM ({query}) AS q GROUP BY {last} % 64"
# An AND may be evaluated in any order, a CASE may not: each division is behind the CASE that makes it safe.
_FUNCTIONS = f"""
CREATE SCHEMA IF NOT EXISTS {HELPERS};
CREATE OR REPLACE FUNCTION {HELPERS}.multiply(a float8, b float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE
    WHEN a = 0 OR b = 0 THEN 0
    WHEN abs(a) >= 1 AND abs(b) >= 1 THEN
      CASE WHEN abs(a) > 1e305::float8 / abs(b) THEN sign(a) * sign(b) * 1e300::float8 ELSE a * b END
    WHEN abs(a) < 1 AND abs(b) < 1 THEN
      CASE WHEN abs(a) < 1e-305::float8 / abs(b) THEN 0 ELSE a * b END
    ELSE a * b END
$$;
CREATE OR REPLACE FUNCTION {HELPERS}.divide(a float8, b float8) RETURNS float8
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
  SELECT CASE
    WHEN a = 0 THEN 0
    WHEN b = 0 THEN NULL
    WHEN abs(b) < 1 THEN
      CASE WHEN abs(a) > 1e305::float8 * abs(b) THEN sign(a) * sign(b) * 1e300::float8 ELSE a / b END
    ELSE
      CASE WHEN abs(a) < 1e-305::float8 * abs(b) THEN 0 ELSE a / b END
    END
$$;
"""


class PostgresEngine(SqlEngine):
    """`connection` is libpq's connection string; the tables are in the schema that `load` made of this version."""

    def __init__(self, study: Study, connection: str, salt: bytes, *, password: str | None = None) -> None:
        super().__init__(study, salt, POSTGRES)
        self._connection, self._password = connection, password
        self._options = f"{_SESSION} -c search_path={schema_of(study)} -c default_transaction_read_only=on"

    def _fetch(self, sql: str) -> Rows:
        """Rows of an answer; each question has a session of its own."""
        try:
            with _connect(self._connection, self._password, self._options) as session:
                found = session.execute(sql.encode())
                names = [column.name for column in found.description or ()]
                return [dict(zip(names, row, strict=True)) for row in found]
        except psycopg.Error as error:
            raise _failure(error) from None

    def _arrays(self, query: Any) -> dict[str, NDArray[Any]]:
        names = list(query.columns)
        packed = ", ".join(f"string_agg(int8send({name}), '')" for name in names)
        sql = _PACKED.format(columns=packed, query=self._dialect.sql(query), last=names[-1])
        try:
            with _connect(self._connection, self._password, self._options) as session:
                found = session.cursor(binary=True).execute(sql.encode()).fetchall()
        except psycopg.Error as error:
            raise _failure(error) from None
        joined = [b"".join(parts) for parts in zip(*found, strict=True)] or [b""] * len(names)
        return {name: np.frombuffer(part, ">i8") for name, part in zip(names, joined, strict=True)}


def schema_of(study: Study) -> str:
    """The database schema of a data version."""
    return f"kg_{study.version}"


def load(study: Study, tables: Mapping[str, Path], connection: str, *, password: str | None = None) -> None:
    """Copy a data set's Parquet files into its schema; nothing is left behind when that fails.

    A version that is there already is left alone.
    """
    try:
        with _connect(connection, password, _SESSION) as session, session.transaction():
            session.execute("SELECT pg_advisory_xact_lock(7215839)")  # two loaders do not create one thing at once
            session.execute(_FUNCTIONS)
            schema = sql.Identifier(schema_of(study))
            there = session.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [schema_of(study)]).fetchone()
            if there:
                return
            session.execute(sql.SQL("CREATE SCHEMA {}").format(schema))
            for table in study.tables:
                _load_table(session, table, schema, tables[table.name])
    except psycopg.DataError:
        raise DatasetError(
            "PostgreSQL cannot hold a value of this data set.", hint="A text with the character NUL, for example."
        ) from None
    except psycopg.Error as error:
        raise _failure(error) from None


def _load_table(session: Any, table: Table, schema: sql.Identifier, path: Path) -> None:
    columns = list(raw_table(table).columns)
    name = sql.SQL("{}.{}").format(schema, sql.Identifier(f"{RAW}{table.name}"))
    typed = [sql.SQL("{} {}").format(sql.Identifier(c), sql.SQL(_TYPES[table.column(c).type])) for c in columns]
    typed.append(sql.SQL("{} bigint").format(sql.Identifier(RECORD)))
    session.execute(sql.SQL("CREATE TABLE {} ({})").format(name, sql.SQL(", ").join(typed)))
    listed = sql.SQL(", ").join(map(sql.Identifier, [*columns, RECORD]))
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(name, listed)
    with session.cursor().copy(statement) as copy:
        for part in _csv(path, columns):
            copy.write(part)
    session.execute(sql.SQL("ANALYZE {}").format(name))


def _csv(path: Path, columns: list[str]) -> Iterator[memoryview]:
    """A file as CSV, and the place of each row: texts are quoted, so that an empty one is told from a missing one."""
    options, place = pcsv.WriteOptions(include_header=False), 0
    for batch in pq.ParquetFile(path).iter_batches(columns=columns):
        sink = pa.BufferOutputStream()
        places = pa.array(range(place, place + batch.num_rows), pa.int64())
        pcsv.write_csv(batch.select(columns).append_column(RECORD, places), sink, options)
        place += batch.num_rows
        yield memoryview(sink.getvalue())


def _connect(connection: str, password: str | None, options: str) -> Any:
    secret = {} if password is None else {"password": password}
    return psycopg.connect(connection, options=options, **secret)  # type: ignore[arg-type]


def _failure(error: psycopg.Error) -> InternalError | VaultUnavailable:
    """An error for the researcher, in our words; the operator's log has its type."""
    LOG.error("PostgreSQL failed: %s %s", type(error).__name__, error.sqlstate)
    if isinstance(error, psycopg.OperationalError):
        return VaultUnavailable("The vault cannot reach its database.", hint="Try again, or tell the vault's operator.")
    return InternalError("The engine could not run this question.", hint="Tell the operator of the vault.")
