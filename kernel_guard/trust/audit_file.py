"""Checking an exported audit log anywhere, with the vault's public key alone; and checkpoints of it.

- Every line must be the canonical form of its row, byte for byte, so that no byte can change unseen.
- The last line is the signed end of the chain: a file that was cut names the first row that is missing.
- The rules of a row are those of `audit_chain.py`: number, link, hash, signature. Where the beginning was pruned, the
  first line is the seal that stands for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from kernel_guard.errors import SignatureError
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust import audit_segments, dsse
from kernel_guard.trust.audit_chain import AuditHead, ChainReport, Segment, Walk
from kernel_guard.trust.signing import SigningKey, keyid_of

CHECKPOINT_TYPE = "https://kernel-guard.org/audit-checkpoint/v1"
_ROW = frozenset(
    {"seq", "time", "kind", "actor", "project", "study", "subject", "details", "previous", "hash", "keyid", "signature"}
)
_HEAD = frozenset({"seq", "hash", "keyid", "signature"})


def verify_file(lines: Iterable[bytes], trusted: Iterable[bytes], anchor: AuditHead | None = None) -> ChainReport:
    """The verdict on an export; `first_bad` is the number of the first row that is wrong or missing."""
    keys = {keyid_of(public): public for public in trusted}
    walk, head, begun = Walk(keys, anchor, Segment()), None, False
    for line in lines:
        if head is not None:
            return ChainReport(walk.due - 1, walk.due, "The file goes on after its signed end.")
        row = _parse(line)
        if not begun and row is not None and set(row) == {"sealed"}:
            sealed = audit_segments.read(row["sealed"], keys.values())
            if sealed is None:
                return ChainReport(0, 1, audit_segments.FORGED)
            walk, begun = Walk(keys, anchor, sealed), True
            continue
        begun = True
        if row is not None and set(row) == {"head"} and _is(row["head"], _HEAD):
            head = row["head"]
            continue
        if row is None or not _is(row, _ROW):
            return ChainReport(walk.due - 1, walk.due, "The row cannot be read in its canonical form.")
        if (fault := walk.take(row)) is not None:
            return fault
    return walk.end(head)


def make_checkpoint(head: AuditHead, moment: str, key: SigningKey) -> bytes:
    """A small file that says how the log ended at `moment`."""
    predicate = {"seq": head.seq, "hash": head.hash, "time": moment}
    digest = head.hash or "0" * 64
    statement = dsse.in_toto_statement(f"audit-log/{head.seq}", digest, CHECKPOINT_TYPE, predicate)
    return json.dumps(dsse.seal(statement, key)).encode() + b"\n"


def read_checkpoint(content: bytes, trusted: Iterable[bytes]) -> AuditHead:
    """The end of the log that a checkpoint notes; raises `SignatureError` unless a trusted key signed it."""
    try:
        envelope = json.loads(content)
    except ValueError:
        raise SignatureError("This is no checkpoint of an audit log.") from None
    predicate = dsse.open_statement(envelope, trusted, CHECKPOINT_TYPE)["predicate"]
    return AuditHead(int(predicate["seq"]), str(predicate["hash"]))


def _parse(line: bytes) -> dict[str, Any] | None:
    """The object of a line that is its own canonical form; None for anything else."""
    try:
        value = json.loads(line)
        whole = isinstance(value, dict) and canonical_json(value) + b"\n" == line
    except (ValueError, RecursionError):
        return None
    return value if whole else None


def _is(row: Any, names: frozenset[str]) -> bool:
    if not isinstance(row, Mapping) or set(row) != names:
        return False
    return all(isinstance(v, int if k == "seq" else str) and not isinstance(v, bool) for k, v in row.items())
