"""The audit log as an auditor reads it: filtered pages, an export that proves itself, checkpoints kept elsewhere.

- An export without filters holds every row in canonical form and the signed end: `audit_file.py` checks it anywhere.
- A checkpoint is a small signed file that says how the log ended at a moment. Kept elsewhere it shows, later, that
  nothing before it was changed or cut off.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kernel_guard.errors import RequestInvalid
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust import audit_segments
from kernel_guard.trust.store import Store, distinct
from kernel_guard.trust.store.tables import audit_head, audit_log

MAX_PAGE = 500
FIELDS = ("seq", "time", "kind", "actor", "project", "study", "subject", "details", "hash")
_EQUAL = ("kind", "actor", "project", "study", "subject")


@dataclass(frozen=True)
class Filter:
    """What to show; empty fields let everything pass. `projects` None means every project."""

    kind: str = ""
    actor: str = ""
    project: str = ""
    study: str = ""
    subject: str = ""
    since: str = ""
    until: str = ""
    before: int = 0
    limit: int = 100
    projects: frozenset[str] | None = None

    @classmethod
    def of(cls, query: Mapping[str, str], projects: frozenset[str] | None) -> Filter:
        """From a page's query; an unreadable number is refused."""
        texts = {name: query.get(name, "")[:200] for name in (*_EQUAL, "since", "until")}
        before, limit = query.get("before", "0"), query.get("limit", "100")
        if not (before.isdigit() and limit.isdigit() and 1 <= int(limit) <= MAX_PAGE and len(before) < 18):
            raise RequestInvalid(f"A page of the log holds 1 to {MAX_PAGE} records.")
        return cls(**texts, before=int(before), limit=int(limit), projects=projects)

    def conditions(self) -> list[Any]:
        c = audit_log.c
        found: list[Any] = [c[name] == getattr(self, name) for name in _EQUAL if getattr(self, name)]
        found += [c.time >= self.since] if self.since else []
        found += [c.time < self.until] if self.until else []
        found += [c.seq < self.before] if self.before else []
        found += [c.project.in_(sorted(self.projects))] if self.projects is not None else []
        return found

    @property
    def everything(self) -> bool:
        """Whether nothing is left out, so that an export can prove itself."""
        return not self.conditions()


class AuditView:
    """Reads one store's log."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, wanted: Filter) -> dict[str, Any]:
        """Newest first; `next` is the `before` of the page that follows."""
        query = audit_log.select().where(*wanted.conditions()).order_by(audit_log.c.seq.desc())
        with self._store.read() as tx:
            rows = tx.execute(query.limit(wanted.limit + 1)).mappings().all()
            head = tx.execute(audit_head.select()).mappings().one()
            kinds = distinct(tx, audit_log.c.kind)
        shown = [{**{n: row[n] for n in FIELDS}, "details": json.loads(row["details"])} for row in rows[: wanted.limit]]
        return {
            "records": shown,
            "next": shown[-1]["seq"] if len(rows) > wanted.limit else None,
            "head": {"seq": head["seq"], "hash": head["hash"]},
            "kinds": kinds,
        }

    def export_jsonl(self, wanted: Filter) -> Iterator[bytes]:
        """Oldest first, one canonical row a line; the signed end follows where nothing was left out."""
        with self._store.read() as tx:
            query = audit_log.select().where(*wanted.conditions()).order_by(audit_log.c.seq)
            sealed = audit_segments.latest_envelope(tx) if wanted.everything else None
            if sealed is not None:
                yield canonical_json({"sealed": sealed}) + b"\n"
            for row in tx.execute(query).mappings():
                yield canonical_json(dict(row)) + b"\n"
            if wanted.everything:
                head = tx.execute(audit_head.select()).mappings().one()
                yield canonical_json({"head": {k: head[k] for k in ("seq", "hash", "keyid", "signature")}}) + b"\n"

    def export_csv(self, wanted: Filter) -> Iterator[bytes]:
        """Oldest first, for a spreadsheet: text that would run as a formula is written so that it does not."""
        yield (",".join(FIELDS) + "\n").encode()
        with self._store.read() as tx:
            query = audit_log.select().where(*wanted.conditions()).order_by(audit_log.c.seq)
            for row in tx.execute(query).mappings():
                line = io.StringIO()
                csv.writer(line, lineterminator="\n").writerow([_safe(str(row[name])) for name in FIELDS])
                yield line.getvalue().encode()


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
