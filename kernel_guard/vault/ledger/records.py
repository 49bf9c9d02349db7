"""What the ledger is asked with and answers with: plain values, and how they lie in the tables."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kernel_guard.plan.codec import canonical_json
from kernel_guard.plan.privacy import Budget
from kernel_guard.trust.store import Row
from kernel_guard.trust.store.times import from_text, to_text
from kernel_guard.vault.ledger.amounts import Amount
from kernel_guard.vault.ledger.scopes import Scope, scopes_of
from kernel_guard.vault.ledger.states import State


@dataclass(frozen=True)
class Reservation:
    """Budget held for one question. Keep it until `commit`; its state lives in the store, not here."""

    id: str
    request_id: str
    study: str
    project: str
    user: str
    amount: Amount
    ask_digest: str
    data_version: str

    @property
    def cost(self) -> Budget:
        """What is held: the price rounded up to ledger units."""
        return self.amount.budget()

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where it is held."""
        return scopes_of(self.study, self.project, self.user)


@dataclass(frozen=True)
class ReleaseRecord:
    """A sealed release. `digest` is the digest of the whole question (plan, route, cost) that it answers."""

    id: str
    digest: str
    statement: Mapping[str, Any]
    envelope: Mapping[str, Any]
    project: str
    user: str
    study: str
    data_version: str
    route: str
    created: datetime


@dataclass(frozen=True)
class Replay:
    """The question was answered before: this is the answer, at no cost."""

    release: ReleaseRecord


@dataclass(frozen=True)
class BudgetView:
    """One project's budget in one study. `left` is what a question may cost now, in the tightest scope."""

    granted: Budget
    spent: Budget
    reserved: Budget
    left: Budget
    limited_by: str


@dataclass(frozen=True)
class Settlement:
    """What `settle` found: charged for data that were touched, given back where none was."""

    charged: tuple[Reservation, ...]
    given_back: tuple[Reservation, ...]


def reservation_row(reservation: Reservation, grant_id: str, created: datetime) -> dict[str, Any]:
    moment = to_text(created)
    return {
        "id": reservation.id,
        "request_id": reservation.request_id,
        "grant_id": grant_id,
        "study": reservation.study,
        "project": reservation.project,
        "user": reservation.user,
        "epsilon": reservation.amount.epsilon,
        "delta": reservation.amount.delta,
        "rho": reservation.amount.rho,
        "ask_digest": reservation.ask_digest,
        "data_version": reservation.data_version,
        "state": State.RESERVED.value,
        "created": moment,
        "changed": moment,
    }


def reservation_from(row: Row) -> Reservation:
    return Reservation(
        id=row["id"],
        request_id=row["request_id"],
        study=row["study"],
        project=row["project"],
        user=row["user"],
        amount=Amount(row["epsilon"], row["delta"], row["rho"]),
        ask_digest=row["ask_digest"],
        data_version=row["data_version"],
    )


def release_row(release: ReleaseRecord, reservation_id: str) -> dict[str, Any]:
    return {
        "id": release.id,
        "reservation_id": reservation_id,
        "digest": release.digest,
        "study": release.study,
        "project": release.project,
        "user": release.user,
        "data_version": release.data_version,
        "route": release.route,
        "statement": canonical_json(dict(release.statement)).decode(),
        "envelope": canonical_json(dict(release.envelope)).decode(),
        "created": to_text(release.created),
    }


def release_from(row: Row) -> ReleaseRecord:
    return ReleaseRecord(
        id=row["id"],
        digest=row["digest"],
        statement=json.loads(row["statement"]),
        envelope=json.loads(row["envelope"]),
        project=row["project"],
        user=row["user"],
        study=row["study"],
        data_version=row["data_version"],
        route=row["route"],
        created=from_text(row["created"]),
    )
