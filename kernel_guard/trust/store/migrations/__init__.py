"""Alembic's folder: how a database came to have its tables. A published migration never changes."""
