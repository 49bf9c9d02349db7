"""What is wrong with a directory, where: a table for the steward, with numbers of rows and never a cell."""

from __future__ import annotations

from dataclasses import dataclass

from kernel_guard.errors import DatasetError

MOST = 40


@dataclass(frozen=True, order=True)
class Problem:
    """`rows` is how many rows it concerns; None where it concerns the table or the column as a whole."""

    table: str
    column: str
    what: str
    rows: int | None = None


class Problems:
    """Collects what is wrong, so that the steward sees everything at once."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, table: str, column: str, what: str, rows: int | None = None) -> None:
        self._found.append(Problem(table, column, what, rows))

    def stop(self, hint: str) -> None:
        """Raise `DatasetError` when anything was found."""
        if self._found:
            raise DatasetError(
                f"This directory cannot be taken in; nothing was loaded.\n{self}",
                hint=hint,
                details={
                    "problems": [
                        {"table": p.table, "column": p.column, "what": p.what, "rows": p.rows}
                        for p in sorted(self._found, key=_order)
                    ]
                },
            )

    def __bool__(self) -> bool:
        return bool(self._found)

    def __str__(self) -> str:
        shown = sorted(self._found, key=_order)[:MOST]
        cells = [("table", "column", "what is wrong", "rows")]
        cells += [(p.table, p.column or "—", p.what, "" if p.rows is None else f"{p.rows:,}") for p in shown]
        widths = [max(len(row[i]) for row in cells) for i in range(3)]
        lines = [
            "  ".join([*(c.ljust(w) for c, w in zip(row, widths, strict=False)), row[3]]).rstrip() for row in cells
        ]
        more = len(self._found) - len(shown)
        return "\n".join([*lines, *([f"… and {more} more"] if more else [])])


def _order(problem: Problem) -> tuple[str, str, str]:
    return problem.table, problem.column, problem.what
