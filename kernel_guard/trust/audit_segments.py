"""The signed seals that stand for parts of the audit log that were pruned; how they come about is in `retention.py`.

- A seal that the vault did not sign stands for nothing: it is the log's first fault.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.trust import dsse
from kernel_guard.trust.audit_chain import Segment
from kernel_guard.trust.signing import SigningKey
from kernel_guard.trust.store import Transaction
from kernel_guard.trust.store.tables import audit_segments

FORGED = "The seal on the pruned beginning of the log is not the vault's."
SEGMENT_TYPE = "https://kernel-guard.org/audit-segment/v1"


def latest(tx: Transaction, trusted: Iterable[bytes]) -> Segment | None:
    """The seal on the pruned beginning, empty where nothing was pruned; None for one that the vault did not sign."""
    envelope = latest_envelope(tx)
    return Segment() if envelope is None else read(envelope, trusted)


def latest_envelope(tx: Transaction) -> dict[str, Any] | None:
    row = tx.execute(audit_segments.select().order_by(audit_segments.c.seq.desc()).limit(1)).mappings().one_or_none()
    return json.loads(row["envelope"]) if row is not None else None


def read(envelope: Any, trusted: Iterable[bytes]) -> Segment | None:
    """The seal in an envelope; None unless a trusted key signed it."""
    try:
        found = dsse.open_statement(envelope, trusted, SEGMENT_TYPE)["predicate"]
        return Segment(int(found["seq"]), str(found["hash"]), tuple(int(n) for n in found["kept"]))
    except (SignatureError, KeyError, TypeError, ValueError):
        return None


def seal(segment: Segment, key: SigningKey) -> dict[str, Any]:
    """The envelope of a seal."""
    predicate = {"seq": segment.seq, "hash": segment.hash, "kept": list(segment.kept)}
    statement = dsse.in_toto_statement(f"audit-log/{segment.seq}", segment.hash, SEGMENT_TYPE, predicate)
    return dsse.seal(statement, key)
