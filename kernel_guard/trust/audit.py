"""The audit log: who asked what, for what purpose, at what cost; in a form that shows tampering.

- Rows are only appended, inside the transaction of the change that they report: both happen or neither.
- Each row's hash covers its content and the hash before it; the vault's key signs the hash. A row that is
  changed, removed from the middle, moved or forged is named by `verify_chain`.
- The end of the chain is signed apart (`audit_head`), so rows cut off the end are missed. Who can put back a
  whole earlier copy of the database defeats that: note an `AuditHead` elsewhere and pass it as `anchor`.
- Triggers in the database refuse update and delete (`migrations/`); they stop accidents, the chain shows intent.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.plan.codec import canonical_json, encode
from kernel_guard.trust.signing import SigningKey, keyid_of, verify
from kernel_guard.trust.store.engine import Row, Store, Transaction
from kernel_guard.trust.store.tables import audit_head, audit_log
from kernel_guard.trust.store.times import to_text, utc_now

_ROW_CONTEXT = b"kernel-guard audit row v1\n"
_HEAD_CONTEXT = b"kernel-guard audit head v1\n"
_HASHED = ("seq", "time", "kind", "actor", "project", "study", "subject", "details", "previous")
_BATCH = 1_000


@dataclass(frozen=True)
class AuditEvent:
    """Something that happened. `details` are JSON values made from plan and policy, never from data."""

    kind: str
    actor: str
    project: str = ""
    study: str = ""
    subject: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AuditHead:
    """The end of the chain at some moment: note it elsewhere to prove later that nothing before it changed."""

    seq: int
    hash: str


@dataclass(frozen=True)
class ChainReport:
    """What `verify_chain` found: `first_bad` is the number of the first row that is wrong or missing."""

    rows: int
    first_bad: int | None = None
    reason: str = ""

    @property
    def intact(self) -> bool:
        return self.first_bad is None


class AuditLog:
    """The log of one store, written with `key`, read with the keys of `retired` too."""

    def __init__(
        self,
        store: Store,
        key: SigningKey,
        *,
        retired: tuple[bytes, ...] = (),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._key = key
        self._trusted = {keyid_of(public): public for public in (key.public_bytes, *retired)}
        self._now = now

    def append(self, tx: Transaction, event: AuditEvent) -> int:
        """Add a row within `tx`; its number. `tx` must be a `write()`."""
        head = tx.execute(audit_head.select()).mappings().one()
        row: dict[str, Any] = {
            "seq": head["seq"] + 1,
            "time": to_text(self._now()),
            "kind": event.kind,
            "actor": event.actor,
            "project": event.project,
            "study": event.study,
            "subject": event.subject,
            "details": canonical_json(encode(dict(event.details))).decode(),
            "previous": head["hash"],
        }
        row["hash"] = _hash(row)
        seal = {"keyid": self._key.keyid, "signature": self._sign(_ROW_CONTEXT, row["seq"], row["hash"])}
        tx.execute(audit_log.insert().values(**row, **seal))
        seal["signature"] = self._sign(_HEAD_CONTEXT, row["seq"], row["hash"])
        tx.execute(audit_head.update().values(seq=row["seq"], hash=row["hash"], **seal))
        return int(row["seq"])

    def record(self, event: AuditEvent) -> int:
        """`append` in a transaction of its own, for what changes nothing else (a refusal, a reading)."""
        with self._store.write() as tx:
            return self.append(tx, event)

    def head(self) -> AuditHead:
        """The present end of the chain."""
        with self._store.read() as tx:
            row = tx.execute(audit_head.select()).mappings().one()
        return AuditHead(row["seq"], row["hash"])

    def rows(self, after: int = 0) -> Iterator[dict[str, Any]]:
        """All rows after number `after`, oldest first, in one consistent view."""
        with self._store.read() as tx:
            yield from _rows(tx, after)

    def verify_chain(self, anchor: AuditHead | None = None) -> ChainReport:
        """Recompute every hash and signature; stops at the first row that does not hold."""
        with self._store.read() as tx:
            head = tx.execute(audit_head.select()).mappings().one_or_none()
            previous, count = "", 0
            for row in _rows(tx, 0):
                reason = row_fault(row, count + 1, previous, anchor, self._trusted)
                if reason:
                    return ChainReport(count, count + 1, reason)
                previous, count = row["hash"], count + 1
        return ChainReport(count, *end_fault(head, count, previous, anchor, self._trusted))

    def _sign(self, context: bytes, seq: int, digest: str) -> str:
        return self._key.sign(_signed_bytes(context, seq, digest)).hex()


def row_fault(row: Row, seq: int, previous: str, anchor: AuditHead | None, keys: Mapping[str, bytes]) -> str:
    """What is wrong with a row that should have the number `seq`; empty when nothing is."""
    if row["seq"] != seq:
        return "A row is missing here."
    if row["previous"] != previous:
        return "The row does not follow the one before it."
    if row["hash"] != _hash(row):
        return "The row was changed."
    if not _signed(_ROW_CONTEXT, row, keys):
        return "The row is not signed by the vault."
    if anchor and anchor.seq == seq and anchor.hash != row["hash"]:
        return "The log was rewritten after it had been noted elsewhere."
    return ""


def end_fault(
    head: Row | None, count: int, previous: str, anchor: AuditHead | None, keys: Mapping[str, bytes]
) -> tuple[int | None, str]:
    """What is wrong with the end after `count` good rows: the first bad row and why, or (None, "")."""
    if anchor and anchor.seq > count:
        return count + 1, "Rows that were noted elsewhere are missing from the end."
    if head is None:
        return count + 1, "The signed end of the log is missing."
    if head["seq"] > count:
        return count + 1, "Rows are missing from the end."
    if head["seq"] != count or head["hash"] != previous:
        return max(count, 1), "The log goes on after its signed end."
    if count and not _signed(_HEAD_CONTEXT, head, keys):
        return count, "The end of the log is not signed by the vault."
    return None, ""


def _signed(context: bytes, row: Row, keys: Mapping[str, bytes]) -> bool:
    public = keys.get(row["keyid"])
    if public is None:
        return False
    try:
        signature = bytes.fromhex(row["signature"])
        # `fromhex` takes capitals and spaces too: the text itself must be the one that was written.
        verify(public, signature, _signed_bytes(context, row["seq"], row["hash"]))
        return signature.hex() == row["signature"]
    except (SignatureError, ValueError, TypeError):
        return False


def _signed_bytes(context: bytes, seq: int, digest: str) -> bytes:
    return context + f"{seq}\n{digest}".encode()


def _hash(row: Row) -> str:
    return hashlib.sha256(canonical_json([row[name] for name in _HASHED])).hexdigest()


def _rows(tx: Transaction, after: int) -> Iterator[dict[str, Any]]:
    """Rows by number, a batch at a time: the log may be larger than memory."""
    while True:
        query = audit_log.select().where(audit_log.c.seq > after).order_by(audit_log.c.seq).limit(_BATCH)
        batch = tx.execute(query).mappings().all()
        yield from (dict(row) for row in batch)
        if len(batch) < _BATCH:
            return
        after = batch[-1]["seq"]
