"""The SQL store: grants, audit log, privacy accounts, releases. The only home of SQLAlchemy and Alembic."""

from kernel_guard.trust.store.engine import Row, Store, Transaction, sqlite_url
from kernel_guard.trust.store.migrate import upgrade, upgrade_script

__all__ = ["Row", "Store", "Transaction", "sqlite_url", "upgrade", "upgrade_script"]
