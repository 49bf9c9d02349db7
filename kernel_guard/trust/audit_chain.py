"""The rules of the audit log's chain, for a log in the store and for one in a file.

- Each row has the number after the last, names the hash before it, and is signed with its own hash.
- Where a part was sealed and pruned, the seal stands for it: of its rows those are there that the seal names, each
  still signed, and the chain goes on at the seal's end.
- The first row that is wrong or missing is named by its number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust.signing import verify

ROW_CONTEXT = b"kernel-guard audit row v1\n"
HEAD_CONTEXT = b"kernel-guard audit head v1\n"
_HASHED = ("seq", "time", "kind", "actor", "project", "study", "subject", "details", "previous")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class AuditHead:
    """The end of the chain at some moment: note it elsewhere to prove later that nothing before it changed."""

    seq: int
    hash: str


@dataclass(frozen=True)
class Segment:
    """A part of the log that was pruned: its end, and the numbers of the rows that stayed (the ledger needs them)."""

    seq: int = 0
    hash: str = ""
    kept: tuple[int, ...] = ()


@dataclass(frozen=True)
class ChainReport:
    """What a check found: `rows` reach to this number; `first_bad` is the first row that is wrong or missing."""

    rows: int
    first_bad: int | None = None
    reason: str = ""

    @property
    def intact(self) -> bool:
        return self.first_bad is None


class Walk:
    """Row by row through a log, oldest first."""

    def __init__(self, keys: Mapping[str, bytes], anchor: AuditHead | None, sealed: Segment) -> None:
        self._keys, self._anchor, self._sealed = keys, anchor, sealed
        self._kept = list(reversed(sealed.kept))
        self._end = AuditHead(sealed.seq, sealed.hash)

    def take(self, row: Row) -> ChainReport | None:
        """The verdict when this row does not hold; None: go on."""
        due = self._kept.pop() if self._kept else self._end.seq + 1
        fault = self._fault(row, due)
        if fault:
            return ChainReport(due - 1, due, fault)
        if due > self._sealed.seq:
            self._end = AuditHead(due, str(row["hash"]))
        return None

    def end(self, head: Any) -> ChainReport:
        """The verdict after the last row."""
        if self._kept:
            return ChainReport(self._kept[-1] - 1, self._kept[-1], "A row is missing here.")
        return ChainReport(self._end.seq, *self._end_fault(head))

    @property
    def due(self) -> int:
        """The number of the row that comes next."""
        return self._kept[-1] if self._kept else self._end.seq + 1

    def _fault(self, row: Row, due: int) -> str:
        if row["seq"] != due:
            return "A row is missing here."
        if due > self._sealed.seq and row["previous"] != self._end.hash:
            return "The row does not follow the one before it."
        if row["hash"] != row_hash(row):
            return "The row was changed."
        if not is_signed(ROW_CONTEXT, row, self._keys):
            return "The row is not signed by the vault."
        if self._anchor and self._anchor.seq == due and self._anchor.hash != row["hash"]:
            return "The log was rewritten after it had been noted elsewhere."
        return ""

    def _end_fault(self, head: Any) -> tuple[int | None, str]:
        """What is wrong with the end: the first bad row and why, or (None, "")."""
        count, anchor = self._end.seq, self._anchor
        if anchor and anchor.seq > count:
            return count + 1, "Rows that were noted elsewhere are missing from the end."
        if anchor and anchor.seq == self._sealed.seq and anchor.hash != self._sealed.hash:
            return count, "The log was rewritten after it had been noted elsewhere."
        if head is None:
            return count + 1, "The signed end of the log is missing."
        if head["seq"] > count:
            return count + 1, "Rows are missing from the end."
        if head["seq"] != count or head["hash"] != self._end.hash:
            return max(count, 1), "The log goes on after its signed end."
        if count and not is_signed(HEAD_CONTEXT, head, self._keys):
            return count, "The end of the log is not signed by the vault."
        return None, ""


def row_hash(row: Row) -> str:
    """The hash of a row: of its content and the hash before it."""
    return hashlib.sha256(canonical_json([row[name] for name in _HASHED])).hexdigest()


def signed_bytes(context: bytes, seq: int, digest: str) -> bytes:
    """What the vault signs of a row or of the end."""
    return context + f"{seq}\n{digest}".encode()


def is_signed(context: bytes, row: Row, keys: Mapping[str, bytes]) -> bool:
    """Whether a trusted key signed this row or end."""
    public = keys.get(row["keyid"])
    if public is None:
        return False
    try:
        signature = bytes.fromhex(row["signature"])
        # `fromhex` takes capitals and spaces too: the text itself must be the one that was written.
        verify(public, signature, signed_bytes(context, row["seq"], row["hash"]))
        return signature.hex() == row["signature"]
    except (SignatureError, ValueError, TypeError):
        return False
