"""Each project's review policy: read at every submission, changed by a steward with a row in the audit log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from kernel_guard.plan.codec import canonical_json
from kernel_guard.review.policy import ReviewPolicy
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.review_tables import review_policies
from kernel_guard.trust.store.times import to_text, utc_now


class Policies:
    """The policies of one store; a project without one has the default."""

    def __init__(self, store: Store, audit: AuditLog, *, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._audit = audit
        self._now = now

    def of(self, project: str) -> ReviewPolicy:
        with self._store.read() as tx:
            query = review_policies.select().where(review_policies.c.project == project)
            row = tx.execute(query).mappings().one_or_none()
        return ReviewPolicy.from_json(json.loads(row["policy"])) if row is not None else ReviewPolicy()

    def set(self, project: str, values: Mapping[str, Any], *, by: str) -> ReviewPolicy:
        """Replace a project's policy; an unsafe one is refused before anything is written."""
        policy = ReviewPolicy.from_json(values)
        row = {
            "policy": canonical_json(policy.to_json()).decode(),
            "by": by,
            "changed": to_text(self._now()),
        }
        event = AuditEvent("review.policy_set", by, project=project, details=policy.to_json())
        with self._store.write() as tx:
            if not tx.execute(
                review_policies.update().where(review_policies.c.project == project).values(row)
            ).rowcount:
                tx.execute(review_policies.insert().values(project=project, **row))
            self._audit.append(tx, event)
        return policy
