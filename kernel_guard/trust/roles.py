"""Who may do what, in which project, until when: given by a person, ended by a person or by time.

- A role that has ended ends everything at once: it is looked up at each request.
- Whoever holds a valid grant is a researcher of its project, signed in or not.
- Giving and ending write an audit row in the same transaction.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Any

from kernel_guard.errors import ConfigError
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.people import EVERY_PROJECT, Right, Role
from kernel_guard.trust.store import Store, Transaction
from kernel_guard.trust.store.review_tables import roles
from kernel_guard.trust.store.tables import grants
from kernel_guard.trust.store.times import from_text, to_text, utc_now


class Roles:
    """The roles of one store."""

    def __init__(self, store: Store, audit: AuditLog, *, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._audit = audit
        self._now = now

    def give(self, user: str, project: str, role: Role, expires: datetime, *, by: str) -> str:
        """Give a role until `expires`; its id."""
        for what, value in (("person", user), ("project", project)):
            if not isinstance(value, str) or not value.strip() or len(value) > 200 or not value.isprintable():
                raise ConfigError(f"The {what} of a role must be one line of text.")
        if expires.tzinfo is None or expires <= self._now():
            raise ConfigError("A role must end in the future.")
        role_id = secrets.token_hex(16)
        row = {
            "id": role_id, "user": user, "project": project, "role": role.value, "by": by,
            "created": to_text(self._now()), "expires": to_text(expires),
        }  # fmt: skip
        event = AuditEvent(
            "role.given", by, project, subject=user, details={"role": role.value, "expires": row["expires"]}
        )
        with self._store.write() as tx:
            tx.execute(roles.insert().values(row))
            self._audit.append(tx, event)
        return role_id

    def given_by(self, user: str, by: str) -> list[tuple[str, str]]:
        """The (project, role) pairs that hold now and were given by `by`."""
        query = roles.select().where(*self._valid(roles), roles.c.user == user, roles.c.by == by)
        with self._store.read() as tx:
            return sorted({(row["project"], row["role"]) for row in tx.execute(query).mappings()})

    def end(self, user: str, project: str, role: Role, *, by: str, given_by: str | None = None) -> int:
        """End a person's role in a project now (only what `given_by` gave); how many entries ended."""
        only = [roles.c.by == given_by] if given_by is not None else []
        event = AuditEvent("role.ended", by, project, subject=user, details={"role": role.value})
        with self._store.write() as tx:
            ended = tx.execute(
                roles.update()
                .where(roles.c.user == user, roles.c.project == project, roles.c.role == role.value)
                .where(roles.c.revoked.is_(None), *only)
                .values(revoked=to_text(self._now()))
            ).rowcount
            if ended:
                self._audit.append(tx, event)
        return int(ended)

    def of(self, user: str) -> tuple[Right, ...]:
        """The rights that a person holds at this moment."""
        with self._store.read() as tx:
            given = tx.execute(roles.select().where(*self._valid(roles), roles.c.user == user)).mappings().all()
            granted = tx.execute(grants.select().where(*self._valid(grants), grants.c.user == user)).mappings().all()
        rows = sorted([*given, *granted], key=lambda r: (r["project"], r["role"], r["expires"]))
        return tuple(Right(r["project"], Role(r["role"]), from_text(r["expires"])) for r in rows)

    def holders(self, tx: Transaction, project: str, role: Role) -> list[str]:
        """Everybody who holds `role` in `project` now."""
        found = roles.select().where(*self._valid(roles), roles.c.role == role.value)
        rows = tx.execute(found.where(roles.c.project.in_([project, EVERY_PROJECT]))).mappings()
        return sorted({row["user"] for row in rows})

    def listed(self) -> list[dict[str, Any]]:
        """Every role that holds now, for an administrator."""
        with self._store.read() as tx:
            rows = tx.execute(
                roles.select().where(*self._valid(roles)).order_by(roles.c.project, roles.c.user)
            ).mappings()
            return [{name: row[name] for name in ("user", "project", "role", "expires")} for row in rows]

    def _valid(self, table: Any) -> tuple[Any, ...]:
        return table.c.revoked.is_(None), table.c.expires > to_text(self._now())
