"""People with an account on this machine: a name, and a secret that is stored only as an Argon2id hash.

- A wrong password, an unknown person and a disabled account are refused alike, after the same work.
- Five failures within a quarter of an hour close the account's door for the rest of it, whoever knocks.
- Success, failure, creation and change are in the audit log; no password is.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import argon2

from kernel_guard.errors import ConfigError, NotFound, Unauthenticated
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.store import Store, Transaction, count, next_id
from kernel_guard.trust.store.review_tables import people, sign_in_failures
from kernel_guard.trust.store.times import to_text, utc_now

MIN_PASSWORD, MAX_PASSWORD = 12, 200
MAX_FAILURES, FAILURE_WINDOW = 5, timedelta(minutes=15)
LOCAL = "local"


class Accounts:
    """The accounts of one store."""

    def __init__(
        self,
        store: Store,
        audit: AuditLog,
        *,
        hasher: argon2.PasswordHasher | None = None,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._store = store
        self._audit = audit
        self._hasher = hasher or argon2.PasswordHasher()
        self._now = now
        # What an unknown person's password is compared with, so that the answer takes as long.
        self._nobody = self._hasher.hash("nobody has this password")

    def create(self, user: str, name: str, password: str, *, by: str) -> None:
        """A new person, or a new password for one who exists."""
        for what, value in (("user", user), ("name", name)):
            if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
                raise ConfigError(f"The {what} of an account must be one line of text.")
        _check_password(password)
        row = {"name": name, "secret": self._hasher.hash(password), "disabled": None}
        with self._store.write() as tx:
            known = self._row(tx, user) is not None
            if known:
                tx.execute(people.update().where(people.c.user == user).values(row))
            else:
                new = {"user": user, "source": LOCAL, "created": to_text(self._now()), **row}
                tx.execute(people.insert().values(new))
            self._audit.append(tx, AuditEvent("account.changed" if known else "account.created", by, subject=user))

    def disable(self, user: str, *, by: str) -> None:
        """Close a person's door: no sign-in, and no session that is open goes on."""
        with self._store.write() as tx:
            if not tx.execute(
                people.update().where(people.c.user == user).values(disabled=to_text(self._now()))
            ).rowcount:
                raise NotFound("There is no such account.")
            self._audit.append(tx, AuditEvent("account.disabled", by, subject=user))

    def admit(self, user: str, name: str, source: str) -> None:
        """Remember a person whom another provider vouches for; a disabled one stays out."""
        with self._store.write() as tx:
            row = self._row(tx, user)
            if row is None:
                new = {"user": user, "name": name, "source": source, "created": to_text(self._now())}
                tx.execute(people.insert().values(new))
                self._audit.append(tx, AuditEvent("account.created", source, subject=user))
            elif row["disabled"] is not None or row["source"] != source:
                raise _refused("This account may not sign in here.")

    def check(self, user: str, password: str) -> str:
        """The person whose password this is; `Unauthenticated` otherwise."""
        if not isinstance(user, str) or not isinstance(password, str) or len(password) > MAX_PASSWORD:
            raise _refused("The name or the password is wrong.")
        self._check_not_closed(user)
        with self._store.read() as tx:
            row = self._row(tx, user)
        usable = row is not None and row["secret"] is not None and row["disabled"] is None
        try:
            self._hasher.verify(row["secret"] if row is not None and usable else self._nobody, password)
        except argon2.exceptions.VerificationError:
            usable = False
        if not usable:
            self._note_failure(user)
            raise _refused("The name or the password is wrong.")
        return user

    def _check_not_closed(self, user: str) -> None:
        since = to_text(self._now() - FAILURE_WINDOW)
        mine = (sign_in_failures.c.user == user[:200], sign_in_failures.c.time > since)
        with self._store.read() as tx:
            if count(tx, sign_in_failures, *mine) >= MAX_FAILURES:
                raise Unauthenticated(
                    "Too many wrong passwords for this name.",
                    hint="Wait a quarter of an hour, or ask an administrator.",
                    details={"wait": int(FAILURE_WINDOW.total_seconds())},
                )

    def _note_failure(self, user: str) -> None:
        moment = self._now()
        with self._store.write() as tx:
            tx.execute(sign_in_failures.delete().where(sign_in_failures.c.time < to_text(moment - FAILURE_WINDOW)))
            tx.execute(
                sign_in_failures.insert().values(
                    id=next_id(tx, sign_in_failures), user=user[:200], time=to_text(moment)
                )
            )
            self._audit.append(tx, AuditEvent("session.refused", user[:200] if user.isprintable() else "?"))

    def _row(self, tx: Transaction, user: str) -> Any:
        return tx.execute(people.select().where(people.c.user == user)).mappings().one_or_none()


def _check_password(password: str) -> None:
    if not isinstance(password, str) or not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise ConfigError(
            f"A password has {MIN_PASSWORD} to {MAX_PASSWORD} characters.", hint="A few random words are easy to keep."
        )


def _refused(message: str) -> Unauthenticated:
    return Unauthenticated(message, hint="Try again, or ask an administrator for a new password.")
