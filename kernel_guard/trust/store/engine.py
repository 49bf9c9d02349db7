"""One database, two kinds of transaction.

- `write()` takes the one write lock before its first read (SQLite: BEGIN IMMEDIATE, PostgreSQL: an advisory
  lock): what it checked still holds when it writes. `read()` sees one moment and blocks nobody.
- SQLite runs with a write-ahead log, synchronous FULL, foreign keys: a commit that returned survives kill and
  power cut. Its file is its owner's alone.
- Every database failure leaves as a `StoreError` without the database's text, after a rollback.
- Nothing but this package imports SQLAlchemy; other zones use the tables' own `select`, `insert`, `update`.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, create_engine, event, text
from sqlalchemy.engine import URL, Engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from kernel_guard.errors import ConfigError, StoreError
from kernel_guard.trust import private_file
from kernel_guard.trust.store.failures import store_error, translate

Transaction: TypeAlias = Connection
Row: TypeAlias = RowMapping | Mapping[str, Any]
REVISION = "r0009"
_WRITE = "kernel_guard_write"
# Any fixed number: it names the write lock among the advisory locks of a PostgreSQL database.
_POSTGRESQL_LOCK = 0x6B67_6C65_6467_6572


def sqlite_url(path: str | Path) -> str:
    """The address of a database file."""
    return URL.create("sqlite", database=str(Path(path).absolute())).render_as_string()


class Store:
    """A database that has the tables of this version."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, lock_timeout: float = 30.0) -> Store:
        """The database at `url`, which `upgrade(url)` has prepared; waits `lock_timeout` seconds for a lock."""
        store = cls(connect(url, lock_timeout, create=False))
        try:
            store._check_revision()
        except BaseException:
            store.close()
            raise
        return store

    @contextmanager
    def write(self) -> Iterator[Transaction]:
        """All or nothing: leaving the block commits durably, any exception undoes everything."""
        with self._transaction(write=True) as tx:
            yield tx

    @contextmanager
    def read(self) -> Iterator[Transaction]:
        """A consistent view."""
        with self._transaction(write=False) as tx:
            yield tx

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _transaction(self, *, write: bool) -> Iterator[Transaction]:
        try:
            with self._engine.connect().execution_options(**{_WRITE: write}) as connection, connection.begin():
                yield connection
        except (SQLAlchemyError, sqlite3.Error) as failure:
            raise translate(failure) from None

    def _check_revision(self) -> None:
        with self.read() as tx:
            dialect = self._engine.dialect
            found = "none"
            if dialect.has_table(tx, "alembic_version"):
                found = tx.execute(text("SELECT version_num FROM alembic_version")).scalar() or "none"
        if found != REVISION:
            raise StoreError(
                "The ledger's database was made by another version of Kernel Guard.",
                hint="Run its upgrade with this version, or start the version that made it.",
                details={"found": found, "needed": REVISION},
            )


def connect(url: str, lock_timeout: float, *, create: bool) -> Engine:
    """An engine with this module's rules; `create` makes an absent SQLite file."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise ConfigError(
            "The store's address is not a database URL.", hint="Write sqlite:////path/to/file.db."
        ) from None
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _connect_sqlite(address, lock_timeout, create=create)
    if backend == "postgresql":
        return _connect_postgresql(address, lock_timeout)
    raise ConfigError("The store must be SQLite or PostgreSQL.")


def _connect_sqlite(address: URL, lock_timeout: float, *, create: bool) -> Engine:
    if not address.database or address.database == ":memory:" or address.query:
        raise ConfigError("The store must be a file: a ledger in memory forgets what was spent.")
    _check_file(Path(address.database), create=create)
    # `max_overflow` is open: a thread that waits for a connection would look like a lock.
    engine = create_engine(address, connect_args={"timeout": lock_timeout}, pool_size=8, max_overflow=-1)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_postgresql(address: URL, lock_timeout: float) -> Engine:
    milliseconds = max(1, int(lock_timeout * 1000))
    options = f"-c lock_timeout={milliseconds} -c timezone=UTC -c synchronous_commit=on"
    try:
        engine = create_engine(
            address, isolation_level="READ COMMITTED", pool_pre_ping=True, connect_args={"options": options}
        )
    except ImportError:
        raise ConfigError(
            "The driver for PostgreSQL is not installed.", hint="Run: pip install 'psycopg[binary]'"
        ) from None
    event.listen(engine, "begin", _begin_postgresql)
    return engine


def _check_file(path: Path, *, create: bool) -> None:
    if create and not path.exists():
        # Made by us first: SQLite would use the umask, and its log files copy the mode of this one.
        try:
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, private_file.OWNER_ONLY))
        except OSError:
            raise store_error("cannot_open") from None
    if not path.exists():
        raise store_error("cannot_open")
    private_file.check(path)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions of its own: `_begin_sqlite` does.
    connection.isolation_level = None
    # recursive_triggers: without it INSERT OR REPLACE deletes a row past the append-only triggers.
    for setting in ("synchronous=FULL", "foreign_keys=ON", "recursive_triggers=ON", "trusted_schema=OFF"):
        connection.execute(f"PRAGMA {setting}")
    mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
    if mode != "wal":
        raise store_error("cannot_open")


def _begin_sqlite(connection: Connection) -> None:
    write = connection.get_execution_options().get(_WRITE)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    if connection.get_execution_options().get(_WRITE):
        # Statements after the lock see what the transaction before it committed (READ COMMITTED).
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_POSTGRESQL_LOCK})")
    else:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
