"""Alembic's entry: run the migrations on the connection (or print them in the dialect) that `migrate.py` gave."""

from __future__ import annotations

from alembic import context

connection = context.config.attributes.get("connection")
if connection is None:
    context.configure(dialect_name=context.config.attributes["dialect"], as_sql=True)
else:
    # SQLite can undo DDL; Alembic assumes it cannot.
    context.configure(connection=connection, transactional_ddl=True)

with context.begin_transaction():
    context.run_migrations()
