"""What the audit log says about money: enough for an auditor to compare the log with the ledger, row by row."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

from kernel_guard.errors import InternalError
from kernel_guard.plan.codec import canonical_json
from kernel_guard.trust.audit import AuditEvent
from kernel_guard.vault.ledger.records import ReleaseRecord, Reservation

# The key of an audit row's details under which the ledger writes; callers' own details stand beside it.
KEY = "ledger"


def of_reservation(reservation: Reservation) -> dict[str, Any]:
    return {
        "reservation": reservation.id,
        "cost": reservation.amount.public(),
        "ask_digest": reservation.ask_digest,
        "data_version": reservation.data_version,
    }


def of_release(reservation: Reservation, release: ReleaseRecord) -> dict[str, Any]:
    statement = hashlib.sha256(canonical_json(dict(release.statement))).hexdigest()
    return {**of_reservation(reservation), "release": release.id, "statement_sha256": statement}


def with_facts(event: AuditEvent, reservation: Reservation, release: ReleaseRecord) -> AuditEvent:
    """The caller's event with the facts of a commit."""
    return replace(event, details={**event.details, KEY: of_release(reservation, release)})


def closing_event(kind: str, reservation: Reservation) -> AuditEvent:
    """The event of a reservation that ends without a release."""
    return AuditEvent(
        kind,
        actor=reservation.user,
        project=reservation.project,
        study=reservation.study,
        subject=reservation.request_id,
        details={KEY: of_reservation(reservation)},
    )


def check_belongs(reservation: Reservation, release: ReleaseRecord) -> None:
    """Refuse to store an answer under a question that somebody else paid for, or another one."""
    paid = (reservation.study, reservation.project, reservation.user, reservation.data_version)
    made = (release.study, release.project, release.user, release.data_version)
    if paid != made or reservation.ask_digest != release.digest:
        raise InternalError("A release does not belong to the question that was paid for.")
