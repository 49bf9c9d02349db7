"""Retention: old rows of the audit log go, and a signed seal stands for them.

- Only an unbroken beginning of the log is pruned, and only after the whole log was found intact.
- Rows that the ledger refers to stay: what was charged is proven for as long as the ledger stands.
- The seal, the deletion and the row that reports them are one transaction. The database lets rows go only where a seal
  stands for them.
"""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import func, select, union

from kernel_guard.trust import audit_segments as segments
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.audit_chain import Segment
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.tables import audit_log, audit_segments, metadata


def prune(store: Store, audit: AuditLog, key: SigningKey, before: str, *, by: str) -> int:
    """Let the rows before a moment go; how many went. The caller has found the log intact and archived it."""
    with store.write() as tx:
        sealed, end = segments.latest(tx, [key.public_bytes]), _last_before(tx, before)
        if sealed is None or end is None or end["seq"] <= sealed.seq:
            return 0
        needed = _needed_by_others()
        old = audit_log.c.seq <= end["seq"]
        stay = select(audit_log.c.seq).where(old, audit_log.c.seq.in_(needed)).order_by(audit_log.c.seq)
        kept = tx.execute(stay).scalars().all()
        envelope = segments.seal(Segment(end["seq"], end["hash"], tuple(kept)), key)
        tx.execute(audit_segments.insert().values(seq=end["seq"], envelope=json.dumps(envelope)))
        gone = tx.execute(audit_log.delete().where(old, ~audit_log.c.seq.in_(needed))).rowcount
        audit.append(tx, AuditEvent("audit.pruned", by, details={"until": end["seq"], "gone": gone, "before": before}))
    return int(gone)


def _last_before(tx: Transaction, before: str) -> Any:
    """The last row of the unbroken beginning that is older than `before`; None where there is none."""
    first_new = select(func.min(audit_log.c.seq)).where(audit_log.c.time >= before).scalar_subquery()
    query = audit_log.select().where(audit_log.c.seq < func.coalesce(first_new, 2**62))
    return tx.execute(query.order_by(audit_log.c.seq.desc()).limit(1)).mappings().one_or_none()


def _needed_by_others() -> Any:
    """Numbers of rows that other tables refer to."""
    columns = [
        column
        for table in metadata.tables.values()
        for column in table.c
        if any(key.column is audit_log.c.seq for key in column.foreign_keys)
    ]
    return union(*(select(column).where(column.is_not(None)) for column in columns))
