"""What is known of a relation from outside: its columns, its patient key, and how many rows a patient may have."""

from __future__ import annotations

from dataclasses import dataclass

from kernel_guard.errors import PolicyForbids, UnknownColumn
from kernel_guard.plan.schema import Category, Column, suggest

BOOLEAN_CATEGORIES = (Category(False, "no"), Category(True, "yes"))


@dataclass(frozen=True)
class Shape:
    """Columns of a relation (blocked ones left out), its patient key, and whether a patient has at most one row."""

    columns: tuple[Column, ...]
    patient_key: str
    one_row_per_patient: bool
    max_rows_per_patient: int | None
    study: str

    def column(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                if column.blocked:
                    raise PolicyForbids(
                        f"Column {name!r} is blocked: {column.blocked_reason or 'the data steward closed it'}.",
                        hint="Ask the data steward if your purpose needs it.",
                        details={"column": name},
                    )
                return column
        known = [c.name for c in self.columns if not c.blocked]
        raise UnknownColumn(f"There is no column {name!r} here.", hint=suggest(name, known), details={"column": name})
