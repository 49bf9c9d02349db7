"""The audit log: who asked what, for what purpose, at what cost; in a form that shows tampering.

- Rows are only appended, inside the transaction of the change that they report: both happen or neither.
- Each row's hash covers its content and the hash before it; the vault's key signs the hash. A row that is
  changed, removed from the middle, moved or forged is named by `verify_chain`.
- The end of the chain is signed apart (`audit_head`), so rows cut off the end are missed. Who can put back a
  whole earlier copy of the database defeats that: note an `AuditHead` elsewhere and pass it as `anchor`.
- Triggers in the database refuse update and delete (`migrations/`); they stop accidents, the chain shows intent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from kernel_guard.plan.codec import canonical_json, encode
from kernel_guard.trust import audit_segments
from kernel_guard.trust.audit_chain import (
    HEAD_CONTEXT,
    ROW_CONTEXT,
    AuditHead,
    ChainReport,
    Walk,
    row_hash,
    signed_bytes,
)
from kernel_guard.trust.signing import SigningKey, keyid_of
from kernel_guard.trust.store.engine import Store, Transaction
from kernel_guard.trust.store.tables import audit_head, audit_log
from kernel_guard.trust.store.times import to_text, utc_now

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
        row["hash"] = row_hash(row)
        seal = {"keyid": self._key.keyid, "signature": self._sign(ROW_CONTEXT, row["seq"], row["hash"])}
        tx.execute(audit_log.insert().values(**row, **seal))
        seal["signature"] = self._sign(HEAD_CONTEXT, row["seq"], row["hash"])
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
            sealed = audit_segments.latest(tx, self._trusted.values())
            if sealed is None:
                return ChainReport(0, 1, audit_segments.FORGED)
            walk = Walk(self._trusted, anchor, sealed)
            for row in _rows(tx, 0):
                if (fault := walk.take(row)) is not None:
                    return fault
        return walk.end(head)

    def _sign(self, context: bytes, seq: int, digest: str) -> str:
        return self._key.sign(signed_bytes(context, seq, digest)).hex()


def _rows(tx: Transaction, after: int) -> Iterator[dict[str, Any]]:
    """Rows by number, a batch at a time: the log may be larger than memory."""
    while True:
        query = audit_log.select().where(audit_log.c.seq > after).order_by(audit_log.c.seq).limit(_BATCH)
        batch = tx.execute(query).mappings().all()
        yield from (dict(row) for row in batch)
        if len(batch) < _BATCH:
            return
        after = batch[-1]["seq"]
