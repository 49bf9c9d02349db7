"""The SQL store: grants, audit log, privacy accounts, releases. The only home of SQLAlchemy and Alembic."""

from kernel_guard.trust.store.engine import Row, Store, Transaction, sqlite_url
from kernel_guard.trust.store.migrate import upgrade, upgrade_script
from kernel_guard.trust.store.queries import count, distinct, next_id

__all__ = ["Row", "Store", "Transaction", "count", "distinct", "next_id", "sqlite_url", "upgrade", "upgrade_script"]
