"""What a database's failure means to the person who meets it.

- The database's own text is never shown: it can hold values of the row it stumbled over.
- Whatever the failure, the transaction was rolled back: the ledger holds what it held before.
"""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from kernel_guard.errors import StoreError

# reason: (text, hint)
_REASONS: dict[str, tuple[str, str]] = {
    "full": (
        "The disk that holds the ledger is full; nothing was changed.",
        "Free some space there and ask again. What was released before is kept.",
    ),
    "locked": (
        "The ledger is locked by another program; nothing was changed.",
        "Ask again in a moment. If it lasts, look for a backup or a database browser that holds it open.",
    ),
    "damaged": (
        "The ledger's database is damaged.",
        "Stop the vault, keep the file for inspection, and restore the last backup.",
    ),
    "read_only": (
        "The ledger's database cannot be written; nothing was changed.",
        "Its file and folder must belong to the vault's user, on a disk that is mounted for writing.",
    ),
    "cannot_open": (
        "The ledger's database cannot be opened.",
        "Check the path or address in the vault's configuration, and that its folder exists.",
    ),
    "disk": (
        "The disk that holds the ledger failed; nothing was changed.",
        "Check the disk, then start the vault again: it settles what was interrupted.",
    ),
    "constraint": (
        "The ledger refused a change that breaks its rules; nothing was changed.",
        "This is a fault of the program. Report it, with the time.",
    ),
    "other": (
        "The ledger's database failed; nothing was changed.",
        "Look at the vault's log on the server, then start the vault again.",
    ),
}
_SQLITE: dict[int, str] = {
    sqlite3.SQLITE_FULL: "full",
    sqlite3.SQLITE_BUSY: "locked",
    sqlite3.SQLITE_LOCKED: "locked",
    sqlite3.SQLITE_CORRUPT: "damaged",
    sqlite3.SQLITE_NOTADB: "damaged",
    sqlite3.SQLITE_READONLY: "read_only",
    sqlite3.SQLITE_PERM: "read_only",
    sqlite3.SQLITE_CANTOPEN: "cannot_open",
    sqlite3.SQLITE_IOERR: "disk",
    sqlite3.SQLITE_CONSTRAINT: "constraint",
}
# Class or code of an SQLSTATE, most specific first.
_SQLSTATE: tuple[tuple[str, str], ...] = (
    ("53100", "full"), ("55P03", "locked"), ("40", "locked"), ("57014", "locked"), ("XX", "damaged"),
    ("25006", "read_only"), ("42501", "read_only"), ("08", "cannot_open"), ("28", "cannot_open"),
    ("3D", "cannot_open"), ("58", "disk"), ("23", "constraint"), ("P0001", "constraint"),
)  # fmt: skip


def store_error(reason: str) -> StoreError:
    """The error for a reason of the table above."""
    message, hint = _REASONS[reason]
    return StoreError(message, hint=hint, details={"reason": reason})


def translate(failure: SQLAlchemyError | sqlite3.Error) -> StoreError:
    """The public form of a database failure."""
    return store_error(_reason(failure))


def _reason(failure: BaseException) -> str:
    original = failure.orig if isinstance(failure, DBAPIError) else failure
    code = getattr(original, "sqlite_errorcode", None)
    if isinstance(code, int):
        return _SQLITE.get(code & 0xFF, "other")
    state = getattr(original, "sqlstate", None)
    if isinstance(state, str):
        return next((reason for prefix, reason in _SQLSTATE if state.startswith(prefix)), "other")
    return "other"
