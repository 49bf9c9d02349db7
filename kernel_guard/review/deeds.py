"""One deed on a request: checked, written, noted, told and audited in one transaction.

- Order of checks: was this very click written already (then answer with the present state) → may this person do this in
  this state → did the page show what is there now. Then state, history, notices and the audit row are written together
  or not at all.
- A vote needs the page to show the present *version*; everything else the present *revision*. So two checkers who vote
  in the same moment both count, and a page that is stale approves nothing.
- `checkpoint` is called between any two steps, for tests that kill the process there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from kernel_guard.errors import Conflict, RequestInvalid
from kernel_guard.review import notices, records, votes
from kernel_guard.review.assess import Witness
from kernel_guard.review.permissions import Actor, check_action
from kernel_guard.review.policies import Policies
from kernel_guard.review.provenance import KnownKeys
from kernel_guard.review.publishing import Publisher
from kernel_guard.review.records import Deed, Request
from kernel_guard.review.states import TRANSITIONS, Action
from kernel_guard.review.votes import Vote
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.review_tables import review_released
from kernel_guard.trust.store.times import from_text, to_text, utc_now

CHECKPOINTS = ("begun", "changed", "saved", "noted", "durable")
_KEY = re.compile(r"[A-Za-z0-9-]{1,64}\Z")


@dataclass(frozen=True)
class Call:
    """What a page sends with every change: the revision it shows, and the name of this click."""

    key: str
    revision: int | None = None


class Deeds:
    """Writes deeds to one store."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        policies: Policies,
        witness: Witness,
        publisher: Publisher,
        keys: KnownKeys,
        notifier: notices.Notifier,
        *,
        checkpoint: Callable[[str], None] = lambda _: None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._audit = audit
        self._policies = policies
        self._witness = witness
        self._publisher = publisher
        self._keys = keys
        self._notifier = notifier
        self._checkpoint = checkpoint
        self._now = now

    def _act(
        self,
        actor: Actor,
        request_id: str,
        action: Action,
        call: Call,
        change: Callable[[Transaction, Request], Request],
        *,
        reason: str = "",
        details: Mapping[str, Any] | None = None,
    ) -> Request:
        """One deed: check, change, save, note, tell, in one transaction."""
        with self._store.write() as tx:
            known = self._done_before(tx, actor, call, action.value, request_id)
            if known is not None:
                return known
            now = records.load(tx, request_id)
            self._check(actor, now, action, call)
            self._checkpoint(f"{action.value}.begun")
            changed = change(tx, now)
            self._checkpoint(f"{action.value}.changed")
            if action is not Action.COMMENT:
                moment = to_text(self._now())
                state = TRANSITIONS[now.state, action]
                changed = replace(changed, state=state, revision=now.revision + 1, changed=moment)
            event = event_of(_KINDS[action], actor, changed, reason=reason, **(details or {}))
            records.save(tx, self._audit, changed, event)
            self._checkpoint(f"{action.value}.saved")
            records.note(tx, self._deed(changed, actor, action.value, call.key, reason))
            self._notifier.tell(tx, changed, action, actor.user, reason)
            self._checkpoint(f"{action.value}.noted")
        self._checkpoint(f"{action.value}.durable")
        return changed

    def _check(self, actor: Actor, now: Request, action: Action, call: Call) -> None:
        check_action(actor, now.state, action, now.project, now.authors)
        if action in (Action.COMMENT, Action.EXPIRE):
            return
        if action is not Action.WITHDRAW and from_text(now.expires) <= self._now():
            raise Conflict("This request has expired.", hint="Make a new one.", details={"state": now.state.value})
        seen = call.revision
        fresh = seen is not None and (
            now.since <= seen <= now.revision if action is Action.VOTE else seen == now.revision
        )
        if not fresh:
            raise Conflict(
                "The request has changed since this page read it.",
                hint="Read it again and look at what changed.",
                details={"revision": now.revision, "state": now.state.value},
            )

    def _done_before(
        self, tx: Transaction, actor: Actor, call: Call, action: str, request_id: str | None
    ) -> Request | None:
        """The present state, when this person's click was written already."""
        if not isinstance(call.key, str) or not _KEY.match(call.key):
            raise RequestInvalid("Each change needs a key of 1 to 64 letters, digits and -.")
        deed = records.deed_of_key(tx, actor.user, call.key)
        if deed is None:
            return None
        if deed.action != action or request_id not in (None, deed.request):
            raise Conflict("This key was used for something else.", hint="Send a new key.")
        found = records.load(tx, deed.request)
        check_action(actor, found.state, Action.VIEW, found.project, found.authors)
        return found

    def _peek(self, request_id: str) -> Request:
        with self._store.read() as tx:
            return records.load(tx, request_id)

    def _tally(self, tx: Transaction, request: Request) -> tuple[dict[str, int], list[Vote]]:
        """How many checkers each item needs, and the votes that count now."""
        version = records.versions(tx, request.id)[-1]
        needed = {name: int(found["checkers"]) for name, found in version.assessment["items"].items()}
        digests = {item.id: item.digest for item in version.content.items}
        cast = [v for v in records.votes(tx, request.id) if v.by not in request.authors]
        return needed, votes.current(cast, digests, request.version)

    def _deed(self, request: Request, actor: Actor, action: str, key: str, reason: str = "") -> Deed:
        moment = to_text(self._now())
        return Deed(request.id, moment, actor.user, action, request.state, request.version, reason, key)


_KINDS: dict[Action, str] = {
    Action.EDIT: "review.edited", Action.SUBMIT: "review.submitted", Action.VOTE: "review.voted",
    Action.RETURN: "review.returned", Action.APPROVE: "review.approved", Action.REJECT: "review.rejected",
    Action.RELEASE: "review.released", Action.WITHDRAW: "review.withdrawn", Action.EXPIRE: "review.expired",
    Action.COMMENT: "review.commented",
}  # fmt: skip


def event_of(kind: str, actor: Actor, request: Request, **details: Any) -> AuditEvent:
    facts = {"number": request.number, "state": request.state.value, "version": request.version, **details}
    return AuditEvent(kind, actor.user, request.project, request.study, request.id, facts)


def check_pinned(read: Request, now: Request) -> None:
    """What was judged or built outside the transaction must be what is written in it."""
    if read.revision != now.revision:
        raise Conflict("The request has changed meanwhile.", hint="Read it again.", details={"revision": now.revision})


def check_not_released(tx: Transaction, request: Request) -> None:
    """What left once is not asked for again."""
    digests = {item.digest: item.name for item in request.content.items}
    query = review_released.select().where(
        review_released.c.project == request.project, review_released.c.digest.in_(list(digests))
    )
    row = tx.execute(query).mappings().first()
    if row is not None:
        raise Conflict(
            f"{digests[row['digest']]!r} was released already.",
            hint="Take it from the earlier bundle and remove it here.",
            details={"request": row["request"]},
        )


def same(_tx: Transaction, request: Request) -> Request:
    """A deed that changes nothing but the state."""
    return request
