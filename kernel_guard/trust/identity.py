"""Who is asking: a bearer token names a grant, a grant says what its holder may do, why, and until when.

- A token is 32 random bytes; it is shown once, when issued. The store holds its SHA-256 only: a copy of the
  database opens no door. (No slow hash: there is no guessing 256 random bits.)
- A token that is unknown, expired or revoked is refused alike for the code, with a text that says which.
- Roles are a closed list; a grant with another role is neither issued nor honoured.
- Issuing and revoking write an audit row in the same transaction. No audit row holds a token.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel_guard.errors import ConfigError, Forbidden, NotFound, Unauthenticated
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.people import Role as Role
from kernel_guard.trust.store.engine import Row, Store
from kernel_guard.trust.store.tables import grants
from kernel_guard.trust.store.times import from_text, to_text, utc_now

TOKEN_BYTES = 32
MAX_TOKEN_LENGTH = 256
MAX_TEXT = 500
_NO_TOKEN = "0" * 64


@dataclass(frozen=True)
class Grant:
    """A named person's authorisation in one project."""

    id: str
    user: str
    project: str
    role: Role
    studies: tuple[str, ...]
    purpose: str
    expires: datetime

    def check_study(self, study: str) -> None:
        """Raise `Forbidden` unless the grant covers `study`."""
        if study not in self.studies:
            raise Forbidden(
                "Your grant does not cover this study.",
                hint="Ask the data steward to add it to your project, or choose one of: "
                + (", ".join(self.studies) or "none"),
            )

    def check_role(self, *allowed: Role) -> None:
        """Raise `Forbidden` unless the grant's role is one of `allowed`."""
        if self.role not in allowed:
            raise Forbidden(f"The role {self.role.value} may not do this.")


class Grants:
    """The grants of one store."""

    def __init__(self, store: Store, audit: AuditLog, *, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._audit = audit
        self._now = now

    def issue(
        self,
        *,
        user: str,
        project: str,
        role: str,
        studies: Iterable[str],
        purpose: str,
        expires: datetime,
        by: str,
    ) -> tuple[Grant, str]:
        """A new grant and its token, which cannot be read again later. `by` is the person who grants it."""
        grant = Grant(
            id=secrets.token_hex(16),
            user=_named("user", user),
            project=_named("project", project),
            role=_role(role),
            studies=tuple(sorted({_named("study", study) for study in studies})),
            purpose=_named("purpose", purpose),
            expires=expires,
        )
        if not grant.studies:
            raise ConfigError("A grant needs at least one study.")
        self._check_expiry(expires)
        token = secrets.token_urlsafe(TOKEN_BYTES)
        with self._store.write() as tx:
            tx.execute(grants.insert().values(_as_row(grant, token, self._now())))
            self._audit.append(tx, _event("grant.issued", grant, by))
        return grant, token

    def look_up(self, token: str) -> Grant:
        """The valid grant of a token; `Unauthenticated` otherwise."""
        if not isinstance(token, str) or not 0 < len(token) <= MAX_TOKEN_LENGTH or not token.isascii():
            raise _refused("No valid token was shown.")
        digest = _digest(token)
        with self._store.read() as tx:
            row = tx.execute(grants.select().where(grants.c.token_sha256 == digest)).mappings().one_or_none()
        stored = row["token_sha256"] if row is not None else _NO_TOKEN
        if not hmac.compare_digest(stored, digest) or row is None:
            raise _refused("No valid token was shown.")
        return self._check_valid(row)

    def revoke(self, grant_id: str, *, by: str) -> None:
        """End a grant now; revoking twice changes nothing."""
        with self._store.write() as tx:
            row = tx.execute(grants.select().where(grants.c.id == grant_id)).mappings().one_or_none()
            if row is None:
                raise NotFound("There is no such grant.")
            if row["revoked"] is None:
                tx.execute(grants.update().where(grants.c.id == grant_id).values(revoked=to_text(self._now())))
                self._audit.append(tx, _event("grant.revoked", _from_row(row), by))

    def valid(self) -> tuple[Grant, ...]:
        """Grants that hold now, by user and project."""
        query = grants.select().where(grants.c.revoked.is_(None), grants.c.expires > to_text(self._now()))
        with self._store.read() as tx:
            rows = tx.execute(query.order_by(grants.c.user, grants.c.project, grants.c.id)).mappings().all()
        return tuple(_from_row(row) for row in rows)

    def _check_valid(self, row: Row) -> Grant:
        if row["revoked"] is not None:
            raise _refused("This grant was withdrawn.")
        if from_text(row["expires"]) <= self._now():
            raise _refused("This grant has expired.")
        return _from_row(row)

    def _check_expiry(self, expires: datetime) -> None:
        if expires.tzinfo is None:
            raise ConfigError("The expiry of a grant needs a time zone.")
        if expires <= self._now():
            raise ConfigError("The expiry of a grant must lie in the future.")


def _refused(message: str) -> Unauthenticated:
    return Unauthenticated(message, hint="Ask the data steward for a new grant.")


def _named(what: str, value: str) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or not value.isprintable():
        raise ConfigError(f"The {what} of a grant must be one line of text of at most {MAX_TEXT} characters.")
    return value.strip()


def _role(value: str) -> Role:
    try:
        return Role(value)
    except ValueError:
        raise ConfigError("A grant was given an unknown role.", hint=f"Known roles: {', '.join(Role)}.") from None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _event(kind: str, grant: Grant, by: str) -> AuditEvent:
    details = {
        "user": grant.user,
        "role": grant.role.value,
        "studies": list(grant.studies),
        "purpose": grant.purpose,
        "expires": to_text(grant.expires),
    }
    return AuditEvent(kind, actor=by, project=grant.project, subject=grant.id, details=details)


def _as_row(grant: Grant, token: str, created: datetime) -> dict[str, Any]:
    return {
        "id": grant.id,
        "token_sha256": _digest(token),
        "user": grant.user,
        "project": grant.project,
        "role": grant.role.value,
        "studies": canonical_json(list(grant.studies)).decode(),
        "purpose": grant.purpose,
        "created": to_text(created),
        "expires": to_text(grant.expires),
    }


def _from_row(row: Row) -> Grant:
    return Grant(
        id=row["id"],
        user=row["user"],
        project=row["project"],
        role=_role(row["role"]),
        studies=tuple(json.loads(row["studies"])),
        purpose=row["purpose"],
        expires=from_text(row["expires"]),
    )
