"""Bring a database to this version's tables.

- One transaction: a process that is killed in the middle leaves the database as it was; of two that upgrade at
  once, the second finds nothing to do.
"""

from __future__ import annotations

import io
import sqlite3
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from kernel_guard.errors import StoreError
from kernel_guard.trust.store.engine import REVISION, Store, connect
from kernel_guard.trust.store.failures import translate

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(url: str, *, lock_timeout: float = 30.0) -> None:
    """Make or upgrade the tables at `url`; a SQLite file is made when it is absent."""
    store = Store(connect(url, lock_timeout, create=True))
    try:
        with store.write() as tx:
            config = _config()
            config.attributes["connection"] = tx
            command.upgrade(config, REVISION)
    except CommandError:
        raise StoreError(
            "The ledger's database was made by a newer version of Kernel Guard.", hint="Install that version."
        ) from None
    except (SQLAlchemyError, sqlite3.Error) as failure:
        raise translate(failure) from None
    finally:
        store.close()


def upgrade_script(dialect: str) -> str:
    """The SQL that `upgrade` would run, for an administrator who runs it by hand."""
    output = io.StringIO()
    config = _config(output)
    config.attributes["dialect"] = dialect
    command.upgrade(config, REVISION, sql=True)
    return output.getvalue()


def _config(output: io.StringIO | None = None) -> Config:
    config = Config(output_buffer=output) if output else Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
