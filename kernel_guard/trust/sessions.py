"""Sessions: what a person who signed in holds until they sign out, fall idle, or the day is over.

- A token is 32 random bytes, marked as a session's; the store holds its SHA-256 only.
- A session carries no rights: `person` looks up those of this moment, so that what is revoked has ended.
- A grant's token (a kernel's relay, a Jupyter server) makes a person too, but one who did not sign in.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from kernel_guard.errors import Unauthenticated
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.identity import Grants
from kernel_guard.trust.people import Person, Right
from kernel_guard.trust.roles import Roles
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.review_tables import people, sessions
from kernel_guard.trust.store.times import from_text, to_text, utc_now

PREFIX = "kgs_"
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=10)
_SEEN_EVERY = timedelta(minutes=1)


class Sessions:
    """The sessions of one store."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        roles: Roles,
        grants: Grants,
        *,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._audit = audit
        self._roles = roles
        self._grants = grants
        self._now = now

    def open(self, user: str, how: str) -> str:
        """A new session for somebody who was just recognised; its token, which cannot be read again."""
        token = PREFIX + secrets.token_urlsafe(32)
        moment = self._now()
        row = {
            "token_sha256": _digest(token), "user": user, "how": how, "created": to_text(moment),
            "seen": to_text(moment), "expires": to_text(moment + LONGEST),
        }  # fmt: skip
        with self._store.write() as tx:
            tx.execute(sessions.insert().values(row))
            self._audit.append(tx, AuditEvent("session.opened", user, details={"how": how}))
        return token

    def end(self, token: str) -> None:
        """Sign out; an unknown or ended session is no error."""
        mine = (sessions.c.token_sha256 == _digest(token), sessions.c.ended.is_(None))
        with self._store.write() as tx:
            row = tx.execute(sessions.select().where(*mine)).mappings().one_or_none()
            if row is not None:
                tx.execute(sessions.update().where(*mine).values(ended=to_text(self._now())))
                self._audit.append(tx, AuditEvent("session.ended", row["user"]))

    def end_all(self, user: str, *, by: str) -> None:
        """End every session of a person."""
        with self._store.write() as tx:
            open_now = (sessions.c.user == user, sessions.c.ended.is_(None))
            tx.execute(sessions.update().where(*open_now).values(ended=to_text(self._now())))
            self._audit.append(tx, AuditEvent("session.all_ended", by, subject=user))

    def person(self, token: str) -> Person:
        """Whose token this is, with the rights that hold now; `Unauthenticated` for anything else."""
        if not token.startswith(PREFIX):
            return self._person_of_grant(token)
        moment = self._now()
        with self._store.read() as tx:
            row = (
                tx.execute(sessions.select().where(sessions.c.token_sha256 == _digest(token))).mappings().one_or_none()
            )
            known = people.select().where(people.c.user == (row["user"] if row is not None else ""))
            account = tx.execute(known).mappings().one_or_none()
        if row is None or account is None or row["ended"] is not None or account["disabled"] is not None:
            raise _ended()
        seen = from_text(row["seen"])
        if from_text(row["expires"]) <= moment or seen + IDLE <= moment:
            raise _ended()
        if moment - seen > _SEEN_EVERY:
            with self._store.write() as tx:
                mine = sessions.c.token_sha256 == row["token_sha256"]
                tx.execute(sessions.update().where(mine).values(seen=to_text(moment)))
        return Person(row["user"], account["name"], self._roles.of(row["user"]), True, from_text(row["expires"]))

    def _person_of_grant(self, token: str) -> Person:
        """A grant's holder has the grant's one right and no other."""
        grant = self._grants.look_up(token)
        right = Right(grant.project, grant.role, grant.expires)
        return Person(grant.user, grant.user, (right,), False, grant.expires)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _ended() -> Unauthenticated:
    return Unauthenticated("You are not signed in, or your session has ended.", hint="Sign in again.")
