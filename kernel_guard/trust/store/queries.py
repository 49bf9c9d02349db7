"""The few SQL functions that other zones need, so that only this package imports SQLAlchemy."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, func, select

from kernel_guard.trust.store.engine import Transaction


def next_id(tx: Transaction, table: Table, column: str = "id") -> int:
    """One more than the greatest number in `column`; safe within a `write()`, which holds the one write lock."""
    return int(tx.execute(select(func.coalesce(func.max(table.c[column]), 0))).scalar_one()) + 1


def count(tx: Transaction, table: Table, *conditions: Any) -> int:
    """How many rows meet all conditions."""
    return int(tx.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one())


def distinct(tx: Transaction, column: Any) -> list[str]:
    """The values of a column, in order."""
    return [str(v) for v in tx.execute(select(column).distinct().order_by(column)).scalars()]
