"""The keys of guarded kernels: whose outputs the vault believes, for which person and project.

- A wrapper makes its public key known with the grant that it holds and the kernel never sees. Nobody else can.
- A key vouches for that person in that project alone: what one project computed is no evidence in another.
- Public halves only; the first time that a key is made known is a row in the audit log.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from kernel_guard.errors import Forbidden, RequestInvalid
from kernel_guard.trust.audit import AuditEvent, AuditLog
from kernel_guard.trust.people import Person
from kernel_guard.trust.signing import keyid_of
from kernel_guard.trust.store import Store
from kernel_guard.trust.store.review_tables import wrapper_keys
from kernel_guard.trust.store.times import to_text, utc_now

_PUBLIC_BYTES = 32
_K = wrapper_keys.c


class WrapperKeys:
    """The known keys of one store."""

    def __init__(self, store: Store, audit: AuditLog, *, now: Callable[[], datetime] = utc_now) -> None:
        self._store = store
        self._audit = audit
        self._now = now

    def make_known(self, person: Person, public: str) -> str:
        """Remember the key of a kernel that runs under this grant; its id."""
        if person.signed_in:
            raise Forbidden("A kernel's key is made known by the grant under which it runs.")
        key = _read(public)
        row = {"keyid": keyid_of(key), "user": person.user, "public": key.hex(), "created": to_text(self._now())}
        with self._store.write() as tx:
            for project in sorted({right.project for right in person.rights}):
                mine = (_K.keyid == row["keyid"], _K.user == person.user, _K.project == project)
                if tx.execute(wrapper_keys.select().where(*mine)).first() is None:
                    tx.execute(wrapper_keys.insert().values(**row, project=project))
                    self._audit.append(tx, AuditEvent("key.of_wrapper", person.user, project, subject=row["keyid"]))
        return row["keyid"]

    def of(self, user: str, project: str) -> dict[str, bytes]:
        """Key id → the public key that vouches for this person's outputs in this project."""
        query = wrapper_keys.select().where(_K.user == user, _K.project == project)
        with self._store.read() as tx:
            return {row["keyid"]: bytes.fromhex(row["public"]) for row in tx.execute(query).mappings()}


def _read(public: str) -> bytes:
    try:
        key = bytes.fromhex(public)
    except ValueError:
        key = b""
    if len(key) != _PUBLIC_BYTES:
        raise RequestInvalid("A wrapper's key is 32 bytes in hexadecimal.")
    return key
