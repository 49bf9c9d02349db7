"""Who is told what: in JupyterLab always, by webhook or mail where configured.

- A notice is written in the transaction of the deed that it tells of; messages to the outside wait in an outbox and are
  sent afterwards, again and again with growing pauses, so that a mail server that is down delays no review.
- What goes outside holds a number, a project and what happened: never a title, a text or a value, which somebody wrote.
- Nobody is told of their own deed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel_guard.plan.codec import canonical_json
from kernel_guard.review.records import Request
from kernel_guard.review.states import WITH_CHECKERS, Action
from kernel_guard.trust.people import Role
from kernel_guard.trust.roles import Roles
from kernel_guard.trust.store import Store, Transaction, count, next_id
from kernel_guard.trust.store.review_tables import review_notices, review_outbox, review_requests
from kernel_guard.trust.store.times import to_text, utc_now

MAX_SHOWN = 100
# action: (kind, text, tell authors, tell checkers)
_TOLD: dict[Action, tuple[str, str, bool, bool]] = {
    Action.SUBMIT: ("submitted", "waits for your vote", False, True),
    Action.RETURN: ("returned", "was returned to you", True, False),
    Action.APPROVE: ("approved", "was approved", True, False),
    Action.REJECT: ("rejected", "was rejected", True, False),
    Action.RELEASE: ("released", "was released: its bundle can be downloaded", True, True),
    Action.WITHDRAW: ("withdrawn", "was withdrawn by its authors", False, True),
    Action.EXPIRE: ("expired", "has expired", True, False),
    Action.COMMENT: ("commented", "has a new comment", True, True),
}


@dataclass(frozen=True)
class Channel:
    """A way outside: `webhook` with its URL (one message for all), or `smtp` with the domain of people's addresses."""

    name: str
    address: str

    def target(self, user: str) -> str:
        """Where a message for `user` goes."""
        return self.address if self.name == "webhook" else user if "@" in user else f"{user}@{self.address}"


class Notifier:
    """Writes notices, and reads them back to the people they are for."""

    def __init__(
        self, store: Store, roles: Roles, channels: Iterable[Channel] = (), *, now: Callable[[], datetime] = utc_now
    ) -> None:
        self._store = store
        self._roles = roles
        self._channels = tuple(channels)
        self._now = now

    def tell(self, tx: Transaction, request: Request, action: Action, by: str, reason: str) -> None:
        """Tell of a deed, within its transaction."""
        if action not in _TOLD or (action is Action.WITHDRAW and not request.version):
            return
        kind, text, authors, checkers = _TOLD[action]
        among_checkers = action is Action.COMMENT and reason == "checkers"
        people = set(request.authors) if authors and not among_checkers else set()
        if checkers and (action is not Action.COMMENT or request.state in WITH_CHECKERS or among_checkers):
            people |= self._checkers(tx, request)
        self._write(tx, request, people - {by}, kind, text)

    def tell_joint(self, tx: Transaction, request: Request) -> None:
        """Tell the checkers that the last independent vote is in."""
        self._write(tx, request, self._checkers(tx, request), "voted", "has all its votes: look at them together")

    def mine(self, user: str) -> dict[str, Any]:
        """A person's newest notices and how many are unread."""
        own = review_notices.select().where(review_notices.c.user == user)
        with self._store.read() as tx:
            rows = tx.execute(own.order_by(review_notices.c.id.desc()).limit(MAX_SHOWN)).mappings().all()
            unread = count(tx, review_notices, review_notices.c.user == user, review_notices.c.read.is_(None))
            ids = {row["request"] for row in rows}
            found = tx.execute(review_requests.select().where(review_requests.c.id.in_(ids))).mappings().all()
        about = {row["id"]: {name: row[name] for name in ("number", "title", "project")} for row in found}
        shown = [
            {
                **{name: row[name] for name in ("id", "time", "kind", "request", "text")},
                **about[row["request"]],
                "read": row["read"] is not None,
            }
            for row in rows
        ]
        return {"unread": unread, "notifications": shown}

    def read(self, user: str, ids: Iterable[int] | None) -> dict[str, Any]:
        """Mark a person's notices as read (None: all of them)."""
        mark = review_notices.update().where(review_notices.c.user == user, review_notices.c.read.is_(None))
        if ids is not None:
            mark = mark.where(review_notices.c.id.in_(list(ids)))
        with self._store.write() as tx:
            tx.execute(mark.values(read=to_text(self._now())))
        return self.mine(user)

    def _checkers(self, tx: Transaction, request: Request) -> set[str]:
        return set(self._roles.holders(tx, request.project, Role.CHECKER)) - set(request.authors)

    def _write(self, tx: Transaction, request: Request, people: set[str], kind: str, text: str) -> None:
        moment = to_text(self._now())
        line = f"Request {request.number} {text}."
        for user in sorted(people):
            tx.execute(
                review_notices.insert().values(
                    id=next_id(tx, review_notices), user=user, time=moment, kind=kind, request=request.id, text=line
                )
            )
        for channel in self._channels if people else ():
            message = {"kind": kind, "number": request.number, "project": request.project, "time": moment, "text": line}
            targets = {channel.target(user) for user in people}
            for target in sorted(targets):
                tx.execute(
                    review_outbox.insert().values(
                        id=next_id(tx, review_outbox),
                        channel=channel.name,
                        address=target,
                        due=moment,
                        tries=0,
                        payload=canonical_json(message).decode(),
                    )  # fmt: skip
                )
